"""Labels of staff, and which visits have them."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.models.labels import LabelledVisit, VisitLabel


@dataclass(frozen=True)
class Label:
    """A label as pages show it; `uses` visits have it, where they were counted."""

    id: int
    name: str
    tone: str
    uses: int = 0


def list_labels(session: Session) -> list[Label]:
    """All labels by name, with the number of visits that have them."""
    uses = (
        select(func.count())
        .where(LabelledVisit.label_id == VisitLabel.id)
        .correlate(VisitLabel)
        .scalar_subquery()
    )
    rows = session.execute(
        select(VisitLabel.id, VisitLabel.name, VisitLabel.tone, uses).order_by(VisitLabel.name, VisitLabel.id)
    )
    return [Label(*row) for row in rows]


def list_labels_of(session: Session, visit_ids: Collection[int]) -> dict[int, list[Label]]:
    """The labels of each of these visits, by name."""
    found: defaultdict[int, list[Label]] = defaultdict(list)
    rows = session.execute(
        select(LabelledVisit.visit_id, VisitLabel.id, VisitLabel.name, VisitLabel.tone)
        .join(VisitLabel, VisitLabel.id == LabelledVisit.label_id)
        .where(LabelledVisit.visit_id.in_(visit_ids))
        .order_by(VisitLabel.name, VisitLabel.id)
    )
    for visit_id, label_id, name, tone in rows:
        found[visit_id].append(Label(label_id, name, tone))
    return found
