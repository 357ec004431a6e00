"""Staff say who advises at an event, and when. What is booked is never lost by that."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.advisers import AdviserPlan, check_day, keeps_bookings
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import AdviserDayError
from bookings.domain.links import LinkPurpose
from bookings.domain.time import Interval
from bookings.models.events import Event
from bookings.models.meetings import Adviser, Meeting
from bookings.queries.advisers import load_adviser
from bookings.services.advisers.telling import hand_over_entries, tell_adviser_of_page
from bookings.services.audit import add_audit
from bookings.services.links import add_link
from bookings.settings import current_settings


def add_adviser(event_id: int, plan: AdviserPlan, *, who: Who, now: datetime) -> int:
    """Somebody advises at the event, and gets a mail with the link of an own page; returns the id.

    Raises NotFoundError or AdviserDayError (`known` for an address that the event has already).
    """
    with transaction() as session:
        event = _lock_event(session, event_id)
        check_day(plan.day, Interval(event.starts_at, event.ends_at))
        _check_address(session, event_id, plan.email)
        adviser = Adviser(event_id=event_id, **_columns(plan))
        session.add(adviser)
        session.flush()
        _audit(session, "add", adviser, who=who, now=now)
        _send_page(session, adviser, event, now=now)
        return adviser.id


def change_adviser(adviser_id: int, plan: AdviserPlan, *, who: Who, now: datetime) -> None:
    """Write the plan; booked meetings stay where they are, and follow the adviser to another mailbox.

    Raises NotFoundError or AdviserDayError (`booked` when a meeting would fall out of the day).
    """
    with transaction() as session:
        adviser = _lock_adviser(session, adviser_id)
        event = session.get_one(Event, adviser.event_id)
        check_day(plan.day, Interval(event.starts_at, event.ends_at))
        booked = load_adviser(session, adviser_id).booked
        if not keeps_bookings(plan.day, [one.interval for one in booked]):
            raise AdviserDayError("booked")
        if plan.email != adviser.email:
            _check_address(session, adviser.event_id, plan.email)
        has_moved_house = (plan.email, plan.name) != (adviser.email, adviser.name)
        for column, value in _columns(plan).items():
            setattr(adviser, column, value)
        session.flush()
        _audit(session, "change", adviser, who=who, now=now)
        if has_moved_house:
            hand_over_entries(session, adviser, event, now=now)
            _send_page(session, adviser, event, now=now)


def remove_adviser(adviser_id: int, *, who: Who, now: datetime) -> None:
    """Nobody meets this adviser. Raises NotFoundError, AdviserDayError when anybody ever booked."""
    with transaction() as session:
        adviser = _lock_adviser(session, adviser_id)
        if session.scalar(select(Meeting.id).where(Meeting.adviser_id == adviser_id).limit(1)) is not None:
            raise AdviserDayError("booked")
        _audit(session, "remove", adviser, who=who, now=now)
        session.delete(adviser)


def send_adviser_page(adviser_id: int, *, who: Who, now: datetime) -> None:
    """Mail the link of the adviser's own page once more. Raises NotFoundError."""
    with transaction() as session:
        adviser = _lock_adviser(session, adviser_id)
        _audit(session, "send_page", adviser, who=who, now=now)
        _send_page(session, adviser, session.get_one(Event, adviser.event_id), now=now)


def _send_page(session: Session, adviser: Adviser, event: Event, *, now: datetime) -> None:
    days = timedelta(days=current_settings().visits.manage_link_days)
    token = add_link(
        session, LinkPurpose.ADVISER_PAGE, adviser.id, now=now, expires_at=adviser.ends_at + days
    )
    tell_adviser_of_page(session, adviser, event, token=token, now=now)


def _columns(plan: AdviserPlan) -> dict[str, object]:
    day = plan.day
    return {
        "name": plan.name,
        "email": plan.email,
        "language": plan.language,
        "time_zone": plan.time_zone,
        "organisation_name": plan.organisation_name,
        "topics": dict(plan.topics),
        "starts_at": day.starts_at,
        "ends_at": day.ends_at,
        "pause_starts_at": day.pause.start if day.pause else None,
        "pause_ends_at": day.pause.end if day.pause else None,
        "slot_minutes": day.slot_minutes,
        "buffer_minutes": day.buffer_minutes,
    }


def _check_address(session: Session, event_id: int, email: str) -> None:
    known = select(Adviser.id).where(Adviser.event_id == event_id, Adviser.email == email)
    if session.scalar(known) is not None:
        raise AdviserDayError("known")


def _lock_event(session: Session, event_id: int) -> Event:
    event = session.get(Event, event_id, with_for_update=True)
    if event is None:
        raise NotFoundError("event", str(event_id))
    return event


def _lock_adviser(session: Session, adviser_id: int) -> Adviser:
    adviser = session.get(Adviser, adviser_id, with_for_update=True)
    if adviser is None:
        raise NotFoundError("adviser", str(adviser_id))
    return adviser


def _audit(session: Session, action: str, adviser: Adviser, *, who: Who, now: datetime) -> None:
    add_audit(session, who, action, noun="adviser", subject_id=adviser.id, now=now, event=adviser.event_id)
