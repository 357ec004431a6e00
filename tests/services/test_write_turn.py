"""SQLite's one write lock is passed on in order, and whoever is soon done does not wait for everybody."""

import threading
import time

from bookings.db import WriteTurn


def wait_in(turn: WriteTurn, name: str, order: list[str], *, first: bool) -> threading.Thread:
    """A thread that waits for its turn; returns when it stands in the queue."""
    count = waiting(turn)

    def take() -> None:
        assert turn.take(first=first, timeout=30)
        order.append(name)
        turn.pass_on()

    thread = threading.Thread(target=take)
    thread.start()
    while waiting(turn) == count:
        time.sleep(0.001)
    return thread


def waiting(turn: WriteTurn) -> int:
    return len(turn._quick) + len(turn._others)


def test_whoever_came_first_writes_first_and_the_quick_go_before_them():
    turn, order = WriteTurn(), []
    turn.take(first=False, timeout=0)

    threads = [
        wait_in(turn, "first page", order, first=False),
        wait_in(turn, "second page", order, first=False),
        wait_in(turn, "mail", order, first=True),
    ]
    turn.pass_on()
    for thread in threads:
        thread.join(30)

    assert order == ["mail", "first page", "second page"]


def test_many_quick_ones_take_turns_with_the_others():
    turn, order = WriteTurn(), []
    turn.take(first=True, timeout=0)

    names = ["mail", "reader", "feed", "page", "second page"]
    threads = [wait_in(turn, name, order, first="page" not in name) for name in names]
    turn.pass_on()
    for thread in threads:
        thread.join(30)

    assert order == ["page", "mail", "second page", "reader", "feed"]


def test_whoever_gives_up_waiting_holds_up_nobody():
    turn = WriteTurn()
    turn.take(first=False, timeout=0)

    came = turn.take(first=False, timeout=0.01)
    turn.pass_on()

    assert not came
    assert turn.take(first=False, timeout=0)
