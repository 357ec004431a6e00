"""Content lines of RFC 5545 section 3.1: escaping, parameters, folding.

Written here and not left to `icalendar`: its escaping turns a typed backslash-N into a line break, and feeds
of 10,000 entries need ten times its speed. It stays a foreign parser of our tests.
"""

from collections.abc import Mapping

from bookings.adapters.characters import many_lines, one_line

_MAX_OCTETS = 75
# A parameter cannot hold a double quote, and Outlook shows RFC 6868's ^' as typed: use the apostrophe.
_PARAMETER_ESCAPES = str.maketrans({'"': "'", "^": "^^"})
_NO_PARAMETERS: Mapping[str, str] = {}


def text_line(name: str, text: str) -> bytes:
    """Return the folded line of a TEXT property, or nothing when the text is empty."""
    cleaned = many_lines(text)
    # One by one, the backslash first: many times as fast as a table of signs.
    escaped = cleaned.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return fold(f"{name}:{escaped}") if escaped else b""


def value_line(name: str, value: str, parameters: Mapping[str, str] = _NO_PARAMETERS) -> bytes:
    """Return the folded line of a property whose value needs no escaping; empty parameters are left out."""
    if not parameters:
        return fold(f"{name}:{value}")
    written = "".join(f";{key}={_parameter(text)}" for key, text in parameters.items() if one_line(text))
    return fold(f"{name}{written}:{value}")


def fold(line: str) -> bytes:
    """Return the line ended by CRLF, in pieces of at most 75 octets that never split a character."""
    octets = line.encode()
    return octets + b"\r\n" if len(octets) <= _MAX_OCTETS else _fold_long(octets)


def _fold_long(octets: bytes) -> bytes:
    start, room, pieces = 0, _MAX_OCTETS, []
    while len(octets) - start > room:
        end = start + room
        while octets[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(octets[start:end])
        # the space that marks a continuation counts too
        start, room = end, _MAX_OCTETS - 1
    return b"\r\n ".join([*pieces, octets[start:]]) + b"\r\n"


def _parameter(text: str) -> str:
    escaped = one_line(text).translate(_PARAMETER_ESCAPES)
    # Of a bare "=" some readers take the blanks around it away.
    return f'"{escaped}"' if any(sign in escaped for sign in ":;,=") else escaped
