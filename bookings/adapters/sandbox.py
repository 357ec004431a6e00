"""Strangers' mails are read in a child process with limited memory and CPU: it alone may break."""

import json
import os
import resource
import select
import struct
import subprocess
import sys
import time
from threading import Lock
from typing import IO, Any

from bookings.adapters.mail.inbound import read_mail
from bookings.adapters.mail.inbound_bounds import find_excess
from bookings.adapters.mail.inbound_values import IncomingMail, from_plain, to_plain

MEMORY_OCTETS = 384 * 1024 * 1024
CPU_SECONDS = 6
WAIT_SECONDS = 9.0
MAILS_PER_CHILD = 500
_SOON_SECONDS = 1.0
_START_SECONDS = 20.0
_READY = b"R"
_LENGTH = struct.Struct(">I")
_LONGEST_RESULT = 16 * 1024 * 1024
# Nothing of our environment is the child's business: no secret, no address.
_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "TZDIR")


class UnreadableMailError(Exception):
    """The mail is outside the bounds, or reading it broke the reader; the text is a code for staff."""


class BrokenReaderError(UnreadableMailError):
    """The child ended while it read the mail."""


class ReaderNotAvailableError(Exception):
    """No child could be started: a fault of this machine, not of the mail. Try again later."""


class Sandbox:
    """One warm child that reads mail after mail, replaced when it has read many or did not survive one."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._mails_left = 0
        self._lock = Lock()

    def read(self, raw: bytes) -> IncomingMail:
        """The mail as values. Raises UnreadableMailError; never takes longer than ten seconds."""
        excess = find_excess(raw)
        if excess is not None:
            raise UnreadableMailError(excess)
        with self._lock:
            began, was_warm = time.monotonic(), self._child is not None
            try:
                return self._ask(raw)
            except BrokenReaderError:
                # A child that was ended from outside says nothing about this mail.
                if not was_warm or time.monotonic() - began > _SOON_SECONDS:
                    raise
                return self._ask(raw)

    @property
    def process_id(self) -> int | None:
        """The living child, for measuring what it costs."""
        return self._child.pid if self._child is not None else None

    def close(self) -> None:
        """End the child."""
        with self._lock:
            self._end()

    def _ask(self, raw: bytes) -> IncomingMail:
        child = self._living_child()
        try:
            result = _exchange(child, raw, deadline=time.monotonic() + WAIT_SECONDS)
        except TimeoutError as error:
            self._end()
            raise UnreadableMailError("too_hard") from error
        except (OSError, EOFError, ValueError) as error:
            self._end()
            raise BrokenReaderError("broke") from error
        if "mail" not in result:
            raise UnreadableMailError("unreadable")
        try:
            return from_plain(result["mail"])
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableMailError("unreadable") from error

    def _living_child(self) -> subprocess.Popen[bytes]:
        if self._mails_left <= 0 or self._child is None or self._child.poll() is not None:
            self._end()
            self._child = _start_child()
            self._mails_left = MAILS_PER_CHILD
        self._mails_left -= 1
        return self._child

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.communicate()


def _start_child() -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    child = subprocess.Popen(
        [sys.executable, "-m", "bookings.adapters.sandbox"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        close_fds=True,
        bufsize=0,
    )
    assert child.stdout is not None
    try:
        _read_exactly(child.stdout, len(_READY), deadline=time.monotonic() + _START_SECONDS)
    except (OSError, EOFError) as error:
        child.kill()
        child.communicate()
        raise ReaderNotAvailableError from error
    return child


def _exchange(child: subprocess.Popen[bytes], raw: bytes, *, deadline: float) -> dict[str, Any]:
    assert child.stdin is not None
    assert child.stdout is not None
    _write_all(child.stdin, _LENGTH.pack(len(raw)) + raw)
    (length,) = _LENGTH.unpack(_read_exactly(child.stdout, _LENGTH.size, deadline=deadline))
    if length > _LONGEST_RESULT:
        raise ValueError("result")
    found: dict[str, Any] = json.loads(_read_exactly(child.stdout, length, deadline=deadline))
    return found


def _write_all(stream: IO[bytes], octets: bytes) -> None:
    rest = memoryview(octets)
    while rest:
        rest = rest[os.write(stream.fileno(), rest) :]


def _read_exactly(stream: IO[bytes], count: int, *, deadline: float) -> bytes:
    """So many octets from the child, or TimeoutError, or EOFError when it is gone."""
    pieces, missing = [], count
    while missing:
        ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        piece = os.read(stream.fileno(), min(missing, 65536))
        if not piece:
            raise EOFError
        pieces.append(piece)
        missing -= len(piece)
    return b"".join(pieces)


def run_child() -> None:
    """What the child does: one mail in, one JSON value out, until the parent closes."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_OCTETS, MEMORY_OCTETS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    target.write(_READY)
    target.flush()
    while len(head := source.read(_LENGTH.size)) == _LENGTH.size:
        raw = source.read(_LENGTH.unpack(head)[0])
        _allow_cpu(CPU_SECONDS)
        result = json.dumps(_read_one(raw), default=str).encode()
        target.write(_LENGTH.pack(len(result)) + result)
        target.flush()


def _allow_cpu(seconds: int) -> None:
    """From now on the kernel ends this process after so many seconds of work."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    soft = int(used.ru_utime + used.ru_stime) + seconds
    resource.setrlimit(resource.RLIMIT_CPU, (soft, resource.RLIM_INFINITY))


def _read_one(raw: bytes) -> dict[str, Any]:
    try:
        return {"mail": to_plain(read_mail(raw))}
    except Exception as error:  # noqa: BLE001 - whatever a stranger's mail does to the reader
        return {"fault": type(error).__name__}


if __name__ == "__main__":
    run_child()
