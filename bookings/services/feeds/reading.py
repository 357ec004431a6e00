"""What a secret address answers: its version first, which most readers know already; then the entries."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bookings.adapters.ical.build import frame_publish
from bookings.domain.feeds import FeedKind
from bookings.i18n import gettext as _
from bookings.i18n import in_language
from bookings.queries.feeds import (
    FeedScope,
    PersonFeed,
    RegistrationFeed,
    VisitFeed,
    find_feed_scope,
    find_person_feed,
    find_registration_feed,
    list_renderings,
    list_stops,
    load_visit_feed,
    read_feed_version,
)
from bookings.services.feeds.bodies import Bodies
from bookings.services.feeds.entries import (
    REFRESH,
    build_person_file,
    build_programme_file,
    build_registration_file,
    list_person_entries,
)
from bookings.services.feeds.renderings import find_edition, hash_content, render_stops
from bookings.services.feeds.window import cancelled_window, feed_window

_bodies = Bodies()
Small = VisitFeed | RegistrationFeed
"""One visit, or one person at an event: so few entries that they are rendered each time."""


@dataclass(frozen=True)
class Feed:
    """A feed in its present version: readers who know `etag` need nothing else."""

    etag: str
    source: FeedScope | PersonFeed | Small
    name: str
    since: datetime


def open_feed(session: Session, token: str, *, app_name: str, now: datetime) -> Feed:
    """What this secret address shows. Raises LinkNotFoundError or LinkExpiredError."""
    since = feed_window(now)
    scope = find_feed_scope(session, token)
    if scope is not None:
        return _open_scope(session, scope, app_name=app_name, since=since)
    person = find_person_feed(session, token, since=since, cancelled_since=cancelled_window(now))
    if person is not None:
        return _open_person(person, app_name=app_name, since=since)
    small = find_registration_feed(session, token, now=now) or load_visit_feed(session, token, now=now)
    return Feed(hash_content(_build_small(small)), small, small.reference, since)


def _open_scope(session: Session, scope: FeedScope, *, app_name: str, since: datetime) -> Feed:
    with in_language(scope.language):
        name = _name_of(scope, app_name)
    version = read_feed_version(session, scope, since=since)
    parts = (find_edition(scope.kind, scope.language), scope, name, since, version)
    return Feed(hash_content(repr(parts).encode()), scope, name, since)


def _open_person(person: PersonFeed, *, app_name: str, since: datetime) -> Feed:
    """The version follows from what is stored: who knows it waits for nothing to be written out."""
    with in_language(person.language):
        entries = list_person_entries(person)
    parts = (find_edition(FeedKind.PERSON, person.language), app_name, entries)
    return Feed(hash_content(repr(parts).encode()), person, app_name, since)


def build_feed(session: Session, feed: Feed) -> Sequence[bytes]:
    """The feed whole, in pieces, never older than its `etag`, in the language of its reader.

    Entries stand ready since they were written; the few that do not are rendered now. Reading writes nothing.
    """
    if isinstance(feed.source, Small):
        return [_build_small(feed.source)]
    if isinstance(feed.source, PersonFeed):
        with in_language(feed.source.language):
            return [build_person_file(feed.source, name=feed.name)]
    known = _bodies.find(feed.source, feed.etag)
    if known is not None:
        return known
    pieces = frame_publish(list(_pieces(session, feed.source, feed)), name=feed.name, refresh=REFRESH)
    _bodies.keep(feed.source, feed.etag, pieces)
    return pieces


def _pieces(session: Session, scope: FeedScope, feed: Feed) -> Iterator[bytes]:
    """Some hundred entries in each: in one piece, a long feed would need its memory several times over."""
    edition = find_edition(scope.kind, scope.language)
    for rows in list_renderings(session, scope, edition=edition, since=feed.since):
        yield b"".join(_complete(session, scope, rows))


def _complete(session: Session, scope: FeedScope, rows: Sequence[Row[int, bytes | None]]) -> Iterator[bytes]:
    missing = [slot_id for slot_id, vevent in rows if vevent is None]
    stops = list_stops(session, missing) if missing else ()
    fresh = {one.slot_id: one.vevent for one in render_stops(stops, scope)}
    # A stop that was called off between the two statements is in neither.
    return filter(None, (vevent or fresh.get(slot_id) for slot_id, vevent in rows))


def _build_small(feed: Small) -> bytes:
    with in_language(feed.language):
        if isinstance(feed, RegistrationFeed):
            return build_registration_file(feed)
        return build_programme_file(feed.stops, reference=feed.reference)


def _name_of(scope: FeedScope, app_name: str) -> str:
    if scope.kind is FeedKind.BUSY:
        return _("%(app)s: busy times of %(host)s", app=app_name, host=scope.title)
    return f"{app_name}: {scope.title}" if scope.title else app_name
