"""The jobs around an event's day: reminders before it, thanks and questions after it, by the place's days.

Each person in a transaction of their own, marked in it: twice, or in four workers, the result is the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.events import EventState
from bookings.domain.meetings import STANDING_MEETINGS
from bookings.domain.registrations import RegistrationState
from bookings.domain.surveys import at_hour
from bookings.domain.time import local_day
from bookings.i18n import MAIL_LANGUAGE
from bookings.models.events import Event, EventPart
from bookings.models.meetings import Meeting, Participant
from bookings.models.registrations import Attendance, Registration, RegistrationPart
from bookings.queries.registrations.groups import load_group
from bookings.services.outbox import site_url
from bookings.services.registrations.letters import Letter, send_letter
from bookings.services.registrations.links import add_page_link
from bookings.settings import current_settings

_BATCH = 200
_LONGEST_AHEAD = timedelta(days=31)
_TOO_LATE = timedelta(days=14)
"""A worker that slept so long thanks nobody for what they have forgotten."""
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Occasion:
    """A mail of this kind, and where it is noted that it was sent."""

    template: str
    sent: InstrumentedAttribute[datetime | None]


_REMINDER = Occasion("event_reminder", Registration.reminded_at)
_THANKS = Occasion("event_thanks", Registration.thanked_at)
_FOLLOW_UP = Occasion("event_follow_up", Registration.followed_up_at)


def remind_people(*, now: datetime) -> int:
    """The job: whoever comes tomorrow, by the days of the place, hears it in the morning before.

    Who registered after that morning has a confirmation of the same day, and is not written to twice.
    """
    rules, sent = current_settings().event_mails, 0
    for event in _list_events(Event.ends_at > now, Event.starts_at < now + _LONGEST_AHEAD):
        days = rules.reminder_days(event.kind)
        today = local_day(now, event.time_zone)
        for ahead in range(days + 1 if days else 0):
            day = today + timedelta(days=ahead)
            due_at = at_hour(day - timedelta(days=days), rules.hour, event.time_zone)
            if now >= due_at:
                sent += _tell_all(_REMINDER, event, _comes_on(day, event.time_zone, due_at, now), now=now)
    return sent


def _comes_on(day: date, zone: str, due_at: datetime, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """An event begins for a person with the first chosen part."""
    own = (
        select(func.min(EventPart.starts_at))
        .join(RegistrationPart, RegistrationPart.part_id == EventPart.id)
        .where(RegistrationPart.registration_id == Registration.id)
        .correlate(Registration)
        .scalar_subquery()
    )
    first = func.coalesce(own, Event.starts_at)
    begins = max(now, at_hour(day, 0, zone).astimezone(UTC))
    return (first >= begins, first < at_hour(day + _DAY, 0, zone), Registration.registered_at < due_at)


def thank_people(*, now: datetime) -> int:
    """The job: on the day after, thanks and a question of one minute."""
    return _ask_after(_THANKS, current_settings().event_mails.thanks_days, now=now)


def ask_again(*, now: datetime) -> int:
    """The job: half a year later, what came of it."""
    return _ask_after(_FOLLOW_UP, current_settings().event_mails.follow_up_days, now=now)


def _ask_after(occasion: Occasion, days: int, *, now: datetime) -> int:
    """Those who were there, by the door or by their own word; everybody who was registered where no door was
    used."""
    hour, sent = current_settings().event_mails.hour, 0
    if days == 0:
        return 0
    over = (
        Event.ends_at <= now - timedelta(days=days - 1),
        Event.ends_at > now - timedelta(days=days) - _TOO_LATE,
    )
    for event in _list_events(*over):
        due_at = at_hour(
            local_day(event.ends_at, event.time_zone) + timedelta(days=days), hour, event.time_zone
        )
        if now >= due_at:
            sent += _tell_all(occasion, event, (_was_there(event.id),), now=now)
    return sent


def _was_there(event_id: int) -> ColumnElement[bool]:
    came = exists().where(Attendance.registration_id == Registration.id, Attendance.part_id.is_(None))
    of_event = select(Registration.id).where(Registration.event_id == event_id)
    has_doors = exists().where(Attendance.registration_id.in_(of_event))
    said_so = exists().where(
        Participant.registration_id == Registration.id, Participant.arrived_at.is_not(None)
    )
    return or_(came, said_so, ~has_doors)


def _list_events(*which: ColumnElement[bool]) -> Sequence[Any]:
    return (
        read_session()
        .execute(
            select(Event.id, Event.kind, Event.time_zone, Event.ends_at).where(
                Event.state == EventState.PUBLISHED, *which
            )
        )
        .all()
    )


def _is_told(occasion: Occasion) -> ColumnElement[bool]:
    return and_(
        Registration.state == RegistrationState.REGISTERED,
        Registration.email != "",
        occasion.sent.is_(None),
    )


def _tell_all(occasion: Occasion, event: Any, due: tuple[ColumnElement[bool], ...], *, now: datetime) -> int:
    ids = (
        read_session()
        .scalars(
            select(Registration.id)
            .join(Event, Event.id == Registration.event_id)
            .where(Registration.event_id == event.id, _is_told(occasion), *due)
            .order_by(Registration.id)
            .limit(_BATCH)
        )
        .all()
    )
    return sum(_tell(occasion, id_, now=now) for id_ in ids)


@retry_conflicts
def _tell(occasion: Occasion, registration_id: int, *, now: datetime) -> bool:
    """One person, looked at again under the lock: some have cancelled, or another worker was first."""
    with transaction() as session:
        group = load_group(session, registration_id, alone=True)
        person = group.leader
        is_due = person.state == RegistrationState.REGISTERED and person.email
        if not is_due or getattr(person, occasion.sent.key) is not None:
            return False
        setattr(person, occasion.sent.key, now)
        token = add_page_link(session, group, person, now=now)
        letter = Letter(
            template=occasion.template,
            words=_words(session, person, token),
            occasion=f":{local_day(group.event.starts_at, group.event.time_zone)}",
            expires_at=group.event.ends_at if occasion is _REMINDER else now + _TOO_LATE,
        )
        send_letter(session, group, person, letter, now=now, token=token)
        return True


def _words(session: Session, person: Registration, token: str) -> dict[str, Any]:
    hint = {MAIL_LANGUAGE: person.language}
    was_there = session.scalar(select(exists().where(Attendance.registration_id == person.id)))
    return {
        "survey_url": site_url("surveys.show", token=token, **hint),
        "certificate_url": site_url("certificates.own", token=token, **hint) if was_there else "",
        "rating_url": site_url("meetings.rate", token=token, **hint) if _has_met(session, person.id) else "",
    }


def _has_met(session: Session, registration_id: int) -> bool:
    """Were there meetings with other participants, which can be rated?"""
    of_person = or_(Meeting.first_id == registration_id, Meeting.second_id == registration_id)
    met = exists().where(of_person, Meeting.second_id.is_not(None), Meeting.state.in_(STANDING_MEETINGS))
    return session.scalar(select(met)) is True
