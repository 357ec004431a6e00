"""Tasks about a visit: what rules and the standard clock ask staff to do, and by when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from bookings.domain.visits import CLOSED_STATES, VisitKind, VisitState


class TaskKind(StrEnum):
    OWN = "own"
    FOLLOW_UP = "follow_up"
    LETTER = "letter"
    PRESS = "press"
    EXPORT_CHECK = "export_check"
    MINORS = "minors"
    ANNOUNCEMENT = "announcement"
    NAMES = "names"
    BRIEFING = "briefing"
    RECONFIRM = "reconfirm"
    REMINDER = "reminder"
    THANKS = "thanks"
    REPORT = "report"
    SECOND_QUESTION = "second_question"


OWN_KINDS = (TaskKind.OWN, TaskKind.FOLLOW_UP)
"""What staff add themselves; everything else is made by a rule."""

# Days before the first day of the visit (negative) and after its last one.
_BEFORE = {TaskKind.NAMES: -14, TaskKind.BRIEFING: -7, TaskKind.RECONFIRM: -3, TaskKind.REMINDER: -1}
_AFTER = {TaskKind.THANKS: 1, TaskKind.REPORT: 14, TaskKind.SECOND_QUESTION: 180}
_ANNOUNCED_DAYS_BEFORE = 3
_CHECK_DAYS = 5
"""So long after the request its letter and checks are looked at."""

BEFORE_VISIT = (*_BEFORE, TaskKind.ANNOUNCEMENT, TaskKind.MINORS, TaskKind.LETTER)
"""What makes no sense any more once the visitors have left."""


@dataclass(frozen=True, kw_only=True)
class TaskStop:
    """A stop of the programme as the rules see it; `day` at the place."""

    slot_id: int
    host: str
    day: date
    minimum_age: int | None = None
    needs_names: bool = False


@dataclass(frozen=True, kw_only=True)
class TaskFacts:
    """What the rules look at."""

    state: VisitState
    kind: VisitKind
    country: str
    country_is_screened: bool
    on_behalf_of: str
    today: date
    stops: Sequence[TaskStop] = ()


@dataclass(frozen=True, kw_only=True)
class RuleTask:
    """A task that a rule asks for; `key` is the same each time the rule is asked."""

    kind: TaskKind
    key: str
    due_on: date
    about: str = ""
    slot_id: int | None = None


def list_rule_tasks(facts: TaskFacts) -> list[RuleTask]:
    """Everything that rules and the clock ask for, as the visit stands."""
    if facts.state in CLOSED_STATES and facts.state is not VisitState.COMPLETED:
        return []
    found = [*_list_checks(facts)]
    if facts.state is not VisitState.COMPLETED:
        found += _list_stop_tasks(facts)
    if facts.stops and facts.state in (VisitState.CONFIRMED, VisitState.COMPLETED):
        found += _list_clock(facts)
    return found


def is_out_of_date(kind: TaskKind, state: VisitState) -> bool:
    """Is an open task of a rule pointless now that the visit is over?"""
    return state is VisitState.COMPLETED and kind in BEFORE_VISIT


def _list_checks(facts: TaskFacts) -> list[RuleTask]:
    """Rules 6 to 8: they ask staff to look, and never refuse by themselves."""
    due_on = facts.today + timedelta(days=_CHECK_DAYS)
    rules = (
        (bool(facts.on_behalf_of), TaskKind.LETTER, facts.on_behalf_of),
        (facts.kind is VisitKind.PRESS, TaskKind.PRESS, ""),
        (facts.country_is_screened, TaskKind.EXPORT_CHECK, facts.country),
    )
    return [
        RuleTask(kind=kind, key=str(kind), due_on=due_on, about=about)
        for applies, kind, about in rules
        if applies
    ]


def _list_stop_tasks(facts: TaskFacts) -> list[RuleTask]:
    """Rules 9 and 10, for each stop whose host asks for it."""
    found = []
    for stop in facts.stops:
        due_on = _not_before(stop.day - timedelta(days=_ANNOUNCED_DAYS_BEFORE), facts.today)
        if stop.minimum_age:
            about = f"{stop.host} ({stop.minimum_age}+)"
            found.append(_for_stop(TaskKind.MINORS, stop, about, due_on))
        if stop.needs_names:
            found.append(_for_stop(TaskKind.ANNOUNCEMENT, stop, stop.host, due_on))
    return found


def _for_stop(kind: TaskKind, stop: TaskStop, about: str, due_on: date) -> RuleTask:
    return RuleTask(kind=kind, key=f"{kind}:{stop.slot_id}", due_on=due_on, about=about, slot_id=stop.slot_id)


def _list_clock(facts: TaskFacts) -> list[RuleTask]:
    """The standard clock; what is late when the visit is confirmed is due at once."""
    days = [stop.day for stop in facts.stops]
    first, last = min(days), max(days)
    before = [
        RuleTask(kind=kind, key=str(kind), due_on=_not_before(first + timedelta(days=offset), facts.today))
        for kind, offset in _BEFORE.items()
        if facts.state is VisitState.CONFIRMED and facts.today <= first
    ]
    after = [
        RuleTask(kind=kind, key=str(kind), due_on=last + timedelta(days=offset))
        for kind, offset in _AFTER.items()
    ]
    return before + after


def _not_before(day: date, today: date) -> date:
    return max(day, today)
