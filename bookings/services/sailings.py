"""The ferry's timetable: kept by staff, row by row or by a file."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.models.planning import Sailing
from bookings.services.audit import add_audit
from bookings.services.directory_tables import read_places
from bookings.services.directory_tally import ImportResult, Progress, apply_changes, build_result

_EXAMPLE = "EXAMPLE"


def save_sailings(session: Session, rows: Sequence[dict[str, str]], progress: Progress) -> ImportResult:
    """Rows are found by their ports, clock, weekdays and first day. Part of the import."""
    places = read_places(session)
    stored = {_key_of(row): row for row in session.scalars(select(Sailing))}
    new = changed = 0
    for cells in rows:
        from_on = _read_day(cells["from_date"])
        origin, target = places[cells["from"]].id, places[cells["to"]].id
        key = (origin, target, cells["departs"], cells["weekdays"], from_on)
        values = _values_of(cells)
        if key in stored:
            changed += apply_changes(stored[key], values)
        else:
            session.add(
                Sailing(
                    from_place_id=origin,
                    to_place_id=target,
                    departs_at=cells["departs"],
                    weekdays=cells["weekdays"],
                    from_on=from_on,
                    **values,
                )
            )
            new += 1
    progress(len(rows), len(rows))
    return build_result(total=len(rows), new=new, changed=changed)


def remove_sailing(sailing_id: int, *, who: Who, now: datetime) -> None:
    """Take a row out of the timetable. Raises NotFoundError."""
    with transaction() as session:
        row = session.get(Sailing, sailing_id)
        if row is None:
            raise NotFoundError("sailing", str(sailing_id))
        session.delete(row)
        add_audit(session, who, "sailing.removed", noun="sailing", subject_id=sailing_id, now=now)


def _key_of(row: Sailing) -> tuple[int, int, str, str, date | None]:
    return row.from_place_id, row.to_place_id, row.departs_at, row.weekdays, row.from_on


def _values_of(cells: dict[str, str]) -> dict[str, object]:
    return {
        "minutes": int(cells["minutes"]),
        "to_on": _read_day(cells["to_date"]),
        "check_in_minutes": int(cells["check_in_minutes"]) if cells["check_in_minutes"] else None,
        "note": cells["note"],
        "is_example": cells["note"].startswith(_EXAMPLE),
    }


def _read_day(cell: str) -> date | None:
    return date.fromisoformat(cell) if cell else None
