"""Rendered entries: made for all readers of one kind and language, and kept for the next of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import blake2b
from itertools import islice

from sqlalchemy import Executable, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bookings.adapters.ical.build import build_publish
from bookings.adapters.ical.values import EntryStatus
from bookings.db import table_of, transaction
from bookings.domain.feeds import FeedKind
from bookings.domain.slots import SlotState
from bookings.i18n import in_language
from bookings.models.feeds import FeedRendering
from bookings.models.slots import Slot
from bookings.queries.feeds import FeedReaders, FeedScope, FeedStop
from bookings.services.feeds.entries import REFRESH, build_feed_entry

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


def render_stops(stops: Iterable[FeedStop], readers: FeedReaders | FeedScope) -> list[Rendering]:
    """The entries as these readers see them."""
    with in_language(readers.language):
        return [Rendering(stop.slot_id, stop.stamp, build_feed_entry(readers.kind, stop)) for stop in stops]


def keep_renderings(renderings: Iterable[Rendering], readers: FeedReaders) -> int:
    """Keep what was rendered for the next reader. A database that is busy keeps nothing. Returns how many."""
    left, count = iter(renderings), 0
    try:
        while some := list(islice(left, _AT_ONCE)):
            with transaction(flushes=False) as session:
                add_renderings(session, _still_right(session, some), readers)
            count += len(some)
    except OperationalError:
        return count
    return count


def add_renderings(session: Session, renderings: Iterable[Rendering], readers: FeedReaders) -> None:
    """Keep them in the caller's transaction, which has seen to it that they are right."""
    edition = find_edition(readers.kind, readers.language)
    rows = [
        {
            "kind": readers.kind, "language": readers.language, "slot_id": one.slot_id,
            "stamp": one.stamp, "edition": edition, "vevent": one.vevent,
        }
        for one in renderings
    ]  # fmt: skip
    if rows:
        session.connection().execute(_KEEP[session.get_bind().dialect.name], rows)


def hash_content(content: bytes) -> str:
    """A short name of exactly this content."""
    return blake2b(content, digest_size=16).hexdigest()


@cache
def find_edition(kind: FeedKind, language: str) -> str:
    """Another one whenever this program, or its translation, would write an entry in another way."""
    with in_language(language):
        samples = [build_feed_entry(kind, stop) for stop in _SAMPLES]
    return hash_content(build_publish([], name="x", refresh=REFRESH) + b"".join(samples))


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


_DAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
_SAMPLES = [
    FeedStop(
        slot_id=0, stamp=0, uid="sample@sample", sequence=1, created_at=_DAY, changed_at=_DAY,
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), time_zone=time_zone, title="Title",
        title_en="Title", title_sv="Titel", title_fi="Otsikko",
        state=SlotState.ACCEPTED, status=status, reference="KV-0000-0000", delegation="Delegation",
        group_size=2, groups=2, group=group, organisation="Organisation", site="Site", address="Address",
        place_en="En", place_sv="Sv", place_fi="Fi", host_contact_id=0, host_name="Host",
    )
    for starts_at in (_DAY, _DAY + timedelta(days=200))
    for time_zone in ("Europe/Stockholm", "Europe/Helsinki", "UTC")
    for status in EntryStatus
    for group in (None, 2)
]  # fmt: skip
