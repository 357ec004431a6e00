"""Matchmaking days as values, for the door to the planner: no rows, any size."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bookings.domain.event_places import EventPlace
from bookings.domain.meeting_pairs import Wished
from bookings.domain.meetings import HalfDay, MatchMode, MatchPhase, MeetingState, Profile, WishStrength
from bookings.queries.meetings.day import Day, DayView, MeetingView, PersonView, SlotView, TableView
from tests.support.clock import NOW

BEGIN = NOW + timedelta(days=60)
FIRST_SLOT = 1000
"""Slot n has the id FIRST_SLOT + n, table n the id n + 1, person n the id 10 * n + 7: no id is a number."""


def a_day(
    people: int, halves: Sequence[int], tables: int, *, days: int = 1, phase: MatchPhase = MatchPhase.OPEN,
    most: int | None = None, houses: int | None = None, profiles: Mapping[int, dict[str, Any]] | None = None,
) -> Day:  # fmt: skip
    """So many people, slots in each half of a day and tables; `houses`: that many organisations."""
    slots = _lay(halves, days)
    view = DayView(
        event_id=1, slug="day", title={"en": "Day"}, state="published", presence="on_site",
        place=EventPlace(venue="Hall"), online_url="", time_zone="Europe/Helsinki",
        starts_at=BEGIN, ends_at=slots[-1].ends_at,
        mode=MatchMode.SOLVER, phase=phase, slot_minutes=20, gap_minutes=5, most_meetings=most,
        wishes_by=None, feedback_by=None, version=1,
    )  # fmt: skip
    rows = [_person(number, houses or people, (profiles or {}).get(number, {})) for number in range(people)]
    return Day(
        view,
        slots,
        tuple(TableView(id=n + 1, number=n + 1, label="", online_url="") for n in range(tables)),
        {row.id: row for row in rows},
        (),
    )


def _lay(halves: Sequence[int], days: int) -> tuple[SlotView, ...]:
    found: list[SlotView] = []
    for day in range(days):
        for half, count in zip((HalfDay.MORNING, HalfDay.AFTERNOON), halves, strict=True):
            for _ in range(count):
                start = BEGIN + timedelta(days=day, minutes=25 * (len(found) % sum(halves)))
                found.append(
                    SlotView(
                        id=FIRST_SLOT + len(found),
                        number=len(found) + 1,
                        starts_at=start,
                        ends_at=start + timedelta(minutes=20),
                        half=half,
                        day=f"day {day}",
                    )
                )
    return tuple(found)


def _person(number: int, houses: int, profile: Mapping[str, Any]) -> PersonView:
    return PersonView(
        id=10 * number + 7, reference=f"KR-{number}", name=f"Guest {number}", role="",
        email=f"g{number}@guests.example", organisation=f"House {number % houses}",
        organisation_key=f"house {number % houses}",
        country="SE" if number % 2 else "FI", language="en", time_zone="Europe/Helsinki",
        profile=Profile(**{"offers": "", "needs": "", "languages": ("en",), "interests": (), **profile}),
        version=1, is_complete=True, arrived_at=None, late_until=None, left_at=None,
    )  # fmt: skip


def a_meeting(
    day: Day, number: int, one: int, other: int, slot: int, table: int, **values: Any
) -> MeetingView:
    """A meeting of two people by their numbers."""
    first, second = sorted((10 * one + 7, 10 * other + 7))
    when: datetime = day.slots[slot].starts_at
    return MeetingView(
        **{
            "id": number, "state": MeetingState.PROVISIONAL, "first_id": first, "second_id": second,
            "slot_id": day.slots[slot].id, "table_id": day.tables[table].id, "is_pinned": False, "version": 1,
            "starts_at": when, "ends_at": when + timedelta(minutes=20), "feedback": {}, **values,
        }
    )  # fmt: skip


def wishes_at_random(day: Day, *, of_each: int, seed: int = 1) -> list[Wished]:
    """Everybody wishes to meet so many others, a few of them they must."""
    draw, ids = Random(seed), sorted(day.people)
    return [
        Wished(one, other, WishStrength.MUST if draw.random() < 0.2 else WishStrength.LIKE)
        for one in ids
        for other in draw.sample([two for two in ids if two != one], of_each)
    ]
