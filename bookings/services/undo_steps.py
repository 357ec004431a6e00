"""Note what an act changed, so that it can be taken back as long as nobody outside has heard of it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bookings.domain.audit import Who
from bookings.domain.visits import Actor
from bookings.models.history import UndoStep

OFFERED = "undo_step"
"""In `session.info` after the commit: the step that the next page offers to take back."""


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
