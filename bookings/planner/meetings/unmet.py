"""Why a wished meeting does not take place. What is secret looks like what is common."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bookings.planner.meetings.choose import ChoosingDay, count_meetings
from bookings.planner.meetings.problem import list_slots


class WhyNot(StrEnum):
    """The code of a reason."""

    NO_COMMON_TIME = "no_common_time"
    SAME_ORGANISATIONS = "same_organisations"
    PERSON_FULL = "person_full"
    TABLES_FULL = "tables_full"
    NOT_POSSIBLE = "not_possible"
    """Their free times are no longer the same ones; or something that is nobody's business."""


@dataclass(frozen=True)
class Reason:
    """`people` whom it concerns; `count`: the meetings of a full person, or the tables."""

    code: WhyNot
    people: tuple[int, ...] = ()
    count: int | None = None


def explain_unmet(day: ChoosingDay, met: Mapping[int, int]) -> dict[int, Reason]:
    """A reason for each candidate without a meeting; `met` has the slots of the others."""
    counts = count_meetings(day, met)
    taken = [0] * len(day.most)
    load = Counter(met.values())
    for k, slot in met.items():
        for person in day.candidates[k].people:
            taken[person] |= 1 << slot
    keys = {day.candidates[k].key for k in met} - {None}
    return {
        k: _explain(day, k, counts=counts, taken=taken, load=load)
        if day.candidates[k].key not in keys
        else Reason(WhyNot.SAME_ORGANISATIONS, day.candidates[k].people)
        for k in range(len(day.candidates))
        if k not in met
    }


def _explain(
    day: ChoosingDay, k: int, *, counts: Mapping[int, int], taken: list[int], load: Mapping[int, int]
) -> Reason:
    candidate = day.candidates[k]
    if not candidate.slots:
        return Reason(WhyNot.NO_COMMON_TIME, candidate.people)
    full = tuple(person for person in candidate.people if counts[person] >= day.most[person])
    if full:
        return Reason(WhyNot.PERSON_FULL, full, counts[full[0]])
    one, other = candidate.people
    free = list(list_slots(candidate.slots & ~taken[one] & ~taken[other]))
    if free and all(load[slot] >= day.tables for slot in free):
        return Reason(WhyNot.TABLES_FULL, candidate.people, day.tables)
    return Reason(WhyNot.NOT_POSSIBLE, candidate.people)
