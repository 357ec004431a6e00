"""Keeping rendered entries: they are only in advance of what can be rendered anew at any time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Executable, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bookings.db import table_of, transaction
from bookings.models.feeds import CalendarFeed, FeedRendering
from bookings.models.slots import Slot
from bookings.models.staff import StaffUser
from bookings.queries.feeds import FeedScope

_AT_ONCE = 1000
_TABLE = table_of(FeedRendering)
_KEYS = ["kind", "language", "slot_id"]
_VALUES = ("stamp", "edition", "vevent")
_ON_SQLITE, _ON_POSTGRESQL = sqlite.insert(_TABLE), postgresql.insert(_TABLE)
_KEEP: dict[str, Executable] = {
    "sqlite": _ON_SQLITE.on_conflict_do_update(
        index_elements=_KEYS, set_={name: _ON_SQLITE.excluded[name] for name in _VALUES}
    ),
    "postgresql": _ON_POSTGRESQL.on_conflict_do_update(
        index_elements=_KEYS, set_={name: _ON_POSTGRESQL.excluded[name] for name in _VALUES}
    ),
}


@dataclass(frozen=True, slots=True)
class Rendering:
    """An entry as it was written for this stamp of its slot."""

    slot_id: int
    stamp: int
    vevent: bytes


def keep_renderings(renderings: Sequence[Rendering], scope: FeedScope, *, edition: str) -> None:
    """Keep what was rendered for the next reader. A database that is busy keeps nothing."""
    left = iter(renderings)
    try:
        while some := list(islice(left, _AT_ONCE)):
            with transaction(flushes=False) as session:
                rows = [
                    {
                        "kind": scope.kind, "language": scope.language, "slot_id": one.slot_id,
                        "stamp": one.stamp, "edition": edition, "vevent": one.vevent,
                    }
                    for one in _still_right(session, some)
                ]  # fmt: skip
                if rows:
                    session.execute(_KEEP[session.get_bind().dialect.name], rows)
    except OperationalError:
        return


def list_staff_languages(session: Session) -> Sequence[str]:
    """The languages in which somebody reads the feed of all stops."""
    query = select(StaffUser.language).join(CalendarFeed, CalendarFeed.staff_user_id == StaffUser.id)
    return session.scalars(query.where(StaffUser.active).distinct().order_by(StaffUser.language)).all()


def _still_right(session: Session, renderings: Sequence[Rendering]) -> Iterator[Rendering]:
    """Nothing of a slot that has changed since, or changes now, is kept: it could be what was erased."""
    stamps = dict(
        session.execute(
            select(Slot.id, Slot.feed_stamp)
            .where(Slot.id.in_([one.slot_id for one in renderings]))
            .with_for_update(read=True, skip_locked=True)
        ).all()
    )
    return (one for one in renderings if stamps.get(one.slot_id) == one.stamp)
