"""Which entries a feed shows, in which version, and what was rendered of them before."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, exists, func, select
from sqlalchemy.orm import Session

from bookings.models.feeds import FeedRendering
from bookings.models.slots import Slot
from bookings.queries.feeds.addresses import FeedScope
from bookings.queries.feeds.readers import FeedReaders
from bookings.queries.feeds.stops import SHOWN_STATES, FeedStop, select_stops

_ROWS_AT_ONCE = 500


def read_feed_version(session: Session, scope: FeedScope, *, since: datetime) -> str:
    """Another one whenever the feed would differ: each change gives an entry another stamp of 48 random bits.

    The sum tells as much as the list of them would, and the index alone answers it.
    """
    count, stamps = session.execute(
        select(func.count(), func.sum(Slot.feed_stamp)).where(*_shown(scope, since))
    ).one()
    return f"{count}:{stamps or 0}"


def list_renderings(
    session: Session, scope: FeedScope, *, edition: str, since: datetime
) -> Iterator[Sequence[Row[int, bytes | None]]]:
    """The feed in order, some hundred entries at a time, each as it is stored unless that is old."""
    # Without the ORM: for thousands of rows that is half the time.
    rows = session.connection().execute(
        select(Slot.id, FeedRendering.vevent)
        .outerjoin(FeedRendering, _is_rendered(scope, edition))
        .where(*_shown(scope, since))
        .order_by(Slot.ends_at, Slot.id)
        .execution_options(yield_per=_ROWS_AT_ONCE)
    )
    return rows.partitions()


def list_stops(session: Session, slot_ids: Collection[int]) -> Iterator[FeedStop]:
    """Those of these stops that hold time."""
    return _stops(session, Slot.id.in_(slot_ids))


def list_missing_stops(
    session: Session, readers: FeedReaders, *, edition: str, since: datetime
) -> Iterator[FeedStop]:
    """The stops that these readers would have to wait for, a few at a time."""
    conditions = [Slot.ends_at >= since, ~exists().where(_is_rendered(readers, edition))]
    if readers.hosts is not None:
        conditions.append(Slot.host_contact_id.in_(readers.hosts))
    return _stops(session, *conditions)


def _stops(session: Session, *conditions: ColumnElement[bool]) -> Iterator[FeedStop]:
    rows: Any = session.connection().execute(
        select_stops().where(*conditions).execution_options(yield_per=_ROWS_AT_ONCE)
    )
    for row in rows.mappings():
        yield FeedStop(**row)


def _shown(scope: FeedScope, since: datetime) -> list[ColumnElement[bool]]:
    conditions = [Slot.state.in_(SHOWN_STATES), Slot.ends_at >= since]
    if scope.place_id is not None:
        conditions.append(Slot.place_id == scope.place_id)
    if scope.host_contact_id is not None:
        conditions.append(Slot.host_contact_id == scope.host_contact_id)
    return conditions


def _is_rendered(readers: FeedScope | FeedReaders, edition: str) -> ColumnElement[bool]:
    return and_(
        FeedRendering.kind == readers.kind,
        FeedRendering.language == readers.language,
        FeedRendering.slot_id == Slot.id,
        FeedRendering.stamp == Slot.feed_stamp,
        FeedRendering.edition == edition,
    )
