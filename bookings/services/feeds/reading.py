"""What a secret address answers: its version first, which most readers know already; then the entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from hashlib import blake2b
from itertools import islice

from sqlalchemy.orm import Session

from bookings.adapters.ical.build import build_publish, wrap_publish
from bookings.adapters.ical.values import EntryStatus
from bookings.db import read_session
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
from bookings.services.feeds.bodies import Bodies
from bookings.services.feeds.entries import REFRESH, build_feed_entry, build_programme_file
from bookings.services.feeds.renderings import Rendering, keep_renderings, list_staff_languages

_DAYS_BACK = 90
_MOST_AHEAD = 5000
_bodies = Bodies()


@dataclass(frozen=True)
class Feed:
    """A feed in its present version: readers who know `etag` need nothing else."""

    etag: str
    source: FeedScope | VisitFeed
    name: str
    since: datetime


def open_feed(session: Session, token: str, *, app_name: str, now: datetime) -> Feed:
    """What this secret address shows. Raises LinkNotFoundError or LinkExpiredError."""
    since = _since(now)
    scope = find_feed_scope(session, token)
    if scope is None:
        return _open_visit_feed(load_visit_feed(session, token, now=now), since)
    with in_language(scope.language):
        name = _name_of(scope, app_name)
    version = read_feed_version(session, scope, since=since)
    parts = (_edition(scope.kind, scope.language), scope, name, since, version)
    return Feed(_hash(repr(parts).encode()), scope, name, since)


def build_feed(session: Session, feed: Feed) -> bytes:
    """The feed whole, never older than its `etag`, in the language of its reader.

    What the worker has rendered ahead is taken as it is, the rest rendered now; reading writes nothing.
    """
    if isinstance(feed.source, VisitFeed):
        return _build_visit_feed(feed.source)
    known = _bodies.find(feed.etag)
    if known is not None:
        return known
    body = _build(session, feed.source, feed)
    _bodies.keep(feed.etag, body)
    return body


def render_ahead(*, now: datetime) -> int:
    """Render what has changed before anybody asks for it; returns how many entries that were.

    Only for staff, whose feeds are long; some thousands at a time, so that mails need not wait.
    """
    session, since, count = read_session(), _since(now), 0
    for language in list_staff_languages(session):
        scope = FeedScope(kind=FeedKind.STAFF, language=language)
        edition = _edition(scope.kind, scope.language)
        stops = list_missing_stops(session, scope, edition=edition, since=since)
        fresh = _render(islice(stops, _MOST_AHEAD), scope)
        keep_renderings(fresh, scope, edition=edition)
        count += len(fresh)
    return count


def _render(stops: Iterable[FeedStop], scope: FeedScope) -> list[Rendering]:
    with in_language(scope.language):
        return [Rendering(stop.slot_id, stop.stamp, build_feed_entry(scope.kind, stop)) for stop in stops]


def _since(now: datetime) -> datetime:
    """Whole days, so that the version does not change with each stop that gets too old."""
    return datetime.combine(now.date(), time(), UTC) - timedelta(days=_DAYS_BACK)


def _build(session: Session, scope: FeedScope, feed: Feed) -> bytes:
    edition = _edition(scope.kind, scope.language)
    rows = list_renderings(session, scope, edition=edition, since=feed.since)
    fresh: list[Rendering] = []
    if any(vevent is None for _slot_id, vevent in rows):
        stops = list_missing_stops(session, scope, edition=edition, since=feed.since)
        fresh = _render(stops, scope)
    rendered = {one.slot_id: one.vevent for one in fresh}
    # A stop that was called off between the two statements is in neither.
    found = (vevent or rendered.get(slot_id) for slot_id, vevent in rows)
    return wrap_publish(filter(None, found), name=feed.name, refresh=REFRESH)


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
        group_size=2, groups=1, group=None, organisation="Organisation", site="Site", address="Address", place_en="En",
        place_sv="Sv", place_fi="Fi", host_name="Host",
    )
    for starts_at in (_DAY, _DAY + timedelta(days=200))
    for time_zone in ("Europe/Stockholm", "Europe/Helsinki", "UTC")
    for status in EntryStatus
]  # fmt: skip
