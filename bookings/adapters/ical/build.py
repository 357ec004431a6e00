"""iTIP messages (RFC 5546) as bytes: new and changed, cancelled, refused proposal, published."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bookings.adapters.characters import check_address, one_line
from bookings.adapters.ical.lines import text_line, value_line
from bookings.adapters.ical.values import (
    Attendee,
    EntryStatus,
    InvitationEntry,
    Method,
    Organizer,
    UnsendableEntryError,
)
from bookings.adapters.ical.zones import VTIMEZONES, find_wall_time

_HEAD = (
    b"BEGIN:VCALENDAR\r\nPRODID:-//Kvarken Visits//Bookings 1.0//EN\r\nVERSION:2.0\r\nCALSCALE:GREGORIAN\r\n"
)


def build_request(entry: InvitationEntry) -> bytes:
    """Return the message that puts the entry into the attendee's calendar, or changes it there."""
    if entry.status is EntryStatus.CANCELLED:
        raise UnsendableEntryError("a cancelled entry leaves as CANCEL: clients keep what a REQUEST cancels")
    return _wrap(Method.REQUEST, [_vevent(entry, _people(entry, asks_for_answer=True))])


def build_cancel(entry: InvitationEntry) -> bytes:
    """Return the message that takes the entry out of the attendee's calendar."""
    if entry.sequence < 1:
        raise UnsendableEntryError("SEQUENCE rises on cancel: clients ignore a CANCEL as old as its REQUEST")
    cancelled = replace(entry, status=EntryStatus.CANCELLED, alarm_minutes_before=None)
    return _wrap(Method.CANCEL, [_vevent(cancelled, _people(entry, asks_for_answer=False))])


def build_decline_counter(entry: InvitationEntry, *, comment: str = "") -> bytes:
    """Return the message that refuses the attendee's proposal, perhaps with the reason; the entry stays."""
    # Only what RFC 5546 shows for it: no times, no words. RFC 2446, and libical, want no attendee either.
    lines = (
        b"BEGIN:VEVENT\r\n",
        _identity(replace(entry, created_at=None, last_modified_at=None)),
        _people(entry, asks_for_answer=False),
        text_line("COMMENT", comment),
        b"END:VEVENT\r\n",
    )
    return _wrap(Method.DECLINECOUNTER, [b"".join(lines)])


def build_publish(
    entries: Iterable[InvitationEntry], *, name: str = "", refresh: timedelta | None = None
) -> bytes:
    """Return a file for download or a feed: entries without organizer and attendees, nothing to answer."""
    return wrap_publish(map(build_vevent, entries), name=name, refresh=refresh)


def build_vevent(entry: InvitationEntry) -> bytes:
    """Return the entry as feeds show it, to be stored by version and handed to `wrap_publish` later."""
    return _vevent(entry, b"")


def wrap_publish(vevents: Iterable[bytes], *, name: str = "", refresh: timedelta | None = None) -> bytes:
    """Return the feed of these serialised entries, with its name and how often to fetch it again."""
    return b"".join(frame_publish(list(vevents), name=name, refresh=refresh))


def frame_publish(
    vevents: Sequence[bytes], *, name: str = "", refresh: timedelta | None = None
) -> list[bytes]:
    """Return the same in pieces, those of the entries as they were given: long feeds are copied nowhere."""
    return _frame(Method.PUBLISH, vevents, _feed_lines(name, refresh))


def _wrap(method: Method, vevents: Sequence[bytes]) -> bytes:
    return b"".join(_frame(method, vevents))


def _frame(method: Method, vevents: Sequence[bytes], extra: bytes = b"") -> list[bytes]:
    zones = b"".join(block for tzid, block in VTIMEZONES.items() if _names_zone(vevents, tzid))
    head = b"".join((_HEAD, value_line("METHOD", method), extra, zones))
    return [head, *vevents, b"END:VCALENDAR\r\n"]


def _names_zone(vevents: Sequence[bytes], tzid: str) -> bool:
    # At a line's start, so that a description can't look like it; start and end always share their form.
    sign = f"\r\nDTSTART;TZID={tzid}:".encode()
    return any(sign in vevent for vevent in vevents)


def _feed_lines(name: str, refresh: timedelta | None) -> bytes:
    title = one_line(name)
    lines = text_line("NAME", title) + text_line("X-WR-CALNAME", title)
    if refresh is not None:
        duration = _duration(refresh)
        lines += value_line("REFRESH-INTERVAL", duration, {"VALUE": "DURATION"})
        lines += value_line("X-PUBLISHED-TTL", duration)
    return lines


def _duration(length: timedelta) -> str:
    minutes = max(1, int(length.total_seconds()) // 60)
    return f"PT{minutes}M" if minutes % 60 else f"PT{minutes // 60}H"


def _vevent(entry: InvitationEntry, people: bytes) -> bytes:
    parts = (
        b"BEGIN:VEVENT\r\n",
        _identity(entry),
        _times(entry),
        _words(entry),
        people,
        _state(entry),
        # Outlook refuses a message with properties after the alarm
        _alarm(entry),
        b"END:VEVENT\r\n",
    )
    return b"".join(parts)


def _identity(entry: InvitationEntry) -> bytes:
    lines = value_line("UID", entry.uid)
    lines += value_line("SEQUENCE", str(entry.sequence)) + value_line("DTSTAMP", _utc(entry.dtstamp))
    if entry.created_at is not None:
        lines += value_line("CREATED", _utc(entry.created_at))
    if entry.last_modified_at is not None:
        lines += value_line("LAST-MODIFIED", _utc(entry.last_modified_at))
    return lines


def _times(entry: InvitationEntry) -> bytes:
    start = find_wall_time(entry.starts_at, entry.time_zone)
    end = find_wall_time(entry.ends_at, entry.time_zone)
    if start is None or end is None:
        return value_line("DTSTART", _utc(entry.starts_at)) + value_line("DTEND", _utc(entry.ends_at))
    zone = {"TZID": entry.time_zone}
    return value_line("DTSTART", _wall(start), zone) + value_line("DTEND", _wall(end), zone)


def _words(entry: InvitationEntry) -> bytes:
    lines = text_line("SUMMARY", one_line(entry.summary)) + text_line("DESCRIPTION", entry.description)
    lines += text_line("LOCATION", one_line(entry.location))
    # a URI is not TEXT: no escapes, and a blank in it would not be one either
    url = one_line(entry.url).replace(" ", "%20")
    return lines + (value_line("URL", url) if url else b"")


def _people(entry: InvitationEntry, *, asks_for_answer: bool) -> bytes:
    if entry.organizer is None or entry.attendee is None:
        raise UnsendableEntryError("an iTIP message names its organizer and its attendee")
    return _organizer_line(entry.organizer) + _attendee_line(entry.attendee, asks_for_answer=asks_for_answer)


def _organizer_line(organizer: Organizer) -> bytes:
    return value_line("ORGANIZER", f"mailto:{check_address(organizer.address)}", {"CN": organizer.name})


def _attendee_line(attendee: Attendee, *, asks_for_answer: bool) -> bytes:
    parameters = {
        "CUTYPE": "GROUP" if attendee.is_list else "INDIVIDUAL",
        "ROLE": attendee.role.value,
        "PARTSTAT": attendee.partstat.value,
        "RSVP": "TRUE" if asks_for_answer and not attendee.is_list else "",
        "CN": attendee.name,
    }
    return value_line("ATTENDEE", f"mailto:{check_address(attendee.address)}", parameters)


def _state(entry: InvitationEntry) -> bytes:
    is_free = entry.status is EntryStatus.CANCELLED or not entry.is_busy
    lines = value_line("STATUS", entry.status) + value_line("TRANSP", "TRANSPARENT" if is_free else "OPAQUE")
    return lines + value_line("X-MICROSOFT-CDO-BUSYSTATUS", _busy_status(entry.status, is_free=is_free))


def _busy_status(status: EntryStatus, *, is_free: bool) -> str:
    if is_free:
        return "FREE"
    return "TENTATIVE" if status is EntryStatus.TENTATIVE else "BUSY"


def _alarm(entry: InvitationEntry) -> bytes:
    if entry.alarm_minutes_before is None:
        return b""
    trigger = value_line("TRIGGER", f"-PT{entry.alarm_minutes_before}M")
    description = text_line("DESCRIPTION", one_line(entry.summary))
    return b"BEGIN:VALARM\r\nACTION:DISPLAY\r\n" + description + trigger + b"END:VALARM\r\n"


def _utc(instant: datetime) -> str:
    return f"{_wall(instant.astimezone(UTC))}Z"


def _wall(local: datetime) -> str:
    # Several times as fast as a format code, and with four figures of the year on every system.
    text = local.isoformat()
    return f"{text[:4]}{text[5:7]}{text[8:13]}{text[14:16]}{text[17:19]}"
