"""libical, the calendar library of GNOME and KDE, as a judge of what we send."""

import ctypes
from ctypes.util import find_library


class Libical:
    """Parses calendars, checks them against the tables of RFC 5546, and classifies messages."""

    def __init__(self, library: ctypes.CDLL, set_library: ctypes.CDLL) -> None:
        self._library, self._set_library = library, set_library
        library.icalparser_parse_string.restype = ctypes.c_void_p
        library.icalcomponent_as_ical_string.restype = ctypes.c_char_p
        library.icalproperty_enum_to_string.restype = ctypes.c_char_p

    def find_errors(self, content: bytes) -> list[str]:
        """What the parser and the restriction check have to say; nothing when all is well."""
        component = self._parse(content)
        self._library.icalrestriction_check(component)
        written = self._library.icalcomponent_as_ical_string(component).replace(b"\r\n ", b"")
        self._library.icalcomponent_free(component)
        return [line for line in written.decode().split("\r\n") if line.startswith("X-LIC-ERROR")]

    def classify(self, message: bytes, before: bytes | None, *, user: str) -> str:
        """What the message is to somebody whose calendar holds the one before it."""
        new, old = self._parse(message), self._parse(before) if before is not None else None
        kind = self._set_library.icalclassify(new, old, user.encode())
        return str(self._library.icalproperty_enum_to_string(kind).decode())

    def _parse(self, content: bytes) -> ctypes.c_void_p:
        component = self._library.icalparser_parse_string(content)
        assert component, "libical can't read it at all"
        return ctypes.c_void_p(component)


def find_libical() -> Libical | None:
    """The library of this machine, or None."""
    names = find_library("ical"), find_library("icalss")
    if None in names:
        return None
    return Libical(*(ctypes.CDLL(name) for name in names))
