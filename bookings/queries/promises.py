"""Until when the coordinators say that they act."""

from datetime import datetime, time

from bookings.domain.time import end_of_working_day
from bookings.queries.settings import list_holidays
from bookings.settings import current_settings

# The day ends later there than on the other shore, and a promise holds for both.
_ZONE = "Europe/Stockholm"


def promise_first_answer(since: datetime) -> datetime:
    """When a request or an answer that came at this instant will have been read."""
    return _promise(since, current_settings().visits.first_answer_working_days)


def promise_planning(since: datetime) -> datetime:
    """When a visit that has been planned since this instant goes on."""
    return _promise(since, current_settings().visits.planning_working_days)


def _promise(since: datetime, days: int) -> datetime:
    years = (since.year, since.year + 1)
    holidays = {*list_holidays("SE", years), *list_holidays("FI", years)}
    closes_at = time.fromisoformat(current_settings().visits.working_hours_end)
    return end_of_working_day(since, days, zone=_ZONE, closes_at=closes_at, holidays=holidays)
