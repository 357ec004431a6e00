"""A day of meetings as clauses: who sits when, where people wait, and how often they wait in all."""

from bookings.planner.meetings.clauses import NO, YES, Clauses
from bookings.planner.meetings.problem import MeetingDay, list_slots, narrow_slots


class DayModel:
    """`clauses` hold for every schedule of the day; `gaps[j]` holds when people wait more than j times."""

    def __init__(self, day: MeetingDay, *, most: int) -> None:
        self.day = day
        self.clauses = Clauses()
        self.at = [self._add_meeting(mask) for mask in narrow_slots(day)]
        """Meeting → slot → its literal, for the slots that it can have."""
        self.own: list[list[int]] = [[] for _ in range(day.people)]
        for meeting, pair in enumerate(day.meetings):
            for person in pair.people:
                self.own[person].append(meeting)
        self.sits = [[self._add_seat(own, slot) for slot in range(day.slots)] for own in self.own]
        self._limit_tables()
        for earlier, later in day.before:
            self._keep_order(earlier, later)
        waits = [wait for person in range(day.people) for wait in self._add_waits(person)]
        self.gaps = self.clauses.count_up(waits, most)

    def read(self, facts: set[int]) -> list[int]:
        """The slot of each meeting where these facts hold."""
        return [next(slot for slot, literal in at.items() if literal in facts) for at in self.at]

    def _add_meeting(self, mask: int) -> dict[int, int]:
        only = mask.bit_count() == 1
        at = {slot: YES if only else self.clauses.new() for slot in list_slots(mask)}
        self.clauses.add(*at.values())
        self.clauses.at_most_one(list(at.values()))
        return at

    def _add_seat(self, own: list[int], slot: int) -> int:
        literals = [self.at[meeting].get(slot, NO) for meeting in own]
        self.clauses.at_most_one(literals)
        return self.clauses.any_of(literals)

    def _limit_tables(self) -> None:
        if self.day.tables >= self.day.people // 2:
            return
        for slot in range(self.day.slots):
            sums = self.clauses.count_up([sits[slot] for sits in self.sits], 2 * self.day.tables)
            for over in sums[2 * self.day.tables :]:
                self.clauses.add(-over)

    def _keep_order(self, earlier: int, later: int) -> None:
        """Reached: the earlier meeting lies before this slot."""
        reached = NO
        for slot in range(self.day.slots):
            self.clauses.add(-self.at[later].get(slot, NO), reached)
            reached = self.clauses.any_of([reached, self.at[earlier].get(slot, NO)])

    def _add_waits(self, person: int) -> list[int]:
        """[j] holds when the person waits more than j times."""
        clauses, sits, total = self.clauses, self.sits[person], len(self.own[person])
        if total < 2:
            return []
        counted = clauses.count_along(sits, total)
        torn = []
        for slot in range(1, self.day.slots):
            if sits[slot] == NO:
                continue
            wait = clauses.new()
            clauses.add(wait, -sits[slot], sits[slot - 1], -counted[slot][1])
            torn.append(wait)
        limit = self.day.most_gaps
        waits = clauses.count_up(torn, len(torn) if limit is None else limit)
        if limit is not None:
            for over in waits[limit:]:
                clauses.add(-over)
            waits = waits[:limit]
        self._join(counted, total, waits[0] if waits else NO)
        return waits

    def _join(self, counted: list[list[int]], total: int, waits: int) -> None:
        """Who never waits has all meetings in a row, from the first one on."""
        for slot in range(self.day.slots):
            for many in range(2, total + 1):
                if slot + many <= self.day.slots:
                    self.clauses.add(waits, -counted[slot + 1][1], counted[slot + many][many])
