"""Storing interests, places and travel: rows are found by their slugs and changed only where they differ."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.directory_rows import build_interest_slug
from bookings.models.directory import Interest, Place, TravelLeg
from bookings.services.directory_tally import ImportResult, Progress, apply_changes, build_result


def read_places(session: Session) -> dict[str, Place]:
    """All towns by slug."""
    return {place.slug: place for place in session.scalars(select(Place))}


def read_interest_ids(session: Session) -> dict[str, int]:
    """The ids of all terms by slug."""
    return {row.slug: row.id for row in session.execute(select(Interest.slug, Interest.id))}


def save_interests(session: Session, rows: Sequence[dict[str, str]], progress: Progress) -> ImportResult:
    """Areas first, since topics point at them."""
    stored = {interest.slug: interest for interest in session.scalars(select(Interest))}
    new = changed = 0
    for is_topic in (False, True):
        for cells in (cells for cells in rows if bool(cells["area"]) is is_topic):
            slug = build_interest_slug(cells)
            values = _interest_values(cells, stored)
            if slug in stored:
                changed += apply_changes(stored[slug], values)
            else:
                stored[slug] = Interest(slug=slug, **values)
                session.add(stored[slug])
                new += 1
        session.flush()
    progress(len(rows), len(rows))
    return build_result(total=len(rows), new=new, changed=changed)


def save_places(session: Session, rows: Sequence[dict[str, str]], progress: Progress) -> ImportResult:
    """Towns by slug."""
    stored = read_places(session)
    new = changed = 0
    for cells in rows:
        values = _place_values(cells)
        if cells["slug"] in stored:
            changed += apply_changes(stored[cells["slug"]], values)
        else:
            session.add(Place(slug=cells["slug"], **values))
            new += 1
    session.flush()
    progress(len(rows), len(rows))
    return build_result(total=len(rows), new=new, changed=changed)


def save_travel(session: Session, rows: Sequence[dict[str, str]], progress: Progress) -> ImportResult:
    """Legs by their two towns and mode."""
    places = read_places(session)
    stored = {
        (leg.from_place_id, leg.to_place_id, leg.mode): leg for leg in session.scalars(select(TravelLeg))
    }
    new = changed = 0
    for cells in rows:
        key = (places[cells["from"]].id, places[cells["to"]].id, cells["mode"])
        values = {"minutes": int(cells["minutes"]), "note": cells["note"]}
        if key in stored:
            changed += apply_changes(stored[key], values)
        else:
            origin, target, mode = key
            session.add(TravelLeg(from_place_id=origin, to_place_id=target, mode=mode, **values))
            new += 1
    progress(len(rows), len(rows))
    return build_result(total=len(rows), new=new, changed=changed)


def _interest_values(cells: dict[str, str], stored: dict[str, Interest]) -> dict[str, object]:
    labels = {name: cells[name] for name in ("label_en", "label_sv", "label_fi")}
    parent = stored[cells["area"]].id if cells["area"] else None
    return {**labels, "sort": int(cells["sort"]), "parent_id": parent}


def _place_values(cells: dict[str, str]) -> dict[str, object]:
    return {
        "name_en": cells["name_en"],
        "name_sv": cells["name_sv"],
        "name_fi": cells["name_fi"],
        "country": cells["country"],
        "time_zone": cells["timezone"],
        "latitude": float(cells["lat"]) if cells["lat"] else None,
        "longitude": float(cells["lon"]) if cells["lon"] else None,
        "is_partner": cells["is_partner"] == "yes",
    }
