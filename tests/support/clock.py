"""The instant at which tests happen."""

from datetime import UTC, datetime

# A Monday morning in winter: both shores on standard time, 10:00 in Vaasa and 09:00 in Umeå.
NOW = datetime(2027, 2, 1, 8, 0, tzinfo=UTC)
