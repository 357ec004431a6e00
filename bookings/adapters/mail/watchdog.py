"""The time that a whole dialogue with a relay may take: each answer alone may come in time for ever."""

import smtplib
import socket
import time
from contextlib import suppress
from threading import Event, Thread


class Watchdog:
    """Cuts a line whose dialogue takes too long. One thread for a line, asleep until it is needed."""

    def __init__(self, host: smtplib.SMTP, seconds: float) -> None:
        self._host, self._seconds = host, seconds
        self._is_over = Event()
        self.restart()
        Thread(target=self._watch, name="mail watchdog", daemon=True).start()

    def restart(self) -> None:
        """The whole time again, from now on."""
        self._ends_at = time.monotonic() + self._seconds

    def stop(self) -> None:
        """The dialogue ended in time."""
        self._is_over.set()

    def _watch(self) -> None:
        while (left := self._ends_at - time.monotonic()) > 0:
            if self._is_over.wait(left):
                return
        _cut_line(self._host)


def _cut_line(host: smtplib.SMTP) -> None:
    # Shut down, not closed: the thread that waits for an answer wakes up and sees the end of the line.
    if host.sock is not None:
        with suppress(OSError):
            host.sock.shutdown(socket.SHUT_RDWR)
