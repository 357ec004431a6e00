"""Mailings: whom they would reach, and how far they have come."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from bookings.domain.mailings import STATES_OF, Audience
from bookings.domain.newsletter import LEFT_ADDRESSES, NEWSLETTER
from bookings.models.mailings import Mailing
from bookings.models.newsletter import Consent, NewsletterSubscription
from bookings.models.registrations import Registration

_MOST_SHOWN = 50
Counts = dict[Audience, dict[str, int]]
"""People of each audience by the language that they read."""


def is_of(audience: Audience) -> ColumnElement[bool]:
    """Can this registration be written to, and is it of this audience? Unproved addresses get nothing."""
    return (
        Registration.state.in_(STATES_OF[audience])
        & (Registration.email != "")
        & Registration.verified_at.is_not(None)
        & Registration.undeliverable_at.is_(None)
    )


def is_newsletter_reader(*, by: datetime | None = None) -> ColumnElement[bool]:
    """Did this subscription say yes twice (`by` then), and not leave?"""
    has_said_yes = (
        (Consent.subscription_id == NewsletterSubscription.id)
        & (Consent.purpose == NEWSLETTER)
        & Consent.confirmed_at.is_not(None)
        & Consent.withdrawn_at.is_(None)
    )
    if by is not None:
        has_said_yes &= Consent.confirmed_at <= by
    return exists().where(has_said_yes) & NewsletterSubscription.email.not_like(LEFT_ADDRESSES)


def count_people(session: Session, event_id: int) -> Counts:
    """Those of an event."""
    rows = session.execute(
        select(Registration.state, Registration.language, func.count())
        .where(Registration.event_id == event_id, is_of(Audience.EVERYBODY))
        .group_by(Registration.state, Registration.language)
    ).all()
    found: Counts = {audience: {} for audience in STATES_OF}
    for state, language, count in rows:
        for audience, states in STATES_OF.items():
            if state in states:
                found[audience][language] = found[audience].get(language, 0) + count
    return found


def count_subscribers(session: Session) -> Counts:
    """The readers of the newsletter."""
    rows = session.execute(
        select(NewsletterSubscription.language, func.count())
        .where(is_newsletter_reader())
        .group_by(NewsletterSubscription.language)
    )
    return {Audience.NEWSLETTER: dict(rows.all())}


def list_mailings(session: Session, event_id: int | None) -> Sequence[Mailing]:
    """Those of an event, or newsletters, the newest first."""
    whose = Mailing.event_id.is_(None) if event_id is None else Mailing.event_id == event_id
    return session.scalars(select(Mailing).where(whose).order_by(Mailing.id.desc()).limit(_MOST_SHOWN)).all()


def list_unsent(session: Session) -> list[int]:
    """Mailings that have not reached everybody yet, the oldest first."""
    return list(session.scalars(select(Mailing.id).where(Mailing.done_at.is_(None)).order_by(Mailing.id)))


def list_next_readers(session: Session, mailing: Mailing, *, most: int) -> list[int]:
    """Registrations, or subscriptions, behind the last one that was reached, of those that there were when it
    was written."""
    if mailing.event_id is None:
        row, is_meant = NewsletterSubscription.id, is_newsletter_reader(by=mailing.written_at)
    else:
        row = Registration.id
        is_meant = (
            (Registration.event_id == mailing.event_id)
            & (Registration.created_at <= mailing.written_at)
            & is_of(Audience(mailing.audience))
        )
    query = select(row).where(row > mailing.reached_id, is_meant)
    return list(session.scalars(query.order_by(row).limit(most)))
