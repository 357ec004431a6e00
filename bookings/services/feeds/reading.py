"""What a secret address answers: its version first, which most readers know already; then the entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from hashlib import blake2b

from sqlalchemy.orm import Session

from bookings.adapters.ical.build import build_publish, wrap_publish
from bookings.adapters.ical.values import EntryStatus
from bookings.domain.feeds import FeedKind
from bookings.domain.slots import SlotState
from bookings.i18n import gettext as _
from bookings.i18n import in_language
from bookings.queries.feeds import (
    FeedScope,
    FeedStop,
    VisitFeed,
    find_feed_scope,
    list_missing_stops,
    list_renderings,
    load_visit_feed,
    read_feed_version,
)
from bookings.services.feeds.entries import REFRESH, build_feed_entry, build_programme_file
from bookings.services.feeds.renderings import Rendering, keep_renderings

_DAYS_BACK = 90
_WORTH_KEEPING = 64
"""So many entries are rendered as fast as they are looked up, and reading them again and again is no harm."""


@dataclass(frozen=True)
class Feed:
    """A feed in its present version: readers who know `etag` need nothing else."""

    etag: str
    source: FeedScope | VisitFeed
    name: str
    since: datetime


def open_feed(session: Session, token: str, *, app_name: str, now: datetime) -> Feed:
    """What this secret address shows. Raises LinkNotFoundError or LinkExpiredError."""
    # Whole days, so that the version does not change with each stop that gets too old.
    since = datetime.combine(now.date(), time(), UTC) - timedelta(days=_DAYS_BACK)
    scope = find_feed_scope(session, token)
    if scope is None:
        return _open_visit_feed(load_visit_feed(session, token, now=now), since)
    with in_language(scope.language):
        name = _name_of(scope, app_name)
    parts = (
        _edition(scope.kind, scope.language), name, read_feed_version(session, scope, since=since),
    )  # fmt: skip
    return Feed(_hash("\n".join(parts).encode()), scope, name, since)


def build_feed(session: Session, feed: Feed) -> bytes:
    """The feed whole, never older than its `etag`, in the language of its reader.

    What had to be rendered for it is kept for the next time when it is much.
    """
    if isinstance(feed.source, VisitFeed):
        return _build_visit_feed(feed.source)
    scope = feed.source
    edition = _edition(scope.kind, scope.language)
    rows = list_renderings(session, scope, edition=edition, since=feed.since)
    missing: list[Rendering] = []
    if any(row.vevent is None for row in rows):
        stops = list_missing_stops(session, scope, edition=edition, since=feed.since)
        missing = _render(stops, scope)
    vevents: Sequence[bytes]
    if missing:
        fresh = {one.slot_id: one.vevent for one in missing}
        # A stop that was called off between the two statements has gone; a changed one stands there as now.
        found = (fresh.get(row.id) or row.vevent for row in rows)
        vevents = [vevent for vevent in found if vevent]
    else:
        vevents = [row.vevent for row in rows if row.vevent]
    del rows
    body = wrap_publish(vevents, name=feed.name, refresh=REFRESH)
    if len(missing) > _WORTH_KEEPING:
        keep_renderings(missing, scope, edition=edition)
    return body


def _render(stops: Iterable[FeedStop], scope: FeedScope) -> list[Rendering]:
    with in_language(scope.language):
        return [Rendering(stop.slot_id, stop.stamp, build_feed_entry(scope.kind, stop)) for stop in stops]


def _open_visit_feed(feed: VisitFeed, since: datetime) -> Feed:
    return Feed(_hash(_build_visit_feed(feed)), feed, feed.reference, since)


def _build_visit_feed(feed: VisitFeed) -> bytes:
    with in_language(feed.language):
        return build_programme_file(feed.stops, reference=feed.reference)


def _name_of(scope: FeedScope, app_name: str) -> str:
    if scope.kind is FeedKind.BUSY:
        return _("%(app)s: busy times of %(host)s", app=app_name, host=scope.title)
    return f"{app_name}: {scope.title}" if scope.title else app_name


@cache
def _edition(kind: FeedKind, language: str) -> str:
    """Another one whenever this program, or its translation, would write an entry in another way."""
    with in_language(language):
        samples = [build_feed_entry(kind, stop) for stop in _SAMPLES]
    return _hash(build_publish([], name="x", refresh=REFRESH) + b"".join(samples))


def _hash(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


_DAY = datetime(2026, 6, 1, 9, tzinfo=UTC)
_SAMPLES = [
    FeedStop(
        slot_id=0, stamp=0, uid="sample@sample", sequence=1, created_at=_DAY, changed_at=_DAY,
        starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), time_zone=time_zone, title="Title",
        state=SlotState.ACCEPTED, status=status, reference="KV-0000-0000", delegation="Delegation",
        group_size=2, organisation="Organisation", site="Site", address="Address", place_en="En",
        place_sv="Sv", place_fi="Fi", host_name="Host",
    )
    for starts_at in (_DAY, _DAY + timedelta(days=200))
    for time_zone in ("Europe/Stockholm", "Europe/Helsinki", "UTC")
    for status in EntryStatus
]  # fmt: skip
