"""Mails as bytes: one fixed tree of parts, with or without a calendar message."""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.quoprimime import body_encode
from email.utils import format_datetime

from bookings.adapters.characters import check_address, many_lines
from bookings.adapters.mail.headers import field, mailbox_field, text_field

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+>")
_METHOD_LINE = re.compile(rb"^METHOD:([A-Z]+)\r$", re.MULTILINE)
_CRLF = b"\r\n"
_LONGEST_LINE = 78
_MAIL_METHODS = frozenset({"REQUEST", "CANCEL", "DECLINECOUNTER"})


class UnsendableMailError(ValueError):
    """A mail that mail programs would refuse or misread."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A person or office with an address."""

    address: str
    name: str = ""

    def __post_init__(self) -> None:
        check_address(self.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPart:
    """An iTIP message and its method, which have to agree: Outlook believes the one, Gmail the other."""

    method: str
    content: bytes

    def __post_init__(self) -> None:
        if self.method not in _MAIL_METHODS:
            raise UnsendableMailError("a mail carries REQUEST, CANCEL or DECLINECOUNTER")
        if _METHOD_LINE.findall(self.content) != [self.method.encode()]:
            raise UnsendableMailError("the calendar says its method once, and the same as the mail")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailContent:
    """Everything of a mail that its reader, and the programs on the way, will see."""

    sender: Mailbox
    recipient: Mailbox
    subject: str
    date: datetime
    message_id: str
    text: str
    html: str
    reply_to: Mailbox | None = None
    calendar: CalendarPart | None = None
    unsubscribe_url: str | None = None

    def __post_init__(self) -> None:
        if _MESSAGE_ID.fullmatch(self.message_id) is None:
            raise UnsendableMailError("a Message-ID looks like <unique@domain>")
        if self.date.utcoffset() is None:
            raise UnsendableMailError("the date of a mail knows its offset")
        if self.unsubscribe_url is not None and re.search(r"[\s<>]", self.unsubscribe_url):
            raise UnsendableMailError("a link to unsubscribe has no blanks and no angle brackets")


def build_message_id(domain: str) -> str:
    """Return a new Message-ID under the domain, to be kept with the mail over all attempts."""
    return f"<{secrets.token_hex(16)}@{domain}>"


def build_mail(content: MailContent) -> bytes:
    """Return the mail as it goes over the wire; the same content gives the same bytes."""
    # Put together by hand: the library would parse again each field that is written here.
    digest = hashlib.sha256(content.message_id.encode()).hexdigest()[:24]
    parts = [_text_part(content.text, "plain"), _text_part(content.html, "html")]
    if content.calendar is None:
        body = _multipart("alternative", parts, boundary=f"=_{digest}_0")
    else:
        parts.append(_calendar_part(content.calendar))
        readings = _multipart("alternative", parts, boundary=f"=_{digest}_1")
        body = _multipart("mixed", [readings, _attachment(content.calendar)], boundary=f"=_{digest}_0")
    return _headers(content) + body


def _headers(content: MailContent) -> bytes:
    fields = [_mailbox("From", content.sender), _mailbox("To", content.recipient)]
    if content.reply_to is not None:
        fields.append(_mailbox("Reply-To", content.reply_to))
    fields += [
        text_field("Subject", content.subject),
        field("Date", format_datetime(content.date)),
        field("Message-ID", content.message_id),
        field("Auto-Submitted", "auto-generated"),
    ]
    if content.unsubscribe_url is not None:
        fields.append(field("List-Unsubscribe", f"<{content.unsubscribe_url}>"))
        fields.append(field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return b"".join([*fields, field("MIME-Version", "1.0")])


def _mailbox(name: str, mailbox: Mailbox) -> bytes:
    return mailbox_field(name, mailbox.name, check_address(mailbox.address))


def _multipart(subtype: str, parts: list[bytes], *, boundary: str) -> bytes:
    # "=_" can stand in neither quoted-printable nor base64, so no line of a part looks like this
    edge = b"--" + boundary.encode("ascii")
    inside = b"".join(edge + _CRLF + part + _CRLF for part in parts)
    head = field("Content-Type", f'multipart/{subtype}; boundary="{boundary}"')
    return head + _CRLF + inside + edge + b"--" + _CRLF


def _text_part(text: str, subtype: str) -> bytes:
    # quoted-printable: pure ASCII for relays without 8BITMIME, and still readable in a log
    lines = (many_lines(text) + "\n").encode().splitlines()
    octets = b"\n".join(lines).decode("latin-1") + "\n"
    body = body_encode(octets, _LONGEST_LINE).replace("\n", "\r\n").encode("ascii")
    fields = (
        field("Content-Type", f'text/{subtype}; charset="utf-8"'),
        field("Content-Transfer-Encoding", "quoted-printable"),
    )
    return b"".join(fields) + _CRLF + body


def _calendar_part(calendar: CalendarPart) -> bytes:
    # base64: some gateways rewrap lines or change line ends of text parts, which breaks the folding
    fields = (
        field("Content-Transfer-Encoding", "base64"),
        field("Content-Type", f'text/calendar; charset="UTF-8"; method="{calendar.method}"'),
    )
    return b"".join(fields) + _CRLF + _base64(calendar.content)


def _attachment(calendar: CalendarPart) -> bytes:
    fields = (
        field("Content-Transfer-Encoding", "base64"),
        field("Content-Disposition", 'attachment; filename="invite.ics"'),
        field("Content-Type", 'application/ics; name="invite.ics"'),
    )
    return b"".join(fields) + _CRLF + _base64(calendar.content)


def _base64(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", _CRLF)
