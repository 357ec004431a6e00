"""A mailbox that answers arrive in: read by UID, never twice, and nothing in it is lost on the way."""

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from bookings.late import LateModule

if TYPE_CHECKING:
    import imap_tools
else:
    imap_tools = LateModule("imap_tools")

MOST_OCTETS = 4 * 1024 * 1024


class MailboxNotAvailableError(Exception):
    """The server cannot be reached, refuses the sign-in or broke off; the text says what it said."""


class FolderRefusedError(Exception):
    """The server does not put the mail into this folder: it is full, or may not be made."""


@dataclass(frozen=True, kw_only=True)
class ImapSettings:
    """Where the mailbox is and how the connection is protected."""

    host: str
    port: int
    security: Literal["tls", "starttls", "none"]
    ca_file: Path | None
    username: str
    password: str
    folder: str
    timeout_seconds: float


class Folder:
    """The open folder of a mailbox."""

    def __init__(self, box: "imap_tools.BaseMailBox", uid_validity: int) -> None:
        self._box = box
        self.uid_validity = uid_validity
        """UIDs mean something only while this number stays (RFC 3501)."""

    def list_uids(self, *, after: int) -> list[int]:
        """UIDs behind this one, oldest first. `n:*` answers the last mail even when it is older."""
        found = self._ask("SEARCH", f"UID {after + 1}:*")
        texts = b" ".join(part for part in found if isinstance(part, bytes)).split()
        return sorted(uid for text in texts if text.isdigit() and (uid := int(text)) > after)

    def fetch(self, uid: int) -> bytes:
        """The mail, unread as before. A larger one is cut where the bounds would refuse it anyway."""
        answers = self._ask("FETCH", str(uid), f"(BODY.PEEK[]<0.{MOST_OCTETS}>)")
        return next((bytes(part[1]) for part in answers if isinstance(part, tuple)), b"")

    def move(self, uid: int, folder: str) -> None:
        """Put the mail into another folder, which is made when it is missing. Raises FolderRefusedError."""
        with _told():
            try:
                self._box.move(str(uid), self._find_or_make(folder))
            except imap_tools.UnexpectedCommandStatusError as error:
                raise FolderRefusedError(f"{folder}: {error}"[:300]) from error

    def _find_or_make(self, name: str) -> str:
        """The folder's name on this server: some keep all folders below the inbox."""
        inbox = next(iter(self._box.folder.list(search_args="INBOX")), None)
        below = f"INBOX{inbox.delim}{name}" if inbox else name
        for one in (name, below):
            if self._box.folder.exists(one):
                return one
        try:
            self._box.folder.create(name)
        except imap_tools.MailboxFolderCreateError:
            self._box.folder.create(below)
            return below
        return name

    def _ask(self, command: str, *arguments: str) -> list[object]:
        with _told():
            status, answers = self._box.client.uid(command, *arguments)
        if status != "OK":
            raise MailboxNotAvailableError(f"{command}: {status}")
        return list(answers)


@contextmanager
def open_folder(settings: ImapSettings) -> Iterator[Folder]:
    """The folder, signed in and selected. Raises MailboxNotAvailableError, from inside too."""
    with _told():
        box = _connect(settings)
    try:
        with _told():
            box.login(settings.username, settings.password, initial_folder=None)
            box.folder.set(settings.folder)
            validity = box.folder.status(settings.folder, ["UIDVALIDITY"])["UIDVALIDITY"]
        yield Folder(box, validity)
    finally:
        _part(box)


def _connect(settings: ImapSettings) -> "imap_tools.BaseMailBox":
    host, port, timeout = settings.host, settings.port, settings.timeout_seconds
    if settings.security == "none":
        return imap_tools.MailBoxUnencrypted(host, port, timeout)
    context = ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None)
    if settings.security == "starttls":
        return imap_tools.MailBoxStartTls(host, port, timeout, context)
    return imap_tools.MailBox(host, port, timeout, ssl_context=context)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (OSError, imaplib.IMAP4.error, imap_tools.ImapToolsError) as error:
        raise MailboxNotAvailableError(f"{type(error).__name__}: {error}"[:300]) from error


def _part(box: "imap_tools.BaseMailBox") -> None:
    try:
        box.client.logout()
    except (OSError, imaplib.IMAP4.error):
        box.client.shutdown()
