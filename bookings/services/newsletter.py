"""The newsletter: nobody gets it who has not asked for it twice, and one click ends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.limits import hash_mailbox
from bookings.domain.links import LinkPurpose
from bookings.domain.newsletter import (
    NEWSLETTER,
    WORDING_VERSION,
    StopReason,
    build_left_address,
    build_source,
    has_left,
)
from bookings.domain.text import shorten_address
from bookings.domain.visits import Actor
from bookings.i18n import MAIL_LANGUAGE
from bookings.models.newsletter import Consent, NewsletterSubscription, StopListEntry
from bookings.queries.links import FoundLink, find_link
from bookings.queries.newsletter import find_pending_consent, is_subscribed
from bookings.services.audit import add_audit
from bookings.services.links import add_link
from bookings.services.outbox import Mail, queue_mail, site_url

_READER = Who(Actor.VISITOR, "reader")


@dataclass(frozen=True)
class Wish:
    """A ticked box: whose, under which words, in which request, from where."""

    email: str
    language: str
    wording: str
    reference: str
    client_address: str


def add_newsletter_wish(session: Session, wish: Wish, *, now: datetime) -> None:
    """Record that the box was ticked. Nothing is sent: neither the address nor the wish is proved yet."""
    subscription = session.scalar(
        select(NewsletterSubscription).where(NewsletterSubscription.email == wish.email)
    )
    if subscription is None:
        subscription = NewsletterSubscription(email=wish.email, language=wish.language)
        session.add(subscription)
        session.flush()
    session.add(
        Consent(
            purpose=NEWSLETTER,
            subscription_id=subscription.id,
            wording=wish.wording,
            wording_version=WORDING_VERSION,
            language=wish.language,
            source=build_source(wish.reference),
            network_address=shorten_address(wish.client_address),
            given_at=now,
        )
    )


def queue_newsletter_confirmation(
    session: Session,
    email: str,
    *,
    reference: str,
    now: datetime,
    visit_id: int | None = None,
    registration_id: int | None = None,
) -> None:
    """Ask the owner of the address to confirm the box of this form, when it was ticked."""
    found = find_pending_consent(session, email, build_source(reference))
    if found is None or is_subscribed(session, found[1].id):
        return
    consent, subscription = found
    token = add_link(session, LinkPurpose.NEWSLETTER_CONFIRM, subscription.id, now=now, expires_at=None)
    queue_mail(
        session,
        Mail(
            kind="newsletter_confirm",
            cause=f"newsletter:{consent.id}:confirm",
            recipient=subscription.email,
            language=consent.language,
            template="newsletter_confirm",
            context={"confirm_url": _page_url("newsletter.confirm", token, language=consent.language)},
            visit_id=visit_id,
            registration_id=registration_id,
        ),
        now=now,
    )


def queue_newsletter(
    session: Session,
    subscription: NewsletterSubscription,
    words: Mapping[str, str],
    *,
    cause: str,
    now: datetime,
) -> None:
    """One newsletter to one reader, with the link that ends it for this reader."""
    token = add_link(session, LinkPurpose.NEWSLETTER_UNSUBSCRIBE, subscription.id, now=now, expires_at=None)
    leave_url = _page_url("newsletter.unsubscribe", token, language=subscription.language)
    mail = Mail(
        kind="newsletter",
        cause=cause,
        recipient=subscription.email,
        language=subscription.language,
        template="newsletter",
        context={**words, "leave_url": leave_url},
        unsubscribe_url=site_url("newsletter.unsubscribe", token=token),
    )
    queue_mail(session, mail, now=now)


def confirm_newsletter(token: str, *, now: datetime) -> None:
    """The second yes. Pressing twice is harmless. Raises LinkNotFoundError or LinkExpiredError."""
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.NEWSLETTER_CONFIRM, now=now)
        subscription = session.get_one(NewsletterSubscription, link.subject_id, with_for_update=True)
        if has_left(subscription.email) or not _mark_confirmed(session, link, now=now):
            return
        entry = session.get(StopListEntry, hash_mailbox(subscription.email))
        if entry is not None:
            session.delete(entry)
        add_audit(session, _READER, "confirm", noun="newsletter", subject_id=subscription.id, now=now)
        _queue_welcome(session, subscription, now=now)


def unsubscribe_newsletter(token: str, *, now: datetime) -> None:
    """End it and keep only a hash. Pressing twice is harmless. Raises LinkNotFoundError."""
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.NEWSLETTER_UNSUBSCRIBE, now=now)
        subscription = session.get_one(NewsletterSubscription, link.subject_id, with_for_update=True)
        if has_left(subscription.email):
            return
        end_subscription(session, subscription, now=now)
        add_audit(session, _READER, "unsubscribe", noun="newsletter", subject_id=subscription.id, now=now)


def end_subscription(session: Session, subscription: NewsletterSubscription, *, now: datetime) -> None:
    """Only a hash stays on the stop list, and the consent record without the address."""
    stop_mailbox(session, subscription.email, StopReason.UNSUBSCRIBED, now=now)
    # The row stays without its address: a deleted id could be given to somebody else.
    subscription.email = build_left_address(subscription.id)
    session.execute(
        update(Consent)
        .where(Consent.subscription_id == subscription.id, Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )


def stop_mailbox(session: Session, email: str, reason: StopReason, *, now: datetime) -> None:
    """Put the hash of an address on the stop list; the stricter reason stays."""
    key = hash_mailbox(email)
    entry = session.get(StopListEntry, key)
    if entry is None:
        session.add(StopListEntry(email_hash=key, reason=reason, added_at=now))
    elif reason is StopReason.NOT_ME:
        entry.reason = reason


def withdraw_newsletter_wish(session: Session, email: str, *, reference: str, now: datetime) -> None:
    """Forget the box of a request that the address's owner did not send."""
    found = find_pending_consent(session, email, build_source(reference))
    if found is None:
        return
    consent, subscription = found
    consent.withdrawn_at = now
    if not _has_other_consent(session, consent):
        subscription.email = build_left_address(subscription.id)


def _has_other_consent(session: Session, consent: Consent) -> bool:
    statement = select(Consent.id).where(
        Consent.subscription_id == consent.subscription_id,
        Consent.id != consent.id,
        Consent.withdrawn_at.is_(None),
    )
    return session.scalar(statement.limit(1)) is not None


def _mark_confirmed(session: Session, link: FoundLink, *, now: datetime) -> bool:
    open_consents = session.scalars(
        select(Consent).where(
            Consent.subscription_id == link.subject_id,
            Consent.confirmed_at.is_(None),
            Consent.withdrawn_at.is_(None),
        )
    ).all()
    for consent in open_consents:
        consent.confirmed_at = now
    return bool(open_consents)


def _page_url(endpoint: str, token: str, *, language: str) -> str:
    return site_url(endpoint, token=token, **{MAIL_LANGUAGE: language})


def _queue_welcome(session: Session, subscription: NewsletterSubscription, *, now: datetime) -> None:
    token = add_link(session, LinkPurpose.NEWSLETTER_UNSUBSCRIBE, subscription.id, now=now, expires_at=None)
    queue_mail(
        session,
        Mail(
            kind="newsletter_welcome",
            cause=f"newsletter:{subscription.id}:welcome:{now.isoformat()}",
            recipient=subscription.email,
            language=subscription.language,
            template="newsletter_welcome",
            context={"leave_url": _page_url("newsletter.unsubscribe", token, language=subscription.language)},
            unsubscribe_url=site_url("newsletter.unsubscribe", token=token),
        ),
        now=now,
    )
