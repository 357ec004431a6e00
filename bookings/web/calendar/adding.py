"""A suggested host is put on a day of the visit's calendar, by hand or by form."""

from datetime import datetime, time, timedelta
from urllib.parse import urlencode

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import TimeDoesNotExistError
from bookings.domain.staff import StaffRole
from bookings.domain.time import is_time_zone, local_day, wall_to_instant
from bookings.queries.directory import SiteView
from bookings.queries.planning import HostToPlan, VisitorsTime, list_free_starts, load_host_to_plan
from bookings.queries.visits import find_visit_head
from bookings.web.calendar.staff_views import staff_calendar
from bookings.web.clock import utc_now
from bookings.web.security import staff_gate

_USUAL = timedelta(minutes=90)
_YEARS = range(2000, 2100)


@staff_calendar.get("/visits/<reference>/add")
@staff_gate(StaffRole.COORDINATOR)
def add(reference: str) -> ResponseReturnValue:
    """To the form of a draft with the host at its first free time of the day; nothing is written yet."""
    head = find_visit_head(read_session(), reference)
    host = load_host_to_plan(read_session(), request.args.get("host", ""))
    site = next(iter(host.company.sites), None)
    wall = _read_wall(request.args.get("day", ""), request.args.get("at", ""))
    starts = _find_start(host, site, wall, head.id) if site and wall else None
    values = {"host": host.company.slug} | ({"starts": starts.isoformat()} if starts else {})
    return redirect(f"{url_for('staff_slots.new', reference=head.reference)}?{urlencode(values)}", 303)


def _find_start(host: HostToPlan, site: SiteView, wall: datetime, visit_id: int) -> datetime | None:
    """The first free start from that time on; the time itself on a day that has none."""
    zone = request.args.get("zone", "")
    wished = _instant(wall, zone if is_time_zone(zone) else site.time_zone)
    after = max(wished, utc_now())
    free = list_free_starts(
        read_session(), host.company, site, visitors=VisitorsTime(visit_id), length=_USUAL, after=after
    )
    day = local_day(wished, site.time_zone)
    opens = time.fromisoformat(site.opens_at or "09:00")
    otherwise = wished if wall.time() != time() else _instant(datetime.combine(day, opens), site.time_zone)
    return next((one for one in free if local_day(one, site.time_zone) == day), otherwise)


def _read_wall(day: str, clock: str) -> datetime | None:
    """The wall time that is meant; a day without a time begins at midnight."""
    try:
        wall = datetime.fromisoformat(f"{day}T{clock}" if clock else day)
    except ValueError:
        return None
    return None if wall.tzinfo or wall.year not in _YEARS else wall


def _instant(wall: datetime, zone: str) -> datetime:
    """For looking around: over a gap the clock has jumped, of two equal times it is the first."""
    try:
        return wall_to_instant(wall, zone, fold=0)
    except TimeDoesNotExistError as error:
        return error.nearest[1]
