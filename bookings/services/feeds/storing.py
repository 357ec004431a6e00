"""Entries are stored as feeds show them: with the change itself, or soon after by the worker."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice

from sqlalchemy import event
from sqlalchemy.orm import Session, UOWTransaction

from bookings.db import read_session
from bookings.models.calendar import CalendarEntry
from bookings.models.slots import Slot
from bookings.models.visits import Delegation
from bookings.queries.feeds import (
    WrittenStops,
    list_feed_readers,
    list_missing_stops,
    list_written_stops,
)
from bookings.services.feeds.renderings import add_renderings, find_edition, keep_renderings, render_stops
from bookings.services.feeds.window import feed_window

_WRITTEN = "written_stops"
_MOST_AT_ONCE = 200
"""What writes more than this is a job, and the worker comes by within a minute."""
_IN_A_TURN, _TURNS = 1000, 5


def render_ahead(*, now: datetime) -> int:
    """Render what is not yet stored before anybody asks for it; returns how many entries that were.

    Names of hosts and places stand in many entries, a new address or edition needs all of them: that is too
    much for the change itself. Some thousands at a time, so that mails need not wait.
    """
    session, since, count = read_session(), feed_window(now), 0
    for readers in list_feed_readers(session):
        edition = find_edition(readers.kind, readers.language)
        for _turn in range(_TURNS):
            stops = list_missing_stops(session, readers, edition=edition, since=since)
            fresh = render_stops(islice(stops, _IN_A_TURN), readers)
            count += keep_renderings(fresh, readers)
            if len(fresh) < _IN_A_TURN:
                break
    return count


@event.listens_for(Session, "after_flush")
def _note_written(session: Session, _flush: UOWTransaction) -> None:
    _note((*session.new, *session.dirty), session.info.setdefault(_WRITTEN, WrittenStops()))


def _note(rows: Iterable[object], written: WrittenStops) -> None:
    for row in rows:
        match row:
            case Slot():
                written.slots.add(row.id)
            case CalendarEntry():
                written.entries.add(row.id)
            case Delegation():
                written.visits.add(row.visit_id)


@event.listens_for(Session, "before_commit")
def _store_written(session: Session) -> None:
    """In the same transaction, so that the first reader after it finds the entry ready.

    Nothing depends on it: what is not stored here, or is written past the ORM, is rendered when it is read.
    The stamps, which the database gives, tell of that.
    """
    if session.in_nested_transaction():
        return
    session.flush()
    written = session.info.pop(_WRITTEN, None)
    if not written or len(written) > _MOST_AT_ONCE:
        return
    readers_of_them = list_feed_readers(session, of=written)
    stops = list_written_stops(session, written) if readers_of_them else []
    for readers in readers_of_them:
        add_renderings(session, render_stops(filter(readers.see, stops), readers), readers)


@event.listens_for(Session, "after_rollback")
def _forget_written(session: Session) -> None:
    session.info.pop(_WRITTEN, None)
