"""Content lines and components of calendars that others wrote: read with patience, bounded, no recursion."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_OCTETS = 1024 * 1024
MAX_COMPONENTS = 50
MAX_DEPTH = 5

_FOLD = re.compile("(?:\r*\n|\r)[ \t]")
_LINE_ENDS = re.compile("\r\n|\n|\r")
# A name with a semicolon that stands there without quotes: what follows it still counts.
_STRAY = re.compile(r';[^;:="]*(?=[;:])')
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,])*(?:,(?:"[^"]*"|[^";:,])*)*)')
# Names of zones hold colons and commas, quoted or not: tzone://Microsoft/Utc, (UTC+02:00) Helsinki, Kyiv
_ZONED = re.compile(r"[A-Z-]+(?:;[^:]*)?;TZID=(.{1,200}):(\d{8}T\d{4,6}Z?)\s*", re.IGNORECASE)
_NAME = re.compile(r"[A-Za-z0-9-]+")
_ESCAPED = re.compile(r"\\([\\;,nN:\"])")
_CARET = {"^n": "\n", "^N": "\n", "^^": "^", "^'": '"'}


class UnreadableCalendarError(ValueError):
    """A calendar that cannot be understood as a whole; the text is a code for staff."""


@dataclass(frozen=True, slots=True)
class ContentLine:
    """One property: its name in capitals, its parameters, its value as written."""

    name: str
    value: str
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The value of a TEXT property."""
        return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], self.value)


@dataclass(slots=True)
class Component:
    """A component with its own lines and the components inside."""

    name: str
    lines: list[ContentLine] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def find(self, name: str) -> ContentLine | None:
        """The first property of this name."""
        return next((line for line in self.lines if line.name == name), None)

    def all(self, name: str) -> list[ContentLine]:
        """All properties of this name."""
        return [line for line in self.lines if line.name == name]

    def text(self, name: str) -> str:
        """The text of the first property of this name, or nothing."""
        line = self.find(name)
        return line.text.strip() if line else ""


def parse_calendars(text: str) -> list[Component]:
    """The VCALENDARs of a text. Raises UnreadableCalendarError when one is broken off or too large."""
    root = Component("")
    stack = [root]
    count = 0
    for line in _content_lines(text):
        if line.name == "BEGIN":
            count += 1
            if count > MAX_COMPONENTS or len(stack) > MAX_DEPTH:
                raise UnreadableCalendarError("too_many_components")
            inner = Component(line.value.strip().upper())
            stack[-1].parts.append(inner)
            stack.append(inner)
        elif line.name == "END":
            _close(stack, line.value.strip().upper())
        else:
            stack[-1].lines.append(line)
    if len(stack) > 1:
        raise UnreadableCalendarError("truncated")
    calendars = [part for part in root.parts if part.name == "VCALENDAR"]
    if not calendars:
        raise UnreadableCalendarError("no_calendar")
    return calendars


def _close(stack: list[Component], name: str) -> None:
    if len(stack) == 1 or stack[-1].name != name:
        raise UnreadableCalendarError("truncated")
    stack.pop()


def _content_lines(text: str) -> Iterator[ContentLine]:
    if len(text) > MAX_OCTETS:
        raise UnreadableCalendarError("too_large")
    for line in _LINE_ENDS.split(_FOLD.sub("", text.lstrip("\ufeff"))):
        parsed = _parse_line(line)
        if parsed is not None:
            yield parsed


def _parse_line(line: str) -> ContentLine | None:
    """Lines that are none (blank, cut off, chatter of a gateway) are passed over."""
    line = line.lstrip("\ufeff ")
    name = _NAME.match(line)
    if name is None:
        return None
    zoned = _ZONED.fullmatch(line)
    if zoned is not None:
        return ContentLine(name[0].upper(), zoned[2], {"TZID": _zone_name(zoned[1])})
    position, parameters = name.end(), {}
    while found := _PARAMETER.match(line, position) or _STRAY.match(line, position):
        if found.re is _PARAMETER:
            parameters[found[1].upper()] = _plain(found[2])
        position = found.end()
    colon = line.find(":", position)
    if colon < 0:
        return None
    return ContentLine(name[0].upper(), line[colon + 1 :].rstrip(), parameters)


def _zone_name(text: str) -> str:
    return (text[1:].partition('"')[0] if text.startswith('"') else text.partition(";")[0]).strip()


def _plain(value: str) -> str:
    """A parameter without its quotes, RFC 6868's carets undone."""
    return re.sub(r"\^[nN^']", lambda found: _CARET[found[0]], value.replace('"', "")).strip()
