"""Two people on one visit: who saves says what had been seen of it, and the later one hears what is new."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.domain.errors import RecordChangedError
from bookings.queries.trail import has_news


def check_nothing_new(
    session: Session, visit_id: int, seen: int | None, *, now: datetime, about: Collection[str] = ()
) -> None:
    """The visit is as it was when its page was read, in what concerns this act. Raises RecordChangedError.

    Without `seen` nothing is asked: rules and the visitor act on the visit as it is.
    """
    if seen is not None and has_news(session, visit_id, seen, before=now, about=about):
        raise RecordChangedError("visit_request")
