"""Advisory days for tests: an event in Vaasa with an adviser from Umeå, and who books."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from typing import Any

from icalendar import Calendar
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.advisers import AdviserDay, AdviserPlan
from bookings.domain.events import EventKind
from bookings.domain.registrations import Application, Person
from bookings.domain.time import Interval
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.events import Event
from bookings.models.outbox import OutboxMessage
from bookings.queries.advisers import AdviserCard, load_adviser
from bookings.services.advisers import AdviceWish, add_adviser, book_advice, verify_advice
from tests.support.clock import NOW
from tests.support.events import STAFF, an_event, texts
from tests.support.inbox import Invited, answer, calendar, mail, stamp

HOUR = timedelta(hours=1)


def an_advisory_day(**columns: Any) -> Event:
    """An advisory day in Vaasa, 10 to 14 by its clocks."""
    return an_event("Advice from Umeå", kind=EventKind.ADVISORY_DAY, **columns)


def a_day(event: Event, **columns: Any) -> AdviserDay:
    """The whole event with a pause of an hour in the middle: half hours with ten minutes between."""
    middle = event.starts_at + timedelta(hours=2)
    wanted = {
        "starts_at": event.starts_at,
        "ends_at": event.ends_at,
        "pause": Interval(middle, middle + timedelta(hours=1)),
        "slot_minutes": 30,
        "buffer_minutes": 10,
        **columns,
    }
    return AdviserDay(**wanted)


def a_plan_of(event: Event, *, email: str = "karin@advice.example", **day: Any) -> AdviserPlan:
    """Karin of Umeå, whose mails are Swedish."""
    return AdviserPlan(
        name="Karin Berg", email=email, language="sv", time_zone="Europe/Stockholm",
        organisation_name="Umeå Business", topics=texts("Export to Sweden"), day=a_day(event, **day),
    )  # fmt: skip


def an_adviser(event: Event, **columns: Any) -> AdviserCard:
    """Somebody who can be booked."""
    adviser_id = add_adviser(event.id, a_plan_of(event, **columns), who=STAFF, now=NOW)
    return adviser(adviser_id)


def adviser(adviser_id: int) -> AdviserCard:
    """The adviser as stored now."""
    read_session().rollback()
    return load_adviser(read_session(), adviser_id)


def a_wish(event: Event, card: AdviserCard, *, number: int = 0, who: str = "aino") -> AdviceWish:
    """Aino of Vaasa would like the adviser's so-and-so-manieth time."""
    person = Person(
        name=who.title(), email=f"{who}@visitor.example", language="fi", country="FI",
        organisation_name="Aurinko Oy", time_zone="Europe/Helsinki",
    )  # fmt: skip
    application = Application(
        event_slug=event.slug, ticket_id=event.tickets[0].id, leader=person, form_key=f"key-{who}",
        network_address="192.0.2.7",
    )  # fmt: skip
    return AdviceWish(
        adviser_id=card.id, starts_at=card.times[number].start, subject="How do I hire in Umeå?",
        application=application,
    )  # fmt: skip


def a_booked_time(event: Event, card: AdviserCard, *, number: int = 0, who: str = "aino") -> str:
    """Booked and proved; the token of the visitor's page."""
    outcome = book_advice(a_wish(event, card, number=number, who=who), now=NOW)
    token = verify_advice(outcome.token or "", now=NOW)
    assert token
    return token


@dataclass(frozen=True)
class CalendarTold:
    """One calendar part that left for somebody, as a foreign parser reads it."""

    method: str
    uid: str
    sequence: int
    starts_at: datetime | None
    """A refusal of another time names none."""


def calendar_mails(address: str) -> list[CalendarTold]:
    """What calendars behind an address were told, in order."""
    read_session().rollback()
    query = select(OutboxMessage.raw).where(
        OutboxMessage.recipient == address, OutboxMessage.calendar_uid.is_not(None)
    )
    return [_read_calendar(raw) for raw in read_session().scalars(query.order_by(OutboxMessage.id))]


def _read_calendar(raw: bytes) -> CalendarTold:
    mail = message_from_bytes(raw, policy=policy.default)
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    event: Any = calendar.walk("VEVENT")[0]
    return CalendarTold(
        str(calendar["METHOD"]),
        str(event["UID"]),
        int(event["SEQUENCE"]),
        event.start.astimezone(UTC) if "DTSTART" in event else None,
    )


def page_token(card: AdviserCard) -> str:
    """The token of the adviser's own page, out of the newest mail."""
    query = select(OutboxMessage.raw).where(
        OutboxMessage.recipient == card.email, OutboxMessage.kind == "adviser_page"
    )
    raw = read_session().scalars(query.order_by(OutboxMessage.id.desc())).first()
    mail = message_from_bytes(raw or b"", policy=policy.default)
    body = mail.get_body(("plain",))
    found = re.search(r"/advisers/([\w-]+)", body.get_content() if body else "")
    assert found
    return found[1]


def decline_from_calendar(address: str) -> bytes:
    """The "no" that somebody's calendar program sends to the newest invitation."""
    return answer(_invited(address), "DECLINED")


def propose_from_calendar(address: str) -> bytes:
    """Another time that somebody's calendar program proposes."""
    who = _invited(address)
    later = f"DTSTART:{stamp(who.starts_at + HOUR)}\nDTEND:{stamp(who.ends_at + HOUR)}"
    content = calendar(who, "TENTATIVE", method="COUNTER", times=later)
    return mail(content, to=who.address, sender=address, method="COUNTER")


def _invited(address: str) -> Invited:
    read_session().rollback()
    query = (
        select(CalendarEntry, Attendee)
        .join(Attendee, Attendee.entry_id == CalendarEntry.id)
        .where(Attendee.email == address)
    )
    entry, attendee = read_session().execute(query.order_by(CalendarEntry.id.desc())).first() or (None, None)
    assert entry
    assert attendee
    return Invited(
        0, entry.uid, attendee.organizer_token, address, entry.sequence, entry.starts_at, entry.ends_at
    )
