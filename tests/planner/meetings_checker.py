"""Days of meetings for the tests: an independent check, the format of the published instances."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from bookings.domain.meeting_pairs import Wished
from bookings.planner.meetings.choose import ChoosingDay
from bookings.planner.meetings.conflict import RuledDay
from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.queries.meetings.day import Day


def list_faults(day: MeetingDay, slots: tuple[int, ...]) -> list[str]:
    """Every broken rule in words; shares nothing with the solver but the description of the day."""
    faults = []
    if len(slots) != len(day.meetings):
        return ["not every meeting has a slot"]
    seats = Counter(
        (person, slot) for m, slot in zip(day.meetings, slots, strict=True) for person in m.people
    )
    faults += [f"{person} is in two meetings in slot {slot}" for (person, slot), n in seats.items() if n > 1]
    faults += [f"slot {slot}: too few tables" for slot, n in Counter(slots).items() if n > day.tables]
    for number, (meeting, slot) in enumerate(zip(day.meetings, slots, strict=True)):
        if not 0 <= slot < day.slots or not meeting.slots & 2**slot:
            faults.append(f"meeting {number} can't be in slot {slot}")
    faults += [f"{one} is not before {other}" for one, other in day.before if slots[one] >= slots[other]]
    return faults


def tally_gaps(day: MeetingDay, slots: tuple[int, ...]) -> list[int]:
    """The gaps of each person, counted on a line of letters."""
    lines = [["-"] * day.slots for _ in range(day.people)]
    for meeting, slot in zip(day.meetings, slots, strict=True):
        for person in meeting.people:
            lines[person][slot] = "x"
    return [len(re.findall("-+", "".join(line).strip("-"))) for line in lines]


def read_day(path: Path, *, most_gaps: int | None = None) -> MeetingDay:
    """A published instance: numbers from 1; sessions 1 morning, 2 afternoon, 3 any."""
    ruled = read_rules(path, most_gaps=most_gaps)
    meetings = []
    for number, pair in enumerate(ruled.pairs):
        closed = [ruled.absent.get(person, 0) for person in pair]
        can = ruled.sessions[number] & ~closed[0] & ~closed[1]
        slot = ruled.pinned.get(number)
        meetings.append(Meeting(pair, can if slot is None else can & 2**slot))
    return MeetingDay(ruled.people, ruled.slots, ruled.tables, tuple(meetings), ruled.before, most_gaps)


def read_rules(path: Path, *, most_gaps: int | None = None) -> RuledDay:
    """The same, each rule for itself."""
    text = path.read_text(encoding="utf-8")
    people, tables, slots, morning = (
        int(re.search(rf"{name}\s*=\s*(\d+)", text)[1])
        for name in ("nBusiness", "nTables", "nTotalSlots", "nMorningSlots")
    )
    every, first_part = 2**slots - 1, 2**morning - 1
    sessions = {1: first_part, 2: every - first_part, 3: every}
    closed = [sum(2 ** (slot - 1) for slot in own) for own in _read_sets(text, "forbidden")]
    table = re.search(r"requested\s*=\s*\[(.*?)\]", text, re.DOTALL)[1]
    rows = [tuple(map(int, row)) for row in re.findall(r"(\d+)\s*,\s*(\d+)\s*,\s*(\d+)", table)]
    return RuledDay(
        people,
        slots,
        tables,
        tuple((one - 1, other - 1) for one, other, _ in rows),
        absent={person: mask for person, mask in enumerate(closed) if mask},
        sessions={number: sessions[session] for number, (_, _, session) in enumerate(rows)},
        pinned={number: slot - 1 for number, slot in enumerate(_read_numbers(text, "fixed")) if slot},
        before=tuple(
            (earlier - 1, later)
            for later, own in enumerate(_read_sets(text, "precedences"))
            for earlier in own
        ),
        most_gaps=most_gaps,
    )


def _read_sets(text: str, name: str) -> list[list[int]]:
    found = re.search(rf"{name}\s*=\s*\[(.*?)\]\s*;", text, re.DOTALL)
    sets = re.findall(r"\{(.*?)\}", found[1], re.DOTALL) if found else []
    return [[int(number) for number in re.findall(r"\d+", own) if int(number)] for own in sets]


def _read_numbers(text: str, name: str) -> list[int]:
    found = re.search(rf"{name}\s*=\s*\[([^\]]*)\]", text)
    return [int(number) for number in re.findall(r"\d+", found[1])] if found else []


def list_choice_faults(day: ChoosingDay, met: dict[int, int]) -> list[str]:
    """Every rule that the chosen wishes break, each with its slot."""
    faults = []
    seats = Counter((person, slot) for k, slot in met.items() for person in day.candidates[k].people)
    faults += [f"{person} is in two meetings in slot {slot}" for (person, slot), n in seats.items() if n > 1]
    faults += [f"slot {slot}: too few tables" for slot, n in Counter(met.values()).items() if n > day.tables]
    counts = Counter(person for k in met for person in day.candidates[k].people)
    faults += [f"{person} has too many" for person, n in counts.items() if n > day.most[person]]
    keys = Counter(day.candidates[k].key for k in met if day.candidates[k].key is not None)
    pairs = Counter(tuple(sorted(day.candidates[k].people)) for k in met)
    faults += [f"{what} meet twice" for what, n in [*keys.items(), *pairs.items()] if n > 1]
    for k, slot in met.items():
        if day.candidates[k].is_barred:
            faults.append(f"{k} is barred")
        if not day.candidates[k].slots & 2**slot:
            faults.append(f"{k} can't be in slot {slot}")
    faults += [f"agreed {k} moved" for k, slot in day.agreed.items() if met.get(k) != slot]
    faults += [
        f"{one} is not before {other}"
        for one, other in day.before
        if one in met and other in met and met[one] >= met[other]
    ]
    return faults


def list_table_faults(day: MeetingDay, slots: tuple[int, ...], tables: tuple[int, ...]) -> list[str]:
    """Tables that hold two meetings at once, or that there are not."""
    doubles = [place for place, n in Counter(zip(slots, tables, strict=True)).items() if n > 1]
    return [f"two meetings at {place}" for place in doubles] + [
        f"no table {table}" for table in tables if not 0 <= table < day.tables
    ]


def list_seat_faults(
    day: Day, wishes: Sequence[Wished], seats: Mapping[tuple[int, int], tuple[int, int]]
) -> list[str]:
    """Every rule of a matchmaking day that seats in ids break, read off the profiles and wishes alone."""
    faults = []
    people = Counter((person, slot) for pair, (slot, _) in seats.items() for person in pair)
    faults += [f"{person} is in two places in {slot}" for (person, slot), n in people.items() if n > 1]
    faults += [f"two meetings at {seat}" for seat, n in Counter(seats.values()).items() if n > 1]
    houses = Counter(
        tuple(sorted(names))
        for pair in seats
        if len(names := {day.people[person].organisation_key for person in pair}) > 1
    )
    faults += [f"{names} meet {n} times" for names, n in houses.items() if n > 1]
    nevers = {frozenset((one.wisher, one.wished)) for one in wishes if one.strength == "never"}
    wished = {frozenset((one.wisher, one.wished)) for one in wishes if one.strength != "never"}
    faults += [f"{pair} never" for pair in seats if frozenset(pair) in nevers]
    faults += [f"nobody wished {pair}" for pair in seats if frozenset(pair) not in wished]
    for person, view in day.people.items():
        own = {slot for pair, (slot, _) in seats.items() if person in pair}
        faults += [f"{person} is absent in {slot}" for slot in own & view.profile.absent_in]
        if len(own) > (day.view.most_meetings or max(1, int(len(day.slots) * 0.9))):
            faults.append(f"{person} has too many")
        for name in {(slot.day, slot.half) for slot in day.slots}:
            half = {slot.id for slot in day.slots if (slot.day, slot.half) == name}
            if own & half and view.profile.half_day not in ("any", name[1]):
                faults.append(f"{person} is not there in {name}")
            if len(half) > 2 and half <= own:
                faults.append(f"{person} has no break in {name}")
    return faults
