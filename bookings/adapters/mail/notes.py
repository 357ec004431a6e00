"""What the relay has just taken, noted in a file: faster than any database, and nobody holds it up.

A worker that is killed between the relay's "250" and the mark in the database would send the mail again.
A line in a file is written in microseconds and outlives the process; whoever works next on this machine reads
it before it takes mails. (A power cut may lose the line: then the mail leaves again as the same mail.)
"""

import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

log = logging.getLogger("bookings.adapters")

_SUFFIX = ".taken"


class TakenNotes:
    """The Message-IDs that the relay took in one batch."""

    def __init__(self, file: int) -> None:
        self._file = file

    def add(self, message_id: str) -> None:
        """Note it. One system call, so a line stands whole or not at all."""
        try:
            os.write(self._file, f"{message_id}\n".encode("ascii"))
        except OSError:  # a full disk: the mail is out all the same, and the database is told next
            log.exception("the mail %s is taken and could not be noted", message_id)


@contextmanager
def open_notes(folder: Path) -> Iterator[TakenNotes]:
    """Notes of a batch; gone when the batch ends well, for then the database knows it all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{secrets.token_hex(8)}{_SUFFIX}"
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        yield TakenNotes(file)
        path.unlink(missing_ok=True)
    finally:
        os.close(file)


def read_notes(folder: Path) -> list[str]:
    """All Message-IDs noted by batches that are under way, or that never ended."""
    if not folder.is_dir():
        return []
    return [line for path in folder.glob(f"*{_SUFFIX}") for line in _lines(path)]


def forget_notes(folder: Path, *, older_than_seconds: float) -> None:
    """Remove what dead workers left. Not what is young: its worker may be alive and go on writing."""
    for path in folder.glob(f"*{_SUFFIX}"):
        try:
            if time.time() - path.stat().st_mtime > older_than_seconds:
                path.unlink()
        except FileNotFoundError:
            continue  # its batch ended meanwhile


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="ascii").split()
    except FileNotFoundError:
        return []
