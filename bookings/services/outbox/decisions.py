"""What staff decide about a mail that has not left: try it again now, or drop it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, TransitionNotAllowedError
from bookings.domain.outbox import OUTBOX, OutboxAction, OutboxState
from bookings.models.outbox import OutboxMessage
from bookings.queries.outbox import has_newer_sent
from bookings.services.audit import add_audit
from bookings.services.outbox.queueing import ring_after_commit


def retry_mail(mail_id: int, *, who: Who, now: datetime) -> None:
    """Try the mail again at once. Raises NotFoundError or TransitionNotAllowedError.

    Refused when its text is gone or when a later mail about the same calendar entry has left: a calendar
    would show the older state.
    """
    with transaction() as session:
        mail = _decide(session, mail_id, OutboxAction.RETRY, who=who, now=now)
        if not mail.raw or has_newer_sent(session, mail):
            raise TransitionNotAllowedError(OUTBOX.noun, mail.state, OutboxAction.RETRY)
        mail.next_attempt_at = now
        ring_after_commit(session)


def drop_mail(mail_id: int, *, who: Who, now: datetime) -> None:
    """Never send the mail. Raises NotFoundError or TransitionNotAllowedError."""
    with transaction() as session:
        _decide(session, mail_id, OutboxAction.DROP, who=who, now=now)


def _decide(
    session: Session, mail_id: int, action: OutboxAction, *, who: Who, now: datetime
) -> OutboxMessage:
    mail = session.scalar(
        select(OutboxMessage)
        .where(OutboxMessage.id == mail_id)
        .options(undefer(OutboxMessage.raw))
        .with_for_update()
    )
    if mail is None:
        raise NotFoundError(OUTBOX.noun, str(mail_id))
    mail.state = OUTBOX.next_state(OutboxState(mail.state), action)
    add_audit(session, who, action, noun=OUTBOX.noun, subject_id=mail.id, now=now, visit_id=mail.visit_id)
    return mail
