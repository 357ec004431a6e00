"""How far back feeds reach, and how long they tell of what was called off."""

from datetime import UTC, datetime, time, timedelta

_DAYS_BACK = 90
_DAYS_OFF = 14
"""So long a person's feed says that something is cancelled: who looks once a week reads it."""


def feed_window(now: datetime) -> datetime:
    """Feeds show what ends after this: whole days, so that by itself the version changes once a day."""
    return _midnight(now) - timedelta(days=_DAYS_BACK)


def cancelled_window(now: datetime) -> datetime:
    """A person's feed shows what was called off after this."""
    return _midnight(now) - timedelta(days=_DAYS_OFF)


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.date(), time(), UTC)
