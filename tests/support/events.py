"""Events with obvious defaults, for tests that need one to be there. Call inside an application context."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from bookings.db import database, read_session
from bookings.domain.audit import Who
from bookings.domain.events import EventKind, EventPlan, PartPlan, Presence, Texts, TicketPlan
from bookings.domain.visits import Actor
from bookings.models.directory import Place
from bookings.models.events import Event, EventPart, SeatPool
from bookings.queries.events import find_event
from bookings.services.events import create_event, publish_event
from tests.support.clock import NOW

STAFF = Who(Actor.STAFF, "Maria Lind")
STARTS_AT = NOW.replace(hour=7, minute=0, second=0, microsecond=0) + timedelta(days=60)


def texts(text: str) -> Texts:
    """The same words in three languages, told apart."""
    return {"en": text, "sv": f"{text} (sv)", "fi": f"{text} (fi)"}


def a_plan(title: str = "Energy seminar", **columns: Any) -> EventPlan:
    """A seminar in Vaasa of four hours, sixty days from now, without an end of seats."""
    starts_at = columns.pop("starts_at", STARTS_AT)
    wanted = {
        "kind": EventKind.SEMINAR,
        "summary": texts("What the north knows of energy."),
        "description": texts("Talks and coffee."),
        "venue": "City hall",
        "address": "Senate street 1",
        "place_id": None,
        "time_zone": "Europe/Helsinki",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=4),
        **columns,
    }
    return EventPlan(title=texts(title), **wanted)


def a_part(title: str = "Workshop", *, hours: float = 0, lasts: float = 1, **columns: Any) -> PartPlan:
    """A part that begins so many hours after the usual start of an event, and can be chosen."""
    starts_at = columns.pop("starts_at", STARTS_AT + timedelta(hours=hours))
    return PartPlan(
        title=texts(title), starts_at=starts_at, ends_at=starts_at + timedelta(hours=lasts), **columns
    )


def a_ticket(name: str = "Participant", **columns: Any) -> TicketPlan:
    """A ticket kind for everybody who comes."""
    return TicketPlan(name=texts(name), **columns)


def an_event(
    title: str = "Energy seminar",
    *,
    parts: Sequence[PartPlan] = (),
    tickets: Sequence[TicketPlan] = (),
    is_published: bool = True,
    now: datetime = NOW,
    **columns: Any,
) -> Event:
    """A published event with its pools, in a town without a directory unless a place or a site is named.

    Parts and ticket kinds are loaded: `event.parts[0].id`, `event.tickets[0].id`.
    """
    is_somewhere = columns.get("place_id") is not None or columns.get("site_id") is not None
    if is_published and columns.get("presence") != Presence.ONLINE and not is_somewhere:
        columns["place_id"] = a_town()
    slug = create_event(a_plan(title, **columns), parts=parts, tickets=tickets, who=STAFF, now=now)
    if is_published:
        publish_event(slug, who=STAFF, now=now)
    return again(slug)


def again(slug: str) -> Event:
    """The event as it is stored now, and as it stays in the hand of the test."""
    session = read_session()
    session.rollback()
    event = find_event(session, slug)
    assert event is not None
    for row in (*event.parts, *event.tickets, event):
        session.expunge(row)
    return event


def pools_of(event: Event) -> list[SeatPool]:
    """All pools of an event as they are stored now, in the order of their ids."""
    session = read_session()
    session.rollback()
    query = database.select(SeatPool).where(SeatPool.event_id == event.id).order_by(SeatPool.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def pool_of(event: Event, part: EventPart | None = None) -> SeatPool:
    """The pool of the whole event, or of a part."""
    part_id = part.id if part else None
    return next(one for one in pools_of(event) if one.part_id == part_id and one.ticket_id is None)


def a_town() -> int:
    """The id of Vaasa, made when there is no such town yet."""
    session = read_session()
    known = session.scalar(database.select(Place.id).where(Place.slug == "vaasa"))
    if known is not None:
        return known
    place = Place(
        slug="vaasa", name_en="Vaasa", name_sv="Vasa", name_fi="Vaasa", country="FI",
        time_zone="Europe/Helsinki", is_partner=True,
    )  # fmt: skip
    session.add(place)
    session.commit()
    return place.id
