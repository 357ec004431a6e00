"""Staff write to many: one mail each in the reader's language, sent by the worker person by person."""

import logging
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import BookingError, MailingNotUsableError
from bookings.domain.events import choose_text
from bookings.domain.mailings import STATES_OF, Audience, MailingPlan, readable_until
from bookings.models.mailings import Mailing
from bookings.models.newsletter import NewsletterSubscription
from bookings.models.registrations import Registration
from bookings.queries.mailings import (
    Counts,
    count_people,
    count_subscribers,
    list_next_readers,
    list_unsent,
)
from bookings.queries.newsletter import is_subscribed
from bookings.queries.registrations.groups import load_group
from bookings.services.audit import add_audit
from bookings.services.events.opening import read_event
from bookings.services.newsletter import queue_newsletter
from bookings.services.registrations.letters import Letter, send_letter

log = logging.getLogger("bookings.mailings")
_BATCH = 200
"""People of one run: the worker's other jobs wait no longer than that."""


@retry_conflicts
def write_to_people(slug: str, plan: MailingPlan, *, form_key: str, who: Who, now: datetime) -> int:
    """Keep a mailing to people of an event for the worker to send; returns how many it is for.

    The same form sent twice is one mailing. Raises NotFoundError, MailingNotUsableError or
    TextNotAllowedError.
    """
    cleaned = plan.clean()
    with transaction() as session:
        event = read_event(session, slug)
        return _keep(session, cleaned, count_people(session, event.id), event.id, form_key, who=who, now=now)


@retry_conflicts
def write_newsletter(plan: MailingPlan, *, form_key: str, who: Who, now: datetime) -> int:
    """The same to everybody who asked for the newsletter; raises the same."""
    cleaned = plan.clean()
    with transaction() as session:
        return _keep(session, cleaned, count_subscribers(session), None, form_key, who=who, now=now)


def _keep(  # noqa: PLR0913 - who writes what to whom
    session: Session,
    plan: MailingPlan,
    counts: Counts,
    event_id: int | None,
    form_key: str,
    *,
    who: Who,
    now: datetime,
) -> int:
    known = session.scalar(select(Mailing.readers).where(Mailing.form_key == form_key))
    if known is not None:
        return known
    readers = sum(counts[plan.audience].values())
    if not readers:
        raise MailingNotUsableError("nobody", "audience")
    mailing = Mailing(
        event_id=event_id, form_key=form_key, audience=plan.audience, subject=dict(plan.subject),
        text=dict(plan.text), written_by=who.name, written_at=now, readers=readers,
    )  # fmt: skip
    session.add(mailing)
    session.flush()
    noun, subject_id = ("newsletter", mailing.id) if event_id is None else ("event", event_id)
    add_audit(session, who, "write_mailing", noun=noun, subject_id=subject_id, now=now, readers=readers)
    return readers


def send_mailings(*, now: datetime, most: int = _BATCH) -> int:
    """The job: the next people of each mailing, one transaction each. What fails is tried again next time."""
    sent = 0
    for mailing_id in list_unsent(read_session()):
        try:
            sent += _send_some(mailing_id, most=most, now=now)
        except (BookingError, SQLAlchemyError):
            log.exception("mailing %d stands still", mailing_id)
    return sent


def _send_some(mailing_id: int, *, most: int, now: datetime) -> int:
    mailing = read_session().get_one(Mailing, mailing_id)
    readers = list_next_readers(read_session(), mailing, most=most)
    sent = sum(_send_one(mailing_id, reader_id, now=now) for reader_id in readers)
    if len(readers) < most:
        _finish(mailing_id, now=now)
    return sent


@retry_conflicts
def _send_one(mailing_id: int, reader_id: int, *, now: datetime) -> bool:
    """One person, looked at again: some have cancelled or left, or another worker was first."""
    with transaction() as session:
        mailing = _claim(session, mailing_id, reader_id)
        if mailing is None:
            return False
        send = _send_newsletter if mailing.event_id is None else _send_to_person
        if not send(session, mailing, reader_id, now=now):
            return False
        mailing.sent += 1
        return True


def _claim(session: Session, mailing_id: int, reader_id: int) -> Mailing | None:
    """The mailing, with this person noted as reached; nothing where somebody else was first."""
    claimed = session.execute(
        update(Mailing)
        .where(Mailing.id == mailing_id, Mailing.reached_id < reader_id)
        .values(reached_id=reader_id)
        .returning(Mailing.id)
    ).scalar_one_or_none()
    return session.get_one(Mailing, mailing_id, populate_existing=True) if claimed else None


def _send_to_person(session: Session, mailing: Mailing, registration_id: int, *, now: datetime) -> bool:
    group = load_group(session, registration_id, alone=True)
    person = group.leader
    if not _is_still_meant(person, Audience(mailing.audience)):
        return False
    mail = Letter(
        template="event_letter", words=_words(mailing, person.language), occasion=f":{mailing.id}",
        expires_at=readable_until(group.event.ends_at, written_at=mailing.written_at),
    )  # fmt: skip
    send_letter(session, group, person, mail, now=now)
    return True


def _is_still_meant(person: Registration, audience: Audience) -> bool:
    return bool(person.state in STATES_OF[audience] and person.email and person.verified_at)


def _send_newsletter(session: Session, mailing: Mailing, subscription_id: int, *, now: datetime) -> bool:
    subscription = session.get_one(NewsletterSubscription, subscription_id, with_for_update=True)
    if not is_subscribed(session, subscription_id):
        return False
    words = _words(mailing, subscription.language)
    queue_newsletter(session, subscription, words, cause=f"mailing:{mailing.id}", now=now)
    return True


def _words(mailing: Mailing, language: str) -> dict[str, str]:
    return {
        "subject_words": choose_text(mailing.subject, language),
        "words": choose_text(mailing.text, language),
        "signed": mailing.written_by,
    }


@retry_conflicts
def _finish(mailing_id: int, *, now: datetime) -> None:
    with transaction() as session:
        session.execute(
            update(Mailing).where(Mailing.id == mailing_id, Mailing.done_at.is_(None)).values(done_at=now)
        )
