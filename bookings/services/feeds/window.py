"""How far back feeds reach."""

from datetime import UTC, datetime, time, timedelta

_DAYS_BACK = 90


def feed_window(now: datetime) -> datetime:
    """Feeds show what ends after this: whole days, so that by itself the version changes once a day."""
    return datetime.combine(now.date(), time(), UTC) - timedelta(days=_DAYS_BACK)
