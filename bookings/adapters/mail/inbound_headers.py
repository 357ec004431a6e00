"""Headers of strangers' mails, read without the standard library's address grammar: that one recurses."""

import re
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.utils import parsedate_to_datetime

# What is opened and never closed runs to the end: looking for its end again and again would cost minutes.
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\\?\Z)')
_ADDRESS = re.compile(r'[^\s<>()\[\],;:"@\\]{1,128}@[^\s<>()\[\],;:"@\\]{1,255}')
_ANGLE = re.compile(r"<\s*([^<>]*)>")
_COMMENT = re.compile(r"\([^()]*\)")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,250})>")
_DMARC = re.compile(r"(?:^|[;\s])dmarc\s*=\s*([a-z]+)", re.IGNORECASE)
_HEADER_FROM = re.compile(r"header\.from\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_MAX_ADDRESSES = 100
_DELIVERED_TO = ("X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "X-RCPT-To")
_WRITTEN_TO = ("To", "Cc", "Resent-To", "Apparently-To")


def read_header(mail: Message, name: str) -> str:
    """The first header of this name on one line, as written; raw octets become characters or marks."""
    found = mail.get_all(name) or [""]
    return clean(str(found[0]))


def clean(text: str) -> str:
    """One line without control characters."""
    octets = text.encode("utf-8", "surrogateescape")
    return _CONTROLS.sub(" ", octets.decode("utf-8", "replace")).strip()


def decode_words(text: str) -> str:
    """Encoded words (RFC 2047) as characters; broken ones stay as they are."""
    try:
        parts = decode_header(text)
        words = "".join(
            part.decode(charset or "latin-1", "replace") if isinstance(part, bytes) else part
            for part, charset in parts
        )
    except (HeaderParseError, LookupError, ValueError):
        return text
    return clean(words)


def list_addresses(text: str) -> list[str]:
    """The addresses in a header; names and quoted strings are no addresses."""
    bare = _QUOTED.sub(" ", text)
    return [found[0] for _, found in zip(range(_MAX_ADDRESSES), _ADDRESS.finditer(bare), strict=False)]


def read_sender(mail: Message) -> tuple[str, str, bool]:
    """Address and name of From, and whether there is exactly one."""
    fields = mail.get_all("From") or []
    text = clean(str(fields[0])) if fields else ""
    bare = _QUOTED.sub(" ", text)
    angles = [address for one in _ANGLE.findall(bare) for address in list_addresses(one)[:1]]
    addresses = angles or list_addresses(text)
    name = decode_words(_ANGLE.sub("", text).strip().strip('"'))
    return (addresses[0] if addresses else ""), name[:100], len(fields) == 1 and len(addresses) == 1


def list_recipients(mail: Message) -> tuple[str, ...]:
    """Whom the mail was delivered to and written to, the envelope's traces first."""
    texts = [clean(str(one)) for name in (*_DELIVERED_TO, *_WRITTEN_TO) for one in mail.get_all(name) or ()]
    found = [address for text in texts for address in list_addresses(text)]
    return tuple(dict.fromkeys(found))[:_MAX_ADDRESSES]


def list_references(mail: Message) -> tuple[str, ...]:
    """Message-IDs that this mail answers."""
    text = f"{read_header(mail, 'In-Reply-To')} {read_header(mail, 'References')}"
    return tuple(dict.fromkeys(_MESSAGE_ID.findall(text)))[-20:]


def read_message_id(mail: Message) -> str:
    """The Message-ID without its brackets."""
    text = read_header(mail, "Message-ID")
    found = _MESSAGE_ID.search(text)
    return (found[1] if found else text)[:250]


def read_date(mail: Message) -> datetime | None:
    """The Date in UTC; None when it is missing or nonsense."""
    try:
        found = parsedate_to_datetime(read_header(mail, "Date"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


def is_authenticated(header: str, *, authserv_id: str, sender: str) -> bool:
    """Does the topmost Authentication-Results (RFC 8601) come from our server and say dmarc=pass for From?

    Only the topmost: everything below may have been written by the sender.
    """
    bare = _COMMENT.sub(" ", header)
    server, _, results = bare.partition(";")
    names = server.split()
    if not authserv_id or not names or names[0].casefold() != authserv_id.casefold():
        return False
    outcomes = [found.casefold() for found in _DMARC.findall(results)]
    domains = [found.casefold() for found in _HEADER_FROM.findall(results)]
    domain = sender.rpartition("@")[2].casefold()
    is_aligned = all(domain == one or domain.endswith("." + one) for one in domains)
    return bool(domain) and outcomes == ["pass"] and is_aligned
