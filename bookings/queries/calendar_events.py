"""Events of a stretch of time, for staff's calendar page: seminars and fairs as well as advisory days."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, Select, and_, false, func, select
from sqlalchemy.orm import Session, aliased

from bookings.domain.events import EventState, Texts
from bookings.domain.spans import list_daily_hours
from bookings.domain.time import Interval
from bookings.models.directory import Place, Site
from bookings.models.events import Event, EventPart
from bookings.queries.calendar import NO_OWNER, VISITS, CalendarFilter, Mark

_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class EventOnCalendar:
    """One event; `place` is a town's slug, `organisation_id` the host at whose site it is."""

    id: int
    slug: str
    title: Texts
    kind: str
    state: str
    starts_at: datetime
    ends_at: datetime
    time_zone: str
    site_id: int | None
    owner_id: int | None
    organisation_id: int | None
    place: str
    hours: Mapping[date, Interval] = field(default_factory=dict)
    """Of each day on the clocks of its place, where it lasts for several."""

    @property
    def mark(self) -> Mark:
        """When it is and where it stands, as a stop says it."""
        return Mark(
            self.id, self.starts_at, self.ends_at, self.time_zone, self.organisation_id, self.site_id,
            self.owner_id, is_event=True,
        )  # fmt: skip


def list_events_on_calendar(
    session: Session, span: Interval, wanted: CalendarFilter, *, now: datetime
) -> tuple[EventOnCalendar, ...]:
    """Events that touch the span, in order; none where the filter asks for what only visits have."""
    if _asks_for_visits(wanted):
        return ()
    site, town = aliased(Site), aliased(Place)
    rows = session.execute(
        select(
            Event.id, Event.slug, Event.title, Event.kind, Event.state, Event.starts_at, Event.ends_at,
            Event.time_zone, Event.site_id, Event.owner_id, site.organisation_id,
            func.coalesce(town.slug, "").label("place"),
        )
        .outerjoin(site, site.id == Event.site_id)
        .outerjoin(town, town.id == func.coalesce(Event.place_id, site.place_id))
        .where(Event.starts_at < span.end, Event.ends_at > span.start, *_conditions(wanted, town.slug, now))
        .order_by(Event.starts_at, Event.id)
    )  # fmt: skip
    found = rows.mappings().all()
    long = {row["id"] for row in found if row["ends_at"] - row["starts_at"] > _DAY}
    parts = _list_parts(session, long) if long else {}
    return tuple(EventOnCalendar(hours=_list_hours(row, parts), **row) for row in found)


def _list_parts(session: Session, event_ids: Iterable[int]) -> dict[int, list[Interval]]:
    columns = EventPart.event_id, EventPart.starts_at, EventPart.ends_at
    found: dict[int, list[Interval]] = {}
    for event_id, starts_at, ends_at in session.execute(
        select(*columns).where(EventPart.event_id.in_(event_ids))
    ):
        found.setdefault(event_id, []).append(Interval(starts_at, ends_at))
    return found


def _list_hours(row: RowMapping, parts: Mapping[int, list[Interval]]) -> dict[date, Interval]:
    whole = Interval(row["starts_at"], row["ends_at"])
    return list_daily_hours(whole, row["time_zone"], parts.get(row["id"], ()))


def event_times(wanted: CalendarFilter, *, now: datetime) -> Select[datetime, str]:
    """Start and zone of every event that the calendar would show, at whatever time."""
    site, town = aliased(Site), aliased(Place)
    return (
        select(Event.starts_at, Event.time_zone)
        .outerjoin(site, site.id == Event.site_id)
        .outerjoin(town, town.id == func.coalesce(Event.place_id, site.place_id))
        .where(*([false()] if _asks_for_visits(wanted) else _conditions(wanted, town.slug, now)))
    )


def _asks_for_visits(wanted: CalendarFilter) -> bool:
    return wanted.kind == VISITS or bool(wanted.visit or wanted.interest)


def _conditions(wanted: CalendarFilter, town: object, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.town:
        yield town == wanted.town  # type: ignore[misc]
    if wanted.owner == NO_OWNER:
        yield Event.owner_id.is_(None)
    elif wanted.owner:
        yield Event.owner_id == int(wanted.owner)
    if wanted.state:
        yield _state_condition(wanted.state, now)


def _state_condition(state: str, now: datetime) -> ColumnElement[bool]:
    """As with stops: what has been agreed on is to come, and what is past is done; nobody is asked."""
    is_published = Event.state == EventState.PUBLISHED
    return {
        "draft": Event.state == EventState.DRAFT,
        "accepted": and_(is_published, Event.ends_at > now),
        "done": and_(is_published, Event.ends_at <= now),
    }.get(state, false())
