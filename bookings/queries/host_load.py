"""What hosts gave in the last 12 months: visits, hours, answers and the time they took."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

from bookings.domain.slots import SlotState
from bookings.models.directory import Organisation, Place
from bookings.models.slots import Slot
from bookings.queries.directory import load_directory

_YEAR = timedelta(days=365)
_HOUR = timedelta(hours=1)
_YES = (SlotState.ACCEPTED, SlotState.COMPLETED, SlotState.NO_SHOW)
_RECEIVED = (SlotState.ACCEPTED, SlotState.COMPLETED)


@dataclass(frozen=True, kw_only=True)
class HostLoad:
    """The figures of one host, or of all hosts of a town (`slug` is empty then)."""

    name: str
    slug: str
    place: str
    visits: int
    hours: float
    asked: int
    yes: int
    no: int
    silent: int
    answer_hours: float | None
    """The median from the question to the answer."""


@dataclass(frozen=True)
class Loads:
    """Every host that was asked or visited in the last 12 months, those who gave most first; and by town."""

    hosts: tuple[HostLoad, ...]
    towns: tuple[HostLoad, ...]


_kept: WeakKeyDictionary[Engine, tuple[tuple[object, ...], Loads]] = WeakKeyDictionary()


def load_host_loads(session: Session, *, now: datetime) -> Loads:
    """The figures of all hosts: worked out again as soon as a slot or a host has changed, and each hour."""
    engine = session.get_bind().engine
    slots = session.execute(select(func.count(), func.sum(Slot.feed_stamp))).one()
    hour = now.replace(minute=0, second=0, microsecond=0)
    version = (hour, load_directory(session).version, *slots)
    kept = _kept.get(engine)
    if kept is None or kept[0] != version:
        kept = _kept[engine] = version, _work_out(_read(session, now=now), now=now)
    return kept[1]


def _work_out(rows: Sequence[Any], *, now: datetime) -> Loads:
    hosts = (_sum_up(some, now=now, slug=slug) for slug, some in _group(rows, "slug").items())
    towns = (_sum_up(some, now=now) for some in _group(rows, "place").values())
    return Loads(
        tuple(sorted(hosts, key=lambda one: (-one.hours, -one.asked, one.name))),
        tuple(sorted(towns, key=lambda one: (-one.hours, -one.asked, one.place))),
    )


def find_host_load(session: Session, organisation_id: int, *, now: datetime) -> HostLoad | None:
    """One host's own figures; nothing where it was not asked in the last 12 months."""
    rows = _read(session, now=now, organisation_id=organisation_id)
    return _sum_up(rows, now=now, slug=rows[0].slug) if rows else None


def _read(session: Session, *, now: datetime, organisation_id: int | None = None) -> Sequence[Any]:
    since = now - _YEAR
    query = (
        select(
            Organisation.name,
            Organisation.slug,
            Place.slug.label("place"),
            Slot.state,
            Slot.starts_at,
            Slot.ends_at,
            Slot.asked_at,
            Slot.answered_at,
        )
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .join(Place, Place.id == Organisation.place_id, isouter=True)
        .where(
            Slot.asked_at.is_not(None),
            or_(Slot.asked_at > since, (Slot.starts_at > since) & (Slot.starts_at <= now)),
        )
    )
    if organisation_id is not None:
        query = query.where(Slot.organisation_id == organisation_id)
    return session.execute(query).all()


def _group(rows: Iterable[Any], name: str) -> dict[str, list[Any]]:
    found: defaultdict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, name) or ""].append(row)
    return found


def _sum_up(rows: Sequence[Any], *, now: datetime, slug: str = "") -> HostLoad:
    since = now - _YEAR
    asked = [row for row in rows if row.asked_at > since]
    received = [row for row in rows if row.state in _RECEIVED and since < row.starts_at <= now]
    waited = [
        (row.answered_at - row.asked_at) / _HOUR
        for row in asked
        if row.answered_at and row.answered_at >= row.asked_at
    ]
    return HostLoad(
        name=rows[0].name if slug else "",
        slug=slug,
        place=rows[0].place or "",
        visits=len(received),
        hours=sum(((row.ends_at - row.starts_at) / _HOUR for row in received), 0.0),
        asked=len(asked),
        yes=sum(row.state in _YES for row in asked),
        no=sum(row.state == SlotState.DECLINED for row in asked),
        silent=sum(row.state == SlotState.EXPIRED for row in asked),
        answer_hours=median(waited) if waited else None,
    )
