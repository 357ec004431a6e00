"""When a host is free for a visit."""

from datetime import datetime, time, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from bookings.adapters.holidays import load_holidays
from bookings.domain.holds import OpenHours, ResourceKind, find_free_starts
from bookings.models.holds import Resource
from bookings.queries.directory import Company, SiteView
from bookings.queries.holds import list_busy_times
from bookings.settings import current_settings

_MOST = 75


def list_free_starts(
    session: Session,
    company: Company,
    site: SiteView,
    *,
    visit_id: int,
    length: timedelta,
    after: datetime,
) -> tuple[datetime, ...]:
    """The next starts (UTC) at which the host and the delegation are both free, in the hours of the site."""
    resources = session.scalars(
        select(Resource.id).where(
            or_(
                (Resource.kind == ResourceKind.HOST) & (Resource.subject_id == company.id),
                (Resource.kind == ResourceKind.DELEGATION) & (Resource.subject_id == visit_id),
            )
        )
    ).all()
    rules = current_settings().visits
    hours = OpenHours(
        time_zone=site.time_zone,
        opens_at=time.fromisoformat(site.opens_at or rules.working_hours_start),
        closes_at=time.fromisoformat(site.closes_at or rules.working_hours_end),
        holidays=load_holidays(company.country, (after.year, after.year + 1)),
    )
    busy = list_busy_times(session, resources, since=after)
    return find_free_starts(length, after=after, busy=busy, hours=hours, count=_MOST)
