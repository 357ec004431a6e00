"""Calendar feeds that people make on their own page: secret addresses, read, renewed and stopped.

One shows everything of their mailbox, as long as it is registered anywhere; one shows this event only.
"""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.feeds import FeedKind
from bookings.domain.links import LinkPurpose
from bookings.models.feeds import CalendarFeed
from bookings.models.links import ActionLink
from bookings.models.registrations import Registration
from bookings.queries.links import find_link
from bookings.services.audit import add_audit
from bookings.services.feeds.addresses import add_address, end_addresses
from bookings.services.links import add_link
from bookings.services.registrations.rows import NOUN, REGISTRANT


def create_person_feed(token: str, *, now: datetime) -> str:
    """A new secret address for everything of this person's mailbox; an earlier one ends. Returns its token.

    Raises LinkNotFoundError, LinkExpiredError, or TransitionNotAllowedError while the address is not proved.
    """
    with transaction() as session:
        person = _open_proved(session, token, now=now)
        end_addresses(session, CalendarFeed.mailbox == person.email)
        add_audit(
            session, REGISTRANT, "create_feed", noun=NOUN, subject_id=person.id, now=now, feed=FeedKind.PERSON
        )
        return add_address(session, now=now, kind=FeedKind.PERSON, mailbox=person.email)


def revoke_person_feed(token: str, *, now: datetime) -> None:
    """The address stops working; one that is not there does no harm. Raises as `create_person_feed`."""
    with transaction() as session:
        person = _open_proved(session, token, now=now)
        if end_addresses(session, CalendarFeed.mailbox == person.email):
            add_audit(
                session, REGISTRANT, "revoke_feed", noun=NOUN, subject_id=person.id, now=now,
                feed=FeedKind.PERSON,
            )  # fmt: skip


def create_own_feed(token: str, *, now: datetime) -> str:
    """A new secret address of this event for whoever has this page; an earlier one ends. Returns its token.

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


def _open_proved(session: Session, token: str, *, now: datetime) -> Registration:
    """Who has this page. A mailbox that nobody proved may be anybody's, with all that it was told elsewhere.

    Locked, for the button that is pressed twice.
    """
    link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
    person = session.get_one(Registration, link.subject_id, with_for_update=True, populate_existing=True)
    if person.verified_at is None or not person.email:
        raise TransitionNotAllowedError(NOUN, person.state, "create_feed")
    return person


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
