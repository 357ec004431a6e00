"""Why a day cannot be: a smallest set of rules that no schedule keeps, found by leaving out one by one."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random

from bookings.planner.meetings.place import place_all
from bookings.planner.meetings.problem import Meeting, MeetingDay, count_gaps
from bookings.planner.meetings.schedule import Schedule

_STEPS = 30
Oracle = Callable[[MeetingDay], Sequence[int] | None]
"""A schedule, or None where there is none."""


class RuleKind(StrEnum):
    """What a rule is about; `subject` of a rule says whom or what."""

    MEETING = "meeting"
    """That the meeting takes place."""
    ABSENT = "absent"
    """When a person is not there."""
    SESSION = "session"
    """In which half of the day a meeting is."""
    PINNED = "pinned"
    ORDER = "order"
    TABLES = "tables"
    LIMIT = "limit"
    """How many gaps a person has at most."""


@dataclass(frozen=True, order=True)
class Rule:
    """`subject` is a meeting, a person, or the number of an order; -1 where there is just one such rule."""

    kind: RuleKind
    subject: int = -1


@dataclass(frozen=True)
class RuledDay:
    """A day whose rules can be left out one by one."""

    people: int
    slots: int
    tables: int
    pairs: tuple[tuple[int, int], ...]
    absent: Mapping[int, int] = field(default_factory=dict)
    """Person → slots without meetings, as a bit mask."""
    sessions: Mapping[int, int] = field(default_factory=dict)
    """Meeting → slots that it may have."""
    pinned: Mapping[int, int] = field(default_factory=dict)
    """Meeting → its slot."""
    before: tuple[tuple[int, int], ...] = ()
    most_gaps: int | None = None

    def list_rules(self) -> list[Rule]:
        """All rules; those that bind few come last."""
        rules = [Rule(RuleKind.MEETING, meeting) for meeting in range(len(self.pairs))]
        rules += [Rule(RuleKind.SESSION, meeting) for meeting in sorted(self.sessions)]
        rules += [Rule(RuleKind.PINNED, meeting) for meeting in sorted(self.pinned)]
        rules += [Rule(RuleKind.ORDER, number) for number in range(len(self.before))]
        rules += [Rule(RuleKind.ABSENT, person) for person in sorted(self.absent)]
        rules.append(Rule(RuleKind.TABLES))
        return rules if self.most_gaps is None else [*rules, Rule(RuleKind.LIMIT)]

    def build(self, rules: Iterable[Rule] | None = None) -> MeetingDay:
        """The day with only these rules."""
        kept = set(self.list_rules() if rules is None else rules)
        met = [k for k in range(len(self.pairs)) if Rule(RuleKind.MEETING, k) in kept]
        place = {meeting: number for number, meeting in enumerate(met)}
        before = tuple(
            (place[one], place[other])
            for number, (one, other) in enumerate(self.before)
            if Rule(RuleKind.ORDER, number) in kept and one in place and other in place
        )
        return MeetingDay(
            self.people,
            self.slots,
            self.tables if Rule(RuleKind.TABLES) in kept else self.people,
            tuple(Meeting(self.pairs[meeting], self._find_slots(meeting, kept)) for meeting in met),
            before,
            self.most_gaps if Rule(RuleKind.LIMIT) in kept else None,
        )

    def _find_slots(self, meeting: int, kept: set[Rule]) -> int:
        slots = (1 << self.slots) - 1
        if Rule(RuleKind.SESSION, meeting) in kept:
            slots &= self.sessions[meeting]
        if Rule(RuleKind.PINNED, meeting) in kept:
            slots &= 1 << self.pinned[meeting]
        for person in self.pairs[meeting]:
            if Rule(RuleKind.ABSENT, person) in kept:
                slots &= ~self.absent[person]
        return slots


@dataclass(frozen=True)
class Conflict:
    """Rules that no schedule keeps together. `is_minimal`: without any one of them there is a schedule."""

    rules: tuple[Rule, ...]
    is_minimal: bool


def explain(
    day: RuledDay, oracle: Oracle, *, should_stop: Callable[[], bool] = lambda: False
) -> Conflict | None:
    """A minimal conflict, or None where the day can be.

    One person, or one chain of orders, is looked at first: most conflicts are there, and small.
    """
    rules = next(
        (part for part in _list_parts(day) if _is_impossible(day, part, oracle)),
        None,
    )
    if rules is None:
        return None
    return _filter(day, rules, oracle, should_stop)


def _list_parts(day: RuledDay) -> Iterator[list[Rule]]:
    groups: dict[int, set[int]] = defaultdict(set)
    for meeting, pair in enumerate(day.pairs):
        for person in pair:
            groups[person].add(meeting)
    tight = sorted(
        groups, key=lambda person: day.slots - day.absent.get(person, 0).bit_count() - len(groups[person])
    )
    yield from (_list_rules_of(day, groups[person]) for person in tight)
    yield from (_list_rules_of(day, chain) for chain in _list_chains(day))
    yield from (_list_rules_of(day, groups[one] | groups[other]) for one, other in day.pairs)
    yield day.list_rules()


def _list_chains(day: RuledDay) -> list[set[int]]:
    """Meetings that hang together by orders."""
    chains: dict[int, set[int]] = {}
    for pair in day.before:
        joined = set(pair).union(*(chains.get(meeting, set()) for meeting in pair))
        chains.update(dict.fromkeys(joined, joined))
    return [chain for meeting, chain in sorted(chains.items()) if meeting == min(chain)]


def _list_rules_of(day: RuledDay, meetings: set[int]) -> list[Rule]:
    """The rules that concern these meetings, tables apart."""
    part = {Rule(kind, k) for kind in _OF_MEETINGS for k in meetings}
    part |= {Rule(RuleKind.ABSENT, person) for k in meetings for person in day.pairs[k]}
    part |= {Rule(RuleKind.ORDER, n) for n, pair in enumerate(day.before) if meetings.issuperset(pair)}
    return [rule for rule in day.list_rules() if rule in part or rule.kind is RuleKind.LIMIT]


_OF_MEETINGS = (RuleKind.MEETING, RuleKind.SESSION, RuleKind.PINNED)


def _filter(day: RuledDay, rules: list[Rule], oracle: Oracle, should_stop: Callable[[], bool]) -> Conflict:
    """Leave out large parts first, then single rules; what is needed once stays needed."""
    size = len(rules)
    while size:
        start = 0
        while start < len(rules):
            if should_stop():
                return Conflict(tuple(rules), is_minimal=False)
            fewer = _drop_idle(day, rules[:start] + rules[start + size :])
            if _is_impossible(day, fewer, oracle):
                rules = fewer
            else:
                start += size
        size //= 2
    return Conflict(tuple(rules), is_minimal=True)


def _drop_idle(day: RuledDay, rules: list[Rule]) -> list[Rule]:
    """Without what concerns no meeting that is left."""
    met = {rule.subject for rule in rules if rule.kind is RuleKind.MEETING}
    people = {person for meeting in met for person in day.pairs[meeting]}
    concerns = {
        RuleKind.SESSION: met, RuleKind.PINNED: met, RuleKind.ABSENT: people,
        RuleKind.ORDER: {n for n, pair in enumerate(day.before) if met.issuperset(pair)},
    }  # fmt: skip
    return [rule for rule in rules if rule.kind not in concerns or rule.subject in concerns[rule.kind]]


def _is_impossible(day: RuledDay, rules: list[Rule], oracle: Oracle) -> bool:
    built = day.build(rules)
    schedule = Schedule(built)
    # Most parts are possible, and placing finds that out at once.
    if place_all(schedule, Random(0), steps=_STEPS) and _keeps(built, schedule.at):  # noqa: S311
        return False
    slots = oracle(built)
    if slots is not None and not _keeps(built, slots):
        raise AssertionError("a schedule that breaks rules proves nothing")
    return slots is None


def _keeps(day: MeetingDay, slots: Sequence[int]) -> bool:
    """Looks at a schedule rule by rule, whoever found it."""
    taken = [0] * day.people
    load = [0] * day.slots
    for meeting, slot in zip(day.meetings, slots, strict=True):
        load[slot] += 1
        for person in meeting.people:
            if taken[person] >> slot & 1 or not meeting.slots >> slot & 1:
                return False
            taken[person] |= 1 << slot
    return (
        max(load, default=0) <= day.tables
        and all(slots[one] < slots[other] for one, other in day.before)
        and (day.most_gaps is None or all(count_gaps(own) <= day.most_gaps for own in taken))
    )
