"""The ferry's timetable as staff and the planner read it."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from bookings.domain.planning import TimetableRow
from bookings.models.directory import Place
from bookings.models.planning import Sailing


@dataclass(frozen=True)
class SailingView:
    """A row of the timetable with what staff note beside it."""

    id: int
    row: TimetableRow
    is_example: bool
    note: str


def list_sailings(session: Session) -> tuple[SailingView, ...]:
    """The whole timetable in one statement, by port and clock."""
    origin, target = aliased(Place), aliased(Place)
    rows = session.execute(
        select(Sailing, origin.slug, origin.time_zone, target.slug)
        .join(origin, origin.id == Sailing.from_place_id)
        .join(target, target.id == Sailing.to_place_id)
        .order_by(origin.slug, target.slug, Sailing.departs_at, Sailing.weekdays, Sailing.id)
    )
    return tuple(
        SailingView(sailing.id, _build_row(sailing, origin, zone, target), sailing.is_example, sailing.note)
        for sailing, origin, zone, target in rows
    )


def _build_row(sailing: Sailing, origin: str, zone: str, target: str) -> TimetableRow:
    return TimetableRow(
        origin=origin,
        target=target,
        time_zone=zone,
        departs_at=sailing.departs_at,
        minutes=sailing.minutes,
        weekdays=sailing.weekdays,
        from_on=sailing.from_on,
        to_on=sailing.to_on,
        check_in_minutes=sailing.check_in_minutes,
    )
