"""What a delegation asks for, as rows: written when it is sent, and anew when staff change it. Parts of use
cases."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Insert, delete, insert
from sqlalchemy.orm import Session

from bookings.db import Base, table_of
from bookings.domain.requests import RequestedVisit
from bookings.domain.text import organisation_key
from bookings.models.visits import (
    Agreement,
    DateWindow,
    Delegation,
    VisitInterest,
    VisitPlace,
    WantedHost,
)
from bookings.queries.directory import Company, load_directory

Row = dict[str, Any]
Parts = Mapping[type[Base], list[Row]]
_ADD_PART: dict[type[Base], Insert] = {
    part: insert(table_of(part))
    for part in (Delegation, DateWindow, VisitPlace, VisitInterest, WantedHost, Agreement)
}


def list_columns(wish: RequestedVisit) -> Row:
    """What stands in the request itself."""
    return {
        "visit_kind": wish.visit_kind,
        "purpose": wish.purpose,
        "interest_other": wish.interest_other,
        "places_suggested": wish.leaves_places_open,
        "is_online": wish.is_online,
        "visit_languages": list(wish.visit_languages),
        "brings_interpreter": wish.brings_interpreter,
    }


def list_group_columns(wish: RequestedVisit) -> Row:
    """What stands in the delegation."""
    visitor = wish.organisation
    return {
        "organisation_name": visitor.name,
        "organisation_key": organisation_key(visitor.name),
        "organisation_country": visitor.country,
        "organisation_kind": visitor.kind,
        "website": visitor.website,
        "on_behalf_of": visitor.on_behalf_of,
        "group_size": wish.group_size,
    }


def list_parts(session: Session, wish: RequestedVisit, hosts: Iterable[Company]) -> Parts:
    """The delegation and all lists of a request; `hosts` are the wanted ones that may be named."""
    return {Delegation: [list_group_columns(wish)], **list_lists(session, wish, hosts)}


def list_lists(session: Session, wish: RequestedVisit, hosts: Iterable[Company]) -> Parts:
    """Days, towns, topics and wanted hosts; a topic that is not known any more is left out."""
    terms = load_directory(session).interests.by_slug
    return {
        DateWindow: _list_windows(wish),
        VisitPlace: [{"place_slug": slug} for slug in wish.places],
        VisitInterest: [{"interest_id": terms[slug].id} for slug in wish.interests if slug in terms],
        WantedHost: [{"organisation_id": host.id} for host in hosts],
    }


def add_parts(session: Session, visit_id: int, parts: Parts) -> None:
    """One statement for each part that has rows."""
    for part, rows in parts.items():
        if rows:
            session.execute(_ADD_PART[part], [{"visit_id": visit_id, **row} for row in rows])


def replace_parts(session: Session, visit_id: int, parts: Parts) -> None:
    """These rows in the place of all that the visit had."""
    for part in parts:
        table = table_of(part)
        session.execute(delete(table).where(table.c.visit_id == visit_id))
    add_parts(session, visit_id, parts)


def _list_windows(wish: RequestedVisit) -> list[Row]:
    return [
        {
            "position": position,
            "earliest_on": window.earliest,
            "latest_on": window.latest,
            "half_days": window.half_days,
            "is_flexible": window.is_flexible,
        }
        for position, window in enumerate(wish.windows, start=1)
    ]
