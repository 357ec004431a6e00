"""The door to the planner: whatever is wished, the seats keep every rule, and the rest has reasons."""

from collections import Counter
from dataclasses import replace
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.domain.meeting_pairs import Wished
from bookings.domain.meetings import HalfDay, MatchPhase, MeetingState, WishStrength
from bookings.planner.meetings.unmet import WhyNot
from bookings.queries.meetings.day import Day
from bookings.services.meetings.solving import Found, build_problem, describe, explain, mend, solve
from tests.planner.meetings_checker import list_seat_faults
from tests.support.clock import NOW
from tests.support.match_days import FIRST_SLOT, a_day, a_meeting, wishes_at_random

MUST, LIKE, NEVER = WishStrength.MUST, WishStrength.LIKE, WishStrength.NEVER


def find(day: Day, wishes, *, looks: int = 20) -> Found:
    """As the worker does it, with a number of looks instead of a time."""
    problem, look = build_problem(day, wishes, now=NOW), count()
    return describe(problem, solve(problem, seconds=600, should_stop=lambda: next(look) >= looks))


def meet(day: Day, found: Found) -> Day:
    """The day once the schedule is laid."""
    slots, tables = [slot.id for slot in day.slots], [table.id for table in day.tables]
    meetings = tuple(
        a_meeting(day, n, one // 10, other // 10, slots.index(slot), tables.index(table))
        for n, ((one, other), (slot, table)) in enumerate(found.seats.items(), start=1)
    )
    return replace(day, meetings=meetings)


@st.composite
def days_with_wishes(draw: st.DrawFn) -> tuple[Day, list[Wished]]:
    people, halves = draw(st.integers(2, 7)), (draw(st.integers(1, 4)), draw(st.integers(0, 4)))
    slots = st.sets(st.integers(FIRST_SLOT, FIRST_SLOT + sum(halves) - 1), max_size=2)
    profile = st.fixed_dictionaries(
        {"half_day": st.sampled_from([HalfDay.ANY, HalfDay.ANY, *HalfDay]), "absent_in": slots.map(frozenset)}
    )
    profiles = dict(enumerate(draw(st.lists(profile, max_size=people))))
    most, houses = draw(st.sampled_from([None, None, 1, 3])), draw(st.integers(2, people))
    day = a_day(people, halves, draw(st.integers(1, 4)), houses=houses, most=most, profiles=profiles)
    pairs = [(one, other) for one in day.people for other in day.people if one != other]
    strength = st.sampled_from([MUST, LIKE, LIKE, LIKE, NEVER])
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=24, unique=True))
    return day, [Wished(*pair, draw(strength)) for pair in chosen]


@settings(max_examples=80, deadline=None)
@given(days_with_wishes())
def test_whatever_is_wished_the_seats_keep_every_rule_of_the_day(case):
    day, wishes = case

    found = find(day, wishes)

    assert list_seat_faults(day, wishes, found.seats) == []
    assert found.bound <= found.gaps


@settings(max_examples=50, deadline=None)
@given(days_with_wishes(), st.data())
def test_when_somebody_leaves_the_others_keep_their_seats_but_those_that_are_named(case, data):
    day, wishes = case
    day = meet(day, find(day, wishes))
    gone = data.draw(st.sampled_from(sorted(day.people)))
    lost = {person for one in day.meetings if gone in one.people for person in one.people} - {gone}
    rest = replace(
        day,
        people={person: view for person, view in day.people.items() if person != gone},
        meetings=tuple(one for one in day.meetings if gone not in one.people),
    )
    wishes = [one for one in wishes if gone not in (one.wisher, one.wished)]

    done = mend(rest, wishes, people=lost, now=NOW)

    assert list_seat_faults(rest, wishes, done.seats) == []
    before = {one.people: one.seat for one in rest.meetings}
    assert before.keys() <= done.seats.keys()
    changed = {pair for pair, seat in before.items() if done.seats[pair] != seat}
    assert changed == set(done.moved)
    assert all(lost & set(pair) for pair in done.placed)


@settings(max_examples=50, deadline=None)
@given(days_with_wishes())
def test_a_wish_has_the_same_reason_whether_the_other_said_never_or_not(case):
    day, wishes = case
    day = meet(day, find(day, wishes))
    met = {one.people for one in day.meetings}

    for one in wishes:
        own = [wish for wish in wishes if wish.wisher == one.wisher and wish.strength is not NEVER]
        if one in own and tuple(sorted((one.wisher, one.wished))) not in met:
            pair = tuple(sorted((one.wisher, one.wished)))
            back = Wished(one.wished, one.wisher, NEVER)
            assert explain(day, own)[pair] == explain(day, [*own, back])[pair]


def test_a_wish_reads_what_stood_in_its_way():
    day = a_day(6, (2, 0), 1, houses=5, most=1, profiles={4: {"absent_in": {FIRST_SLOT, FIRST_SLOT + 1}}})
    day = replace(day, meetings=(a_meeting(day, 1, 0, 1, 0, 0),))
    ids = sorted(day.people)

    reasons = explain(
        day, [Wished(ids[one], ids[other], LIKE) for one, other in ((0, 2), (1, 5), (2, 4), (2, 3))]
    )

    assert [reasons[ids[one], ids[other]].code for one, other in ((0, 2), (1, 5), (2, 4), (2, 3))] == [
        WhyNot.PERSON_FULL, WhyNot.SAME_ORGANISATIONS, WhyNot.NO_COMMON_TIME, WhyNot.NOT_POSSIBLE,
    ]  # fmt: skip
    assert reasons[ids[0], ids[2]].people == (ids[0],)


def test_musts_of_both_come_first_and_pairs_across_the_water_before_others():
    day = a_day(4, (1, 0), 1)
    one, two, three, four = sorted(day.people)

    both = [Wished(one, two, LIKE), Wished(three, four, MUST), Wished(four, three, MUST)]
    across = [Wished(one, three, LIKE), Wished(one, two, LIKE)]

    assert set(find(day, both).seats) == {(three, four)}
    assert set(find(day, across).seats) == {(one, two)}


def test_whom_all_wish_to_meet_has_a_break_in_each_half_of_each_day():
    day = a_day(12, (3, 3), 6, days=2)
    wanted, *others = sorted(day.people)
    wishes = [Wished(one, wanted, MUST) for one in others]

    found = find(day, wishes)

    assert len(found.seats) == 2 * (2 + 2)
    assert list_seat_faults(day, wishes, found.seats) == []


def test_once_shown_only_what_does_not_suit_gets_another_time_and_silence_keeps_the_rest():
    day = a_day(8, (4, 4), 2, phase=MatchPhase.PROVISIONAL)
    day = replace(day, meetings=meet(day, find(day, wishes_at_random(day, of_each=3))).meetings)
    unloved = replace(day.meetings[0], feedback={day.meetings[0].first_id: "change"})
    day = replace(day, meetings=(unloved, *day.meetings[1:]))

    seats = find(day, wishes_at_random(day, of_each=3)).seats

    changed = [one.people for one in day.meetings if seats[one.people] != one.seat]
    assert changed[0] == unloved.people
    assert seats[unloved.people][0] != unloved.slot_id
    assert len(changed) <= 3


def test_only_a_must_of_both_moves_an_agreed_meeting_of_others_and_never_a_pinned_one():
    day = a_day(4, (2, 0), 1, profiles={3: {"absent_in": {FIRST_SLOT + 1}}})
    one, two, three, four = sorted(day.people)
    agreed = a_meeting(day, 1, 0, 1, 0, 0, state=MeetingState.AGREED)
    day = replace(day, meetings=(agreed,))
    musts = [Wished(three, four, MUST), Wished(four, three, MUST)]

    liked = mend(day, [Wished(three, four, LIKE)], people=[three], now=NOW)
    forced = mend(day, musts, people=[three], now=NOW)
    pinned = mend(replace(day, meetings=(replace(agreed, is_pinned=True),)), musts, people=[three], now=NOW)

    assert (liked.placed, pinned.placed) == ((), ())
    assert (forced.placed, forced.moved) == (((three, four),), ((one, two),))


def test_five_hundred_and_fifty_meetings_over_four_days_leave_everybody_breaks_and_few_get_up():
    day = a_day(100, (6, 6), 25, days=4)
    wishes = wishes_at_random(day, of_each=6)

    found = find(day, wishes, looks=10)

    assert len(found.seats) >= 550
    assert list_seat_faults(day, wishes, found.seats) == []
    tables = {}
    for pair, (slot, table) in found.seats.items():
        for person in pair:
            tables.setdefault(person, []).append((slot, table))
    moves = sum(len({table for _, table in own}) - 1 for own in tables.values())
    assert moves < 0.8 * sum(len(own) - 1 for own in tables.values())


def test_three_hundred_people_at_eighty_tables_have_a_schedule_at_once_that_gets_better():
    day = a_day(300, (8, 8), 80)
    wishes = wishes_at_random(day, of_each=8)
    problem, told, look = build_problem(day, wishes, now=NOW), [], count()

    done = solve(problem, seconds=600, on_better=told.append, should_stop=lambda: next(look) >= 150)

    first, last = describe(problem, told[0]), describe(problem, done)
    assert list_seat_faults(day, wishes, first.seats) == list_seat_faults(day, wishes, last.seats) == []
    assert len(last.seats) == 16 * 80
    assert last.bound <= last.gaps < 0.9 * first.gaps
    counts = Counter(person for pair in last.seats for person in pair)
    assert min(counts[person] for person in day.people) >= 6
