"""What a winmail.dat means: Outlook's answer to an invitation, a file that is a calendar, or just words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from bookings.adapters.mail.inbound_headers import clean
from bookings.adapters.mail.tnef import Key, Value, Winmail, WinmailFile, read_tnef
from bookings.domain.answers import AnswerLine, CalendarAnswer, Partstat

_Values = Mapping[Key, Value]
_APPOINTMENT = UUID("00062002-0000-0000-c000-000000000046")
_MEETING = UUID("6ed8da90-450b-101b-98da-00aa003f1305")
_SEQUENCE = (_APPOINTMENT, 0x8201)
_STARTS_AT, _ENDS_AT = (_APPOINTMENT, 0x820D), (_APPOINTMENT, 0x820E)
_IS_COUNTER = (_APPOINTMENT, 0x8257)
_OFFER_STARTS_AT, _OFFER_ENDS_AT = (_APPOINTMENT, 0x8250), (_APPOINTMENT, 0x8251)
_ANSWERED_AT: tuple[Key, ...] = (_MEETING, 0x0001), (_APPOINTMENT, 0x8220)
_OBJECT_ID, _CLEAN_OBJECT_ID = (_MEETING, 0x0003), (_MEETING, 0x0023)
_CLASS = 0x001A
_START, _END = 0x0060, 0x0061
_BODY = 0x1000
_NAME = 0x0042
# In whose name it was sent, and by whom: the address of the net first, then whatever the house uses.
_HOST_ADDRESSES: tuple[Key, ...] = (0x5D02, 0x0065)
_SENDER_ADDRESSES: tuple[Key, ...] = (0x5D01, 0x0C1F)
_FILE_NAMES: tuple[Key, ...] = (0x3707, 0x3704)
_FILE_TYPE, _FILE_CONTENT = 0x370E, 0x3701

_ID_PREFIX = bytes.fromhex("040000008200e00074c5b7101a82e008")
_ID_HEAD = 40
_FOREIGN_UID = b"vCal-Uid\x01\0\0\0"
_LONGEST_UID = 1000
_LONGEST_ADDRESS = 320
_MAX_SEQUENCE = 2**31 - 1
# Words of Outlook's own stand above this line, those of the person below it.
_OWN_WORDS = "*~*~*~*~*~*~*~*~*~*"

_OLD_NAMES = {
    "ipm.microsoft schedule.mtgrespp": "ipm.schedule.meeting.resp.pos",
    "ipm.microsoft schedule.mtgrespn": "ipm.schedule.meeting.resp.neg",
    "ipm.microsoft schedule.mtgrespa": "ipm.schedule.meeting.resp.tent",
    "ipm.microsoft schedule.mtgreq": "ipm.schedule.meeting.request",
    "ipm.microsoft schedule.mtgcncl": "ipm.schedule.meeting.canceled",
    "ipm.microsoft mail.note": "ipm.note",
}
_ANSWERS = {
    "ipm.schedule.meeting.resp.pos": Partstat.ACCEPTED,
    "ipm.schedule.meeting.resp.neg": Partstat.DECLINED,
    "ipm.schedule.meeting.resp.tent": Partstat.TENTATIVE,
}
_FROM_OUTSIDE = {"ipm.schedule.meeting.request": "REQUEST", "ipm.schedule.meeting.canceled": "CANCEL"}
_WORDS = ("ipm.note", "ipm")


@dataclass(frozen=True)
class WinmailContents:
    """What was in it. `is_understood`: nothing in it is left for Outlook alone to open."""

    is_understood: bool = False
    answer: CalendarAnswer | None = None
    text: str = ""
    calendars: list[bytes] = field(default_factory=list)


def read_winmail(octets: bytes, *, sender: str) -> WinmailContents:
    """The contents; answers that name nobody are those of the `sender`. Raises UnreadableWinmailError."""
    found = read_tnef(octets)
    answer = _answer(found, sender)
    text = _string(found.properties, [_BODY]) or found.body
    calendars = [content for one in found.files if (content := _calendar(one))]
    is_words = _message_class(found) in _WORDS and bool(text.strip())
    return WinmailContents(bool(answer or calendars or is_words), answer, text, calendars)


def own_words(text: str) -> str:
    """What the person wrote beside the answer."""
    return text.rpartition(_OWN_WORDS)[2].strip()


def _message_class(found: Winmail) -> str:
    name = (_string(found.properties, [_CLASS]) or found.message_class).strip().lower()
    return _OLD_NAMES.get(name, name)


def _answer(found: Winmail, sender: str) -> CalendarAnswer | None:
    """The answer as any other program would have written it; None when this is something else."""
    name, values = _message_class(found), found.properties
    partstat = _ANSWERS.get(name)
    if partstat is None and name not in _FROM_OUTSIDE:
        return None
    is_counter = partstat is not None and values.get(_IS_COUNTER) is True
    starts_at, ends_at = _times(values)
    offered = _moment(values, [_OFFER_STARTS_AT]), _moment(values, [_OFFER_ENDS_AT])
    return CalendarAnswer(
        method=_FROM_OUTSIDE.get(name, "COUNTER" if is_counter else "REPLY"),
        uid=_uid(values),
        lines=(_line(values, partstat or Partstat.NEEDS_ACTION, sender),),
        sequence=_sequence(values),
        dtstamp=_moment(values, _ANSWERED_AT),
        starts_at=offered[0] if is_counter else starts_at,
        ends_at=offered[1] if is_counter else ends_at,
        original_starts_at=starts_at,
        is_occurrence=_names_one_day(values),
        has_unclear_time=is_counter and offered[0] is None,
    )


def _line(values: _Values, partstat: Partstat, sender: str) -> AnswerLine:
    host = _address(values, _HOST_ADDRESSES) or sender
    writer = _address(values, _SENDER_ADDRESSES)
    is_deputy = writer.casefold() not in ("", host.casefold())
    return AnswerLine(
        address=host,
        partstat=partstat,
        name=clean(_string(values, [_NAME]))[:100],
        sent_by=writer if is_deputy else "",
    )


def _times(values: _Values) -> tuple[datetime | None, datetime | None]:
    return _moment(values, [_STARTS_AT, _START]), _moment(values, [_ENDS_AT, _END])


def _sequence(values: _Values) -> int | None:
    found = values.get(_SEQUENCE)
    return found if isinstance(found, int) and found <= _MAX_SEQUENCE else None


def _uid(values: _Values) -> str:
    """The UID of the invitation: ours stands in the identity as it was, Outlook's own are its octets."""
    octets = values.get(_CLEAN_OBJECT_ID) or values.get(_OBJECT_ID)
    if not isinstance(octets, bytes) or not octets.startswith(_ID_PREFIX):
        return ""
    data = octets[_ID_HEAD : _ID_HEAD + int.from_bytes(octets[_ID_HEAD - 4 : _ID_HEAD], "little")]
    if data.startswith(_FOREIGN_UID):
        text = data[len(_FOREIGN_UID) :].split(b"\0", 1)[0].decode("utf-8", "replace")
        return "".join(clean(text).split())[:_LONGEST_UID]
    return (octets[:16] + bytes(4) + octets[20:]).hex().upper()[:_LONGEST_UID]


def _names_one_day(values: _Values) -> bool:
    """One day of a repeated event carries its date in the identity."""
    octets = values.get(_OBJECT_ID)
    return isinstance(octets, bytes) and octets.startswith(_ID_PREFIX) and any(octets[16:20])


def _calendar(file: WinmailFile) -> bytes:
    """The content of an attached calendar; nothing for other files."""
    name = _string(file.properties, _FILE_NAMES) or file.name
    kind = _string(file.properties, [_FILE_TYPE]).casefold()
    content = file.properties.get(_FILE_CONTENT)
    is_calendar = name.casefold().endswith(".ics") or kind in ("text/calendar", "application/ics")
    return (file.content or (content if isinstance(content, bytes) else b"")) if is_calendar else b""


def _string(values: _Values, names: Sequence[Key]) -> str:
    return next((found for name in names if isinstance(found := values.get(name), str) and found), "")


def _moment(values: _Values, names: Sequence[Key]) -> datetime | None:
    return next((found for name in names if isinstance(found := values.get(name), datetime)), None)


def _address(values: _Values, names: Sequence[Key]) -> str:
    """An address of the net; within a house Outlook writes others, without an @."""
    found = ("".join(clean(_string(values, [name])).split()) for name in names)
    return next((one[:_LONGEST_ADDRESS] for one in found if "@" in one and not one.startswith("/")), "")
