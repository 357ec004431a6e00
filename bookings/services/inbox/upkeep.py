"""Keeping the inbox small, and how far mailboxes were read."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update

from bookings.db import transaction
from bookings.domain.inbox import InboxState
from bookings.domain.retention import months
from bookings.models.inbox import InboxMessage, MailboxPosition
from bookings.settings import current_settings


def prune_inbox(*, now: datetime) -> None:
    """Whole mails and texts go after days, the rest after months; what waits for staff stays readable."""
    settings = current_settings().inbox
    settled = InboxMessage.state != InboxState.OPEN
    with transaction() as session:
        session.execute(
            update(InboxMessage)
            .where(settled, InboxMessage.received_at < now - timedelta(days=settings.raw_days))
            .values(raw=b"", text="")
        )
        too_old = now - months(settings.metadata_months)
        session.execute(delete(InboxMessage).where(settled, InboxMessage.received_at < too_old))


def record_position(mailbox: str, *, uid_validity: int, last_uid: int, now: datetime) -> None:
    """Note that everything up to this UID was taken in."""
    with transaction() as session:
        session.merge(
            MailboxPosition(mailbox=mailbox, uid_validity=uid_validity, last_uid=last_uid, read_at=now)
        )
