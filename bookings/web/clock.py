"""The clock of the web floor: views read it once and hand `now` down."""

from datetime import UTC, datetime

from flask import current_app


def utc_now() -> datetime:
    """This instant in UTC; tests set `app.extensions["clock"]` to a function of their own."""
    clock = current_app.extensions.get("clock")
    moment: datetime = clock() if clock else datetime.now(UTC)
    return moment
