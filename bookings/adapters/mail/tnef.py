"""Reading winmail.dat (MS-OXTNEF): a flat row of attributes, two of which hold lists of properties.

For the sandbox. Each length is held against what is there before anything is taken, each attribute against
its sum, and nothing is followed inwards: a message in a message stays the octets that it is.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

_SIGNATURE = 0x223E9F78
_LEVELS = (1, 2)
_MESSAGE_CLASS = 0x00078008
_BODY = 0x0002800C
_CODE_PAGE = 0x00069007
_MESSAGE_PROPERTIES = 0x00069003
_ATTACHMENT_BEGINS = 0x00069002
_ATTACHMENT_TITLE = 0x00018010
_ATTACHMENT_DATA = 0x0006800F
_ATTACHMENT_PROPERTIES = 0x00069005
_MOST_ATTACHMENTS = 50
_FIRST_NAMED = 0x8000
_MANY = 0x1000
_STRING, _UNICODE, _BINARY, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_BOOLEAN, _TIME = 0x0B, 0x40
_OF_ANY_LENGTH = (_STRING, _UNICODE, _BINARY, _OBJECT)
_WIDTHS = {2: 2, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, _BOOLEAN: 2, 0x14: 8, _TIME: 8, 0x48: 16}
_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
# Outlook writes 4501 for "no time".
_NO_TIME_YEAR = 4500

Key = int | tuple[UUID, int]
"""A property by its number, or by the number within a set that has a name."""
Value = int | str | bytes | bool | datetime


class UnreadableWinmailError(Exception):
    """It is no winmail.dat, or broken off, or damaged on its way."""


@dataclass
class WinmailFile:
    """An attached file."""

    name: str = ""
    content: bytes = b""
    properties: Mapping[Key, Value] = field(default_factory=dict)


@dataclass
class Winmail:
    """What a winmail.dat says of its message, and the files in it."""

    message_class: str = ""
    body: str = ""
    properties: Mapping[Key, Value] = field(default_factory=dict)
    files: list[WinmailFile] = field(default_factory=list)
    code_page: str = "windows-1252"


class _Octets:
    """Octets that are taken from the front."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._position = 0

    def take(self, count: int) -> bytes:
        piece = self._octets[self._position : self._position + count]
        if len(piece) != count:
            raise UnreadableWinmailError("short")
        self._position += count
        return piece

    def number(self, width: int = 4) -> int:
        return int.from_bytes(self.take(width), "little")

    def padded(self, count: int) -> bytes:
        """So many octets, and those that fill up to the next four."""
        piece = self.take(count)
        self.take(-count % 4)
        return piece

    def next_octet(self) -> int:
        """The next one without taking it; 0 at the end."""
        return self._octets[self._position] if self._position < len(self._octets) else 0


def read_tnef(octets: bytes) -> Winmail:
    """What the octets hold. Raises UnreadableWinmailError."""
    source, found = _Octets(octets), Winmail()
    if source.number() != _SIGNATURE:
        raise UnreadableWinmailError("signature")
    source.number(2)
    # Whatever stands behind the last attribute is none: some gateways add a line.
    while source.next_octet() in _LEVELS:
        source.take(1)
        name = source.number()
        content = source.take(source.number())
        if source.number(2) != sum(content) & 0xFFFF:
            raise UnreadableWinmailError("sum")
        _READERS.get(name, _pass_over)(found, content)
    return found


def _pass_over(_found: Winmail, _content: bytes) -> None:
    """Pictures, dates of sending, recipients: of no use here."""


def _read_class(found: Winmail, content: bytes) -> None:
    found.message_class = _text(content, "ascii")


def _read_body(found: Winmail, content: bytes) -> None:
    found.body = _text(content, found.code_page)


def _read_code_page(found: Winmail, content: bytes) -> None:
    found.code_page = _charset(int.from_bytes(content[:4], "little"))


def _read_message(found: Winmail, content: bytes) -> None:
    found.properties = read_properties(content, found.code_page)


def _begin_file(found: Winmail, _content: bytes) -> None:
    if len(found.files) >= _MOST_ATTACHMENTS:
        raise UnreadableWinmailError("attachments")
    found.files.append(WinmailFile())


def _read_title(found: Winmail, content: bytes) -> None:
    if found.files:
        found.files[-1].name = _text(content, found.code_page)


def _read_data(found: Winmail, content: bytes) -> None:
    if found.files:
        found.files[-1].content = content


def _read_file_properties(found: Winmail, content: bytes) -> None:
    if found.files:
        found.files[-1].properties = read_properties(content, found.code_page)


_READERS: dict[int, Callable[[Winmail, bytes], None]] = {
    _MESSAGE_CLASS: _read_class,
    _BODY: _read_body,
    _CODE_PAGE: _read_code_page,
    _MESSAGE_PROPERTIES: _read_message,
    _ATTACHMENT_BEGINS: _begin_file,
    _ATTACHMENT_TITLE: _read_title,
    _ATTACHMENT_DATA: _read_data,
    _ATTACHMENT_PROPERTIES: _read_file_properties,
}


def read_properties(octets: bytes, code_page: str) -> dict[Key, Value]:
    """The properties of one value each; lists are passed over. Raises UnreadableWinmailError."""
    source, found = _Octets(octets), dict[Key, Value]()
    for _ in range(source.number()):
        kind, number = source.number(2), source.number(2)
        key = number if number < _FIRST_NAMED else _named(source)
        values = _values(source, kind & ~_MANY, is_list=bool(kind & _MANY))
        value = None if kind & _MANY or not values else _value(values[0], kind, code_page)
        if key is not None and value is not None:
            found.setdefault(key, value)
    return found


def _named(source: _Octets) -> tuple[UUID, int] | None:
    """The set and the number in it; None for properties that go by words."""
    group = UUID(bytes_le=source.take(16))
    if source.number() == 0:
        return group, source.number()
    source.padded(source.number())
    return None


def _values(source: _Octets, kind: int, *, is_list: bool) -> list[bytes]:
    if kind in _OF_ANY_LENGTH:
        return [source.padded(source.number()) for _ in range(source.number())]
    if kind not in _WIDTHS:
        raise UnreadableWinmailError("kind")
    if is_list:
        source.padded(source.number() * _WIDTHS[kind])
        return []
    return [source.padded(_WIDTHS[kind])]


def _value(octets: bytes, kind: int, code_page: str) -> Value | None:
    if kind == _TIME:
        return _time(int.from_bytes(octets, "little"))
    if kind == _BOOLEAN:
        return any(octets)
    if kind in (_STRING, _UNICODE):
        return _text(octets, code_page if kind == _STRING else "utf-16-le")
    return octets if kind in _OF_ANY_LENGTH or len(octets) > 8 else int.from_bytes(octets, "little")


def _time(ticks: int) -> datetime | None:
    """From tenths of microseconds since 1601; None for what is no time."""
    try:
        found = _EPOCH + timedelta(microseconds=ticks // 10)
    except OverflowError:
        return None
    return found if found.year < _NO_TIME_YEAR else None


def _charset(number: int) -> str:
    name = "utf-8" if number == 65001 else f"cp{number}"
    try:
        b"".decode(name)
    except LookupError:
        return "windows-1252"
    return name


def _text(octets: bytes, charset: str) -> str:
    return octets.decode(charset, "replace").split("\0", 1)[0]
