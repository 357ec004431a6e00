"""Proofs that no day has fewer gaps: a SAT solver is asked again and again, with one gap more each time.

The library is loaded with this module: only a process that proves needs it (see adapters/prover.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pysat.solvers import Cadical195

from bookings.planner.meetings.model import DayModel
from bookings.planner.meetings.problem import MeetingDay, narrow_slots

_COUNTED = 40  # gaps that are counted at least; how it is counted decides how the solver fares


@dataclass(frozen=True)
class Proof:
    """What is certain by now.

    `bound`: nothing has fewer gaps. `slots`: a schedule with no more. `is_impossible`: there is none.
    """

    bound: int
    slots: tuple[int, ...] | None = None
    is_impossible: bool = False


def prove(day: MeetingDay, *, bound: int = 0, below: int | None = None) -> Iterator[Proof]:
    """Higher bounds from a known one, until a schedule that reaches it is found or there is none.

    `below`: the gaps of a schedule at hand; where the bound reaches these, nothing more is asked.
    """
    if not all(narrow_slots(day)):
        yield Proof(bound, is_impossible=True)
        return
    possible = _count_possible_gaps(day)
    most = possible if below is None else min(possible, max(below, _COUNTED))
    model = DayModel(day, most=most)
    with Cadical195(bootstrap_with=model.clauses.rows) as solver:
        while below is None or bound < below:
            asked = [-model.gaps[bound]] if bound < len(model.gaps) else []
            if solver.solve(assumptions=asked):
                yield Proof(bound, slots=tuple(model.read(set(solver.get_model()))))
                return
            if not asked or not solver.get_core():
                yield Proof(bound, is_impossible=True)
                return
            bound += 1
            yield Proof(bound)


def find_schedule(day: MeetingDay) -> list[int] | None:
    """Any schedule that keeps all rules, or None: there is none. Asks until it is certain."""
    if not all(narrow_slots(day)):
        return None
    model = DayModel(day, most=0)
    with Cadical195(bootstrap_with=model.clauses.rows) as solver:
        return model.read(set(solver.get_model())) if solver.solve() else None


def _count_possible_gaps(day: MeetingDay) -> int:
    most = day.slots // 2 if day.most_gaps is None else day.most_gaps
    meetings = [0] * day.people
    for meeting in day.meetings:
        for person in meeting.people:
            meetings[person] += 1
    return sum(min(most, max(0, count - 1)) for count in meetings)
