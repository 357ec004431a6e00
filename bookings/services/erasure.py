"""Erasing a person on request, and keeping evidence from it: figures stay, as when a keeping time is over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import String, cast, delete, literal, select, update
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.erasure import LONGEST_HOLD_YEARS, Fate, Trace, TraceKind
from bookings.domain.errors import HoldNotAllowedError, NotFoundError
from bookings.domain.registrations import fold_email
from bookings.models.calendar import Attendee
from bookings.models.erasure import LegalHold
from bookings.models.events import Event
from bookings.models.feeds import CalendarFeed
from bookings.models.inbox import AddressAlias, InboxMessage
from bookings.models.newsletter import Consent, NewsletterSubscription
from bookings.models.outbox import OutboxMessage
from bookings.models.visits import VisitDraft, VisitRequest
from bookings.queries.erasure import find_traces
from bookings.services.audit import add_audit
from bookings.services.feeds.addresses import end_addresses
from bookings.services.newsletter import end_subscription
from bookings.services.registrations import blank_registrations
from bookings.services.retention import blank_visits

_UNSEEN = {"synchronize_session": False}
_YEAR = 366


def erase_person(email: str, *, who: Who, now: datetime) -> list[Trace]:
    """Everything of this address that may go is gone, in one transaction; the answer is what was found.

    What is in progress, held or elsewhere stays as it is. The trail says how much went, and not of whom.
    """
    with transaction() as session:
        traces = find_traces(session, email, now=now)
        for trace in traces:
            if trace.fate is Fate.GOES:
                _WAYS[trace.kind](session, trace.ids, now)
        mailbox = fold_email(email)
        is_alias = (AddressAlias.email == mailbox) | (AddressAlias.alias == mailbox)
        session.execute(delete(AddressAlias).where(is_alias), execution_options=_UNSEEN)
        counts = _count_gone(traces)
        detail: dict[str, Any] = {"rows": sum(counts.values()), **counts}
        add_audit(session, who, "erase", noun="person", subject_id=0, now=now, **detail)
    return traces


def set_hold(subject: str, *, reason: str, until: date, who: Who, now: datetime) -> None:
    """Keep a request (its reference) or an event (its short name) as evidence until the end of that day.

    Raises NotFoundError, HoldNotAllowedError (`past`, `too_long`).
    """
    if until < now.date():
        raise HoldNotAllowedError("past")
    if (until - now.date()).days > LONGEST_HOLD_YEARS * _YEAR:
        raise HoldNotAllowedError("too_long", LONGEST_HOLD_YEARS)
    with transaction() as session:
        visit_id = session.scalar(select(VisitRequest.id).where(VisitRequest.reference == subject.upper()))
        event_id = None if visit_id else session.scalar(select(Event.id).where(Event.slug == subject.lower()))
        if visit_id is None and event_id is None:
            raise NotFoundError("visit_request", subject)
        hold = LegalHold(
            visit_id=visit_id, event_id=event_id, reason=reason, until=until, set_at=now, set_by=who.name
        )
        session.add(hold)
        session.flush()
        add_audit(session, who, "set_hold", noun="legal_hold", subject_id=hold.id, now=now, until=str(until))


def lift_hold(hold_id: int, *, who: Who, now: datetime) -> None:
    """From now on keeping times and erasures count again. Twice is harmless. Raises NotFoundError."""
    with transaction() as session:
        hold = session.get(LegalHold, hold_id, with_for_update=True)
        if hold is None:
            raise NotFoundError("legal_hold", str(hold_id))
        if hold.lifted_at is None:
            hold.lifted_at, hold.lifted_by = now, who.name
            add_audit(session, who, "lift_hold", noun="legal_hold", subject_id=hold.id, now=now)


def _count_gone(traces: Sequence[Trace]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for trace in traces:
        if trace.fate is Fate.GOES:
            counts[trace.kind.value] = counts.get(trace.kind.value, 0) + len(trace.ids)
    return counts


def _erase_visits(session: Session, ids: Sequence[int], now: datetime) -> None:
    blank_visits(session, ids, now=now)


def _erase_registrations(session: Session, ids: Sequence[int], now: datetime) -> None:
    blank_registrations(session, ids, now=now)


def _erase_drafts(session: Session, ids: Sequence[int], _now: datetime) -> None:
    session.execute(delete(VisitDraft).where(VisitDraft.id.in_(ids)), execution_options=_UNSEEN)


def _erase_readers(session: Session, ids: Sequence[int], now: datetime) -> None:
    for subscription in session.scalars(
        select(NewsletterSubscription).where(NewsletterSubscription.id.in_(ids)).with_for_update()
    ):
        end_subscription(session, subscription, now=now)
    consents = update(Consent).where(Consent.subscription_id.in_(ids)).values(network_address="")
    session.execute(consents, execution_options=_UNSEEN)


def _erase_feeds(session: Session, ids: Sequence[int], _now: datetime) -> None:
    end_addresses(session, CalendarFeed.id.in_(ids))


def _erase_invitations(session: Session, ids: Sequence[int], _now: datetime) -> None:
    nobody = literal("anonymised:") + cast(Attendee.id, String)
    attendees = update(Attendee).where(Attendee.id.in_(ids)).values(name="", email=nobody)
    session.execute(attendees, execution_options=_UNSEEN)


def _erase_mails_in(session: Session, ids: Sequence[int], _now: datetime) -> None:
    session.execute(delete(InboxMessage).where(InboxMessage.id.in_(ids)), execution_options=_UNSEEN)


def _erase_mails_out(session: Session, ids: Sequence[int], _now: datetime) -> None:
    session.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(ids)), execution_options=_UNSEEN)


_WAYS: Mapping[TraceKind, Callable[[Session, Sequence[int], datetime], None]] = {
    TraceKind.VISIT: _erase_visits,
    TraceKind.REGISTRATION: _erase_registrations,
    TraceKind.DRAFT: _erase_drafts,
    TraceKind.NEWSLETTER: _erase_readers,
    TraceKind.FEED: _erase_feeds,
    TraceKind.INVITATION: _erase_invitations,
    TraceKind.MAIL_IN: _erase_mails_in,
    TraceKind.MAIL_OUT: _erase_mails_out,
}
