"""Proofs about a day of meetings by a child, which can be stopped at any time and gives its memory back."""

import json
import os
import subprocess
import sys
from collections import deque
from dataclasses import asdict
from threading import Thread
from typing import IO

from bookings.planner.meetings.conflict import Rule, RuledDay, RuleKind
from bookings.planner.meetings.problem import MeetingDay
from bookings.planner.meetings.solve import Fact

# Nothing of our environment is the child's business: no secret, no address.
_KEPT_VARIABLES = ("PATH", "PYTHONPATH", "PYTHONHOME", "LANG", "LC_ALL", "VIRTUAL_ENV")
WAIT_SECONDS = 30.0
_LARGEST = 25_000  # meetings times slots; beyond that a proof would want gigabytes and not come in time


class ProvingError(Exception):
    """Nothing was found out; the text is for the log."""


class ChildProver:
    """Proves in the background; see `Prover` in planner/meetings/solve.py."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._listener: Thread | None = None
        self._facts: deque[Fact] = deque()

    def start(self, day: MeetingDay, *, bound: int, below: int | None) -> None:
        """Begin, unless the day is too large for a proof."""
        if len(day.meetings) * day.slots > _LARGEST:
            return
        child = self._child = subprocess.Popen(
            [sys.executable, "-m", "bookings.adapters.prover"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_choose_environment(),
            text=True,
        )
        asked = json.dumps({"day": _tell_day(day), "bound": bound, "below": below})
        self._listener = Thread(target=_listen, args=(child, asked, self._facts), daemon=True)
        self._listener.start()

    def take(self) -> Fact | None:
        """The next thing that became certain, if there is one."""
        return self._facts.popleft() if self._facts else None

    @property
    def is_working(self) -> bool:
        """Whether more may come."""
        return bool(self._facts) or (self._listener is not None and self._listener.is_alive())

    def stop(self) -> None:
        """End the child, whatever it does."""
        if self._child is not None:
            self._child.kill()
            self._child.wait()


def find_conflict(day: RuledDay, *, wait_seconds: float = WAIT_SECONDS) -> tuple[Rule, ...] | None:
    """A minimal set of rules that no schedule keeps; None where the day can be.

    Raises ProvingError when that was not found out in time.
    """
    try:
        child = subprocess.run(
            [sys.executable, "-m", "bookings.adapters.prover"],
            input=json.dumps({"rules": asdict(day)}),
            capture_output=True,
            env=_choose_environment(),
            timeout=wait_seconds,
            check=True,
            text=True,
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError) as error:
        raise ProvingError(str(error)) from error
    told = json.loads(child.stdout)
    return None if told is None else tuple(Rule(RuleKind(kind), subject) for kind, subject in told)


def _choose_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}


def _tell_day(day: MeetingDay) -> dict[str, object]:
    return {
        "people": day.people, "slots": day.slots, "tables": day.tables, "most_gaps": day.most_gaps,
        "meetings": [(*meeting.people, meeting.slots) for meeting in day.meetings], "before": day.before,
    }  # fmt: skip


def _listen(child: subprocess.Popen[str], asked: str, facts: deque[Fact]) -> None:
    lines: IO[str] | None = child.stdout
    if child.stdin is None or lines is None:
        return
    try:
        with child.stdin as asking:
            asking.write(asked)
        for line in lines:
            told = json.loads(line)
            slots = None if told["slots"] is None else tuple(told["slots"])
            facts.append(Fact(told["bound"], slots, told["is_impossible"]))
    except (OSError, ValueError):
        return  # stopped in the middle: what was certain before stays so
    finally:
        lines.close()
