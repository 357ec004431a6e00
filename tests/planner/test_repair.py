"""Mending moves the fewest slots: nothing else of equal worth moves fewer."""

from dataclasses import replace
from datetime import timedelta
from itertools import chain, combinations

from hypothesis import HealthCheck, given, settings

from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import Firmness
from bookings.planner.repair import repair
from bookings.planner.solve import solve
from tests.planner.brute import list_choices
from tests.planner.checker import Checker
from tests.planner.problems import MONDAY, a_candidate, a_fixed, a_problem, problems

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


def fewest_moves(problem) -> tuple[int, int] | None:
    """Of accepted and of asked slots, by trying every set of those that stay."""
    pinned = [stop for stop in problem.fixed if stop.firmness == Firmness.PINNED]
    others = [stop for stop in problem.fixed if stop.firmness != Firmness.PINNED]
    found = []
    for staying in chain.from_iterable(combinations(others, n) for n in range(len(others) + 1)):
        bare = replace(problem, candidates=(), fixed=(*pinned, *staying), must=())
        stops = tuple(choice[0] for choice in list_choices(bare))
        if not Checker(bare).faults(Plan((), stops, (), (), 0.0)):
            gone = [stop.firmness for stop in others if stop not in staying]
            found.append((gone.count(Firmness.ACCEPTED), gone.count(Firmness.ASKED)))
    return min(found, default=None)


@few
@given(problems(most=6))
def test_as_few_accepted_and_then_asked_slots_move_as_can_be(problem):
    mended = repair(problem)

    fewest = fewest_moves(problem)
    if fewest is None:
        assert mended is None
        return
    firmness = [move.firmness for move in mended.moves]
    assert (firmness.count(Firmness.ACCEPTED), firmness.count(Firmness.ASKED)) == fewest
    stays = tuple(replace(s, firmness=Firmness.PINNED) for s in problem.fixed if s.key in mended.kept)
    assert Checker(replace(problem, fixed=stays)).faults(mended.plan) == []


def test_after_each_single_decline_of_a_confirmed_programme_all_others_stay():
    offers = [a_candidate(f"c{n}", ("umea", "skelleftea", "vaasa")[n % 3], days=2) for n in range(9)]
    problem = a_problem(*offers, days=2)
    slots = as_slots(problem, solve(problem, steps=60).plans[0])

    for declined in slots:
        without = tuple(offer for offer in offers if offer.host != declined.host)
        mended = repair(replace(problem, fixed=slots, candidates=without), lost=[declined.key])

        assert mended.moves == ()
        assert [move.key for move in mended.lost] == [declined.key]
        assert set(mended.kept) == {slot.key for slot in slots} - {declined.key}


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


def test_pinned_slots_that_clash_can_not_be_mended():
    a, b = a_candidate("a"), a_candidate("b")
    slots = tuple(a_fixed(offer, MONDAY, "10:00", Firmness.PINNED) for offer in (a, b))

    assert repair(a_problem(a, b, fixed=slots)) is None


def test_a_programme_that_nobody_could_follow_is_mended_without_trying_every_way():
    # Eight stops in a row, each a long road away from the one before: at most half can stay.
    offers = [a_candidate(f"c{n}", ("umea", "skelleftea")[n % 2]) for n in range(8)]
    times = [f"{9 + n * 45 // 60:02}:{n * 45 % 60:02}" for n in range(8)]
    fixed = tuple(
        replace(
            stop,
            interval=type(stop.interval)(stop.interval.start, stop.interval.start + timedelta(minutes=45)),
        )
        for stop in (a_fixed(offer, MONDAY, at) for offer, at in zip(offers, times, strict=True))
    )
    problem = a_problem(*offers, fixed=fixed)

    mended = repair(problem)

    assert mended is not None
    stays = tuple(replace(stop, firmness=Firmness.PINNED) for stop in fixed if stop.key in mended.kept)
    assert len(stays) >= 2
    assert Checker(replace(problem, fixed=stays)).faults(mended.plan) == []
