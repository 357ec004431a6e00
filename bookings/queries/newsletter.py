"""Reads of the newsletter: what a link stands for, who is on the stop list."""

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.limits import hash_mailbox
from bookings.domain.newsletter import StopReason, has_left
from bookings.models.newsletter import Consent, NewsletterSubscription, StopListEntry

_STOPS = table_of(StopListEntry).c
_PENDING = (
    select(Consent, NewsletterSubscription)
    .join(NewsletterSubscription, NewsletterSubscription.id == Consent.subscription_id)
    .where(
        NewsletterSubscription.email == bindparam("email"),
        Consent.source == bindparam("source"),
        Consent.confirmed_at.is_(None),
        Consent.withdrawn_at.is_(None),
    )
)
_REASON = select(_STOPS.reason).where(_STOPS.email_hash == bindparam("email_hash"))


def find_pending_consent(
    session: Session, email: str, source: str
) -> tuple[Consent, NewsletterSubscription] | None:
    """The consent given in that request, while its address is still waiting to confirm it."""
    row = session.execute(_PENDING, {"email": email, "source": source}).first()
    return (row[0], row[1]) if row else None


def is_subscribed(session: Session, subscription_id: int) -> bool:
    """Does the newsletter go to this subscription's address?"""
    statement = (
        select(NewsletterSubscription.email)
        .join(Consent, Consent.subscription_id == NewsletterSubscription.id)
        .where(
            NewsletterSubscription.id == subscription_id,
            Consent.confirmed_at.is_not(None),
            Consent.withdrawn_at.is_(None),
        )
    )
    email = session.scalar(statement.limit(1))
    return email is not None and not has_left(email)


def is_stopped(session: Session, email: str) -> bool:
    """Did the owner of this mailbox say that somebody else used the address?"""
    reason = session.scalar(_REASON, {"email_hash": hash_mailbox(email)})
    return reason == StopReason.NOT_ME
