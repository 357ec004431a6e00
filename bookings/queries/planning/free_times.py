"""When a host is free for a visit, and the visitors can be there."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.holds import (
    OpenHours,
    OtherStops,
    ResourceKind,
    find_free_starts,
    find_starts_within,
    keep_buffers,
)
from bookings.domain.slots import LIVE_STATES
from bookings.domain.time import Interval, local_day
from bookings.models.holds import Resource
from bookings.queries.busy import list_closed_times
from bookings.queries.directory import Company, SiteView, load_travel_table
from bookings.queries.holds import list_busy_times, list_held_stops
from bookings.queries.planning.offers import list_receiving_times
from bookings.queries.settings import list_holidays
from bookings.settings import current_settings

_MOST = 75
_DAYS = 60


@dataclass(frozen=True)
class VisitorsTime:
    """Whose time of a visit is looked at: the whole delegation's, or that of a group; for which of its
    slots, if there is one already."""

    visit_id: int
    group: int | None = None
    slot_id: int = 0


def list_free_starts(
    session: Session,
    company: Company,
    site: SiteView,
    *,
    visitors: VisitorsTime,
    length: timedelta,
    after: datetime,
) -> tuple[datetime, ...]:
    """The next starts (UTC) at which the host is free and the visitors can be there, between their other
    stops (drafts too): when one of the site's offers is open, or in the hours of the site where it has none.
    """
    others = _find_others(session, site, visitors)
    taken = _list_host_times(session, company.id, visitors.slot_id, since=after)
    days = [local_day(after, site.time_zone) + timedelta(days=number) for number in range(_DAYS)]
    open_times = list_receiving_times(session, company, site, days=days)
    if open_times is not None:
        return find_starts_within(length, open_times, after=after, busy=taken, count=_MOST, others=others)
    rules = current_settings().visits
    hours = OpenHours(
        time_zone=site.time_zone,
        opens_at=time.fromisoformat(site.opens_at or rules.working_hours_start),
        closes_at=time.fromisoformat(site.closes_at or rules.working_hours_end),
        holidays=list_holidays(company.country, (after.year, after.year + 1), place=site.place_slug),
    )
    closed = list_closed_times(session, site.id, since=after)
    busy = [*taken, *closed]
    return find_free_starts(length, after=after, busy=busy, hours=hours, count=_MOST, others=others)


def _find_others(session: Session, site: SiteView, visitors: VisitorsTime) -> OtherStops:
    stops = list_held_stops(session, visitors.visit_id, states=LIVE_STATES)
    others = [stop for stop in stops if stop.slot_id != visitors.slot_id]
    return OtherStops(others, load_travel_table(session), site.place_slug, visitors.group)


def _list_host_times(session: Session, company_id: int, slot_id: int, *, since: datetime) -> list[Interval]:
    minutes = current_settings().visits.host_buffer_minutes
    own = select(Resource.id).where(Resource.kind == ResourceKind.HOST, Resource.subject_id == company_id)
    resources = session.scalars(own).all()
    earliest = since - timedelta(minutes=minutes)
    held = list_busy_times(session, resources, since=earliest, except_slot_id=slot_id)
    return keep_buffers(held, buffer_minutes=minutes)
