"""Texts that strangers type: cleaned or refused, compared, shortened."""

import re
import unicodedata
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import count

from bookings.domain.errors import TextNotAllowedError

_ALLOWED_IN_TEXT = frozenset("\n\t")
# Overrides and isolates can show a name or a link backwards. The plain marks U+200E and U+200F stay:
# Arabic and Hebrew need them.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Mail and calendar readers take these for line ends.
_LINE_SEPARATORS = frozenset("\u2028\u2029")
# A lone surrogate can't be written as UTF-8: no database and no mail would take it.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs"})
_IPV4_PREFIX, _IPV6_PREFIX = 24, 48

_BRACKETS = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
# Letters that carry their stroke inside and so don't decompose.
_STROKED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_LATIN_MARKS = re.compile("[\u0300-\u036f]")
_LEGAL_FORM_WORDS = (
    "ab abp oy oyj ky ry rf ltd limited llc plc inc incorporated corp corporation co gmbh ag kg mbh sa "
    "sarl srl spa bv nv as asa aps ou uab sia doo kft zrt sro sp zoo pty pte kk bhd the"
)
_LEGAL_FORMS = frozenset(_LEGAL_FORM_WORDS.split())


def clean_line(value: str, *, max_length: int) -> str:
    """One line in NFC without outer blanks. Raises TextNotAllowedError (`control`, `too_long`)."""
    return _clean(value, allowed=frozenset(), max_length=max_length)


def clean_text(value: str, *, max_length: int) -> str:
    """Lines and tabs are kept, line ends become `\\n`. Raises TextNotAllowedError (`control`, `too_long`)."""
    unified = value.replace("\r\n", "\n").replace("\r", "\n")
    return _clean(unified, allowed=_ALLOWED_IN_TEXT, max_length=max_length)


def has_control_characters(value: str, *, allowed: frozenset[str] = frozenset()) -> bool:
    """Does the text hold a character that steers instead of being read?"""
    if value.isprintable():  # nearly every text, found out at once: whatever is refused is not printable
        return False
    return any(_is_refused(character) for character in value if character not in allowed)


def organisation_key(name: str) -> str:
    """A key equal for the usual spellings of one name: case, accents, legal form, brackets don't count."""
    folded = fold(name)
    words = _words_of(_BRACKETS.sub(" ", folded)) or _words_of(folded)
    telling = [word for word in words if word not in _LEGAL_FORMS]
    return " ".join(telling or words)


def build_slug(text: str, *, taken: Iterable[str] = (), longest: int = 60) -> str:
    """Lower-case ASCII words joined by hyphens, with a number behind when it is taken."""
    bare = unicodedata.normalize("NFD", text.casefold()).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:longest].strip("-") or "x"
    others = set(taken)
    numbered = (words if number == 1 else f"{words}-{number}" for number in count(1))
    return next(slug for slug in numbered if slug not in others)


def fold(text: str) -> str:
    """The text as it is searched and compared: neither case nor accents count."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(_STROKED)
    # Only the marks of Latin, Greek and Cyrillic letters go: in other scripts they are the vowels.
    bare = _LATIN_MARKS.sub("", unicodedata.normalize("NFD", folded))
    return unicodedata.normalize("NFC", bare)


def site_of_host(site: str, host: str) -> str:
    """A site is often called what its host is called: then once is enough."""
    return site if host in site else f"{host}, {site}"


def describe_site(site: str, address: str, *, host: str) -> str:
    """Where a stop is, beside its host's name: a site that is called the same is not said again."""
    return ", ".join(part for part in (site if site.casefold() != host.casefold() else "", address) if part)


def shorten_address(address: str) -> str:
    """The /24 or /48 network of a client address; empty when it is no address."""
    try:
        parsed = ip_address(address.strip().partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    prefix = _IPV4_PREFIX if parsed.version == 4 else _IPV6_PREFIX
    return str(ip_network((parsed, prefix), strict=False))


def _clean(value: str, *, allowed: frozenset[str], max_length: int) -> str:
    # Before stripping: Python counts some control characters as blanks and would hide them.
    if has_control_characters(value, allowed=allowed):
        raise TextNotAllowedError("control")
    cleaned = unicodedata.normalize("NFC", value).strip()
    if len(cleaned) > max_length:
        raise TextNotAllowedError("too_long", max_length)
    return cleaned


def _is_refused(character: str) -> bool:
    return (
        unicodedata.category(character) in _REFUSED_CATEGORIES
        or character in _BIDI_CONTROLS
        or character in _LINE_SEPARATORS
        or ord(character) & 0xFFFE == 0xFFFE
    )


def _words_of(folded: str) -> list[str]:
    # "O.K. Ab" and "OK Ab" are one name; a hyphen or a slash parts words.
    without_points = re.sub("[.'\u2019]", "", folded)
    letters = (c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in without_points)
    return "".join(letters).split()
