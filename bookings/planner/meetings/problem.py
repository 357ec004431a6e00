"""A day of 1:1 meetings as numbers. Sets of slots are bit masks, slot 0 is the lowest bit."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Meeting:
    """Two people who are to meet, and the slots in which they can."""

    people: tuple[int, int]
    slots: int


@dataclass(frozen=True)
class MeetingDay:
    """Pairs to be placed: nobody is in two places, a slot holds as many meetings as there are tables."""

    people: int
    slots: int
    tables: int
    meetings: tuple[Meeting, ...]
    before: tuple[tuple[int, int], ...] = ()
    """(earlier, later): pairs of meetings whose order is given."""
    most_gaps: int | None = None
    """Nobody has more gaps than this; None: no limit."""

    @property
    def every_slot(self) -> int:
        return (1 << self.slots) - 1


def list_slots(mask: int) -> Iterator[int]:
    """The slots of a mask, the earliest first."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def count_gaps(taken: int) -> int:
    """How often somebody waits between the first and the last meeting; a long wait counts once."""
    return (taken & ~(taken << 1)).bit_count() - 1 if taken else 0


def narrow_slots(day: MeetingDay) -> list[int]:
    """The slots that each meeting can have when the given orders are kept; 0 where there is none left."""
    slots = [meeting.slots & day.every_slot for meeting in day.meetings]
    changed = True
    while changed:
        changed = False
        for earlier, later in day.before:
            if not slots[earlier] or not slots[later]:
                slots[earlier] = slots[later] = 0
                continue
            first = (slots[earlier] & -slots[earlier]).bit_length()
            last = slots[later].bit_length() - 1
            narrowed = slots[earlier] & ((1 << last) - 1), slots[later] >> first << first
            if narrowed != (slots[earlier], slots[later]):
                slots[earlier], slots[later] = narrowed
                changed = True
    return slots
