"""Somebody new in the place of a stop that fell out, where others may have to make room."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, combinations

from bookings.planner.build import build_model
from bookings.planner.decode import decode_plan
from bookings.planner.frames import FrameDay, local_date
from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import Candidate, Firmness, FixedStop, Problem, area_of
from bookings.planner.repair import Repair, as_arrival, list_moves, move_to
from bookings.planner.room import Arrival, PatienceError, Place, Room, Standing, list_rooms
from bookings.planner.routes import REQUIRED
from bookings.planner.search import Search
from bookings.planner.worth import Split, group_size, split_group, weigh_host

_KEY = "newcomer"
_MOST_MOVED = 3
_MOST_JUDGED = 4
_PATIENCE = 10_000  # looks at when a stop could be, for each number of slots that move


@dataclass(frozen=True)
class Newcomer:
    """The stop that comes in, and the programme mended around it. `is_like`: it is of the same field.
    `is_fewest`: moving fewer lets nobody in, that is certain.
    """

    stop: PlannedStop
    repair: Repair
    is_like: bool
    is_fewest: bool = True


def find_newcomer(problem: Problem, slot: FixedStop, *, patience: int = _PATIENCE) -> Newcomer | None:
    """The best stop in the place of `slot`, for all who were there: of those that the fewest asked slots make
    room for, one of the same field if there is any, then in as few rounds as can be, then as the score says.
    Each that moves has another time: nobody goes for somebody new, and accepted slots stay where they are.

    None: nobody who takes these people can come, were it for three slots that move.
    """
    around = replace(problem, fixed=tuple(stop for stop in problem.fixed if stop.key != slot.key))
    choices = [_Choice(around, slot, room, patience) for room in list_rooms(around, around.fixed)]
    for count in range(_MOST_MOVED + 1):
        found = [newcomer for choice in choices for newcomer in choice.list_first(count)]
        if found:
            best = max(found, key=lambda one: (one.is_like, -one.stop.rounds, one.repair.plan.score))
            return replace(best, is_fewest=all(choice.is_complete for choice in choices))
    return None


class _Choice:
    """Who could come in on the days of a room. It is complete as long as nothing was left untried."""

    def __init__(self, around: Problem, slot: FixedStop, room: Room, patience: int) -> None:
        self.around, self.slot, self.room, self.patience = around, slot, room, patience
        self.is_complete = room.is_plain and room.is_only
        self.areas = {area_of(topic) for topic in slot.topics}
        near, self.groups = slot.interval.start, room.groups_of(slot)
        asked = [stop for stop in around.fixed if stop.firmness == Firmness.ASKED]
        self.asked = sorted(asked, key=lambda stop: (abs(stop.interval.start - near), stop.key))
        self.standing = room.stand(around.fixed)
        self.moving = {stop.key: as_arrival(around, stop, room.groups_of(stop)) for stop in asked}
        self.comers = [Arrival(_KEY, (offer,), self.groups, near) for offer in self._rank_offers()]

    def list_first(self, count: int) -> list[Newcomer]:
        """The first few for whom so many slots move."""
        found: list[Newcomer] = []
        self.room.patience = self.patience
        try:
            for places in self._list_places(count):
                newcomer = self._settle(places)
                found += [newcomer] if newcomer else []
                if len(found) == _MOST_JUDGED:
                    break
        except PatienceError:
            self.is_complete = self.is_complete and bool(found)
        return found

    def _rank_offers(self) -> list[Candidate]:
        """Of hosts that are not in the programme: of the same field first, then those that take these people
        in the fewest rounds, then those that are worth most."""
        busy = {stop.host for stop in self.around.fixed} | {self.slot.host}
        offers = [offer for offer in self.around.candidates if offer.host not in busy]

        def rank(offer: Candidate) -> tuple[bool, int, float, str]:
            rounds, worth = self._split(offer).rounds, sum(weigh_host(self.around, offer).values())
            return not self._is_like(offer), rounds, -worth, offer.key

        return sorted(offers, key=rank)

    def _split(self, offer: Candidate) -> Split:
        """How a host takes all who were there."""
        is_for_all = self.slot.group is None
        return split_group(offer, self.around.delegation.size if is_for_all else group_size(self.around))

    def _is_like(self, offer: Candidate) -> bool:
        return bool(self.areas & {area_of(topic) for topic in offer.topics})

    def _list_places(self, count: int) -> Iterator[tuple[Place, ...]]:
        """For each who could come: its place, and those of the slots that move for it."""
        rooms = list(self._list_leaving(count))
        tried = set[object]()
        for comer in self.comers:
            what = self.room.describe(comer)
            if what not in tried:
                ways = (
                    next(self.room.settle(standing, [comer, *moving]), None) for standing, moving in rooms
                )
                places = next(filter(None, ways), None)
                if places:
                    yield places
                else:
                    tried.add(what)

    def _list_leaving(self, count: int) -> Iterator[tuple[Standing, list[Arrival]]]:
        """So many slots on their way to other times, where each has one; the nearest ones first.

        Where somebody comes in or moves, the places say whether all goes together; the other groups' stops
        have to go together as they are.
        """
        for moved in combinations(self.asked, count):
            standing = self.room.leave(self.standing, [stop.key for stop in moved])
            moving = [self.moving[stop.key] for stop in moved]
            touched = {*self.groups, *chain(*(arrival.groups for arrival in moving))}
            others = [group for group in self.room.groups if group not in touched]
            has_places = all(self.room.has_place(standing, arrival) for arrival in moving)
            if has_places and self.room.can_stand(standing, others):
                yield standing, moving

    def _settle(self, places: tuple[Place, ...]) -> Newcomer | None:
        """The programme with these places taken."""
        comer, *others = places
        at = {place.arrival.key: place for place in others}
        moved = [stop for stop in self.around.fixed if stop.key in at]
        kept = [stop for stop in self.around.fixed if stop.key not in at]
        fixed = (*kept, *(move_to(stop, at[stop.key]) for stop in moved), self._as_fixed(comer))
        plan = _decode(replace(self.around, fixed=fixed, must=()))
        if plan is None:
            return None
        repair = Repair(plan, tuple(stop.key for stop in kept), list_moves(self.around, plan, moved), ())
        stop = next(stop for stop in plan.stops if stop.fixed_key == _KEY)
        split = self._split(comer.offer)
        stop = replace(stop, fixed_key="", parallel=split.parallel, rounds=split.rounds)
        return Newcomer(stop, repair, is_like=self._is_like(comer.offer))

    def _as_fixed(self, place: Place) -> FixedStop:
        offer = place.offer
        return FixedStop(
            _KEY, offer.host, offer.place, offer.zone, place.interval, Firmness.PINNED, offer.key,
            offer.topics, offer.kind, group=self.slot.group,
        )  # fmt: skip


def _decode(standing: Problem) -> Plan | None:
    """The plan of the fixed stops and no others."""
    pinned = tuple(replace(stop, firmness=Firmness.PINNED) for stop in standing.fixed)
    days = sorted({local_date(stop.interval.start, stop.zone) for stop in pinned})
    built = build_model(replace(standing, fixed=pinned), tuple(map(FrameDay, days)), {})
    search = Search(built.model, seed=0)
    if search.best_value <= -REQUIRED // 2:
        return None
    return decode_plan(built, search.evaluator, search.best)
