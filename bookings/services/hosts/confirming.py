"""Hosts look at what is known of them once a year, by a link to their own page; nobody needs an account."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, selectinload

from bookings.db import transaction
from bookings.domain.audit import SYSTEM
from bookings.domain.errors import NotFoundError
from bookings.domain.hosts import Confirmation, next_confirmation
from bookings.domain.links import LinkPurpose
from bookings.domain.time import home_day
from bookings.i18n import format_day, in_language
from bookings.models.directory import DirectoryVersion, HostContact, Organisation, Site
from bookings.models.hosts import HostTerms
from bookings.models.offers import VisitOffer
from bookings.queries.offers import build_offer
from bookings.services.audit import add_audit
from bookings.services.hosts.doors import HostDoor, StaffDoor, find_part, note, open_host, open_terms
from bookings.services.links import add_link
from bookings.services.outbox import Mail, queue_mail, site_url
from bookings.settings import current_settings

_BATCH = 50
"""Hosts asked in one transaction: a mail needs a link and its words."""


def confirm_host(token: str, *, now: datetime) -> None:
    """The host says that all is still right. Pressed twice it says the same."""
    with transaction() as session:
        host = open_host(session, HostDoor(token), now=now)  # notes the answer
        note(session, host, "confirmed", now=now)


def send_host_page(door: StaffDoor, contact_id: int, *, now: datetime) -> None:
    """Send the contact a link to the host's own page at once. Raises NotFoundError."""
    with transaction() as session:
        host = open_host(session, door, now=now)
        contact = find_part(session, HostContact, host, contact_id)
        if contact.ended_at is not None:
            raise NotFoundError("host_contact", str(contact_id))
        _queue_link(session, host.organisation, contact, template="host_page", now=now)
        note(session, host, "page_sent", now=now, contact=contact.id)


def ask_hosts_to_confirm(*, now: datetime) -> None:
    """Ask every host whose year is over, remind once, then leave it in peace until next year."""
    found = _BATCH
    while found == _BATCH:
        with transaction() as session:
            session.execute(select(DirectoryVersion.id).with_for_update())  # one worker at a time
            _add_missing_terms(session, today=home_day(now))
            due = _list_due(session, today=home_day(now))
            for terms in due:
                _ask(session, terms, now=now)
            found = len(due)


def _add_missing_terms(session: Session, *, today: date) -> None:
    """A host that is new in the directory was right on the day on which it came there."""
    unknown = select(Organisation.id).where(~exists().where(HostTerms.organisation_id == Organisation.id))
    for organisation_id in session.scalars(unknown).all():
        open_terms(session, organisation_id, today=today)


def _list_due(session: Session, *, today: date) -> Sequence[HostTerms]:
    receiving = select(Organisation.id).where(
        Organisation.status == "published", Organisation.hosts_visits != "no"
    )
    return session.scalars(
        select(HostTerms)
        .where(HostTerms.ask_on <= today, HostTerms.organisation_id.in_(receiving))
        .order_by(HostTerms.ask_on, HostTerms.organisation_id)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ).all()


def _ask(session: Session, terms: HostTerms, *, now: datetime) -> None:
    """Where nobody can be reached nothing is asked: that is no silence of the host's."""
    settings = current_settings().hosts
    contact = session.scalars(
        select(HostContact)
        .where(
            HostContact.organisation_id == terms.organisation_id,
            HostContact.is_host,
            HostContact.ended_at.is_(None),
            HostContact.is_undeliverable.is_(False),
        )
        .order_by(HostContact.id)
    ).first()
    if contact is None:
        terms.ask_on = home_day(now) + timedelta(days=settings.reminder_days)
        return
    was_open = terms.confirmation_asked_at is not None
    following = next_confirmation(
        Confirmation(terms.ask_on, was_open, terms.unanswered_confirmations),
        today=home_day(now),
        every=timedelta(days=settings.confirm_days),
        remind=timedelta(days=settings.reminder_days),
    )
    terms.ask_on, terms.unanswered_confirmations = following.ask_on, following.unanswered
    terms.confirmation_asked_at = now if following.is_open else None
    if following.is_open:
        organisation = session.get_one(Organisation, terms.organisation_id)
        template = "host_page_reminder" if was_open else "host_page"
        _queue_link(session, organisation, contact, template=template, now=now)
    action = "host.asked" if following.is_open else "host.silent"
    add_audit(session, SYSTEM, action, noun="organisation", subject_id=terms.organisation_id, now=now)


def _queue_link(
    session: Session, organisation: Organisation, contact: HostContact, *, template: str, now: datetime
) -> None:
    expires_at = now + timedelta(days=current_settings().hosts.link_days)
    token = add_link(session, LinkPurpose.HOST_PAGE, contact.id, now=now, expires_at=expires_at)
    with in_language(contact.language):
        until = format_day(home_day(expires_at))
    context = {
        "host_name": contact.name,
        "organisation": organisation.name,
        "offers": _list_titles(session, organisation, contact.language),
        "page_url": site_url("host_page.show", token=token),
        "until": until,
    }
    queue_mail(
        session,
        Mail(
            kind=template,
            # Pressed twice in a row it is one mail.
            cause=f"host:{contact.id}:{template}:{now:%Y-%m-%dT%H:%M}",
            recipient=contact.email,
            recipient_name=contact.name,
            language=contact.language,
            template=template,
            context=context,
            expires_at=expires_at,
        ),
        now=now,
    )


def _list_titles(session: Session, organisation: Organisation, language: str) -> list[str]:
    rows = session.scalars(
        select(VisitOffer)
        .join(Site, Site.id == VisitOffer.site_id)
        .where(Site.organisation_id == organisation.id)
        .options(selectinload(VisitOffer.hours), selectinload(VisitOffer.topics))
        .order_by(VisitOffer.id)
    )
    return [build_offer(row).title(language) for row in rows]
