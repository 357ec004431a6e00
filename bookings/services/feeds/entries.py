"""Stops as entries of a calendar: what visitors, hosts, staff and those who only see "busy" read of them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

from bookings.adapters.ical.build import build_publish, build_vevent
from bookings.adapters.ical.values import EntryStatus, InvitationEntry
from bookings.domain.events import choose_text
from bookings.domain.feeds import FeedKind
from bookings.i18n import current_language, format_people
from bookings.i18n import gettext as _
from bookings.queries.feeds import FeedStop, PersonFeed, RegistrationFeed
from bookings.services.entries import build_plain_entry

REFRESH = timedelta(hours=1)


def build_programme_file(stops: Sequence[FeedStop], *, reference: str) -> bytes:
    """The visitor's programme as a calendar file, in the reader's language."""
    name = _("Visit %(reference)s", reference=reference)
    return build_publish((_visitor_entry(stop) for stop in stops), name=name, refresh=REFRESH)


def build_registration_file(feed: RegistrationFeed) -> bytes:
    """The days and meetings of somebody at an event, as the mails told of them."""
    entries = [build_plain_entry(entry) for entry in feed.entries]
    return build_publish(entries, name=choose_text(feed.title, feed.language), refresh=REFRESH)


def list_person_entries(feed: PersonFeed) -> list[InvitationEntry]:
    """All that one mailbox was told of, with the UIDs and versions of the mails; stops in its language."""
    return [*map(build_plain_entry, feed.entries), *map(_visitor_entry, feed.stops)]


def build_person_file(feed: PersonFeed, *, name: str) -> bytes:
    """The same as a calendar file."""
    return build_publish(list_person_entries(feed), name=name, refresh=REFRESH)


def build_host_file(stop: FeedStop) -> bytes:
    """The one stop of a host as a calendar file, in the reader's language."""
    return build_publish([_host_entry(stop)])


def build_feed_entry(kind: FeedKind, stop: FeedStop) -> bytes:
    """A stop as feeds of this kind show it, in the reader's language."""
    return build_vevent(_ENTRIES[kind](stop))


def _visitor_entry(stop: FeedStop) -> InvitationEntry:
    # No link to the visitor's page: a calendar is often shared, and the link can call the visit off.
    lines = (
        _title(stop),
        *([_group(stop)] if stop.group is not None else ()),
        _("Host: %(name)s", name=stop.organisation),
        _("Visit %(reference)s", reference=stop.reference),
    )
    return _entry(stop, summary=stop.organisation, lines=lines)


def _host_entry(stop: FeedStop) -> InvitationEntry:
    return _entry(stop, summary=_visit_of(stop), lines=(_title(stop), _people(stop), _about(stop)))


def _staff_entry(stop: FeedStop) -> InvitationEntry:
    lines = (
        _title(stop),
        _people(stop),
        _("Host: %(name)s", name=f"{stop.organisation}, {stop.host_name}"),
    )
    summary = f"{stop.organisation} – {stop.delegation} ({stop.reference})"
    return _entry(stop, summary=summary, lines=lines)


def _busy_entry(stop: FeedStop) -> InvitationEntry:
    """That the host is taken, and nothing else: no name, no place or its zone, no UID of an invitation."""
    uid, _at, domain = stop.uid.rpartition("@")
    hidden = f"busy-{sha256(uid.encode()).hexdigest()[:32]}@{domain}"
    entry = _entry(stop, summary=_("Busy"), lines=())
    return replace(entry, uid=hidden, location="", time_zone="UTC")


def _entry(stop: FeedStop, *, summary: str, lines: Sequence[str]) -> InvitationEntry:
    return InvitationEntry(
        uid=stop.uid,
        sequence=stop.sequence,
        dtstamp=stop.changed_at,
        created_at=stop.created_at,
        last_modified_at=stop.changed_at,
        starts_at=stop.starts_at,
        ends_at=stop.ends_at,
        time_zone=stop.time_zone,
        summary=summary,
        description="\n".join(lines),
        location=", ".join(filter(None, (stop.site, stop.address, stop.place(current_language())))),
        status=_status(stop),
    )


def _status(stop: FeedStop) -> EntryStatus:
    """Files and feeds say what the host's calendar was told by mail: firm once host and visitor said yes.

    A stop stays firm while others of its visit are planned anew: its host has nothing to do, gets no mail,
    and no calendar may contradict another. It turns tentative with the next question about itself.
    """
    return EntryStatus(stop.status)


def _visit_of(stop: FeedStop) -> str:
    return _("Visit of %(delegation)s", delegation=stop.delegation)


def _title(stop: FeedStop) -> str:
    return stop.title_in(current_language())


def _people(stop: FeedStop) -> str:
    return f"{stop.delegation}, {_group(stop)}"


def _group(stop: FeedStop) -> str:
    return format_people(stop.group_size, stop.groups, stop.group)


def _about(stop: FeedStop) -> str:
    return _("Visit %(reference)s", reference=stop.reference)


_ENTRIES: dict[FeedKind, Callable[[FeedStop], InvitationEntry]] = {
    FeedKind.STAFF: _staff_entry,
    FeedKind.HOST: _host_entry,
    FeedKind.BUSY: _busy_entry,
    FeedKind.PERSON: _visitor_entry,
}
