"""What of registrations goes when its keeping time is over; figures stay.

As everywhere, whatever names a deleted row goes with it: its id may be given again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, String, cast, delete, exists, literal, or_, select, update
from sqlalchemy.orm import Session

from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import RegistrationState
from bookings.domain.retention import months
from bookings.domain.visits import Actor
from bookings.models.audit import AuditEntry
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.events import Event, Question
from bookings.models.feeds import CalendarFeed
from bookings.models.links import ActionLink
from bookings.models.meetings import Meeting, MeetingPerson, MeetingRating, Participant
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import Registration, RegistrationEntry, RegistrationNote, SurveyAnswer
from bookings.queries.erasure import is_held
from bookings.services.registrations.rows import NOUN
from bookings.services.retention import in_batches
from bookings.settings import current_settings

_BATCH = 200
_UNSEEN = {"synchronize_session": False}
_PURPOSES = (
    LinkPurpose.VERIFY_REGISTRATION, LinkPurpose.MANAGE_REGISTRATION, LinkPurpose.REGISTRATION_FEED,
)  # fmt: skip
_NEVER_PROVED = (RegistrationState.UNVERIFIED, RegistrationState.EXPIRED, RegistrationState.CANCELLED)


def forget_unproved_registrations(*, now: datetime) -> None:
    """Delete registrations, groups and all, whose address nobody proved."""
    until = now - timedelta(days=current_settings().retention.unverified_request_days)
    in_batches(lambda session: _delete_unproved(session, until=until), batch=_BATCH)


def forget_sensitive_answers(*, now: datetime) -> None:
    """Delete what people told of diet, access and the like, some days after the event."""
    until = now - timedelta(days=current_settings().retention.sensitive_answer_days)
    in_batches(lambda session: _drop_answers(session, until=until), batch=_BATCH)


def anonymise_registrations(*, now: datetime) -> None:
    """Of people at events long ago only figures stay: event, ticket, parts, country, states, attendance."""
    until = now - months(current_settings().retention.contact_months)
    in_batches(lambda session: _anonymise(session, until=until, now=now), batch=_BATCH)
    in_batches(_forget_mailboxes, batch=_BATCH)


def _delete_unproved(session: Session, *, until: datetime) -> int:
    leaders = session.scalars(
        select(Registration.id)
        .where(
            Registration.leader_id.is_(None),
            Registration.verified_at.is_(None),
            Registration.registered_at.is_(None),
            Registration.state.in_(_NEVER_PROVED),
            Registration.created_at < until,
        )
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not leaders:
        return 0
    members = session.scalars(
        select(Registration.id).where(
            Registration.leader_id.in_(leaders),
            Registration.verified_at.is_(None),
            Registration.registered_at.is_(None),
        )
    ).all()
    ids = [*leaders, *members]
    _delete_about(session, ids)
    of_ids = (AuditEntry.noun == NOUN) & AuditEntry.subject_id.in_(ids)
    session.execute(delete(AuditEntry).where(of_ids), execution_options=_UNSEEN)
    # A time with an adviser that was never confirmed: a meeting keeps its people's rows in the database.
    session.execute(delete(Meeting).where(_is_of(ids)), execution_options=_UNSEEN)
    session.execute(delete(Registration).where(Registration.id.in_(ids)), execution_options=_UNSEEN)
    return len(leaders)


def _drop_answers(session: Session, *, until: datetime) -> int:
    """The key stands in quotes in what is stored; whose text only quotes it is looked at once in vain."""
    holds = cast(Registration.answers, String).contains(literal('"') + Question.key + literal('"'))
    rows = session.execute(
        select(Registration.id, Question.key)
        .join(Event, Event.id == Registration.event_id)
        .join(Question, Question.event_id == Event.id)
        .where(Event.ends_at < until, Question.is_sensitive, holds)
        .order_by(Registration.id)
        .limit(_BATCH)
    ).all()
    people = session.scalars(select(Registration).where(Registration.id.in_({row[0] for row in rows}))).all()
    changed = 0
    for person in people:
        keys = {key for registration_id, key in rows if registration_id == person.id}
        kept = {key: value for key, value in person.answers.items() if key not in keys}
        changed += kept != person.answers
        person.answers = kept
    # Where nothing could be dropped there is nothing left to do.
    return len(rows) if changed else 0


def _anonymise(session: Session, *, until: datetime, now: datetime) -> int:
    ids = session.scalars(
        select(Registration.id)
        .join(Event, Event.id == Registration.event_id)
        .where(
            Event.ends_at < until,
            Registration.anonymised_at.is_(None),
            ~is_held(Event.id, today=now.date()),
        )
        .limit(_BATCH)
        .with_for_update(skip_locked=True, of=Registration)
    ).all()
    if ids:
        blank_registrations(session, ids, now=now)
    return len(ids)


def blank_registrations(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    """Of these people only figures stay."""
    _delete_about(session, ids)
    _blank(session, ids, now=now)
    _blank_entries(session, _entries_of_events(ids))
    _blank_entries(session, _entries_of_meetings(ids))
    _blank_meetings(session, ids)


def _forget_mailboxes(session: Session) -> int:
    """Feeds of people of whom no registration is left: their addresses open nothing already."""
    is_theirs = Registration.email == CalendarFeed.mailbox
    is_known = exists().where(is_theirs, Registration.verified_at.is_not(None))
    lone = select(CalendarFeed.id).where(CalendarFeed.mailbox.is_not(None), ~is_known).limit(_BATCH)
    ended = delete(CalendarFeed).where(CalendarFeed.id.in_(lone)).returning(CalendarFeed.id)
    return len(session.execute(ended, execution_options=_UNSEEN).all())


def _delete_about(session: Session, ids: Sequence[int]) -> None:
    """Mails, links, notes."""
    for statement in (
        delete(OutboxMessage).where(OutboxMessage.registration_id.in_(ids)),
        delete(ActionLink).where(ActionLink.purpose.in_(_PURPOSES), ActionLink.subject_id.in_(ids)),
        delete(RegistrationNote).where(RegistrationNote.registration_id.in_(ids)),
    ):
        session.execute(statement, execution_options=_UNSEEN)


def _blank(session: Session, ids: Sequence[int], *, now: datetime) -> None:
    of_ids = (AuditEntry.noun == NOUN) & AuditEntry.subject_id.in_(ids)
    for statement in (
        update(Registration)
        .where(Registration.id.in_(ids))
        .values(
            name="", email="", phone="", role="", organisation_name="", organisation_key="",
            organisation_number="", search_key="", answers={}, closed_reason="", anonymised_at=now,
            undeliverable_at=None,
        ),
        update(SurveyAnswer).where(SurveyAnswer.registration_id.in_(ids)).values(comment=""),
        update(AuditEntry)
        .where(of_ids, or_(AuditEntry.actor_kind == Actor.VISITOR, AuditEntry.actor_kind == Actor.HOST))
        .values(actor_name=""),
    ):  # fmt: skip
        session.execute(statement, execution_options=_UNSEEN)


def _blank_entries(session: Session, entries: Select[int]) -> None:
    for statement in (
        update(CalendarEntry).where(CalendarEntry.id.in_(entries)).values(description=""),
        update(Attendee)
        .where(Attendee.entry_id.in_(entries))
        .values(name="", email=literal("anonymised:") + cast(Attendee.id, String)),
    ):
        session.execute(statement, execution_options=_UNSEEN)


def _entries_of_events(ids: Sequence[int]) -> Select[int]:
    return select(RegistrationEntry.calendar_entry_id).where(RegistrationEntry.registration_id.in_(ids))


def _entries_of_meetings(ids: Sequence[int]) -> Select[int]:
    """The other side's too: each names the one whom it meets."""
    return (
        select(CalendarEntry.id)
        .join(MeetingPerson, MeetingPerson.calendar_entry_id == CalendarEntry.id)
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .where(_is_of(ids))
    )


def _blank_meetings(session: Session, ids: Sequence[int]) -> None:
    """Profiles go with wishes and requests; meetings stay as numbers."""
    for statement in (
        update(CalendarEntry).where(CalendarEntry.id.in_(_entries_of_meetings(ids))).values(summary=""),
        delete(Participant).where(Participant.registration_id.in_(ids)),
        update(Meeting).where(_is_of(ids)).values(subject="", organisation_pair=""),
        update(MeetingPerson).where(MeetingPerson.registration_id.in_(ids)).values(stand_in=""),
        update(MeetingRating).where(MeetingRating.registration_id.in_(ids)).values(comment=""),
    ):
        session.execute(statement, execution_options=_UNSEEN)


def _is_of(ids: Sequence[int]) -> ColumnElement[bool]:
    return or_(Meeting.first_id.in_(ids), Meeting.second_id.in_(ids))
