"""Labels: staff make them, and put them on visits."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import LabelNotUsableError, NotFoundError
from bookings.domain.labels import LONGEST_NAME, MOST_LABELS, LabelTone
from bookings.domain.text import clean_line
from bookings.models.labels import LabelledVisit, VisitLabel
from bookings.models.visits import VisitRequest
from bookings.services.audit import add_audit
from bookings.services.undo_steps import offer_undo
from bookings.services.visits.meanwhile import check_nothing_new

_NOUN = "visit_label"


@retry_conflicts
def add_label(name: str, tone: LabelTone, *, who: Who, now: datetime) -> int:
    """A new label; returns its id. Raises LabelNotUsableError, TextNotAllowedError."""
    with transaction() as session:
        if (session.scalar(select(func.count()).select_from(VisitLabel)) or 0) >= MOST_LABELS:
            raise LabelNotUsableError("many", MOST_LABELS)
        label = VisitLabel(name=_free_name(session, name), tone=tone)
        session.add(label)
        session.flush()
        add_audit(session, who, "add_label", noun=_NOUN, subject_id=label.id, now=now)
        return label.id


@retry_conflicts
def change_label(label_id: int, name: str, tone: LabelTone, *, who: Who, now: datetime) -> None:
    """Another name or tone, on all visits that have it. Raises NotFoundError and what adding raises."""
    with transaction() as session:
        label = _open(session, label_id)
        label.name, label.tone = _free_name(session, name, except_id=label_id), tone
        add_audit(session, who, "change_label", noun=_NOUN, subject_id=label_id, now=now)


@retry_conflicts
def remove_label(label_id: int, *, who: Who, now: datetime) -> None:
    """The label goes, from all visits too. Raises NotFoundError."""
    with transaction() as session:
        label = _open(session, label_id)
        session.execute(delete(LabelledVisit).where(LabelledVisit.label_id == label_id))
        session.delete(label)
        add_audit(session, who, "remove_label", noun=_NOUN, subject_id=label_id, now=now)


@retry_conflicts
def set_labels(
    reference: str, label_ids: Collection[int], *, seen: int | None = None, who: Who, now: datetime
) -> None:
    """The visit has these labels and no others. Raises NotFoundError, RecordChangedError."""
    with transaction() as session:
        visit_id = session.scalar(
            select(VisitRequest.id).where(VisitRequest.reference == reference).with_for_update()
        )
        if visit_id is None:
            raise NotFoundError("visit_request", reference)
        check_nothing_new(session, visit_id, seen, now=now, about=("label",))
        of_visit = LabelledVisit.visit_id == visit_id
        before = set(session.scalars(select(LabelledVisit.label_id).where(of_visit)))
        wanted = set(session.scalars(select(VisitLabel.id).where(VisitLabel.id.in_(label_ids))))
        if wanted == before:
            return
        session.execute(delete(LabelledVisit).where(of_visit, LabelledVisit.label_id.not_in(wanted)))
        session.add_all(LabelledVisit(visit_id=visit_id, label_id=one) for one in sorted(wanted - before))
        add_audit(
            session, who, "label", noun="visit_request", subject_id=visit_id, visit_id=visit_id, now=now,
            before=sorted(before), after=sorted(wanted),
        )  # fmt: skip
        session.flush()
        offer_undo(
            session, who, "labels", subject_id=visit_id, visit_id=visit_id, now=now,
            before={"labels": sorted(before)}, after={"labels": sorted(wanted)},
        )  # fmt: skip


def _open(session: Session, label_id: int) -> VisitLabel:
    label = session.get(VisitLabel, label_id, with_for_update=True)
    if label is None:
        raise NotFoundError(_NOUN, str(label_id))
    return label


def _free_name(session: Session, name: str, *, except_id: int = 0) -> str:
    clean = clean_line(name, max_length=LONGEST_NAME)
    if not clean:
        raise LabelNotUsableError("missing")
    others = session.scalars(select(VisitLabel.name).where(VisitLabel.id != except_id))
    if clean.casefold() in map(str.casefold, others):  # here, because SQLite's lower() knows no Å
        raise LabelNotUsableError("taken")
    return clean
