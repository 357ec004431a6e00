"""Mending moves the fewest slots: nothing else of equal worth moves fewer."""

from dataclasses import replace
from datetime import timedelta
from itertools import chain, combinations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.domain.time import Interval
from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import Firmness
from bookings.planner.repair import repair
from bookings.planner.solve import solve
from tests.planner.brute import as_stop
from tests.planner.checker import Checker
from tests.planner.problems import (
    MONDAY,
    PLACES,
    TOPICS,
    a_candidate,
    a_delegation,
    a_fixed,
    a_problem,
    at,
    problems,
)

few = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def as_slots(problem, plan, firmness=Firmness.ACCEPTED):
    offers = {offer.key: offer for offer in problem.candidates}
    return tuple(
        replace(
            a_fixed(offers[stop.candidate], stop.day, "00:00", firmness, group=stop.group),
            interval=type(offers[stop.candidate].open_times[0])(stop.starts_at, stop.ends_at),
        )
        for stop in plan.stops
    )


def as_stops(problem) -> tuple[PlannedStop, ...]:
    """All fixed stops, one for each group that is there."""
    everybody = range(problem.delegation.groups)
    return tuple(
        replace(as_stop(fixed), group=group)
        for fixed in problem.fixed
        for group in (everybody if fixed.group is None else [fixed.group])
    )


def fewest_moves(problem) -> tuple[int, int] | None:
    """Of accepted and of asked slots, by trying none, then every one, then every two, and so on."""
    pinned, accepted, asked = (
        [stop for stop in problem.fixed if stop.firmness == firmness]
        for firmness in (Firmness.PINNED, Firmness.ACCEPTED, Firmness.ASKED)
    )
    for counts in product(range(len(accepted) + 1), range(len(asked) + 1)):
        for gone in product(combinations(accepted, counts[0]), combinations(asked, counts[1])):
            staying = [stop for stop in (*accepted, *asked) if stop not in chain(*gone)]
            standing = tuple(replace(stop, firmness=Firmness.PINNED) for stop in (*pinned, *staying))
            bare = replace(problem, candidates=(), fixed=standing, must=())
            if not Checker(bare).faults(Plan((), as_stops(bare), (), (), 0.0)):
                return counts
    return None


def check_moves_fewest(problem) -> None:
    mended = repair(problem)

    fewest = fewest_moves(problem)
    if fewest is None:
        assert mended is None
        return
    firmness = [move.firmness for move in mended.moves]
    assert (firmness.count(Firmness.ACCEPTED), firmness.count(Firmness.ASKED)) == fewest
    assert set(mended.kept).isdisjoint(move.key for move in mended.moves)
    stays = [replace(s, firmness=Firmness.PINNED) for s in problem.fixed if s.key in mended.kept]
    for move in mended.moves:
        slot = next(slot for slot in problem.fixed if slot.key == move.key)
        if move.stop and move.stop.fixed_key:
            check_can_be_together(problem, move.stop)
            there = Interval(move.stop.starts_at, move.stop.ends_at)
            at = {"place": move.stop.place, "zone": move.stop.zone}
            stays.append(replace(slot, interval=there, firmness=Firmness.PINNED, **at))
        elif move.stop and slot.group is not None:
            assert move.stop.group == slot.group or problem.delegation.groups == 1
        else:
            assert move.stop is None or problem.delegation.groups == 1
    assert Checker(replace(problem, fixed=tuple(stays))).faults(mended.plan) == []


def check_can_be_together(problem, stop) -> None:
    """The new time of a stop of all: as if the delegation were in one piece."""
    one = replace(problem, delegation=replace(problem.delegation, groups=1))
    offer = next(offer for offer in problem.candidates if offer.key == stop.candidate)
    rounds = int((stop.ends_at - stop.starts_at) / timedelta(minutes=offer.minutes))
    assert Checker(one).stop_faults(replace(stop, fixed_key="", group=0, rounds=rounds)) == []


@few
@given(problems(most=6))
def test_as_few_accepted_and_then_asked_slots_move_as_can_be(problem):
    check_moves_fewest(problem)


@st.composite
def grouped(draw, some):
    """The same with two or three groups, each slot one group's own or of all."""
    problem = draw(some)
    groups = draw(st.integers(2, 3))
    whose = st.sampled_from([None, None, *range(groups)])
    fixed = tuple(replace(stop, group=draw(whose)) for stop in problem.fixed)
    return replace(problem, fixed=fixed, delegation=replace(problem.delegation, groups=groups))


@settings(few, max_examples=40)
@given(grouped(problems(most=7, slots=(2, 6))))
def test_where_groups_go_separate_ways_no_fewer_could_move_and_all_move_together_what_is_of_all(problem):
    check_moves_fewest(problem)


@settings(few, max_examples=40)
@given(problems(most=11, slots=(7, 11)))
def test_of_long_programmes_too_no_fewer_slots_could_move(problem):
    check_moves_fewest(problem)


@pytest.fixture(scope="module")
def confirmed():
    """Four days over both shores, all hosts have said yes, and others could come in."""
    places = ("umea", "skelleftea", "vaasa")
    offers = [
        a_candidate(f"c{n:02}", places[n % 3], days=4, topics=(TOPICS[n % 5],), opens="08:00")
        for n in range(18)
    ]
    problem = a_problem(*offers, delegation=a_delegation(days=4, interests=TOPICS, places=PLACES), days=4)
    slots = as_slots(problem, solve(problem, steps=60).plans[0])
    assert len(slots) >= 10
    return replace(problem, fixed=slots)


@pytest.fixture(scope="module")
def confirmed_apart(confirmed):
    """The same in two groups: every third stop is of all, between them each goes its own way."""
    together = tuple(replace(slot, group=None) for slot in confirmed.fixed[::3])
    delegation = replace(confirmed.delegation, groups=2)
    problem = replace(confirmed, fixed=together, delegation=delegation)
    plan = solve(problem, steps=40).plans[0]
    alone = replace(plan, stops=tuple(stop for stop in plan.stops if not stop.fixed_key))
    assert {stop.group for stop in alone.stops} == {0, 1}
    return replace(problem, fixed=(*together, *as_slots(problem, alone)))


@pytest.mark.parametrize("programme", ["confirmed", "confirmed_apart"])
def test_after_each_single_decline_of_a_confirmed_programme_all_others_stay(programme, request):
    confirmed = request.getfixturevalue(programme)
    for declined in confirmed.fixed:
        without = tuple(offer for offer in confirmed.candidates if offer.host != declined.host)
        others = tuple(slot for slot in confirmed.fixed if slot != declined)

        mended = repair(replace(confirmed, candidates=without), lost=[declined.key])

        assert mended.moves == ()
        assert [move.key for move in mended.lost] == [declined.key]
        assert set(mended.kept) == {slot.key for slot in others}
        assert Checker(replace(confirmed, candidates=without, fixed=others)).faults(mended.plan) == []


def test_whenever_a_host_of_one_group_or_of_all_can_instead_the_fewest_others_move(confirmed_apart):
    for offering in confirmed_apart.fixed[::2]:
        start = offering.interval.start + timedelta(hours=1.5)
        taken = replace(
            offering, interval=Interval(start, start + timedelta(hours=1)), firmness=Firmness.PINNED
        )
        rest = tuple(slot for slot in confirmed_apart.fixed if slot != offering)

        check_moves_fewest(replace(confirmed_apart, fixed=(*rest, taken)))


def test_whenever_a_host_of_a_confirmed_programme_can_instead_the_fewest_others_move(confirmed):
    for offering in confirmed.fixed:
        # In the midst of others, too early after the ferry, before the delegation is there.
        for later in (timedelta(hours=1.5), timedelta(days=-1)):
            start = offering.interval.start + later
            taken = replace(
                offering, interval=Interval(start, start + timedelta(hours=1)), firmness=Firmness.PINNED
            )
            rest = tuple(slot for slot in confirmed.fixed if slot != offering)

            check_moves_fewest(replace(confirmed, fixed=(*rest, taken)))


def test_a_new_time_pushes_aside_only_what_it_meets_and_that_finds_another_time():
    a, b, c = (a_candidate(key) for key in "abc")
    slots = (
        a_fixed(a, MONDAY, "10:00", Firmness.PINNED),
        a_fixed(b, MONDAY, "10:30", Firmness.ASKED),
        a_fixed(c, MONDAY, "14:00"),
    )

    mended = repair(a_problem(a, b, c, fixed=slots))

    (move,) = mended.moves
    assert (move.key, mended.kept) == ("slot-b", ("slot-a", "slot-c"))
    assert isinstance(move.stop, PlannedStop)
    assert move.stop.starts_at != move.old_start


def test_of_two_that_clash_the_asked_one_moves_and_the_accepted_one_stays():
    a, b = a_candidate("a"), a_candidate("b")
    slots = (a_fixed(a, MONDAY, "10:00", Firmness.ASKED), a_fixed(b, MONDAY, "10:00"))

    mended = repair(a_problem(a, b, fixed=slots))

    assert [(move.key, move.firmness) for move in mended.moves] == [("slot-a", Firmness.ASKED)]


def test_the_only_host_that_could_come_in_does_so_even_if_that_costs_more_than_it_is_worth():
    stays, far = a_candidate("stays"), a_candidate("far", "skelleftea", visits_last_year=12)
    problem = a_problem(stays, far, fixed=(a_fixed(stays, MONDAY, "09:00"),))

    assert repair(problem).list_newcomers() == []
    assert [stop.host for stop in repair(problem, fills=True).list_newcomers()] == ["far"]


def test_a_stop_of_all_goes_where_another_that_has_to_move_does_not_need_the_time():
    new, own = a_candidate("new", minutes=120), a_candidate("own", opens="13:30", closes="14:30")
    of_all = a_candidate("all")
    slots = (
        a_fixed(new, MONDAY, "10:00", Firmness.PINNED, group=0),
        a_fixed(of_all, MONDAY, "10:00", group=None),
        a_fixed(own, MONDAY, "11:30", Firmness.ASKED, group=0),
    )

    mended = repair(a_problem(new, own, of_all, fixed=slots, delegation=a_delegation(groups=2)))

    assert mended.kept == ("slot-new",)
    times = {move.key: move.stop.starts_at for move in mended.moves}
    assert times == {"slot-all": at(MONDAY, "15:00"), "slot-own": at(MONDAY, "13:30")}
    assert sorted(stop.group for stop in mended.plan.stops if stop.host == "all") == [0, 1]


def test_pinned_slots_that_clash_can_not_be_mended():
    a, b = a_candidate("a"), a_candidate("b")
    slots = tuple(a_fixed(offer, MONDAY, "10:00", Firmness.PINNED) for offer in (a, b))

    assert repair(a_problem(a, b, fixed=slots)) is None


def test_of_eight_stops_too_far_apart_for_the_time_between_as_many_stay_as_can():
    offers = [a_candidate(f"c{n}", ("umea", "skelleftea")[n % 2], minutes=45) for n in range(8)]
    times = [f"{9 + n * 45 // 60:02}:{n * 45 % 60:02}" for n in range(8)]
    slots = [a_fixed(offer, MONDAY, clock) for offer, clock in zip(offers, times, strict=True)]

    check_moves_fewest(a_problem(*offers, fixed=tuple(slots)))


def test_who_was_asked_by_hand_finds_another_time_though_it_shares_no_interest():
    new, by_hand = a_candidate("new"), a_candidate("by-hand", topics=("forest/timber",))
    slots = (
        a_fixed(new, MONDAY, "10:00", Firmness.PINNED),
        a_fixed(by_hand, MONDAY, "10:30", Firmness.ASKED),
    )

    (move,) = repair(a_problem(new, by_hand, fixed=slots)).moves

    assert move.has_other_time


def test_one_groups_stop_at_a_host_is_no_other_time_for_the_stop_of_all_there():
    small = a_candidate("small", group_max=4, opens="13:30")
    own = a_fixed(small, MONDAY, "13:00", Firmness.ASKED, group=0)
    of_all = replace(own, key="of-all", group=None)
    delegation = a_delegation(size=12, groups=3)

    mended = repair(a_problem(small, fixed=(own, of_all), delegation=delegation))

    assert [(move.key, move.stop) for move in mended.moves] == [("of-all", None)]
    assert {stop.group for stop in mended.plan.stops} > {0}  # others may still see it in their turn


def test_no_group_sees_a_host_once_more_because_another_of_its_slots_there_can_not_stay():
    small, other = a_candidate("small", group_max=4), a_candidate("other")
    stays = a_fixed(small, MONDAY, "09:00", group=0)
    clashes = replace(a_fixed(small, MONDAY, "13:00", Firmness.ASKED, group=0), key="clashes")
    pinned = a_fixed(other, MONDAY, "13:30", Firmness.PINNED, group=0)
    delegation = a_delegation(size=16, groups=4)

    mended = repair(a_problem(small, other, fixed=(stays, clashes, pinned), delegation=delegation))

    assert [(move.key, move.stop) for move in mended.moves] == [("clashes", None)]
    assert [stop.host for stop in mended.plan.stops if stop.group == 0] == ["small", "other"]
