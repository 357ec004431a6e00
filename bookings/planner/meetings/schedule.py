"""A schedule in the making: who sits where, and the chains along which meetings change places."""

from collections.abc import Sequence

from bookings.planner.meetings.problem import MeetingDay, count_gaps, narrow_slots

NOWHERE = -1


class Schedule:
    """Every meeting has a slot or none yet; whatever is placed keeps all rules."""

    def __init__(self, day: MeetingDay) -> None:
        self.day = day
        self.can = narrow_slots(day)
        self.ends = [meeting.people for meeting in day.meetings]
        self.at = [NOWHERE] * len(day.meetings)
        self.grid = [[NOWHERE] * day.slots for _ in range(day.people)]
        """Person → slot → meeting."""
        self.taken = [0] * day.people
        self.load = [0] * day.slots
        self.open_to = [0] * day.people
        """The slots in which a person can meet anybody at all."""
        self.earlier: list[list[int]] = [[] for _ in day.meetings]
        self.later: list[list[int]] = [[] for _ in day.meetings]
        for first, second in day.before:
            self.later[first].append(second)
            self.earlier[second].append(first)
        for (one, other), slots in zip(self.ends, self.can, strict=True):
            self.open_to[one] |= slots
            self.open_to[other] |= slots

    @property
    def gaps(self) -> int:
        return sum(count_gaps(taken) for taken in self.taken)

    def put(self, meeting: int, slot: int) -> None:
        one, other = self.ends[meeting]
        self.at[meeting] = slot
        self.grid[one][slot] = self.grid[other][slot] = meeting
        self.taken[one] |= 1 << slot
        self.taken[other] |= 1 << slot
        self.load[slot] += 1

    def take_out(self, meeting: int) -> None:
        slot = self.at[meeting]
        one, other = self.ends[meeting]
        self.at[meeting] = NOWHERE
        self.grid[one][slot] = self.grid[other][slot] = NOWHERE
        self.taken[one] &= ~(1 << slot)
        self.taken[other] &= ~(1 << slot)
        self.load[slot] -= 1

    def is_free(self, meeting: int, slot: int) -> bool:
        """Whether the meeting can be put into the slot as things stand."""
        busy = self.taken[self.ends[meeting][0]] | self.taken[self.ends[meeting][1]]
        return (
            slot >= 0
            and bool((self.can[meeting] & ~busy) >> slot & 1)
            and self.load[slot] < self.day.tables
            and self.keeps_order(meeting, slot)
        )

    def keeps_order(self, meeting: int, slot: int) -> bool:
        """Earlier meetings lie before the slot and later ones behind it, as far as they have one."""
        at = self.at
        return all(at[first] < slot for first in self.earlier[meeting]) and not any(
            0 <= at[second] <= slot for second in self.later[meeting]
        )

    def follow(self, person: int, there: int, here: int) -> tuple[list[int], int]:
        """What changes places when `person` leaves `there` for the free slot `here`, and who is the last.

        Two slots join meetings to paths (a Kempe chain): only its two ends get another day, all between
        have a meeting in both slots before and after.
        """
        chain: list[int] = []
        slot = there
        while (meeting := self.grid[person][slot]) != NOWHERE:
            chain.append(meeting)
            one, other = self.ends[meeting]
            person = other if person == one else one
            slot = there + here - slot
        return chain, person

    def can_swap(self, chain: Sequence[int], there: int, here: int) -> bool:
        """Whether the meetings of a chain from `there` may change places with those `here`."""
        if len(chain) % 2 and self.load[here] >= self.day.tables:
            return False
        to, back = 1 << here, 1 << there
        for meeting in chain:
            if not self.can[meeting] & to:
                return False
            to, back = back, to
        return not self.day.before or self.swap_keeps_order(chain, there, here)

    def swap_keeps_order(self, chain: Sequence[int], there: int, here: int) -> bool:
        """Whether the given orders still hold when the meetings of a chain change places."""
        at = self.at
        after = {meeting: there + here - at[meeting] for meeting in chain}
        for meeting, slot in after.items():
            if any(after.get(first, at[first]) >= slot for first in self.earlier[meeting]):
                return False
            if any(0 <= after.get(second, at[second]) <= slot for second in self.later[meeting]):
                return False
        return True

    def swap(self, chain: Sequence[int], there: int, here: int) -> None:
        """The meetings change places. Whose day is another then is the caller's to note in `taken`."""
        grid, ends, at = self.grid, self.ends, self.at
        for meeting in chain:
            one, other = ends[meeting]
            grid[one][at[meeting]] = grid[other][at[meeting]] = NOWHERE
        for meeting in chain:
            slot = at[meeting] = there + here - at[meeting]
            one, other = ends[meeting]
            grid[one][slot] = grid[other][slot] = meeting
        if len(chain) % 2:
            self.load[there] -= 1
            self.load[here] += 1

    def restore(self, at: Sequence[int]) -> None:
        """The schedule as it was noted."""
        for meeting, slot in enumerate(self.at):
            if slot != NOWHERE:
                self.take_out(meeting)
        for meeting, slot in enumerate(at):
            if slot != NOWHERE:
                self.put(meeting, slot)
