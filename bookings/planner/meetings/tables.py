"""Which table each meeting has: one meeting at a table, and people get up as rarely as can be."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from bookings.planner.meetings.problem import MeetingDay

_ROUNDS = 20
NO_TABLE = -1


def seat(day: MeetingDay, slots: Sequence[int], *, kept: Mapping[int, int] | None = None) -> tuple[int, ...]:
    """A table, from 0, for each meeting; `kept` ones have theirs already."""
    seating = _Seating(day, slots, dict(kept or {}))
    for slot in sorted(seating.by_slot):
        seating.fill(slot)
    for _ in range(_ROUNDS):
        if not sum(seating.better(slot) for slot in sorted(seating.by_slot)):
            break
    return tuple(seating.table)


def count_table_moves(day: MeetingDay, slots: Sequence[int], tables: Sequence[int]) -> int:
    """How often people change tables between one meeting and their next."""
    days: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for meeting, slot, table in zip(day.meetings, slots, tables, strict=True):
        for person in meeting.people:
            days[person].append((slot, table))
    rows = [[table for _, table in sorted(own)] for own in days.values()]
    return sum(a != b for row in rows for a, b in pairwise(row))


class _Seating:
    def __init__(self, day: MeetingDay, slots: Sequence[int], kept: dict[int, int]) -> None:
        self.tables, self.kept = day.tables, kept
        self.table = [kept.get(meeting, NO_TABLE) for meeting in range(len(slots))]
        self.by_slot: dict[int, list[int]] = defaultdict(list)
        own: dict[int, list[int]] = defaultdict(list)
        for meeting in sorted(range(len(slots)), key=lambda meeting: slots[meeting]):
            self.by_slot[slots[meeting]].append(meeting)
            for person in day.meetings[meeting].people:
                own[person].append(meeting)
        self.beside: list[list[int]] = [[] for _ in slots]
        """What the people of a meeting do just before and just after."""
        for row in own.values():
            for first, second in pairwise(row):
                self.beside[first].append(second)
                self.beside[second].append(first)

    def fill(self, slot: int) -> None:
        """Those who can stay at a table do; the others have the free ones."""
        here = self.by_slot[slot]
        taken = {self.table[meeting] for meeting in here} - {NO_TABLE}
        waiting = [meeting for meeting in here if self.table[meeting] == NO_TABLE]
        wanted = sorted(
            (-self._count_same(meeting, table), table, meeting)
            for meeting in waiting
            for table in {self.table[other] for other in self.beside[meeting]} - {NO_TABLE}
        )
        for _, table, meeting in wanted:
            if table not in taken and self.table[meeting] == NO_TABLE:
                self.table[meeting] = table
                taken.add(table)
        free = (table for table in range(self.tables) if table not in taken)
        for meeting in waiting:
            if self.table[meeting] == NO_TABLE:
                self.table[meeting] = next(free)

    def better(self, slot: int) -> bool:
        """Whether meetings of one slot have changed tables so that fewer people get up."""
        here = self.by_slot[slot]
        at = {self.table[meeting]: meeting for meeting in here}
        has_changed = False
        for meeting in here:
            for table in sorted({self.table[other] for other in self.beside[meeting]}):
                other = at.get(table)
                if table == self.table[meeting] or meeting in self.kept or other in self.kept:
                    continue
                if self._gain(meeting, other, table) > 0:
                    self._swap(at, meeting, other, table)
                    has_changed = True
        return has_changed

    def _gain(self, meeting: int, other: int | None, table: int) -> int:
        old = self.table[meeting]
        gain = self._count_same(meeting, table) - self._count_same(meeting, old)
        if other is not None:
            gain += self._count_same(other, old) - self._count_same(other, table)
        return gain

    def _swap(self, at: dict[int, int], meeting: int, other: int | None, table: int) -> None:
        old = self.table[meeting]
        self.table[meeting], at[table] = table, meeting
        del at[old]
        if other is not None:
            self.table[other], at[old] = old, other

    def _count_same(self, meeting: int, table: int) -> int:
        return sum(self.table[other] == table for other in self.beside[meeting])
