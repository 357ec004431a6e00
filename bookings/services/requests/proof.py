"""Proving the address of a request. The first mail carries nothing that the sender typed."""

from datetime import UTC, datetime, time, timedelta

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from bookings.db import table_of, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import LinkNotFoundError, NotFoundError
from bookings.domain.limits import DAY, Limit, fold_mailbox
from bookings.domain.links import LinkPurpose
from bookings.domain.newsletter import StopReason
from bookings.domain.visits import VISIT_MACHINE, Actor, VisitAction, VisitState
from bookings.i18n import MAIL_LANGUAGE
from bookings.models.visits import Agreement, DateWindow, Delegation, VisitRequest
from bookings.queries.links import find_link
from bookings.queries.newsletter import is_stopped
from bookings.queries.requests import find_draft, find_request_of_link
from bookings.services.audit import add_audit
from bookings.services.limits import count_act
from bookings.services.links import add_link
from bookings.services.newsletter import (
    queue_newsletter_confirmation,
    stop_mailbox,
    withdraw_newsletter_wish,
)
from bookings.services.notices import Notice, NoticeKind, tell_staff
from bookings.services.outbox import Mail, queue_mail, site_url
from bookings.services.tasks import keep_rule_tasks
from bookings.settings import current_settings

_WINDOWS, _AGREEMENTS, _DELEGATIONS = (table_of(one).c for one in (DateWindow, Agreement, Delegation))
_LAST_DAY_AND_CLAUSE = select(
    select(func.max(_WINDOWS.latest_on)).where(_WINDOWS.visit_id == bindparam("visit_id")).scalar_subquery(),
    select(_AGREEMENTS.text).where(_AGREEMENTS.visit_id == bindparam("visit_id")).scalar_subquery(),
)
_VISITORS = select(_DELEGATIONS.organisation_name).where(_DELEGATIONS.visit_id == bindparam("visit_id"))
VISITOR = Who(Actor.VISITOR, "visitor")


def verify_request(token: str, *, now: datetime) -> str | None:
    """Prove the address: staff see the request, and its sender gets the link of the visit's page.

    Returns the token of that page; None when the address had been proved before, which changes nothing.
    Raises LinkNotFoundError, LinkExpiredError, TransitionNotAllowedError.
    """
    with transaction() as session:
        visit = _lock_visit(
            session, find_link(session, token, LinkPurpose.VERIFY_REQUEST, now=now).subject_id
        )
        if visit.verified_at is not None:
            return None
        visit.state = VISIT_MACHINE.next_state(VisitState(visit.state), VisitAction.VERIFY)
        visit.verified_at = visit.submitted_at = visit.state_changed_at = now
        visit.answer_by = None
        visit.is_held_for_moderation = False
        visit.version += 1
        _audit(session, "verify", visit, who=VISITOR, now=now)
        page_token = _queue_received(session, visit, now=now)
        queue_newsletter_confirmation(
            session, visit.contact_email, reference=visit.reference, visit_id=visit.id, now=now
        )
        keep_rule_tasks(session, visit.id, now=now)
        _tell_staff(session, visit, now=now)
        return page_token


def report_not_me(token: str, *, now: datetime) -> None:
    """Somebody else used the address: the request is cancelled and no further mail goes there.

    Pressing twice is harmless. Raises LinkNotFoundError or LinkExpiredError.
    """
    with transaction() as session:
        visit = _lock_visit(session, find_link(session, token, LinkPurpose.NOT_ME, now=now).subject_id)
        if visit.state == VisitState.UNVERIFIED:
            visit.state = VISIT_MACHINE.next_state(VisitState(visit.state), VisitAction.CANCEL)
            visit.state_changed_at = visit.closed_at = now
            visit.closed_by, visit.closed_reason = Actor.VISITOR, "not_me"
            visit.answer_by = None
            visit.version += 1
            _audit(session, "not_me", visit, who=VISITOR, now=now)
            withdraw_newsletter_wish(session, visit.contact_email, reference=visit.reference, now=now)
        if visit.closed_reason == "not_me":
            stop_mailbox(session, visit.contact_email, StopReason.NOT_ME, now=now)


def resend_verification(draft_token: str, *, now: datetime) -> None:
    """Send the first mail once more to whoever filled in the form; over the limits nothing happens.

    Raises LinkNotFoundError or LinkExpiredError.
    """
    with transaction() as session:
        draft = find_draft(session, draft_token, now=now)
        if draft.visit_id is None:
            raise LinkNotFoundError
        _resend(session, _lock_visit(session, draft.visit_id), now=now)


def resend_verification_by_link(token: str, *, now: datetime) -> None:
    """Send the first mail once more to the holder of an expired link of it. Raises LinkNotFoundError."""
    with transaction() as session:
        request, _link = find_request_of_link(session, token, LinkPurpose.VERIFY_REQUEST)
        _resend(session, _lock_visit(session, request.id), now=now)


def let_request_pass(reference: str, *, who: Who, now: datetime) -> None:
    """Staff take a request out of moderation: its first mail goes out now, and its time begins anew.

    Raises NotFoundError.
    """
    with transaction() as session:
        visit = session.scalar(
            select(VisitRequest).where(VisitRequest.reference == reference).with_for_update()
        )
        if visit is None:
            raise NotFoundError("visit_request", reference)
        if visit.is_held_for_moderation and visit.state == VisitState.UNVERIFIED:
            visit.is_held_for_moderation = False
            visit.answer_by = now + timedelta(hours=current_settings().visits.unverified_hours)
            visit.version += 1
            _audit(session, "let_pass", visit, who=who, now=now)
            queue_verification(session, visit, now=now)


def queue_verification(session: Session, visit: VisitRequest, *, now: datetime) -> str:
    """Queue the mail with the links "confirm" and "this was not me"; return the token that confirms."""
    visits = current_settings().visits
    verify_by = now + timedelta(hours=visits.verify_link_hours)
    token = add_link(session, LinkPurpose.VERIFY_REQUEST, visit.id, now=now, expires_at=verify_by)
    not_me = add_link(session, LinkPurpose.NOT_ME, visit.id, now=now, expires_at=None)
    queue_mail(
        session,
        Mail(
            kind="verify_request",
            cause=f"visit:{visit.id}:verify:{now.isoformat()}",
            recipient=visit.contact_email,
            language=visit.language,
            template="verify_request",
            # Only what we wrote ourselves: a stranger could have typed everything else.
            context={
                "reference": visit.reference,
                "hours": visits.verify_link_hours,
                "verify_url": site_url("book.verify", token=token, **{MAIL_LANGUAGE: visit.language}),
                "not_me_url": site_url("book.not_me", token=not_me, **{MAIL_LANGUAGE: visit.language}),
            },
            visit_id=visit.id,
            expires_at=verify_by,
        ),
        now=now,
    )
    return token


def _resend(session: Session, visit: VisitRequest, *, now: datetime) -> None:
    if visit.state != VisitState.UNVERIFIED or visit.is_held_for_moderation:
        return
    most = 2 * current_settings().limits.requests_per_mailbox_day
    limit = Limit("verification_mailbox", fold_mailbox(visit.contact_email), most, DAY)
    if count_act(session, [limit], now=now) or is_stopped(session, visit.contact_email):
        return
    _audit(session, "resend_verification", visit, who=VISITOR, now=now)
    queue_verification(session, visit, now=now)


def _queue_received(session: Session, visit: VisitRequest, *, now: datetime) -> str:
    last_day, clause = session.execute(_LAST_DAY_AND_CLAUSE, {"visit_id": visit.id}).one()
    ends_at = datetime.combine(last_day, time.max, UTC) if last_day else now
    days = current_settings().visits.manage_link_days
    token = add_link(
        session, LinkPurpose.MANAGE_VISIT, visit.id, now=now, expires_at=ends_at + timedelta(days=days)
    )
    queue_mail(
        session,
        Mail(
            kind="request_received",
            cause=f"visit:{visit.id}:received",
            recipient=visit.contact_email,
            recipient_name=visit.contact_name,
            language=visit.language,
            template="request_received",
            context={
                "reference": visit.reference,
                "visit_url": site_url("visits.show", token=token, **{MAIL_LANGUAGE: visit.language}),
                "clause": clause or "",
                "working_days": current_settings().visits.first_answer_working_days,
            },
            visit_id=visit.id,
        ),
        now=now,
    )
    return token


def _tell_staff(session: Session, visit: VisitRequest, *, now: datetime) -> None:
    visitors = session.execute(_VISITORS, {"visit_id": visit.id}).scalar_one()
    notice = Notice(kind=NoticeKind.NEW_REQUEST, visitors=visitors, occasion="", quote=visit.purpose)
    tell_staff(session, visit, notice, now=now)


def _lock_visit(session: Session, visit_id: int) -> VisitRequest:
    visit = session.get(VisitRequest, visit_id, with_for_update=True)
    if visit is None:
        raise LinkNotFoundError
    return visit


def _audit(session: Session, action: str, visit: VisitRequest, *, who: Who, now: datetime) -> None:
    add_audit(session, who, action, noun="visit_request", subject_id=visit.id, visit_id=visit.id, now=now)
