"""Somebody new comes in for all who were there; as few as can be make room, only those that were asked."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import combinations, product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.domain.time import Interval
from bookings.planner.newcomer import find_newcomer
from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import DateWindow, Firmness, Waypoint
from tests.planner.brute import as_stop
from tests.planner.checker import Checker
from tests.planner.problems import MONDAY, a_candidate, a_delegation, a_fixed, a_problem, at, list_days


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

    found = find_newcomer(problem, slots[2])

    assert found.stop.host == "large"
    assert found.repair.moves == ()
    assert {stop.group for stop in found.repair.plan.stops if stop.host == "large"} == {0, 1}
    assert faults_of(problem, slots[2], found) == []
    for slot in slots[:2]:
        assert found.stop.ends_at <= slot.interval.start or slot.interval.end <= found.stop.starts_at


def test_the_old_time_is_kept_where_it_can_be():
    a, lost, other = (a_candidate(key) for key in ("a", "lost", "other"))
    slots = (a_fixed(a, MONDAY, "09:00", group=0), a_fixed(lost, MONDAY, "14:00", group=None))

    found = find_newcomer(two_groups(a, other, fixed=slots), slots[1])

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

    found = find_newcomer(
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

    found = find_newcomer(two_groups(a, b, narrow, fixed=slots), slots[2])

    assert found.stop.host == "narrow"
    assert [move.key for move in found.repair.moves] == ["slot-a"]


def test_no_group_loses_its_host_for_somebody_new():
    a, lost = (a_candidate(key, opens="10:00", closes="11:00") for key in ("a", "lost"))
    narrow = a_candidate("narrow", opens="10:00", closes="11:00")
    slots = (
        a_fixed(a, MONDAY, "10:00", Firmness.ASKED, group=0),
        a_fixed(lost, MONDAY, "14:30", group=None),
    )

    assert find_newcomer(two_groups(a, narrow, fixed=slots), slots[1]) is None


def test_where_nobody_can_take_all_there_is_none():
    a, lost = a_candidate("a"), a_candidate("lost")
    shut = a_candidate("shut", open_times=())
    slots = (a_fixed(a, MONDAY, "09:00", group=0), a_fixed(lost, MONDAY, "11:00", group=None))

    assert find_newcomer(two_groups(a, shut, fixed=slots), slots[1]) is None
    assert find_newcomer(two_groups(a, fixed=slots), slots[1]) is None


@pytest.mark.parametrize(("firmness", "makes_place"), [(Firmness.ASKED, True), (Firmness.ACCEPTED, False)])
def test_where_nobody_comes_in_beside_what_stands_an_asked_slot_makes_place_but_no_accepted_one(
    firmness, makes_place
):
    early, other, declined = a_candidate("early", closes="10:00"), a_candidate("other"), a_candidate("no")
    slots = (a_fixed(other, MONDAY, "09:00", firmness), a_fixed(declined, MONDAY, "14:00"))
    problem = a_problem(early, other, fixed=slots)

    found = find_newcomer(problem, slots[1])

    assert (found is not None) == makes_place
    if found:
        assert [move.key for move in found.repair.moves if move.has_other_time] == ["slot-other"]
        assert (found.stop.host, found.is_fewest) == ("early", True)


def test_the_farthest_of_many_asked_slots_makes_place_too():
    hosts = [a_candidate(f"c{n}", minutes=30) for n in range(5)]
    early, declined = a_candidate("early", opens="08:00", closes="09:00"), a_candidate("no", minutes=30)
    clocks = ("10:00", "11:00", "13:00")
    slots = [a_fixed(h, MONDAY, c, Firmness.ASKED) for h, c in zip(hosts[:3], clocks, strict=True)]
    first = replace(a_fixed(hosts[3], MONDAY, "08:30", Firmness.ASKED), key="first")
    lost = a_fixed(declined, MONDAY, "15:30")
    problem = a_problem(early, *hosts[:4], fixed=(*slots, first, lost))
    problem = replace(problem, rules=replace(problem.rules, most_stops_a_day=6))

    found = find_newcomer(problem, lost)

    assert (found.stop.host, [move.key for move in found.repair.moves]) == ("early", ["first"])


def test_what_could_not_all_be_tried_is_not_called_the_fewest():
    a, lost = a_candidate("a"), a_candidate("lost")
    narrow = a_candidate("narrow", opens="10:00", closes="11:00")
    slots = (a_fixed(a, MONDAY, "10:00", Firmness.ASKED, group=0), a_fixed(lost, MONDAY, "14:30", group=None))
    problem = two_groups(a, narrow, fixed=slots)

    assert find_newcomer(problem, slots[1]).is_fewest
    assert find_newcomer(problem, slots[1], patience=0) is None


@st.composite
def programmes(draw):
    """A day or two of one to three groups, what falls out, and who could come: short hours, few times."""
    pick = lambda *values: draw(st.sampled_from(values))  # noqa: E731 - short, it is asked so often
    days, groups = pick(1, 1, 1, 2), pick(1, 2, 2, 3)
    places = ("umea", "umea", "skelleftea", "vaasa") if days > 1 else ("umea", "umea", "skelleftea")

    def a_host(key):
        opens, closes = pick(("09:00", "11:00"), ("10:00", "12:30"), ("13:00", "15:00"), ("13:30", "16:00"))
        size = pick(None, None, 4)
        return a_candidate(key, pick(*places), days=days, opens=opens, closes=closes, group_max=size)

    def a_slot(number, host, firmness):
        day, clock = pick(*list_days(days)), clocks[number % len(clocks)]
        group = pick(None, *range(groups)) if groups > 1 else 0
        return replace(a_fixed(host, day, clock, firmness, group=group), key=f"s{number}")

    clocks = draw(st.permutations(["09:00", "10:30", "11:00", "13:00", "14:30"]))
    hosts = [a_host(f"h{number}") for number in range(draw(st.integers(1, 4)))]
    firm = (Firmness.ASKED, Firmness.ASKED, Firmness.ASKED, Firmness.ACCEPTED)
    slots = [a_slot(number, host, pick(*firm)) for number, host in enumerate(hosts)]
    lost = a_slot(9, a_host("lost"), Firmness.ACCEPTED)
    comers = [a_host(f"c{number}") for number in range(draw(st.integers(1, 2)))]
    ends = {
        "arrival": pick(None, Waypoint("umea", at(MONDAY, "09:00"))),
        "departure": pick(None, Waypoint("umea", at(list_days(days)[-1], "16:30"))),
    }
    delegation = a_delegation(size=4 * groups, groups=groups, days=days, **ends)
    return a_problem(*hosts, *comers, fixed=tuple(slots), delegation=delegation, days=days), lost


class Tried:
    """All ways in which a newcomer could come in, by trying every half hour."""

    def __init__(self, problem, lost) -> None:
        self.problem, self.lost = problem, lost
        self.groups = range(problem.delegation.groups)
        self.checker = Checker(replace(problem, fixed=()))
        self.stands = cache(lambda stops: not self.checker.group_faults(list(stops)))

    def list_times(self, offer, slot) -> list[PlannedStop]:
        """Where an offer could be for the people of a slot."""
        is_for_all = slot.group is None or len(self.groups) == 1
        size = self.problem.delegation.size if is_for_all else 4
        rounds = -(-size // (offer.group_max or size))
        one = replace(
            self.problem, fixed=(), delegation=replace(self.problem.delegation, size=size, groups=1)
        )
        found = []
        for day, half_hour in product(list_days(2), range(16, 35)):
            starts = at(day, f"{half_hour // 2:02}:{half_hour % 2 * 30:02}", offer.zone)
            ends = starts + timedelta(minutes=offer.minutes * rounds)
            stop = PlannedStop(
                offer.key, offer.host, offer.place, offer.zone, starts, ends, day, rounds=rounds
            )
            found += [] if Checker(one).stop_faults(stop) else [stop]
        return found

    def fit(self, placed) -> bool:
        """Have all groups the time for these stops, each given with its slot?"""
        for group in self.groups:
            mine = [stop for slot, stop in placed if slot.group is None or slot.group == group]
            if not self.stands(tuple(sorted(mine, key=lambda stop: stop.starts_at))):
                return False
        return True

    def count_fewest(self, most) -> int | None:
        asked = [slot for slot in self.problem.fixed if slot.firmness == Firmness.ASKED]
        offers = {offer.host: offer for offer in self.problem.candidates}
        busy = {slot.host for slot in self.problem.fixed}
        fresh = [offer for host, offer in offers.items() if host not in busy]
        comers = [stop for offer in fresh for stop in self.list_times(offer, self.lost)]
        for count in range(most + 1):
            for moved in combinations(asked, count):
                kept = [(slot, as_stop(slot)) for slot in self.problem.fixed if slot not in moved]
                others = [
                    [s for s in self.list_times(offers[m.host], m) if s.starts_at != m.interval.start]
                    for m in moved
                ]
                for comer, *times in product(comers, *others):
                    if self.fit([*kept, (self.lost, comer), *zip(moved, times, strict=True)]):
                        return count
        return None


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(programmes())
def test_nobody_could_come_in_with_fewer_that_move(programme):
    problem, lost = programme
    tried = Tried(problem, lost)

    found = find_newcomer(problem, lost)

    fewest = tried.count_fewest(most=2)
    if found is None or len(found.repair.moves) > 2:
        assert fewest is None
        return
    assert (len(found.repair.moves), found.is_fewest) == (fewest, True)
    slots = {slot.key: slot for slot in problem.fixed}
    moved = [(slots[move.key], replace(move.stop, group=0)) for move in found.repair.moves]
    assert {slot.firmness for slot, _stop in moved} <= {Firmness.ASKED}
    assert all(move.has_other_time and move.stop.host == move.host for move in found.repair.moves)
    kept = [(slots[key], as_stop(slots[key])) for key in found.repair.kept]
    assert tried.fit([*kept, *moved, (lost, found.stop)])


def test_of_one_field_whoever_takes_all_at_once_comes_before_many_who_are_worth_more():
    a, lost = a_candidate("a"), a_candidate("lost")
    wanted = tuple(a_candidate(f"in-rounds-{n}", group_max=10, minutes=30 + n) for n in range(6))
    whole = a_candidate("whole", visits_last_year=12)
    slots = (a_fixed(a, MONDAY, "09:00", group=0), a_fixed(lost, MONDAY, "14:00", group=None))
    names = tuple(offer.host for offer in wanted)

    found = find_newcomer(two_groups(a, whole, *wanted, fixed=slots, wanted_hosts=names), slots[1])

    assert (found.stop.host, found.stop.rounds) == ("whole", 1)


def test_where_stops_of_another_group_can_not_stand_already_it_is_one_of_these_that_moves():
    near, one, other, lost, new = (a_candidate(key) for key in ("near", "one", "other", "lost", "new"))
    slots = (
        a_fixed(near, MONDAY, "13:00", Firmness.ASKED, group=0),
        a_fixed(one, MONDAY, "10:00", Firmness.ASKED, group=1),
        a_fixed(other, MONDAY, "10:30", Firmness.ASKED, group=1),
        a_fixed(lost, MONDAY, "14:30", group=0),
    )
    problem = two_groups(near, one, other, new, fixed=slots)

    found = find_newcomer(problem, slots[3])

    (move,) = found.repair.moves
    assert move.host in {"one", "other"}
    assert found.is_fewest
    moved = {move.key: replace(slots[1], interval=Interval(move.stop.starts_at, move.stop.ends_at))}
    stands = tuple(
        replace(slot, interval=moved[slot.key].interval) if slot.key in moved else slot for slot in slots
    )
    assert faults_of(replace(problem, fixed=stands), slots[3], found) == []


def test_a_group_moves_its_own_slot_at_a_host_where_all_have_another_one():
    both = a_candidate("both", opens="13:00", closes="16:00")
    new, lost = a_candidate("new", opens="09:00", closes="10:00"), a_candidate("lost")
    slots = (
        a_fixed(both, MONDAY, "15:00", group=None),
        replace(a_fixed(both, MONDAY, "09:00", Firmness.ASKED, group=0), key="own"),
        a_fixed(lost, MONDAY, "11:00", group=None),
    )

    found = find_newcomer(two_groups(both, new, fixed=slots), slots[2])

    assert (found.stop.host, [move.key for move in found.repair.moves]) == ("new", ["own"])


def test_a_slot_makes_room_too_where_its_host_shares_no_interest_with_the_delegation():
    by_hand = a_candidate("by-hand", topics=("forest/timber",))
    narrow, lost = a_candidate("narrow", opens="10:00", closes="11:00"), a_candidate("lost")
    slots = (a_fixed(by_hand, MONDAY, "10:00", Firmness.ASKED), a_fixed(lost, MONDAY, "14:00"))

    found = find_newcomer(a_problem(by_hand, narrow, fixed=slots), slots[1])

    assert (found.stop.host, [move.host for move in found.repair.moves]) == ("narrow", ["by-hand"])


@pytest.mark.parametrize(("half_days", "is_fewest"), [(4, True), (6, False)])
def test_the_fewest_is_only_promised_where_all_days_that_the_delegation_has_were_looked_at(
    half_days, is_fewest
):
    """Of five days two, around a stop on the third day, or three: then there are three runs of days."""
    a, new, lost = (a_candidate(key, days=5) for key in ("a", "new", "lost"))
    wednesday, friday = list_days(5)[2], list_days(5)[4]
    slots = (a_fixed(a, wednesday, "09:00"), a_fixed(lost, wednesday, "14:00"))
    delegation = a_delegation(windows=(DateWindow(MONDAY, friday, half_days),))

    found = find_newcomer(a_problem(a, new, fixed=slots, delegation=delegation, days=5), slots[1])

    assert (found.stop.host, found.is_fewest) == ("new", is_fewest)
