"""What goes when its keeping time is over, unless it is under a legal hold.

Every promise of the privacy page has its job here or in prune_*.

Ids of deleted rows may be given again, and links, audit entries and mails know rows by their ids only:
whatever names a deleted row goes with it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import String, cast, delete, exists, literal, select, text, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from bookings.db import transaction
from bookings.domain.limits import DAY
from bookings.domain.links import LinkPurpose
from bookings.domain.newsletter import build_left_address
from bookings.domain.retention import months
from bookings.domain.visits import OPEN_STATES, Actor, VisitState
from bookings.models.audit import AuditEntry, AuditReason
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.columns import IS_TRACED
from bookings.models.directory import Organisation
from bookings.models.history import UndoStep
from bookings.models.inbox import InboxMessage
from bookings.models.limits import LimitedAct
from bookings.models.links import ActionLink
from bookings.models.newsletter import Consent, NewsletterSubscription
from bookings.models.outbox import OutboxMessage
from bookings.models.planned import PlannedChange, ReleaseLetter
from bookings.models.planning import PlanningRun
from bookings.models.registrations import RegistrationAgreement, RegistrationConsent
from bookings.models.slots import Slot
from bookings.models.staff import StaffSession
from bookings.models.tasks import VisitTask
from bookings.models.visits import Agreement, Delegation, VisitDraft, VisitNote, VisitRequest
from bookings.queries.erasure import is_held
from bookings.settings import current_settings

_BATCH = 200
_LONGEST_WINDOW = 2 * DAY
"""Limits look back a day at most."""
_DEAD_LINKS_KEPT = timedelta(days=365)
"""So long an old link says that its time has passed, and not that it never was."""
_RUNS_KEPT = timedelta(days=90)
"""What the planner found so long ago fits no calendar any more."""
_NO_NAME = "–"
"""Stands where pages need something to show."""
_AGREED: tuple[tuple[Any, Any], ...] = (
    (Agreement, Agreement.agreed_at), (Consent, Consent.given_at),
    (RegistrationAgreement, RegistrationAgreement.agreed_at),
    (RegistrationConsent, RegistrationConsent.agreed_at),
)  # fmt: skip
_OF_VISITS = (
    LinkPurpose.RESUME_DRAFT, LinkPurpose.VERIFY_REQUEST, LinkPurpose.NOT_ME, LinkPurpose.MANAGE_VISIT,
    LinkPurpose.VISIT_FEED,
)  # fmt: skip


def forget_drafts(*, now: datetime) -> None:
    """Delete half-filled forms whose time to be resumed is over."""
    _delete(VisitDraft.expires_at, until=now)


def forget_unproved_requests(*, now: datetime) -> None:
    """Delete requests whose address nobody proved, and wishes for the newsletter that nobody confirmed."""
    until = now - timedelta(days=current_settings().retention.unverified_request_days)
    in_batches(lambda session: _delete_unproved(session, until=until))
    in_batches(lambda session: _forget_readers(session, until=until, now=now))


def forget_traces(*, now: datetime) -> None:
    """Delete what serves security for a time: counted acts, old sign-ins, network addresses, dead links."""
    settings = current_settings()
    until = now - timedelta(days=settings.retention.client_address_days)
    signed_out = min(until, now - timedelta(minutes=settings.session.absolute_minutes))
    _delete(LimitedAct.happened_at, until=now - _LONGEST_WINDOW)
    _delete(StaffSession.created_at, until=signed_out)
    dead = now - _DEAD_LINKS_KEPT
    _delete(ActionLink.expires_at, until=dead)
    _delete(ActionLink.revoked_at, until=dead)
    with transaction() as session:
        for table, given_at in _AGREED:
            addresses = update(table).where(given_at < until, text(IS_TRACED))
            session.execute(addresses.values(network_address=""), execution_options=_UNSEEN)


def forget_planning_runs(*, now: datetime) -> None:
    """Delete what the planner found for visits long ago; what was applied are slots."""
    _delete(PlanningRun.asked_at, until=now - _RUNS_KEPT)


def forget_audit(*, now: datetime) -> None:
    """Delete the oldest part of the trail."""
    until = now - months(current_settings().retention.audit_months)
    _delete(AuditEntry.happened_at, until=until)


def anonymise_visits(*, now: datetime) -> None:
    """Of visits closed long ago only figures stay: country, kind, size, interests, days, hosts, states."""
    until = now - months(current_settings().retention.contact_months)
    in_batches(lambda session: _anonymise(session, until=until, now=now))


_UNSEEN = {"synchronize_session": False}


def in_batches(step: Callable[[Session], int], *, batch: int | None = None) -> None:
    """Short transactions, so that nobody waits for the broom; a step that found a whole batch has more."""
    full = found = batch or _BATCH
    while found == full:
        with transaction() as session:
            found = step(session)


def _delete(instant: InstrumentedAttribute[Any], *, until: datetime) -> None:
    """Rows whose `instant` is not after `until`, the oldest first: the index of the instants leads there."""
    table = instant.class_

    def step(session: Session) -> int:
        oldest = select(table.id).where(instant <= until).order_by(instant).limit(_BATCH)
        ids = session.scalars(oldest).all()
        if ids:
            session.execute(delete(table).where(table.id.in_(ids)), execution_options=_UNSEEN)
        return len(ids)

    in_batches(step)


def _delete_unproved(session: Session, *, until: datetime) -> int:
    ids = session.scalars(
        select(VisitRequest.id)
        .where(
            VisitRequest.state.not_in(OPEN_STATES),
            VisitRequest.verified_at.is_(None),
            VisitRequest.created_at < until,
            ~exists().where(Slot.visit_id == VisitRequest.id),
        )
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if ids:
        _delete_all_about(session, ids)
        session.execute(delete(AuditEntry).where(AuditEntry.visit_id.in_(ids)), execution_options=_UNSEEN)
        session.execute(delete(VisitRequest).where(VisitRequest.id.in_(ids)), execution_options=_UNSEEN)
    return len(ids)


def _forget_readers(session: Session, *, until: datetime, now: datetime) -> int:
    """The row stays without its address, as when somebody leaves; its link says that its time has passed."""
    of_reader = Consent.subscription_id == NewsletterSubscription.id
    counts = (Consent.confirmed_at.is_not(None) & Consent.withdrawn_at.is_(None)) | (
        Consent.given_at >= until
    )
    readers = session.scalars(
        select(NewsletterSubscription)
        .where(~NewsletterSubscription.email.startswith("left:"), ~exists().where(of_reader, counts))
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for reader in readers:
        reader.email = build_left_address(reader.id)
    links = update(ActionLink).where(
        ActionLink.purpose == LinkPurpose.NEWSLETTER_CONFIRM,
        ActionLink.subject_id.in_([reader.id for reader in readers]),
    )
    session.execute(links.values(expires_at=now), execution_options=_UNSEEN)
    return len(readers)


def _anonymise(session: Session, *, until: datetime, now: datetime) -> int:
    ids = session.scalars(
        select(VisitRequest.id)
        .where(
            VisitRequest.state.not_in((VisitState.UNVERIFIED, *OPEN_STATES)),
            VisitRequest.closed_at < until,
            VisitRequest.anonymised_at.is_(None),
            ~is_held(VisitRequest.id, today=now.date()),
        )
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if ids:
        blank_visits(session, ids, now=now)
    return len(ids)


def blank_visits(session: Session, visit_ids: Sequence[int], *, now: datetime) -> None:
    """Of these visits only figures stay."""
    _delete_all_about(session, visit_ids)
    _blank_requests(session, visit_ids, now=now)
    _blank_slots(session, visit_ids)


def _delete_all_about(session: Session, visit_ids: Sequence[int]) -> None:
    """Mails in and out, notes, tasks, drafts, links."""
    slots = select(Slot.id).where(Slot.visit_id.in_(visit_ids))
    links_of_visits = ActionLink.purpose.in_(_OF_VISITS) & ActionLink.subject_id.in_(visit_ids)
    links_of_slots = (ActionLink.purpose == LinkPurpose.ANSWER_SLOT) & ActionLink.subject_id.in_(slots)
    for statement in (
        delete(OutboxMessage).where(OutboxMessage.visit_id.in_(visit_ids) | OutboxMessage.slot_id.in_(slots)),
        delete(InboxMessage).where(InboxMessage.visit_id.in_(visit_ids) | InboxMessage.slot_id.in_(slots)),
        delete(VisitNote).where(VisitNote.visit_id.in_(visit_ids)),
        delete(VisitTask).where(VisitTask.visit_id.in_(visit_ids)),
        delete(UndoStep).where(UndoStep.visit_id.in_(visit_ids)),
        delete(AuditReason).where(AuditReason.visit_id.in_(visit_ids)),
        delete(ReleaseLetter).where(ReleaseLetter.visit_id.in_(visit_ids)),
        delete(PlannedChange).where(PlannedChange.slot_id.in_(slots)),
        delete(VisitDraft).where(VisitDraft.visit_id.in_(visit_ids)),
        delete(ActionLink).where(links_of_visits | links_of_slots),
    ):
        session.execute(statement, execution_options=_UNSEEN)


def _blank_requests(session: Session, visit_ids: Sequence[int], *, now: datetime) -> None:
    for statement in (
        update(VisitRequest)
        .where(VisitRequest.id.in_(visit_ids))
        .values(
            purpose="", interest_other="", contact_name="", contact_role="", contact_email="",
            contact_phone="", question="", answer="", closed_reason="", told_programmes=[], anonymised_at=now,
            arrives_place_slug=None, arrives_at=None, departs_place_slug=None, departs_at=None,
        ),
        update(Delegation)
        .where(Delegation.visit_id.in_(visit_ids))
        .values(
            organisation_name=_NO_NAME, website="", on_behalf_of="",
            # A key that no name has: nobody has been here before with it.
            organisation_key=literal("anonymised:") + cast(Delegation.id, String),
        ),
        update(Agreement).where(Agreement.visit_id.in_(visit_ids)).values(network_address=""),
        update(AuditEntry)
        .where(AuditEntry.visit_id.in_(visit_ids), AuditEntry.actor_kind.in_((Actor.VISITOR, Actor.HOST)))
        .values(actor_name=""),
    ):  # fmt: skip
        session.execute(statement, execution_options=_UNSEEN)


def _blank_slots(session: Session, visit_ids: Sequence[int]) -> None:
    """A stop keeps its host, its place and its time; its title becomes the host's name."""
    host = select(Organisation.name).where(Organisation.id == Slot.organisation_id).scalar_subquery()
    entries = select(Slot.calendar_entry_id).where(Slot.visit_id.in_(visit_ids))
    for statement in (
        update(Slot).where(Slot.visit_id.in_(visit_ids)).values(title=host, message="", answer_comment=""),
        update(CalendarEntry).where(CalendarEntry.id.in_(entries)).values(summary="", description=""),
        update(Attendee)
        .where(Attendee.entry_id.in_(entries))
        .values(name="", email=literal("anonymised:") + cast(Attendee.id, String)),
    ):
        session.execute(statement, execution_options=_UNSEEN)
