"""The child that proves: it reads a day of meetings as JSON and writes a line for whatever is certain.

It loads the SAT solver, which holds the whole process while it thinks; so nothing else lives here.
"""

import json
import os
import sys
from typing import Any

from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.prove import prove

_POLITE = 2  # requests come first


def read_day(told: dict[str, Any]) -> MeetingDay:
    """The day as its sender had it."""
    meetings = tuple(Meeting((one, other), slots) for one, other, slots in told["meetings"])
    before = tuple((earlier, later) for earlier, later in told["before"])
    return MeetingDay(told["people"], told["slots"], told["tables"], meetings, before, told["most_gaps"])


def main() -> None:
    """Answer what stands on standard input."""
    if hasattr(os, "nice"):
        os.nice(_POLITE)
    asked = json.load(sys.stdin)
    for proof in prove(read_day(asked["day"]), bound=asked["bound"], below=asked["below"]):
        sys.stdout.write(
            json.dumps({"bound": proof.bound, "slots": proof.slots, "is_impossible": proof.is_impossible})
            + "\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
