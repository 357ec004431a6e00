"""Where a person stands in what we keep, and what of it is under a legal hold."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, String, cast, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from bookings.domain.erasure import Fate, Hold, Trace, TraceKind, decide_fate
from bookings.domain.newsletter import has_left
from bookings.domain.outbox import UNSETTLED_STATES
from bookings.domain.registrations import LIVE_STATES, fold_email
from bookings.domain.visits import CLOSED_STATES
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.directory import HostContact, Organisation
from bookings.models.erasure import LegalHold
from bookings.models.events import Event
from bookings.models.feeds import CalendarFeed
from bookings.models.inbox import InboxMessage
from bookings.models.meetings import Adviser
from bookings.models.newsletter import NewsletterSubscription
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import Registration, RegistrationEntry
from bookings.models.slots import Slot
from bookings.models.staff import StaffUser
from bookings.models.visits import VisitDraft, VisitRequest


@dataclass(frozen=True)
class HoldRow:
    """A hold that counts, of a request by its reference or an event by its short name."""

    id: int
    reference: str
    event_slug: str
    hold: Hold
    set_at: datetime
    set_by: str


def is_held(subject: InstrumentedAttribute[int], *, today: date) -> ColumnElement[bool]:
    """Is the visit (`VisitRequest.id`) or the event (`Event.id`) of this column kept as evidence?"""
    column = LegalHold.visit_id if subject.class_ is VisitRequest else LegalHold.event_id
    return exists().where(column == subject, *_counts(today))


def list_holds(session: Session, *, today: date) -> list[HoldRow]:
    """All that count, the one that ends first before others."""
    rows = session.execute(
        select(LegalHold, VisitRequest.reference, Event.slug)
        .outerjoin(VisitRequest, VisitRequest.id == LegalHold.visit_id)
        .outerjoin(Event, Event.id == LegalHold.event_id)
        .where(*_counts(today))
        .order_by(LegalHold.until, LegalHold.id)
    )
    return [_read_row(row, reference or "", slug or "") for row, reference, slug in rows]


def find_hold(session: Session, visit_id: int, *, today: date) -> Hold | None:
    """The hold of a visit that lasts longest."""
    return _longest(session, LegalHold.visit_id, today=today, only=visit_id).get(visit_id)


def find_traces(session: Session, email: str, *, now: datetime) -> list[Trace]:
    """Everything that names this address, however it is written, and what an erasure does with it."""
    mailbox = fold_email(email)
    visits = list(_find_visits(session, mailbox, now=now))
    registrations = list(_find_registrations(session, mailbox, now=now))
    staying = [trace for trace in visits + registrations if trace.fate is not Fate.GOES]
    kept_visits = _list_ids(staying, TraceKind.VISIT)
    kept_people = _list_ids(staying, TraceKind.REGISTRATION)
    return [
        *visits,
        *registrations,
        *_count(session, TraceKind.DRAFT, _drafts(mailbox)),
        *_count(session, TraceKind.NEWSLETTER, _subscriptions(mailbox)),
        *_find_feed(session, mailbox, is_used=bool(kept_people)),
        *_find_invitations(session, mailbox, now=now),
        *_count(session, TraceKind.MAIL_IN, _mails_in(mailbox, kept_visits)),
        *_count(session, TraceKind.MAIL_OUT, _mails_out(mailbox, kept_visits, kept_people)),
        *_find_elsewhere(session, mailbox),
    ]


def _list_ids(traces: list[Trace], kind: TraceKind) -> list[int]:
    return [number for trace in traces if trace.kind is kind for number in trace.ids]


def _counts(today: date) -> tuple[ColumnElement[bool], ...]:
    return LegalHold.lifted_at.is_(None), LegalHold.until >= today


def _read_row(row: LegalHold, reference: str, slug: str) -> HoldRow:
    return HoldRow(row.id, reference, slug, Hold(row.reason, row.until), row.set_at, row.set_by)


def _longest(
    session: Session, subject: InstrumentedAttribute[int | None], *, today: date, only: int | None = None
) -> dict[int, Hold]:
    wanted = subject.is_not(None) if only is None else subject == only
    rows = session.execute(
        select(subject, LegalHold.reason, LegalHold.until)
        .where(wanted, *_counts(today))
        .order_by(LegalHold.until)
    )
    return {subject_id: Hold(reason, until) for subject_id, reason, until in rows if subject_id is not None}


def _find_visits(session: Session, mailbox: str, *, now: datetime) -> Iterator[Trace]:
    """A request that nobody proved is open too, until it goes by itself some days later."""
    holds = _longest(session, LegalHold.visit_id, today=now.date())
    rows = session.execute(
        select(VisitRequest.id, VisitRequest.reference, VisitRequest.state)
        .where(_is(VisitRequest.contact_email, mailbox), VisitRequest.anonymised_at.is_(None))
        .order_by(VisitRequest.id)
    )
    for visit_id, reference, state in rows:
        hold = holds.get(visit_id)
        fate = decide_fate(is_open=state not in CLOSED_STATES, hold=hold)
        yield Trace(TraceKind.VISIT, fate, (visit_id,), reference, reference, hold)


def _find_registrations(session: Session, mailbox: str, *, now: datetime) -> Iterator[Trace]:
    holds = _longest(session, LegalHold.event_id, today=now.date())
    rows = session.execute(
        select(
            Registration.id, Registration.reference, Registration.state, Event.id, Event.slug, Event.ends_at
        )
        .join(Event, Event.id == Registration.event_id)
        .where(_is(Registration.email, mailbox), Registration.anonymised_at.is_(None))
        .order_by(Registration.id)
    )
    for registration_id, reference, state, event_id, slug, ends_at in rows:
        hold = holds.get(event_id)
        fate = decide_fate(is_open=state in LIVE_STATES and ends_at > now, hold=hold)
        yield Trace(TraceKind.REGISTRATION, fate, (registration_id,), reference, slug, hold)


def _find_feed(session: Session, mailbox: str, *, is_used: bool) -> Iterator[Trace]:
    """The address by which a calendar reads everything of this mailbox."""
    feeds = tuple(session.scalars(select(CalendarFeed.id).where(CalendarFeed.mailbox == mailbox)))
    if feeds:
        yield Trace(TraceKind.FEED, decide_fate(is_open=is_used), feeds)


def _find_invitations(session: Session, mailbox: str, *, now: datetime) -> Iterator[Trace]:
    """Calendar entries of others to which the person is or was invited."""
    rows = session.execute(
        select(Attendee.id, (CalendarEntry.ends_at > now) & (CalendarEntry.status != "CANCELLED"))
        .join(CalendarEntry, CalendarEntry.id == Attendee.entry_id)
        .where(_is(Attendee.email, mailbox), ~_is_evidence(now.date()))
        .order_by(Attendee.id)
    ).all()
    past = tuple(number for number, is_ahead in rows if not is_ahead)
    ahead = tuple(number for number, is_ahead in rows if is_ahead)
    if past:
        yield Trace(TraceKind.INVITATION, Fate.GOES, past)
    if ahead:
        yield Trace(TraceKind.INVITATION, Fate.IN_PROGRESS, ahead)


def _is_evidence(today: date) -> ColumnElement[bool]:
    """Does the entry belong to a visit or an event under a hold?"""
    of_visit = exists().where(
        Slot.calendar_entry_id == CalendarEntry.id, LegalHold.visit_id == Slot.visit_id, *_counts(today)
    )
    of_event = exists().where(
        RegistrationEntry.calendar_entry_id == CalendarEntry.id,
        Registration.id == RegistrationEntry.registration_id,
        LegalHold.event_id == Registration.event_id,
        *_counts(today),
    )
    return of_visit | of_event


def _drafts(mailbox: str) -> Select[int]:
    """Half-filled forms, by what was typed."""
    typed = func.lower(cast(VisitDraft.answers, String))
    return select(VisitDraft.id).where(
        VisitDraft.visit_id.is_(None), typed.contains(f'"{mailbox}"', autoescape=True)
    )


def _subscriptions(mailbox: str) -> Select[int]:
    assert not has_left(mailbox)
    return select(NewsletterSubscription.id).where(_is(NewsletterSubscription.email, mailbox))


def _mails_in(mailbox: str, kept_visits: list[int]) -> Select[int]:
    is_free = or_(InboxMessage.visit_id.is_(None), InboxMessage.visit_id.not_in(kept_visits))
    return select(InboxMessage.id).where(_is(InboxMessage.sender, mailbox), is_free)


def _mails_out(mailbox: str, kept_visits: list[int], kept_people: list[int]) -> Select[int]:
    """Those that are over: a mail that is still to leave goes with what it is about, or leaves."""
    mail = OutboxMessage
    return select(mail.id).where(
        _is(mail.recipient, mailbox),
        mail.state.not_in(UNSETTLED_STATES),
        or_(mail.visit_id.is_(None), mail.visit_id.not_in(kept_visits)),
        or_(mail.registration_id.is_(None), mail.registration_id.not_in(kept_people)),
    )


def _count(session: Session, kind: TraceKind, ids: Select[int]) -> Iterator[Trace]:
    found = tuple(session.scalars(ids))
    if found:
        yield Trace(kind, Fate.GOES, found)


def _find_elsewhere(session: Session, mailbox: str) -> Iterator[Trace]:
    """Those whom the directory, an event or this service itself names as somebody to turn to."""
    for kind, statement in (
        (
            TraceKind.HOST_CONTACT,
            select(HostContact.id, Organisation.name, Organisation.slug)
            .join(Organisation, Organisation.id == HostContact.organisation_id)
            .where(_is(HostContact.email, mailbox)),
        ),
        (
            TraceKind.ADVISER,
            select(Adviser.id, Event.slug, Event.slug)
            .join(Event, Event.id == Adviser.event_id)
            .where(_is(Adviser.email, mailbox)),
        ),
        (
            TraceKind.COLLEAGUE,
            select(StaffUser.id, StaffUser.name, StaffUser.name).where(_is(StaffUser.email, mailbox)),
        ),
    ):
        for number, label, key in session.execute(statement):
            yield Trace(kind, Fate.ELSEWHERE, (number,), label, key)


def _is(address: InstrumentedAttribute[str], mailbox: str) -> ColumnElement[bool]:
    """Addresses are kept as they were typed; letters beyond ASCII only as they are."""
    return or_(address == mailbox, func.lower(address) == mailbox)
