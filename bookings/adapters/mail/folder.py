"""A folder instead of a relay: every mail stays on this machine, where the demo shows it."""

import email.policy
import mailbox
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path

from bookings.adapters.characters import check_address, one_line

_POLICY = email.policy.default
_KEY = re.compile(r"(\d+)\.M(\d+)P\d+(?:Q(\d+))?")
_LINK = re.compile(r"https?://[^\s<>\"']+")


class MailNotInFolderError(LookupError):
    """No mail of the folder has this key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailLink:
    """A link of a mail: where it leads and what it says."""

    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSummary:
    """A mail as a list shows it."""

    key: str
    recipient: str
    sender: str
    subject: str
    sent_at: datetime | None
    message_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailParts:
    """A mail as its page shows it: its headers and everything that its reader can see or press."""

    summary: MailSummary
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    calendar: str
    calendar_method: str
    links: tuple[MailLink, ...]


def deliver_to_folder(raw: bytes, folder: Path, recipient: str) -> str:
    """Put the mail into the folder for this recipient and return its key."""
    address = check_address(recipient)
    return _open(folder).add(b"Delivered-To: " + address.encode("ascii") + b"\r\n" + raw)


def list_folder_messages(folder: Path, *, recipient: str | None = None) -> list[MailSummary]:
    """Return the mails of the folder, newest first; only those of one recipient when given."""
    maildir = _open(folder)
    summaries = [_summary(key, _read(maildir, key, headersonly=True)) for key in _keys_newest_first(maildir)]
    return [mail for mail in summaries if recipient is None or mail.recipient == recipient]


def read_folder_message(folder: Path, key: str) -> MailParts:
    """Return the parts of one mail; raise MailNotInFolderError when there is none with this key."""
    message = _read(_open(folder), key)
    calendar = _find_calendar(message)
    text = _as_text(message.get_body(preferencelist=("plain",)))
    html = _as_text(message.get_body(preferencelist=("html",)))
    return MailParts(
        summary=_summary(key, message),
        headers=tuple((name, one_line(str(value))) for name, value in message.items()),
        text=text,
        html=html,
        calendar=_as_text(calendar),
        calendar_method=str(calendar.get_param("method", "")) if calendar is not None else "",
        links=_links(text, html),
    )


def _open(folder: Path) -> mailbox.Maildir:
    # Made here, and not by Maildir: web and worker may open the folder for the first time at the same moment.
    for name in ("tmp", "new", "cur"):
        (folder / name).mkdir(mode=0o700, parents=True, exist_ok=True)
    return mailbox.Maildir(folder, create=False)


def _keys_newest_first(maildir: mailbox.Maildir) -> Iterable[str]:
    return sorted(maildir.keys(), key=_arrival, reverse=True)


def _arrival(key: str) -> tuple[int, ...]:
    found = _KEY.match(key)
    return tuple(int(number or 0) for number in found.groups()) if found else ()


def _read(maildir: mailbox.Maildir, key: str, *, headersonly: bool = False) -> EmailMessage:
    try:
        raw = maildir.get_bytes(key)
    except (KeyError, FileNotFoundError):
        raise MailNotInFolderError(key) from None
    return BytesParser(EmailMessage, policy=_POLICY).parsebytes(raw, headersonly=headersonly)


def _summary(key: str, message: EmailMessage) -> MailSummary:
    return MailSummary(
        key=key,
        recipient=str(message["Delivered-To"] or ""),
        sender=str(message["From"] or ""),
        subject=str(message["Subject"] or ""),
        sent_at=_sent_at(message),
        message_id=str(message["Message-ID"] or ""),
    )


def _sent_at(message: EmailMessage) -> datetime | None:
    try:
        sent = parsedate_to_datetime(str(message["Date"]))
    except ValueError:
        return None
    return sent if sent.utcoffset() is not None else sent.replace(tzinfo=UTC)


def _as_text(part: MIMEPart | None) -> str:
    return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


def _find_calendar(message: EmailMessage) -> EmailMessage | None:
    return next((part for part in message.walk() if part.get_content_type() == "text/calendar"), None)


def _links(text: str, html: str) -> tuple[MailLink, ...]:
    reader = _LinkReader()
    reader.feed(html)
    reader.close()
    found = {link.url: link for link in reader.links}
    for url in _text_links(text):
        found.setdefault(url, MailLink(url=url, label=url))
    return tuple(found.values())


def _text_links(text: str) -> Iterator[str]:
    return (match.group().rstrip(".,;:!?)") for match in _LINK.finditer(text))


class _LinkReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[MailLink] = []
        self._url = ""
        self._words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        url = dict(attrs).get("href") or ""
        if tag == "a" and _LINK.fullmatch(url):
            self._url, self._words = url, []

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._url:
            self.links.append(MailLink(url=self._url, label=one_line("".join(self._words)) or self._url))
            self._url = ""
