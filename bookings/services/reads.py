"""What staff read or took out in bulk: who, what, how many, when."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select

from bookings.db import read_session, transaction
from bookings.domain.audit import EXPORT, FEED_READ, LIST_READ, Who
from bookings.domain.visits import Actor
from bookings.models.audit import AuditEntry
from bookings.models.feeds import CalendarFeed
from bookings.models.staff import StaffUser
from bookings.queries.links import hash_token
from bookings.services.audit import add_audit
from bookings.services.limits import check_export_limit

_DAY = timedelta(days=1)


def record_list(what: str, *, rows: int, person_id: int, who: Who, now: datetime) -> None:
    """A page with the data of many people was shown. Waits for no disk: a reader is not worth that."""
    with transaction(flushes=False) as session:
        add_audit(session, who, LIST_READ, noun=what, subject_id=person_id, now=now, rows=rows)


def record_export(what: str, *, rows: int, person_id: int, who: Who, now: datetime) -> None:
    """A file is about to leave. Raises TooManyAttemptsError."""
    with transaction() as session:
        check_export_limit(session, person_id, now=now)
        add_audit(session, who, EXPORT, noun=what, subject_id=person_id, now=now, rows=rows)


def record_feed_read(token: str, *, now: datetime) -> None:
    """A calendar program fetched one of staff's own addresses: written down once a day.

    Programs ask every few minutes, and nobody would read a thousand rows that say the same; nor should each
    wait for whoever is writing.
    """
    was_read = exists().where(
        AuditEntry.noun == "calendar_feed",
        AuditEntry.subject_id == CalendarFeed.id,
        AuditEntry.action == FEED_READ,
        AuditEntry.happened_at > now - _DAY,
    )
    found = (
        read_session()
        .execute(
            select(CalendarFeed.id, StaffUser.id, StaffUser.name)
            .join(StaffUser, StaffUser.id == CalendarFeed.staff_user_id)
            .where(CalendarFeed.token_hash == hash_token(token), ~was_read)
        )
        .one_or_none()
    )
    if found is None:
        return
    feed_id, person_id, name = found
    with transaction(flushes=False) as session:
        add_audit(
            session,
            Who(Actor.STAFF, name),
            FEED_READ,
            noun="calendar_feed",
            subject_id=feed_id,
            now=now,
            person_id=person_id,
        )
