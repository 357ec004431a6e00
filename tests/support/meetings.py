"""Matchmaking days with participants, for tests; registrations are rows as they stand once proved."""

import itertools
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from email import message_from_bytes, policy
from typing import Any

from sqlalchemy import select

from bookings.db import database
from bookings.domain.events import EventKind
from bookings.domain.links import LinkPurpose
from bookings.domain.meetings import HalfDay, MatchMode, Profile, Session, WishStrength
from bookings.domain.text import organisation_key
from bookings.models.events import Event
from bookings.models.links import ActionLink
from bookings.models.meetings import Meeting, MeetingSlot
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import Registration
from bookings.queries.links import hash_token
from bookings.services.links import add_link
from bookings.services.meetings import MeetingPlan, save_profile, set_up_meetings, set_wish
from tests.support.clock import NOW
from tests.support.events import STAFF, an_event

_numbers = itertools.count(1)
SESSIONS = (Session(time(9), time(11, 30)), Session(time(13), time(15, 30)))


def a_match_day(
    *,
    mode: MatchMode = MatchMode.SOLVER,
    tables: int = 10,
    sessions: Sequence[Session] = SESSIONS,
    plan: dict[str, Any] | None = None,
    slug: str = "matchmaking-day",
    **columns: Any,
) -> Event:
    """A matchmaking day in Vaasa of two sessions with six slots each, sixty days from now."""
    event = an_event(
        slug.replace("-", " ").capitalize(),
        **{
            "kind": EventKind.MATCHMAKING_DAY,
            "starts_at": NOW.replace(hour=6) + timedelta(days=60),
            "ends_at": NOW.replace(hour=15) + timedelta(days=60),
            **columns,
        },
    )
    wanted = MeetingPlan(mode=mode, sessions=tuple(sessions), tables=tables, **(plan or {}))
    set_up_meetings(event.slug, wanted, who=STAFF, now=NOW)
    return event


def a_guest(
    event: Event, name: str = "", *, organisation: str = "", with_profile: bool = True, now: datetime = NOW,
    profile: dict[str, Any] | None = None, **columns: Any,
) -> str:  # fmt: skip
    """Somebody registered, with a profile unless told otherwise. Returns the token of the own page."""
    number = next(_numbers)
    name = name or f"Guest {number}"
    organisation = organisation or f"Company {number}"
    row = Registration(
        **{
            "reference": f"KR-2027-{number:05d}", "event_id": event.id, "ticket_id": event.tickets[0].id,
            "state": "registered", "came_by": "form", "language": "en", "time_zone": "Europe/Stockholm",
            "name": name, "email": f"guest{number}@guests.example", "organisation_name": organisation,
            "organisation_key": organisation_key(organisation), "country": "SE" if number % 2 else "FI",
            "answers": {}, "badge_code": f"badge-{number}", "created_at": now, "verified_at": now,
            "registered_at": now, **columns,
        }
    )  # fmt: skip
    database.session.add(row)
    database.session.flush()
    token = add_link(database.session, LinkPurpose.MANAGE_REGISTRATION, row.id, now=now, expires_at=None)
    database.session.commit()
    if with_profile:
        save_profile(token, a_profile(**(profile or {})), now=now)
    return token


def a_profile(**changes: Any) -> Profile:
    """Somebody who offers and needs something."""
    values: dict[str, Any] = {
        "offers": "Biogas plants", "needs": "Partners for pilots", "languages": ("en",), "interests": (),
        "half_day": HalfDay.ANY, **changes,
    }  # fmt: skip
    return Profile(**values)


def guests(event: Event, count: int, **columns: Any) -> list[str]:
    """So many participants."""
    return [a_guest(event, **columns) for _ in range(count)]


def row_of(token: str) -> Registration:
    """The registration behind a link."""
    database.session.rollback()
    query = select(Registration).join(ActionLink, ActionLink.subject_id == Registration.id)
    found: Registration = database.session.scalars(
        query.where(ActionLink.token_hash == hash_token(token))
    ).one()
    return found


def wish(token: str, other: str, strength: WishStrength = WishStrength.LIKE, *, now: datetime = NOW) -> None:
    """One participant's wish, by both links."""
    set_wish(token, row_of(other).reference, strength, now=now)


def meetings_of(event: Event) -> list[Meeting]:
    """All meetings, as they are stored now."""
    database.session.rollback()
    query = select(Meeting).where(Meeting.event_id == event.id).order_by(Meeting.id)
    return list(database.session.scalars(query.execution_options(populate_existing=True)))


def slots_of(event: Event) -> list[MeetingSlot]:
    """The slots in order."""
    database.session.rollback()
    query = select(MeetingSlot).where(MeetingSlot.event_id == event.id).order_by(MeetingSlot.starts_at)
    return list(database.session.scalars(query))


def mails_about(kind: str) -> list[OutboxMessage]:
    """Mails of a kind, in order."""
    database.session.rollback()
    query = select(OutboxMessage).where(OutboxMessage.kind == kind).order_by(OutboxMessage.id)
    return list(database.session.scalars(query))


def standing(event: Event) -> list[Meeting]:
    """Those that are not called off."""
    return [one for one in meetings_of(event) if one.state != "cancelled"]


def body_of(mail: OutboxMessage) -> str:
    """The text of a mail."""
    parts = message_from_bytes(mail.raw, policy=policy.default)
    text: str = parts.get_body(("plain",)).get_content()
    return text
