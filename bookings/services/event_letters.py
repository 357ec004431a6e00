"""Staff write to the people of an event: one mail each in the reader's language, sent by the worker."""

import logging
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import BookingError
from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.event_letters import STATES_OF, Audience, EventLetterPlan, readable_until
from bookings.domain.events import choose_text
from bookings.models.event_letters import EventLetter
from bookings.models.registrations import Registration
from bookings.queries.event_letters import count_readers, list_next_readers, list_unsent_letters
from bookings.queries.registrations.groups import load_group
from bookings.services.events.opening import note_event, read_event
from bookings.services.registrations.letters import Letter, send_letter

log = logging.getLogger("bookings.event_letters")
_BATCH = 200
"""People of one run: the worker's other jobs wait no longer than that."""


@retry_conflicts
def write_event_letter(slug: str, plan: EventLetterPlan, *, form_key: str, who: Who, now: datetime) -> int:
    """Keep a letter for the worker to send; returns how many people it is for. The same form sent twice is
    one letter.

    Raises NotFoundError, EventNotUsableError (missing, half, nobody) or TextNotAllowedError.
    """
    letter = plan.clean()
    with transaction() as session:
        event = read_event(session, slug)
        known = session.scalar(select(EventLetter.readers).where(EventLetter.form_key == form_key))
        if known is not None:
            return known
        readers = sum(count_readers(session, event.id)[letter.audience].values())
        if not readers:
            raise EventNotUsableError("nobody", "audience")
        row = EventLetter(
            event_id=event.id, form_key=form_key, audience=letter.audience, subject=dict(letter.subject),
            text=dict(letter.text), written_by=who.name, written_at=now, readers=readers,
        )  # fmt: skip
        session.add(row)
        session.flush()
        note_event(session, event, "write_event_letter", who=who, now=now, readers=readers)
        return readers


def send_event_letters(*, now: datetime, most: int = _BATCH) -> int:
    """The job: the next people of each letter, one transaction each. What fails is tried again next time."""
    sent = 0
    for letter_id in list_unsent_letters(read_session()):
        try:
            sent += _send_some(letter_id, most=most, now=now)
        except (BookingError, SQLAlchemyError):
            log.exception("event letter %d stands still", letter_id)
    return sent


def _send_some(letter_id: int, *, most: int, now: datetime) -> int:
    letter = read_session().get_one(EventLetter, letter_id)
    people = list_next_readers(
        read_session(), letter.event_id, Audience(letter.audience), after=letter.reached_id,
        written_at=letter.written_at, most=most,
    )  # fmt: skip
    sent = sum(_send_one(letter_id, registration_id, now=now) for registration_id in people)
    if len(people) < most:
        _finish(letter_id, now=now)
    return sent


@retry_conflicts
def _send_one(letter_id: int, registration_id: int, *, now: datetime) -> bool:
    """One person, looked at again: some have cancelled, or another worker was first."""
    with transaction() as session:
        letter = _claim(session, letter_id, registration_id)
        if letter is None:
            return False
        group = load_group(session, registration_id, alone=True)
        person = group.leader
        if not _is_still_reader(person, Audience(letter.audience)):
            return False
        words = {
            "subject_words": choose_text(letter.subject, person.language),
            "words": choose_text(letter.text, person.language),
            "signed": letter.written_by,
        }
        mail = Letter(
            template="event_letter", words=words, occasion=f":{letter.id}",
            expires_at=readable_until(group.event.ends_at, written_at=letter.written_at),
        )  # fmt: skip
        send_letter(session, group, person, mail, now=now)
        letter.sent += 1
        return True


def _claim(session: Session, letter_id: int, registration_id: int) -> EventLetter | None:
    """The letter, with this person noted as reached; nothing where somebody else was first."""
    claimed = session.execute(
        update(EventLetter)
        .where(EventLetter.id == letter_id, EventLetter.reached_id < registration_id)
        .values(reached_id=registration_id)
        .returning(EventLetter.id)
    ).scalar_one_or_none()
    return session.get_one(EventLetter, letter_id, populate_existing=True) if claimed else None


def _is_still_reader(person: Registration, audience: Audience) -> bool:
    return bool(person.state in STATES_OF[audience] and person.email and person.verified_at)


@retry_conflicts
def _finish(letter_id: int, *, now: datetime) -> None:
    with transaction() as session:
        session.execute(
            update(EventLetter)
            .where(EventLetter.id == letter_id, EventLetter.done_at.is_(None))
            .values(done_at=now)
        )
