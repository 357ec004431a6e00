"""Note what an act changed, so that it can be taken back as long as nobody outside has heard of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.audit import Who
from bookings.domain.visits import Actor
from bookings.models.audit import AuditEntry
from bookings.models.history import UndoStep

OFFERED = "undo_step"
"""In `session.info` after the commit: the step that the next page offers to take back."""


@dataclass(frozen=True)
class Undoing:
    """A step that is being taken back, and by whom."""

    id: int
    subject_id: int
    visit_id: int | None
    before: dict[str, Any]
    after: dict[str, Any]
    who: Who
    now: datetime


def offer_undo(  # noqa: PLR0913 - a step is these facts
    session: Session,
    who: Who,
    kind: str,
    *,
    subject_id: int,
    now: datetime,
    before: dict[str, Any],
    after: dict[str, Any],
    visit_id: int | None = None,
) -> None:
    """`before` is what taking it back restores, `after` what has to be so still. Part of use cases."""
    if who.kind != Actor.STAFF:
        return
    step = UndoStep(
        kind=kind,
        subject_id=subject_id,
        visit_id=visit_id,
        actor_name=who.name,
        done_at=now,
        before=before,
        after=after,
    )
    session.add(step)
    session.flush()
    session.info[OFFERED] = step.id


def find_last_actor(session: Session, noun: str, subject_id: int) -> str:
    """Who did something to it last."""
    query = select(AuditEntry.actor_name).where(AuditEntry.noun == noun, AuditEntry.subject_id == subject_id)
    return session.scalar(query.order_by(AuditEntry.id.desc()).limit(1)) or ""


def find_last_word(session: Session, subject_id: int, state: dict[str, Any]) -> int | None:
    """The act after which nothing else was done to the slot, if it can be taken back."""
    last = session.scalars(
        select(UndoStep)
        .where(
            UndoStep.subject_id == subject_id,
            UndoStep.kind.startswith("slot_"),
            UndoStep.undone_at.is_(None),
        )
        .order_by(UndoStep.id.desc())
        .limit(1)
    ).one_or_none()
    return last.id if last is not None and last.after == state else None


def list_earlier(session: Session, step: Undoing) -> Sequence[UndoStep]:
    """The acts on the same subject before this one that nobody has taken back."""
    return session.scalars(
        select(UndoStep).where(
            UndoStep.subject_id == step.subject_id,
            UndoStep.visit_id == step.visit_id,
            UndoStep.id < step.id,
            UndoStep.kind.startswith("slot_"),
            UndoStep.undone_at.is_(None),
        )
    ).all()


def list_earlier_settings(session: Session, step: Undoing) -> Sequence[UndoStep]:
    """The same for the settings of one key, whose versions are rows of their own."""
    found = session.scalars(
        select(UndoStep).where(
            UndoStep.kind == "setting", UndoStep.id < step.id, UndoStep.undone_at.is_(None)
        )
    )
    return [one for one in found if one.before["key"] == step.before["key"]]
