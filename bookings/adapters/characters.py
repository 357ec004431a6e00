"""Which characters may leave the house: one rule for calendars and for mail."""

import re

# C0 and C1 controls (NUL, VT, U+0085 ...) without TAB and LF, and lone surrogates, which UTF-8 cannot carry.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS = re.compile("\r\n|\r|\u2028|\u2029")
_BLANKS = re.compile(r"\s+")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class UnsafeAddressError(ValueError):
    """An address that could break out of its header or its calendar line, or that SMTP cannot carry."""


def many_lines(text: str) -> str:
    """Return the text without control characters, its lines separated by single line feeds."""
    if text.isprintable():  # nearly always: feeds of many entries ask a hundred thousand times
        return text.strip()
    return _CONTROLS.sub("", _LINE_ENDS.sub("\n", text)).replace("\t", " ").strip()


def one_line(text: str) -> str:
    """Return the text as one line: no control characters, each run of blanks and line ends as one space."""
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _BLANKS.sub(" ", many_lines(text)).strip()


def check_address(address: str) -> str:
    """Return the address as ASCII, its domain in IDNA form; raise UnsafeAddressError if in doubt."""
    local, _, domain = address.rpartition("@")
    try:
        ascii_address = f"{local}@{domain.encode('idna').decode('ascii')}"
    except UnicodeError:
        raise UnsafeAddressError("the domain of the address cannot be written in ASCII") from None
    # fullmatch: `$` would let a trailing line feed through
    if _ADDRESS.fullmatch(ascii_address) is None or len(ascii_address) > 254:
        raise UnsafeAddressError("the address holds characters that mail cannot carry safely")
    return ascii_address
