"""The child that proves: it reads a day of meetings as JSON and writes a line for whatever is certain.

It loads the SAT solver, which holds the whole process while it thinks; so nothing else lives here.
"""

import json
import os
import sys
from typing import Any

from bookings.planner.meetings.conflict import RuledDay, explain
from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.prove import find_schedule, prove

_POLITE = 2  # requests come first


def read_day(told: dict[str, Any]) -> MeetingDay:
    """The day as its sender had it."""
    meetings = tuple(Meeting((one, other), slots) for one, other, slots in told["meetings"])
    before = tuple((earlier, later) for earlier, later in told["before"])
    return MeetingDay(told["people"], told["slots"], told["tables"], meetings, before, told["most_gaps"])


def read_rules(told: dict[str, Any]) -> RuledDay:
    """The day as its sender had it, each rule for itself. JSON has made texts of the numbers of masks."""
    masks = {
        name: {int(key): value for key, value in told[name].items()}
        for name in ("absent", "sessions", "pinned")
    }
    pairs = {name: tuple((one, other) for one, other in told[name]) for name in ("pairs", "before")}
    return RuledDay(**{**told, **masks, **pairs})


def _write(told: object) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Answer what stands on standard input."""
    if hasattr(os, "nice"):
        os.nice(_POLITE)
    asked = json.load(sys.stdin)
    if "rules" in asked:
        conflict = explain(read_rules(asked["rules"]), find_schedule)
        _write(conflict and [(rule.kind, rule.subject) for rule in conflict.rules])
        return
    for proof in prove(read_day(asked["day"]), bound=asked["bound"], below=asked["below"]):
        _write({"bound": proof.bound, "slots": proof.slots, "is_impossible": proof.is_impossible})


if __name__ == "__main__":
    main()
