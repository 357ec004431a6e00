"""Staff and visitor talk about a request before and while it is planned."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, TransitionNotAllowedError
from bookings.domain.slots import LIVE_STATES
from bookings.domain.text import clean_text
from bookings.domain.time import is_time_zone
from bookings.domain.visits import Actor, VisitAction, VisitState
from bookings.models.slots import Slot
from bookings.models.visits import VisitNote, VisitRequest
from bookings.queries.programme import find_visit_id, find_visit_id_by_link
from bookings.services.audit import add_audit
from bookings.services.invitations import open_visit
from bookings.services.notices import Notice, NoticeKind, tell_staff
from bookings.services.programme import move_visit, tell_visitor
from bookings.services.undo_steps import offer_undo
from bookings.services.visits.meanwhile import check_nothing_new
from bookings.settings import current_settings

_LONGEST_TEXT = 4000


@retry_conflicts
def start_planning(reference: str, *, seen: int | None = None, who: Who, now: datetime) -> None:
    """Staff take the request up. Doing it twice is the same. Raises TransitionNotAllowedError."""
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        if visit.state != VisitState.PLANNING:
            check_nothing_new(session, visit.id, seen, now=now)
            move_visit(session, visit, VisitAction.PLAN, who=who, now=now)


@retry_conflicts
def ask_visitor(reference: str, question: str, *, seen: int | None = None, who: Who, now: datetime) -> None:
    """Ask the visitor something; the answer has a deadline. Raises TransitionNotAllowedError."""
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        check_nothing_new(session, visit.id, seen, now=now)
        move_visit(session, visit, VisitAction.ASK, who=who, now=now)
        visit.question = clean_text(question, max_length=_LONGEST_TEXT)
        visit.answer = ""
        visit.answer_by = now + timedelta(days=current_settings().visits.needs_info_days)
        tell_visitor(session, visit, "question", now=now, question=visit.question)


@retry_conflicts
def answer_question(token: str, answer: str, *, now: datetime) -> None:
    """The visitor answers what staff asked; the same answer again changes nothing."""
    with transaction() as session:
        visit = open_visit(session, find_visit_id_by_link(session, token, now=now), now=now)
        text = clean_text(answer, max_length=_LONGEST_TEXT)
        if visit.state != VisitState.NEEDS_INFO and visit.answer == text:
            return
        if visit.state != VisitState.NEEDS_INFO or is_overdue(visit, now=now):
            raise TransitionNotAllowedError("visit_request", str(visit.state), VisitAction.ANSWER)
        action = VisitAction.PLAN if _has_live_slots(session, visit.id) else VisitAction.ANSWER
        move_visit(session, visit, action, who=visitor(visit), now=now)
        visit.answer = text
        tell_staff_of(session, visit, NoticeKind.VISITOR_ANSWERED, text, now=now)


@retry_conflicts
def add_note(reference: str, text: str, *, who: Who, now: datetime) -> None:
    """Keep what staff write about a visit."""
    with transaction() as session:
        visit_id = find_visit_id(session, reference)
        note = write_note(session, visit_id, text, who=who, now=now)
        add_audit(
            session, who, "add_note", noun="visit_request", subject_id=visit_id, visit_id=visit_id, now=now
        )
        session.flush()
        offer_undo(session, who, "note", subject_id=note.id, visit_id=visit_id, now=now, before={}, after={})


@retry_conflicts
def set_time_zone(token: str, zone: str, *, now: datetime) -> None:
    """The visitor reads times in this zone from now on. Raises NotFoundError for an unknown zone."""
    if not is_time_zone(zone):
        raise NotFoundError("time_zone", zone)
    with transaction() as session:
        visit = open_visit(session, find_visit_id_by_link(session, token, now=now), now=now)
        if visit.contact_time_zone == zone:
            return
        visit.contact_time_zone = zone
        add_audit(
            session, visitor(visit), "set_time_zone", noun="visit_request", subject_id=visit.id,
            visit_id=visit.id, now=now, zone=zone,
        )  # fmt: skip


def write_note(session: Session, visit_id: int, text: str, *, who: Who, now: datetime) -> VisitNote:
    """A note with its author. Part of use cases."""
    clean = clean_text(text, max_length=_LONGEST_TEXT)
    note = VisitNote(
        visit_id=visit_id, author_kind=who.kind, author_name=who.name, text=clean, written_at=now
    )
    session.add(note)
    return note


def tell_staff_of(
    session: Session, visit: VisitRequest, kind: NoticeKind, words: str, *, now: datetime
) -> None:
    """Staff read what the visitor wrote. Part of use cases."""
    notice = Notice(
        kind=kind,
        visitors=visit.delegation.organisation_name,
        occasion=f"{visit.version}:{now.isoformat()}",
        quote=clean_text(words, max_length=_LONGEST_TEXT),
    )
    tell_staff(session, visit, notice, now=now)


def is_overdue(visit: VisitRequest, *, now: datetime) -> bool:
    """Has the visitor let the deadline pass? Page and worker ask here."""
    return visit.answer_by is not None and now >= visit.answer_by


def visitor(visit: VisitRequest) -> Who:
    """The visitor as an actor."""
    return Who(Actor.VISITOR, visit.contact_name)


def _has_live_slots(session: Session, visit_id: int) -> bool:
    query = select(Slot.id).where(Slot.visit_id == visit_id, Slot.state.in_(LIVE_STATES)).limit(1)
    return session.scalar(query) is not None
