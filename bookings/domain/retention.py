"""How long data is kept: a month is the twelfth part of a year."""

from datetime import timedelta

_DAYS_PER_YEAR = 365


def months(number: float) -> timedelta:
    """So many months, whatever the calendar says: a keeping time is no appointment."""
    return timedelta(days=_DAYS_PER_YEAR / 12 * number)
