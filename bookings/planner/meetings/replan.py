"""After a refusal or a newcomer: the schedule in which the fewest agreed meetings get another slot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bookings.planner.meetings.problem import MeetingDay, count_gaps, list_slots
from bookings.planner.meetings.schedule import NOWHERE, Schedule

_MOST_MOVED = 11
_PATIENCE = 60_000  # placings tried in all


@dataclass(frozen=True)
class Replan:
    """A slot for each meeting again; `moved` names the agreed ones that had to change theirs.

    `is_fewest`: it was proved that no way moves fewer.
    """

    slots: tuple[int, ...]
    moved: tuple[int, ...]
    is_fewest: bool


def replan(day: MeetingDay, slots: Sequence[int], *, pinned: Collection[int] = ()) -> Replan | None:
    """Place what has no slot (-1) or one that it can't have any more, moving as few others as possible.

    Pinned meetings stay where they are. None: no way was found that moves at most eleven.
    """
    schedule = Schedule(day)
    homeless = [
        meeting
        for meeting, slot in enumerate(slots)
        if slot == NOWHERE or not schedule.can[meeting] >> slot & 1
    ]
    schedule.restore([NOWHERE if meeting in homeless else slot for meeting, slot in enumerate(slots)])
    search = _Search(schedule, frozenset(pinned))
    for moves in range(_MOST_MOVED + 1):
        if search.place(homeless, moves):
            moved = [
                meeting
                for meeting, (old, new) in enumerate(zip(slots, schedule.at, strict=True))
                if old not in (new, NOWHERE) and day.meetings[meeting].slots >> old & 1
            ]
            return Replan(tuple(schedule.at), tuple(moved), search.patience > 0)
        if search.patience <= 0:
            return None
    return None


def make_place(schedule: Schedule, meeting: int, *, moves: int, patience: int) -> bool:
    """Place one meeting while at most so many others move; those with one slot only stay. False: no way."""
    search = _Search(schedule, frozenset())
    search.patience = patience
    return any(search.place([meeting], few) for few in range(moves + 1))


class _Search:
    """Depth first with a limit on the moved; the limit rises by one until there is a way."""

    def __init__(self, schedule: Schedule, pinned: frozenset[int]) -> None:
        self.schedule = schedule
        self.settled = set(pinned)
        self.patience = _PATIENCE

    def place(self, waiting: list[int], moves: int) -> bool:
        """Whether all that wait find a slot when `moves` others may leave theirs; if so, they have it."""
        if not waiting:
            return True
        meeting, rest = waiting[0], waiting[1:]
        self.settled.add(meeting)
        for others, slot in self._list_ways(meeting, moves):
            self.patience -= 1
            if self.patience <= 0:
                break
            homes = [(other, self.schedule.at[other]) for other in others]
            for other in others:
                self.schedule.take_out(other)
            if self.schedule.keeps_order(meeting, slot):
                self.schedule.put(meeting, slot)
                if self.place(rest + others, moves - len(others)):
                    return True
                self.schedule.take_out(meeting)
            for other, home in homes:
                self.schedule.put(other, home)
        self.settled.discard(meeting)
        return False

    def _list_ways(self, meeting: int, moves: int) -> list[tuple[list[int], int]]:
        """(who has to go, slot): few that have to go come first, then few gaps."""
        ways = []
        for slot in list_slots(self.schedule.can[meeting]):
            ways += [(others, slot) for others in self._list_leavers(meeting, slot) if len(others) <= moves]
        return sorted(ways, key=lambda way: (len(way[0]), self._count_gaps(meeting, way[1]), way[1]))

    def _list_leavers(self, meeting: int, slot: int) -> list[list[int]]:
        schedule, at = self.schedule, self.schedule.at
        must = {schedule.grid[person][slot] for person in schedule.ends[meeting]} - {NOWHERE}
        must.update(first for first in schedule.earlier[meeting] if at[first] >= slot)
        must.update(second for second in schedule.later[meeting] if 0 <= at[second] <= slot)
        if must & self.settled:
            return []
        if schedule.load[slot] - sum(at[other] == slot for other in must) < schedule.day.tables:
            return [sorted(must)]
        seated = [other for other, taken in enumerate(at) if taken == slot]
        return [sorted(must | {other}) for other in seated if other not in must | self.settled]

    def _count_gaps(self, meeting: int, slot: int) -> int:
        people = self.schedule.ends[meeting]
        return sum(count_gaps(self.schedule.taken[person] | 1 << slot) for person in people)
