"""Turns of the threads of one process: one goes on, the others wait in a row."""

from collections import deque
from collections.abc import Iterable
from threading import Lock
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PATIENCE_SECONDS = 0.05  # several common answers


class Turn:
    """One at a time, in the order in which they came; who will be quick goes first.

    Only one of the quick at a time goes before others who wait, or many of them would let nobody else go on.
    """

    def __init__(self) -> None:
        self._guard = Lock()
        self._is_taken = self._was_quick = False
        self._quick: deque[Lock] = deque()
        self._others: deque[Lock] = deque()

    def take(self, *, first: bool, timeout: float) -> bool:
        """Wait for the turn; False when it did not come in so many seconds."""
        with self._guard:
            if not self._is_taken:
                self._is_taken, self._was_quick = True, first
                return True
            ticket, queue = Lock(), self._quick if first else self._others
            ticket.acquire()
            queue.append(ticket)
        return ticket.acquire(timeout=timeout) or not self._leave(queue, ticket)

    def _leave(self, queue: deque[Lock], ticket: Lock) -> bool:
        with self._guard:
            if ticket not in queue:
                return False  # the turn came at the last instant
            queue.remove(ticket)
            return True

    @property
    def is_taken(self) -> bool:
        """Would one have to wait now?"""
        return self._is_taken

    def pass_on(self) -> None:
        """Give the turn to the next, if there is one."""
        with self._guard:
            is_quick = bool(self._quick) and not (self._was_quick and self._others)
            queue = self._quick if is_quick else self._others
            self._is_taken, self._was_quick = bool(queue), is_quick
            if queue:
                queue.popleft().release()


def answer_in_turn(
    application: WSGIApplication, *, patience_seconds: float = PATIENCE_SECONDS
) -> WSGIApplication:
    """Work out one answer at a time, in the order in which they were asked for.

    Threads of one Python only take the interpreter from each other: side by side, all answers end late, and
    the worker waits for each of them. An answer that takes long, or waits for something outside, does not
    stop the rest: whoever has waited for a while goes on beside it.
    """
    turn = Turn()

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        has_turn = turn.take(first=False, timeout=patience_seconds)
        try:
            return application(environ, start_response)
        finally:
            if has_turn:
                turn.pass_on()

    return answer
