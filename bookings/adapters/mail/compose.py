"""Mails as bytes: one fixed tree of parts, with or without a calendar message."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage

from bookings.adapters.characters import check_address, many_lines, one_line
from bookings.adapters.mail.headers import WIRE_POLICY

_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+>")
_METHOD_LINE = re.compile(rb"^METHOD:([A-Z]+)\r$", re.MULTILINE)
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
    message = EmailMessage(policy=WIRE_POLICY)
    _add_headers(message, content)
    # quoted-printable: pure ASCII for relays without 8BITMIME, and still readable in a log
    message.set_content(_body(content.text), cte="quoted-printable")
    message.add_alternative(_body(content.html), subtype="html", cte="quoted-printable")
    if content.calendar is not None:
        _add_calendar(message, content.calendar)
    _tidy_parts(message, content.message_id)
    return message.as_bytes()


def _add_headers(message: EmailMessage, content: MailContent) -> None:
    message["From"] = _address(content.sender)
    message["To"] = _address(content.recipient)
    if content.reply_to is not None:
        message["Reply-To"] = _address(content.reply_to)
    message["Subject"] = one_line(content.subject)
    message["Date"] = content.date
    message["Message-ID"] = content.message_id
    message["Auto-Submitted"] = "auto-generated"
    if content.unsubscribe_url is not None:
        message["List-Unsubscribe"] = f"<{content.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"


def _add_calendar(message: EmailMessage, calendar: CalendarPart) -> None:
    # base64: some gateways rewrap lines or change line ends of text parts, which breaks the folding
    parameters = {"charset": "UTF-8", "method": calendar.method}
    message.add_alternative(
        calendar.content, maintype="text", subtype="calendar", cte="base64", params=parameters
    )
    message.add_attachment(
        calendar.content,
        maintype="application",
        subtype="ics",
        filename="invite.ics",
        params={"name": "invite.ics"},
    )


def _tidy_parts(message: EmailMessage, message_id: str) -> None:
    digest = hashlib.sha256(message_id.encode()).hexdigest()[:24]
    for number, part in enumerate(message.walk()):
        if part is not message:
            del part["MIME-Version"]
        if part.is_multipart():
            # "=_" can stand in neither quoted-printable nor base64, so no line of a part looks like this
            part.set_boundary(f"=_{digest}_{number}")


def _address(mailbox: Mailbox) -> Address:
    return Address(display_name=one_line(mailbox.name), addr_spec=check_address(mailbox.address))


def _body(text: str) -> str:
    return many_lines(text) + "\n"
