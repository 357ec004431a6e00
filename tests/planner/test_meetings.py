"""Placing 1:1 meetings: rules always hold, small days are as good as can be, a change moves few."""

from itertools import islice, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.replan import Replan, replan
from bookings.planner.meetings.solve import Arrangement, arrange
from tests.planner.meetings_checker import list_faults, tally_gaps

_GLANCE = 40


@st.composite
def small_days(draw: st.DrawFn) -> MeetingDay:
    people, slots = draw(st.integers(2, 4)), draw(st.integers(1, 4))
    pairs = [(one, other) for one in range(people) for other in range(one)]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=5, unique=True))
    meetings = tuple(Meeting(pair, draw(st.integers(1, 2**slots - 1))) for pair in chosen)
    ordered = [(one, other) for other in range(len(meetings)) for one in range(other)]
    before = draw(st.lists(st.sampled_from(ordered), max_size=1)) if ordered else []
    return MeetingDay(people, slots, draw(st.integers(1, 3)), meetings, tuple(before))


def build_big_day(people: int = 60, slots: int = 12, tables: int = 20, seed: int = 1) -> MeetingDay:
    """A random day that is known to fit: pairs are drawn slot by slot."""
    random = Random(seed)
    every, pairs = 2**slots - 1, set()
    for _ in range(slots):
        crowd = random.sample(range(people), 2 * (tables - 4))
        pairs.update(tuple(sorted(pair)) for pair in zip(crowd[::2], crowd[1::2], strict=True))
    return MeetingDay(people, slots, tables, tuple(Meeting(pair, every) for pair in sorted(pairs)))


def solve(day: MeetingDay, *, stages: int = _GLANCE, seed: int = 0) -> Arrangement:
    *_, last = islice(arrange(day, seed=seed), stages)
    return last


def solve_by_force(day: MeetingDay) -> int | None:
    fitting = [
        sum(tally_gaps(day, slots))
        for slots in product(range(day.slots), repeat=len(day.meetings))
        if not list_faults(day, slots)
    ]
    return min(fitting, default=None)


@settings(max_examples=60, deadline=None)
@given(small_days())
def test_on_a_small_day_the_schedule_is_as_good_as_trying_all(day: MeetingDay) -> None:
    best = solve_by_force(day)

    found = solve(day)

    if best is None:
        assert found.slots is None
    else:
        assert list_faults(day, found.slots) == []
        assert found.bound <= best <= found.gaps == sum(tally_gaps(day, found.slots))
        assert found.gaps == best or not found.is_proved
        assert found.gaps <= best + 1


@settings(max_examples=40, deadline=None)
@given(small_days())
def test_no_schedule_is_said_to_be_impossible_or_best_when_it_is_not(day: MeetingDay) -> None:
    best = solve_by_force(day)

    found = solve(day, stages=2)

    if found.is_proved:
        assert (None if found.slots is None else found.gaps) == best


def test_a_full_day_keeps_every_rule_and_gets_better() -> None:
    day = build_big_day()

    first, last = solve(day, stages=1), solve(day, stages=_GLANCE)

    assert list_faults(day, first.slots) == list_faults(day, last.slots) == []
    assert sum(tally_gaps(day, last.slots)) == last.gaps < first.gaps


def test_the_same_seed_gives_the_same_schedule() -> None:
    day = build_big_day()

    assert solve(day, seed=7) == solve(day, seed=7)


def test_people_are_spared_more_gaps_than_the_day_allows() -> None:
    free = build_big_day(tables=14)
    day = MeetingDay(free.people, free.slots, free.tables, free.meetings, most_gaps=2)

    found = solve(day)

    assert found.keeps_limit
    assert max(tally_gaps(day, found.slots)) <= 2


@pytest.mark.parametrize(
    "day",
    [
        pytest.param(MeetingDay(3, 1, 5, (Meeting((0, 1), 1), Meeting((1, 2), 1))), id="two in one slot"),
        pytest.param(MeetingDay(2, 2, 1, (Meeting((0, 1), 0),)), id="no slot at all"),
        pytest.param(
            MeetingDay(4, 2, 2, (Meeting((0, 1), 1), Meeting((2, 3), 3)), ((1, 0),)),
            id="before the first slot",
        ),
    ],
)
def test_a_day_that_cannot_be_is_proved_to_be_impossible(day: MeetingDay) -> None:
    assert solve(day) == Arrangement(None, 0, 0, is_proved=True)


@settings(max_examples=60, deadline=None)
@given(small_days(), st.data())
def test_a_refused_slot_moves_as_few_agreed_meetings_as_can_be(day: MeetingDay, data: st.DataObject) -> None:
    known = solve(day, stages=1)
    if not known.slots:
        return
    refused = data.draw(st.integers(0, len(day.meetings) - 1))
    meetings = list(day.meetings)
    left = meetings[refused].slots & ~(1 << known.slots[refused])
    meetings[refused] = Meeting(meetings[refused].people, left)
    changed = MeetingDay(day.people, day.slots, day.tables, tuple(meetings), day.before)

    again = replan(changed, known.slots)

    fewest = min(
        (
            sum(a != b for k, (a, b) in enumerate(zip(slots, known.slots, strict=True)) if k != refused)
            for slots in product(range(day.slots), repeat=len(meetings))
            if not list_faults(changed, slots)
        ),
        default=None,
    )
    if again is None:
        assert fewest is None
    else:
        assert list_faults(changed, again.slots) == []
        assert len(again.moved) == fewest
        assert again.is_fewest


def test_pinned_meetings_stay_when_others_are_placed_anew() -> None:
    day = MeetingDay(3, 3, 1, (Meeting((0, 1), 0b111), Meeting((1, 2), 0b001), Meeting((0, 2), 0b111)))

    again = replan(day, (0, -1, 1), pinned={2})

    assert again == Replan((2, 0, 1), (0,), is_fewest=True)
    assert replan(day, (0, -1, 1), pinned={0}) is None
