"""A person's own calendar feed of an event: a secret address that can be read, renewed and stopped."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.links import LinkPurpose
from bookings.models.links import ActionLink
from bookings.queries.links import find_link
from bookings.services.audit import add_audit
from bookings.services.links import add_link
from bookings.services.registrations.rows import NOUN, REGISTRANT


def create_own_feed(token: str, *, now: datetime) -> str:
    """A new secret address for whoever has this page; an earlier one ends. Returns its token.

    It ends with the page, and where the page's link is revoked. Raises LinkNotFoundError or LinkExpiredError.
    """
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
        _revoke(session, link.subject_id, now=now)
        add_audit(session, REGISTRANT, "create_feed", noun=NOUN, subject_id=link.subject_id, now=now)
        return add_link(
            session, LinkPurpose.REGISTRATION_FEED, link.subject_id, now=now, expires_at=link.expires_at,
            sequence=link.sequence,
        )  # fmt: skip


def revoke_own_feed(token: str, *, now: datetime) -> None:
    """The address stops working; one that is not there does no harm. Raises as `create_own_feed`."""
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
        if _revoke(session, link.subject_id, now=now):
            add_audit(session, REGISTRANT, "revoke_feed", noun=NOUN, subject_id=link.subject_id, now=now)


def _revoke(session: Session, registration_id: int, *, now: datetime) -> bool:
    ended = session.execute(
        update(ActionLink)
        .where(
            ActionLink.purpose == LinkPurpose.REGISTRATION_FEED,
            ActionLink.subject_id == registration_id,
            ActionLink.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(ActionLink.id),
        execution_options={"synchronize_session": False},
    )
    return bool(ended.all())
