"""Strangers' calendars are read in a child process with limited memory and CPU: it alone may break."""

import json
import os
import subprocess
import sys
from datetime import datetime

from bookings.domain.time import Interval

WAIT_SECONDS = 20.0
_LONGEST_RESULT = 1024 * 1024
# Nothing of our environment is the child's business: no secret, no address.
_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "VIRTUAL_ENV", "TZDIR")


class CalendarUnreadableError(Exception):
    """The calendar is outside the bounds, or reading it broke the reader; the text is a code for staff."""


def read_busy_times(content: bytes, *, zone: str, span: Interval, own_domain: str) -> list[Interval]:
    """When the calendar says busy within the span. Raises CalendarUnreadableError."""
    asked = {
        "zone": zone, "start": span.start.isoformat(), "end": span.end.isoformat(), "own_domain": own_domain,
    }  # fmt: skip
    answer = _ask_child(json.dumps(asked).encode() + b"\n" + content)
    if len(answer) > _LONGEST_RESULT:
        raise CalendarUnreadableError("too_many")
    try:
        found = json.loads(answer)
        if "fault" in found:
            raise CalendarUnreadableError(str(found["fault"]))
        return [Interval(*map(datetime.fromisoformat, pair)) for pair in found["times"]]
    except (ValueError, KeyError, TypeError) as error:
        raise CalendarUnreadableError("unreadable") from error


def _ask_child(asked: bytes) -> bytes:
    try:
        child = subprocess.run(
            [sys.executable, "-m", "bookings.adapters.ical.busy"],
            input=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ},
            timeout=WAIT_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise CalendarUnreadableError("too_hard") from error
    if child.returncode != 0:
        raise CalendarUnreadableError("too_hard")
    return child.stdout
