"""Bounds of a mail, by a scan of its bytes: what is outside them never reaches a parser."""

import re
from itertools import pairwise

MAX_OCTETS = 2 * 1024 * 1024
MAX_HEADER_OCTETS = 64 * 1024
MAX_HEADERS = 1000
MAX_NESTING = 20
MAX_PARTS = 200

_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
_HEADER_START = re.compile(rb"^[^ \t\r\n]", re.MULTILINE)
_STRUCTURE = re.compile(
    rb"boundary\s*(?:\*0?\*?)?=\s*(?:\"([^\"\r\n]{1,200})\"?|([^\s;\"]{1,200}))"
    rb"|^--([^\r\n]{1,210})|^content-type\s*:\s*message/(?:rfc822|global|partial)",
    re.IGNORECASE | re.MULTILINE,
)


def find_excess(raw: bytes) -> str | None:
    """The code of the first bound that the mail breaks, or None."""
    if len(raw) > MAX_OCTETS:
        return "too_large"
    return _header_excess(raw) or _structure_excess(raw)


def _header_excess(raw: bytes) -> str | None:
    end = _END_OF_HEADERS.search(raw)
    block = raw[: end.start() if end else len(raw)]
    if block.lstrip(b"\xef\xbb\xbf \t\r\n")[:15].upper() == b"BEGIN:VCALENDAR":
        return None
    starts = [found.start() for found in _HEADER_START.finditer(block)]
    # A mail that begins with a blank line has no header at all.
    lengths = [after - start for start, after in pairwise([*starts, len(block)])]
    if any(length > MAX_HEADER_OCTETS for length in lengths):
        return "header_too_large"
    return "too_many_headers" if len(starts) > MAX_HEADERS else None


def _structure_excess(raw: bytes) -> str | None:
    """Follow the boundaries as they open and close; each message inside a message is a level too."""
    open_boundaries: list[bytes] = []
    parts = 0
    for found in _STRUCTURE.finditer(raw):
        boundary = found[1] or found[2]
        if found[3] is not None:
            parts += _follow(open_boundaries, found[3])
        else:
            open_boundaries.append(boundary or b"\0message")
        if len(open_boundaries) > MAX_NESTING:
            return "too_deep"
        if parts > MAX_PARTS:
            return "too_many_parts"
    return None


def _follow(open_boundaries: list[bytes], line: bytes) -> bool:
    """A line that separates parts ends everything that was opened inside; True when it begins a part."""
    text = line.rstrip()
    for level in range(len(open_boundaries) - 1, -1, -1):
        if text == open_boundaries[level]:
            del open_boundaries[level + 1 :]
            return True
        if text == open_boundaries[level] + b"--":
            del open_boundaries[level:]
            return False
    return False
