"""Pictures that staff bring: what they are by their first bytes, and how large."""

from dataclasses import dataclass

from bookings.domain.errors import SettingNotUsableError

LARGEST_PICTURE_KB = 200
_LONGEST_SIDE = 4000
_KILO = 1024
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
# Markers of JPEG frames that say the size; the others of the row define tables.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE = frozenset({0x01, *range(0xD0, 0xDA)})
_VP8X, _VP8L, _VP8 = b"VP8X", b"VP8L", b"VP8 "


@dataclass(frozen=True)
class Picture:
    """What browsers are told of a picture."""

    media_type: str
    width: int
    height: int


def read_picture(content: bytes) -> Picture:
    """Type and size of a PNG, JPEG or WebP, whatever its name says. Raises SettingNotUsableError."""
    if len(content) > LARGEST_PICTURE_KB * _KILO:
        raise SettingNotUsableError("file", "large", 0, LARGEST_PICTURE_KB)
    try:
        picture = _read(content)
    except IndexError:
        picture = None
    if picture is None or not (0 < picture.width <= _LONGEST_SIDE and 0 < picture.height <= _LONGEST_SIDE):
        raise SettingNotUsableError("file", "picture")
    return picture


def _read(content: bytes) -> Picture | None:
    if content.startswith(_PNG) and content[12:16] == b"IHDR":
        return Picture("image/png", _number(content, 16, 4), _number(content, 20, 4))
    if content.startswith(_JPEG):
        return _read_jpeg(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _read_webp(content)
    return None


def _read_jpeg(content: bytes) -> Picture | None:
    position = 2
    while content[position] == 0xFF:
        marker = content[position + 1]
        if marker in _FRAMES:
            height, width = _number(content, position + 5, 2), _number(content, position + 7, 2)
            return Picture("image/jpeg", width, height)
        position += 2 if marker in _STANDALONE else 2 + _number(content, position + 2, 2)
    return None


def _read_webp(content: bytes) -> Picture | None:
    kind = content[12:16]
    if kind == _VP8X:
        width, height = (int.from_bytes(content[at : at + 3], "little") + 1 for at in (24, 27))
        return Picture("image/webp", width, height)
    if kind == _VP8L and content[20] == 0x2F:
        bits = int.from_bytes(content[21:25], "little")
        return Picture("image/webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if kind == _VP8 and content[23:26] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(content[at : at + 2], "little") & 0x3FFF for at in (26, 28))
        return Picture("image/webp", width, height)
    return None


def _number(content: bytes, start: int, length: int) -> int:
    part = content[start : start + length]
    if len(part) < length:
        raise IndexError
    return int.from_bytes(part, "big")
