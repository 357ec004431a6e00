"""Header fields as they go over the wire.

The standard library's folding drops the quotes of a long name with a comma, so that it reads as several
addresses, and turns a long link in List-Unsubscribe into encoded words that no mail program opens: we fold
these fields ourselves.
"""

import re
from email.header import Header
from email.headerregistry import Address, AddressHeader
from email.policy import SMTP, EmailPolicy
from email.utils import quote

from bookings.adapters.characters import one_line

_LONGEST_PLAIN_TEXT = 60
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")
# Links and identifiers: one folded or encoded octet and they no longer work.
_UNTOUCHED = frozenset({"list-unsubscribe", "list-unsubscribe-post", "message-id"})


class WirePolicy(EmailPolicy):
    """RFC 5322 with CRLF and 7-bit headers, where names keep their commas and links stay whole."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the header field folded for the wire."""
        if isinstance(value, AddressHeader):
            return _field(name, ",\r\n ".join(_mailbox(name, address) for address in value.addresses))
        if name.lower() in _UNTOUCHED:
            return _field(name, one_line(value))
        if name.lower() == "subject":
            return _field(name, encode_words(one_line(value), header_name=name))
        return super().fold_binary(name, value)


WIRE_POLICY = WirePolicy(linesep=SMTP.linesep, cte_type="7bit", utf8=False)


def encode_words(text: str, *, header_name: str) -> str:
    """Return the text as it may stand in a header: itself when short and plain, else RFC 2047 words."""
    if text.isascii() and len(text) <= _LONGEST_PLAIN_TEXT and "=?" not in text:
        return text
    return Header(text, "utf-8", header_name=header_name).encode(linesep="\r\n")


def _mailbox(header_name: str, address: Address) -> str:
    name = one_line(address.display_name)
    if not name:
        return address.addr_spec
    words = encode_words(name, header_name=header_name)
    phrase = words if words != name or _ATOMS.fullmatch(name) else f'"{quote(name)}"'
    return f"{phrase}\r\n <{address.addr_spec}>"


def _field(name: str, value: str) -> bytes:
    return f"{name}: {value}\r\n".encode("ascii")
