"""Secret addresses of feeds: made, renewed, revoked. One works for each person and scope."""

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.domain.feeds import FeedKind
from bookings.models.directory import HostContact, Place
from bookings.models.feeds import CalendarFeed
from bookings.queries.links import hash_token
from bookings.services.audit import add_audit


def create_staff_feed(staff_id: int, *, town: str = "", who: Who, now: datetime) -> str:
    """A new secret address for all stops or those of one town; an earlier one ends. Returns the token."""
    with transaction() as session:
        place_id = _find_place(session, town)
        end_addresses(session, *_of_staff(staff_id, place_id))
        token = add_address(session, now=now, kind=FeedKind.STAFF, staff_user_id=staff_id, place_id=place_id)
        add_audit(session, who, "create_feed", noun="staff_user", subject_id=staff_id, now=now, town=town)
        return token


def revoke_staff_feed(staff_id: int, *, town: str = "", who: Who, now: datetime) -> None:
    """This address of the person stops working; without one nothing happens."""
    with transaction() as session:
        if end_addresses(session, *_of_staff(staff_id, _find_place(session, town))):
            add_audit(session, who, "revoke_feed", noun="staff_user", subject_id=staff_id, now=now, town=town)


def create_host_feed(contact_id: int, kind: FeedKind, *, who: Who, now: datetime) -> str:
    """A new secret address of a host's stops, or only of the times; an earlier one ends. Returns the token.

    Raises NotFoundError.
    """
    with transaction() as session:
        if session.get(HostContact, contact_id) is None:
            raise NotFoundError("host_contact", str(contact_id))
        end_addresses(session, CalendarFeed.host_contact_id == contact_id, CalendarFeed.kind == kind)
        token = add_address(session, now=now, kind=kind, host_contact_id=contact_id)
        add_audit(
            session, who, "create_feed", noun="host_contact", subject_id=contact_id, now=now, feed=str(kind)
        )
        return token


def revoke_host_feed(contact_id: int, kind: FeedKind, *, who: Who, now: datetime) -> None:
    """This address of the host stops working; without one nothing happens."""
    with transaction() as session:
        if end_addresses(session, CalendarFeed.host_contact_id == contact_id, CalendarFeed.kind == kind):
            add_audit(
                session,
                who,
                "revoke_feed",
                noun="host_contact",
                subject_id=contact_id,
                now=now,
                feed=str(kind),
            )


def _find_place(session: Session, town: str) -> int | None:
    if not town:
        return None
    place_id = session.scalar(select(Place.id).where(Place.slug == town))
    if place_id is None:
        raise NotFoundError("place", town)
    return place_id


def _of_staff(staff_id: int, place_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return CalendarFeed.staff_user_id == staff_id, CalendarFeed.place_id.is_not_distinct_from(place_id)


def add_address(session: Session, *, now: datetime, **columns: Any) -> str:
    """A new address of these columns; its token is nowhere kept. A part of use cases."""
    token = secrets.token_urlsafe(32)
    session.add(CalendarFeed(token_hash=hash_token(token), created_at=now, **columns))
    session.flush()
    return token


def end_addresses(session: Session, *conditions: ColumnElement[bool]) -> bool:
    """These addresses stop working; False when there were none. A part of use cases."""
    found = session.execute(delete(CalendarFeed).where(*conditions).returning(CalendarFeed.id))
    return bool(found.all())
