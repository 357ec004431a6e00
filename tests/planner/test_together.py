"""When a stop of the whole delegation falls out beside stops of its groups, the next best is for all."""

from dataclasses import replace

from bookings.planner.plan import Plan
from bookings.planner.problem import Firmness
from bookings.planner.together import replace_together
from tests.planner.checker import Checker
from tests.planner.problems import MONDAY, a_candidate, a_delegation, a_fixed, a_problem


def two_groups(*candidates, fixed, **values):
    return a_problem(*candidates, fixed=fixed, delegation=a_delegation(size=20, groups=2, **values), days=1)


def faults_of(problem, lost, found) -> list[str]:
    """What the independent checker says of what stands and of the new stop, group by group."""
    faults = []
    for group in range(problem.delegation.groups):
        fixed = tuple(
            replace(slot, group=0) for slot in problem.fixed if slot.key != lost.key and slot.group == group
        )
        at = {slot.host: slot.key for slot in fixed}
        stops = tuple(
            replace(stop, group=0, fixed_key=at.get(stop.host, ""))
            for stop in found.repair.plan.stops
            if stop.group == group and stop.host in {*at, found.stop.host}
        )
        alone = replace(problem, fixed=fixed, delegation=replace(problem.delegation, groups=1))
        faults += Checker(alone).faults(Plan((), stops, (), (), 0.0))
    return faults


def test_every_group_can_be_at_the_new_stop_and_nothing_moves():
    a, b, lost, large = (a_candidate(key) for key in ("a", "b", "lost", "large"))
    small = a_candidate("small", group_max=10)
    slots = (
        a_fixed(a, MONDAY, "09:00", group=0),
        a_fixed(b, MONDAY, "13:30", group=1),
        a_fixed(lost, MONDAY, "11:00", group=None),
    )
    problem = two_groups(a, b, small, large, fixed=slots)

    found = replace_together(problem, slots[2])

    assert found.stop.host == "large"
    assert found.repair.moves == ()
    assert {stop.group for stop in found.repair.plan.stops if stop.host == "large"} == {0, 1}
    assert faults_of(problem, slots[2], found) == []
    for slot in slots[:2]:
        assert found.stop.ends_at <= slot.interval.start or slot.interval.end <= found.stop.starts_at


def test_the_old_time_is_kept_where_it_can_be():
    a, lost, other = (a_candidate(key) for key in ("a", "lost", "other"))
    slots = (a_fixed(a, MONDAY, "09:00", group=0), a_fixed(lost, MONDAY, "14:00", group=None))

    found = replace_together(two_groups(a, other, fixed=slots), slots[1])

    assert (found.stop.host, found.stop.starts_at) == ("other", slots[1].interval.start)


def test_a_host_of_the_same_field_comes_before_one_that_is_worth_more():
    a, lost = a_candidate("a"), a_candidate("lost", topics=("waste/biogas",))
    like = a_candidate("like", topics=("waste/recycling",))
    worthy = a_candidate("worthy", topics=("energy/wind",))
    slots = (
        a_fixed(a, MONDAY, "09:00", group=0),
        replace(a_fixed(lost, MONDAY, "13:00", group=None), topics=lost.topics),
    )
    interests = ("energy/wind", "waste/recycling")

    found = replace_together(
        two_groups(a, like, worthy, fixed=slots, interests=interests, wanted_hosts=("worthy",)), slots[1]
    )

    assert found.stop.host == "like"


def test_groups_make_room_only_where_nothing_comes_in_without():
    a, b, lost = (a_candidate(key) for key in ("a", "b", "lost"))
    narrow = a_candidate("narrow", opens="10:00", closes="11:00")
    slots = (
        a_fixed(a, MONDAY, "10:00", Firmness.ASKED, group=0),
        a_fixed(b, MONDAY, "13:00", group=1),
        a_fixed(lost, MONDAY, "14:30", group=None),
    )

    found = replace_together(two_groups(a, b, narrow, fixed=slots), slots[2])

    assert found.stop.host == "narrow"
    assert [move.key for move in found.repair.moves] == ["slot-a"]


def test_no_group_loses_its_host_for_somebody_new():
    a, lost = (a_candidate(key, opens="10:00", closes="11:00") for key in ("a", "lost"))
    narrow = a_candidate("narrow", opens="10:00", closes="11:00")
    slots = (
        a_fixed(a, MONDAY, "10:00", Firmness.ASKED, group=0),
        a_fixed(lost, MONDAY, "14:30", group=None),
    )

    assert replace_together(two_groups(a, narrow, fixed=slots), slots[1]) is None


def test_where_nobody_can_take_all_there_is_none():
    a, lost = a_candidate("a"), a_candidate("lost")
    shut = a_candidate("shut", open_times=())
    slots = (a_fixed(a, MONDAY, "09:00", group=0), a_fixed(lost, MONDAY, "11:00", group=None))

    assert replace_together(two_groups(a, shut, fixed=slots), slots[1]) is None
    assert replace_together(two_groups(a, fixed=slots), slots[1]) is None
