"""Turns are passed on in order; whoever is soon done, or has waited for long, does not wait for everybody."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from wsgiref.util import setup_testing_defaults

from bookings.turns import Turn, answer_in_turn


def wait_in(turn: Turn, name: str, order: list[str], *, first: bool) -> threading.Thread:
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


def waiting(turn: Turn) -> int:
    return len(turn._quick) + len(turn._others)


def test_whoever_came_first_writes_first_and_the_quick_go_before_them():
    turn, order = Turn(), []
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
    turn, order = Turn(), []
    turn.take(first=True, timeout=0)

    names = ["mail", "reader", "feed", "page", "second page"]
    threads = [wait_in(turn, name, order, first="page" not in name) for name in names]
    turn.pass_on()
    for thread in threads:
        thread.join(30)

    assert order == ["page", "mail", "second page", "reader", "feed"]


def test_whoever_gives_up_waiting_holds_up_nobody():
    turn = Turn()
    turn.take(first=False, timeout=0)

    came = turn.take(first=False, timeout=0.01)
    turn.pass_on()

    assert not came
    assert turn.take(first=False, timeout=0)


def ask(application) -> list[bytes]:
    environ = {}
    setup_testing_defaults(environ)
    return list(application(environ, lambda *_status: None))


def test_answers_are_worked_out_one_at_a_time():
    at_work, most = [], []

    def answer(_environ, _start_response):
        at_work.append(1)
        time.sleep(0.001)  # here another thread would go on
        most.append(len(at_work))
        at_work.pop()
        return [b"done"]

    in_turn = answer_in_turn(answer, patience_seconds=60)
    with ThreadPoolExecutor(4) as visitors:
        answers = list(visitors.map(lambda _number: ask(in_turn), range(40)))

    assert answers == [[b"done"]] * 40
    assert max(most) == 1


def test_an_answer_that_takes_long_holds_nobody_up_for_long():
    is_slow = threading.Event()
    has_waited = threading.Event()

    def answer(_environ, _start_response):
        if is_slow.is_set():
            return [b"quick"]
        is_slow.set()
        assert has_waited.wait(60)
        return [b"slow"]

    in_turn = answer_in_turn(answer, patience_seconds=0.01)
    with ThreadPoolExecutor(1) as visitor:
        slow = visitor.submit(ask, in_turn)
        assert is_slow.wait(60)

        assert ask(in_turn) == [b"quick"]

        has_waited.set()
        assert slow.result() == [b"slow"]
    assert ask(in_turn) == [b"quick"]
