"""Looking into the IMAP mailbox: what is new is taken in, oldest first; what nobody can read is put aside."""

import logging
from datetime import datetime
from pathlib import Path

from bookings.adapters.imap import (
    Folder,
    FolderRefusedError,
    ImapSettings,
    MailboxNotAvailableError,
    open_folder,
)
from bookings.db import read_session
from bookings.queries.inbox import find_position
from bookings.services.inbox import ReaderNotAvailableError, receive_mail, record_position
from bookings.settings import current_settings

log = logging.getLogger("bookings.jobs")

BATCH = 200


def poll_mailbox(*, now: datetime) -> int:
    """Take in what is new; returns how many mails. Raises MailboxNotAvailableError.

    A position is noted after each mail: a run that breaks off is taken up where it stopped, and a mail that
    was taken in just before is known by its content.
    """
    with open_folder(mailbox_settings()) as folder:
        last_uid = _last_uid(folder)
        uids = folder.list_uids(after=last_uid)[:BATCH]
        for uid in uids:
            _take(folder, uid, now=now)
            record_position(_mailbox(), uid_validity=folder.uid_validity, last_uid=uid, now=now)
    return len(uids)


def poll_if_set_up(*, now: datetime) -> None:
    """What the worker does: nothing without a mailbox; a server that is down is tried again next time."""
    if not current_settings().imap.host:
        return
    try:
        while poll_mailbox(now=now) == BATCH:
            pass
    except (MailboxNotAvailableError, ReaderNotAvailableError) as error:
        log.warning("mailbox not read: %s", error)


def _last_uid(folder: Folder) -> int:
    """Where to go on. Another UIDVALIDITY means that all UIDs are new: contents tell what came before."""
    known = find_position(read_session(), _mailbox())
    return known[1] if known and known[0] == folder.uid_validity else 0


def _take(folder: Folder, uid: int, *, now: datetime) -> None:
    settings = current_settings().imap
    raw = folder.fetch(uid)
    if not raw:
        return  # somebody else took it away meanwhile
    received = receive_mail(raw, now=now, door="imap")
    target = settings.unreadable_folder if received.is_unreadable else settings.done_folder
    if not target:
        return
    try:
        folder.move(uid, target)
    except FolderRefusedError as error:  # it was taken in, and those behind it must not wait
        log.warning("mail stays where it is: %s", error)


def _mailbox() -> str:
    imap = current_settings().imap
    return f"{imap.username}@{imap.host}/{imap.folder}"[:254]


def mailbox_settings() -> ImapSettings:
    """The mailbox, as the adapter wants to know it."""
    imap = current_settings().imap
    return ImapSettings(
        host=imap.host,
        port=imap.port,
        security=imap.security,
        ca_file=Path(imap.ca_file) if imap.ca_file else None,
        username=imap.username,
        password=imap.password,
        folder=imap.folder,
        timeout_seconds=imap.timeout_seconds,
    )
