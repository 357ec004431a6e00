"""What visitors wish to have changed waits until staff have dealt with it, with or without words."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.text import clean_text
from bookings.domain.visits import OPEN_STATES
from bookings.models.visits import VisitNote
from bookings.queries.programme import find_visit_id
from bookings.queries.visits import is_open_wish
from bookings.services.audit import add_audit
from bookings.services.invitations import check_visit_is_in, open_visit
from bookings.services.programme import tell_visitor
from bookings.services.visits.meanwhile import check_nothing_new

_ACT = "answer_wish"
_LONGEST_TEXT = 4000


@retry_conflicts
def answer_wish(reference: str, words: str, *, seen: int | None = None, who: Who, now: datetime) -> None:
    """Staff have dealt with what the visitor wished; words go to the visitor in one mail.

    Doing it twice is the same. Raises RecordChangedError, so that a wish that came meanwhile is read first,
    TextNotAllowedError or TransitionNotAllowedError.
    """
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        if not _list_open(session, visit.id):
            return
        check_nothing_new(session, visit.id, seen, now=now)
        check_visit_is_in(visit, OPEN_STATES, _ACT)
        answer = clean_text(words, max_length=_LONGEST_TEXT)
        wishes = settle_wishes(session, visit.id, answer=answer, who=who, now=now)
        if answer:
            tell_visitor(session, visit, "wish_answered", now=now, wishes=wishes, answer=answer)


def settle_wishes(session: Session, visit_id: int, *, answer: str = "", who: Who, now: datetime) -> list[str]:
    """Nothing that the visitor wished waits any more; what it was, the oldest first. Part of use cases."""
    wishes = _list_open(session, visit_id)
    for wish in wishes:
        wish.answered_at, wish.answered_by, wish.answer = now, who.name, answer
    if wishes:
        add_audit(
            session, who, _ACT, noun="visit_request", subject_id=visit_id, visit_id=visit_id, now=now,
            wishes=len(wishes), has_words=bool(answer),
        )  # fmt: skip
    return [wish.text for wish in wishes]


def is_known_wish(session: Session, visit_id: int, text: str) -> bool:
    """Does just this wait already? A form that is sent twice is one wish. Part of use cases."""
    said = clean_text(text, max_length=_LONGEST_TEXT)
    return any(wish.text == said for wish in _list_open(session, visit_id))


def _list_open(session: Session, visit_id: int) -> list[VisitNote]:
    """The oldest first."""
    query = select(VisitNote).where(VisitNote.visit_id == visit_id, *is_open_wish())
    return list(session.scalars(query.order_by(VisitNote.id)))
