"""A fair of forty parts over five days in two towns, for tests and scripts that fill it."""

from datetime import UTC, datetime, timedelta

from bookings.domain.events import EventKind, PartPlan
from bookings.models.events import Event
from tests.support.events import a_part, a_ticket, an_event

FAIR_STARTS_AT = datetime(2027, 3, 15, 7, tzinfo=UTC)
PARTS_A_DAY, DAYS = 8, 5
PLACES_IN_PART = 60
PLACES = 2000


def fair_parts() -> list[PartPlan]:
    """Eight parts a day of an hour each; every fourth is open to all and has no places of its own."""
    return [
        a_part(
            f"Session {day * PARTS_A_DAY + number + 1}",
            starts_at=FAIR_STARTS_AT + timedelta(days=day, hours=number),
            is_chosen=number % 4 != 3,
            capacity=None if number % 4 == 3 else PLACES_IN_PART,
        )
        for day in range(DAYS)
        for number in range(PARTS_A_DAY)
    ]


def a_fair(*, capacity: int | None = PLACES, now: datetime) -> Event:
    """The published fair; its parts and ticket kinds are loaded."""
    return an_event(
        "Energy fair",
        kind=EventKind.FAIR,
        starts_at=FAIR_STARTS_AT,
        ends_at=FAIR_STARTS_AT + timedelta(days=DAYS - 1, hours=10),
        capacity=capacity,
        parts=fair_parts(),
        tickets=[a_ticket("Visitor"), a_ticket("Exhibitor", is_partner=True, capacity=200)],
        now=now,
    )
