"""When a host is free for a visit."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bookings.domain.holds import (
    OpenHours,
    ResourceKind,
    find_free_starts,
    find_starts_within,
    kinds_of_stop,
)
from bookings.domain.time import local_day
from bookings.models.holds import Resource
from bookings.queries.busy import list_closed_times
from bookings.queries.directory import Company, SiteView
from bookings.queries.holds import list_busy_times
from bookings.queries.planning.offers import list_receiving_times
from bookings.queries.settings import list_holidays
from bookings.settings import current_settings

_MOST = 75
_DAYS = 60


@dataclass(frozen=True)
class VisitorsTime:
    """Whose time of a visit is looked at: the whole delegation's, or that of a group."""

    visit_id: int
    groups: int = 1
    group: int | None = None

    @property
    def kinds(self) -> list[ResourceKind]:
        """The resources that hold it."""
        return kinds_of_stop(self.group, self.groups)


def list_free_starts(
    session: Session,
    company: Company,
    site: SiteView,
    *,
    visitors: VisitorsTime,
    length: timedelta,
    after: datetime,
) -> tuple[datetime, ...]:
    """The next starts (UTC) at which host and visitors are both free: when one of the site's offers is open,
    or in the hours of the site where it has none."""
    resources = session.scalars(
        select(Resource.id).where(
            or_(
                (Resource.kind == ResourceKind.HOST) & (Resource.subject_id == company.id),
                Resource.kind.in_(visitors.kinds) & (Resource.subject_id == visitors.visit_id),
            )
        )
    ).all()
    days = [local_day(after, site.time_zone) + timedelta(days=number) for number in range(_DAYS)]
    open_times = list_receiving_times(session, company, site, days=days)
    if open_times is not None:
        busy = list_busy_times(session, resources, since=after)
        return find_starts_within(length, open_times, after=after, busy=busy, count=_MOST)
    rules = current_settings().visits
    hours = OpenHours(
        time_zone=site.time_zone,
        opens_at=time.fromisoformat(site.opens_at or rules.working_hours_start),
        closes_at=time.fromisoformat(site.closes_at or rules.working_hours_end),
        holidays=list_holidays(company.country, (after.year, after.year + 1), place=site.place_slug),
    )
    closed = list_closed_times(session, site.id, since=after)
    busy = [*list_busy_times(session, resources, since=after), *closed]
    return find_free_starts(length, after=after, busy=busy, hours=hours, count=_MOST)
