"""Header fields as they go over the wire.

The standard library's folding drops the quotes of a long name with a comma, so that it reads as several
addresses, and turns a long link in List-Unsubscribe into encoded words that no mail program opens: we fold
these fields ourselves.
"""

import re
from email.header import Header
from email.utils import quote

from bookings.adapters.characters import one_line

_LONGEST_PLAIN_TEXT = 60
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")


def field(name: str, value: str) -> bytes:
    """Return a field whose value is ours and stays whole: one folded octet, and a link no longer works."""
    return f"{name}: {value}\r\n".encode("ascii")


def text_field(name: str, text: str) -> bytes:
    """Return a field of words that anybody may have written."""
    return field(name, encode_words(one_line(text), header_name=name))


def mailbox_field(name: str, person: str, address: str) -> bytes:
    """Return a field with one mailbox; names keep their commas."""
    person = one_line(person)
    if not person:
        return field(name, address)
    words = encode_words(person, header_name=name)
    phrase = words if words != person or _ATOMS.fullmatch(person) else f'"{quote(person)}"'
    return field(name, f"{phrase}\r\n <{address}>")


def encode_words(text: str, *, header_name: str) -> str:
    """Return the text as it may stand in a header: itself when short and plain, else RFC 2047 words."""
    if text.isascii() and len(text) <= _LONGEST_PLAIN_TEXT and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name=header_name).encode(linesep="\r\n")
