"""People who register for events, as tests need them. Call inside an application context."""

import re
from datetime import datetime, timedelta
from email import message_from_bytes
from itertools import count
from typing import Any

from sqlalchemy import func, select

from bookings.db import read_session
from bookings.domain.registrations import Application, Outcome, Person, RegistrationState
from bookings.models.events import Event, SeatPool
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import Registration, Seat, WaitingListEntry
from bookings.services.registrations import register, verify_registration
from tests.support.clock import NOW

_numbers = count(1)


def a_person(name: str = "", **columns: Any) -> Person:
    """Somebody with an address of their own."""
    number = next(_numbers)
    wanted = {
        "name": name or f"Visitor {number}", "email": f"visitor{number}@example.org", "language": "en",
        "time_zone": "Europe/Helsinki", "organisation_name": "Testbolaget", "country": "FI", **columns,
    }  # fmt: skip
    return Person(**wanted)


def an_application(event: Event, *members: Person, **columns: Any) -> Application:
    """A form for the event's first ticket."""
    leader = columns.pop("leader", None) or a_person(part_ids=columns.pop("part_ids", ()))
    wanted = {
        "event_slug": event.slug, "ticket_id": event.tickets[0].id, "leader": leader, "members": members,
        "form_key": f"form-{next(_numbers)}", **columns,
    }  # fmt: skip
    return Application(**wanted)


def a_group(event: Event, size: int, **columns: Any) -> Application:
    """A form for so many people."""
    return an_application(event, *(a_person() for _ in range(size - 1)), **columns)


def registered(
    event: Event, application: Application | None = None, *, now: datetime = NOW, **columns: Any
) -> Outcome:
    """Somebody who sent the form and proved the address."""
    sent = register(application or an_application(event, **columns), now=now)
    assert sent.token is not None
    return verify_registration(sent.token, now=now + timedelta(minutes=1))


def row_of(outcome: Outcome) -> Registration:
    """The registration as it is stored now."""
    session = read_session()
    session.rollback()
    found = select(Registration).where(Registration.reference == outcome.reference)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def state_of(outcome: Outcome) -> RegistrationState:
    """How the registration stands now."""
    return RegistrationState(row_of(outcome).state)


def count_seats(event: Event) -> list[tuple[int | None, int, int]]:
    """Capacity, what the pool says is taken, and the seats that there are; for each pool."""
    session = read_session()
    session.rollback()
    seats = select(func.count()).where(Seat.pool_id == SeatPool.id).scalar_subquery()
    rows = session.execute(
        select(SeatPool.capacity, SeatPool.taken, seats)
        .where(SeatPool.event_id == event.id)
        .order_by(SeatPool.id)
    )
    return [tuple(row) for row in rows]


def queue_of(event: Event) -> list[tuple[int, int]]:
    """Registration and number of people of those who wait, in order."""
    session = read_session()
    session.rollback()
    found = select(WaitingListEntry.registration_id, WaitingListEntry.people).where(
        WaitingListEntry.event_id == event.id, WaitingListEntry.left_at.is_(None)
    )
    return [tuple(row) for row in session.execute(found.order_by(WaitingListEntry.id))]


def mails_to(email: str) -> list[str]:
    """Kinds of the mails that were queued for somebody, the oldest first."""
    session = read_session()
    session.rollback()
    found = select(OutboxMessage.kind).where(OutboxMessage.recipient == email).order_by(OutboxMessage.id)
    return list(session.scalars(found))


def page_token(email: str) -> str:
    """The token of the person's own page, out of the newest mail that has one."""
    return re.split(r"[/?]", link_in_mail(email, r"/registrations/(?=[\w-]{43}(?:[?\s]))"))[2]


def link_in_mail(email: str, begin: str) -> str:
    """Path and query of the newest link that begins so (a regular expression), in a mail to somebody."""
    session = read_session()
    session.rollback()
    found = select(OutboxMessage.raw).where(OutboxMessage.recipient == email)
    for raw in session.scalars(found.order_by(OutboxMessage.id.desc())):
        # The old way to read mails: the newer one takes longer than the whole registration.
        parts = [one for one in message_from_bytes(raw).walk() if one.get_content_type() == "text/plain"]
        text = parts[0].get_payload(decode=True).decode() if parts else ""
        if link := re.search(begin + r"\S+", text):
            return link[0]
    raise AssertionError(f"no {begin} in the mails to {email}")
