"""Sending what waits in the outbox: claim a few, hand each over outside of any transaction, mark it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.exc import OperationalError

from bookings.adapters.mail.folder import deliver_to_folder
from bookings.adapters.mail.notes import TakenNotes, forget_notes, open_notes, read_notes
from bookings.adapters.mail.signing import Signer, current_signer
from bookings.adapters.mail.transport import Cause, DeliveryResult, Outcome, SmtpBatch, SmtpSettings
from bookings.db import read_session, would_wait_to_write
from bookings.queries.outbox import has_due_mail
from bookings.services.outbox import (
    ClaimedMail,
    claim_mails,
    longest_wait,
    record_failure,
    record_noted,
    record_relay_failure,
    record_sent,
    release_mails,
)
from bookings.settings import Settings, current_settings

log = logging.getLogger("bookings.jobs")

BATCH = 20
# The last dialogue of a batch begins early enough to connect and to end, or be cut, within the lease.
_DIALOGUE_PART = 0.4
_LAST_START_PART = 0.2
_TRIES_TO_MARK = 6
# While pages write, a mark would wait for its turn and the next mail with it: such marks are put off so long.
_MARK_SECONDS = 0.25


class Postbox(Protocol):
    """Where mails are handed over: a relay, or the demo's folder."""

    def send(self, raw: bytes, *, sender: str, recipient: str) -> DeliveryResult:
        """Hand over one mail and say how it went."""

    def close(self) -> None:
        """No more mails for now."""


class FolderPostbox:
    """A folder of this machine instead of a relay: the demo's mailbox."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, raw: bytes, *, sender: str, recipient: str) -> DeliveryResult:
        """Keep the mail."""
        deliver_to_folder(raw, self._folder, recipient)
        return DeliveryResult(outcome=Outcome.DELIVERED)

    def close(self) -> None:
        """Nothing is open."""


def open_postbox(settings: Settings) -> Postbox:
    """The way out that the settings name; a relay is called when the first mail is handed over."""
    if settings.mail.transport == "folder":
        return FolderPostbox(settings.mailbox_folder)
    return SmtpBatch(relay_settings(settings))


def relay_settings(settings: Settings) -> SmtpSettings:
    """The relay, as the adapter wants to know it."""
    mail = settings.mail
    return SmtpSettings(
        host=mail.host,
        port=mail.port,
        security=mail.security,
        username=mail.username,
        password=mail.password,
        ca_file=Path(mail.ca_file) if mail.ca_file else None,
        timeout_seconds=mail.timeout_seconds,
        deadline_seconds=settings.outbox.lease_seconds * _DIALOGUE_PART,
        local_hostname=mail.domain,
    )


def send_mails(worker: str, postbox: Postbox, *, is_stopping: Callable[[], bool], now: datetime) -> bool:
    """Send one batch; True when another may follow at once."""
    if not has_due_mail(read_session(), now=now, longest_wait=longest_wait()):
        return False
    settings = current_settings()
    began = time.monotonic()
    _learn_from_the_dead(settings, now=now)
    claimed = claim_mails(worker, limit=BATCH, now=now)
    if not claimed:  # what is due waits for an earlier mail about the same entry, or is another worker's
        return False
    last_start = began + settings.outbox.lease_seconds * _LAST_START_PART
    with open_notes(settings.notes_folder) as notes:
        way = _Way(worker, postbox, notes, current_signer(), _Marks(now))
        while claimed and not is_stopping() and time.monotonic() < last_start:
            goes_on = _send_first(claimed, way, now=now)
            claimed = claimed[1:]
            if not goes_on:
                break
        way.marks.write()
    release_mails([mail.id for mail in claimed], worker)
    return True


def _learn_from_the_dead(settings: Settings, *, now: datetime) -> None:
    """Mark what workers of this machine handed over and could not mark any more."""
    record_noted(read_notes(settings.notes_folder), now=now)
    forget_notes(settings.notes_folder, older_than_seconds=settings.outbox.lease_seconds)


class _Marks:
    """Mails that are out and not yet marked; should this process end now, the notes know of them."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._ids: list[int] = []
        self._written_at = time.monotonic()

    def add(self, mail_id: int) -> None:
        """Mark it at once, or soon when that would hold up the next mail."""
        self._ids.append(mail_id)
        if not would_wait_to_write() or time.monotonic() - self._written_at > _MARK_SECONDS:
            self.write()

    def write(self) -> None:
        """Mark them: they must not leave twice, so a locked database gets time until the lease is over."""
        for _ in range(_TRIES_TO_MARK - 1):
            try:
                return self._write()
            except OperationalError:
                log.warning("mails %s are sent and wait to be marked", self._ids)
                time.sleep(1)
        return self._write()

    def _write(self) -> None:
        record_sent(self._ids, now=self._now)
        self._ids, self._written_at = [], time.monotonic()


@dataclass(frozen=True)
class _Way:
    """How the mails of one batch leave."""

    worker: str
    postbox: Postbox
    notes: TakenNotes
    signer: Signer | None
    marks: _Marks


def _send_first(claimed: list[ClaimedMail], way: _Way, *, now: datetime) -> bool:
    """Send the first of the batch; False when the others had better wait for the next round."""
    mail, worker = claimed[0], way.worker
    result = _hand_over(mail, way)
    log.info("mail %d: %s %s %s", mail.id, result.outcome, result.cause, result.code or "")
    if result.relay_is_down:
        ids = [waiting.id for waiting in claimed]
        record_relay_failure(ids, worker, cause=result.cause, reason=_words(result), now=now)
        return False
    if result.outcome is Outcome.DELIVERED:
        way.marks.add(mail.id)
        return True
    is_final = result.outcome is Outcome.PERMANENT
    record_failure(mail.id, worker, cause=result.cause, reason=_words(result), is_final=is_final, now=now)
    return result.cause is not Cause.TIMEOUT


def _hand_over(mail: ClaimedMail, way: _Way) -> DeliveryResult:
    try:
        raw = way.signer.sign(mail.raw) if way.signer else mail.raw
        result = way.postbox.send(raw, sender=mail.sender, recipient=mail.recipient)
    except Exception as error:  # one bad mail never stops the others
        log.exception("mail %d could not be handed over", mail.id)
        return DeliveryResult(outcome=Outcome.TEMPORARY, cause=Cause.MESSAGE, reason=type(error).__name__)
    if result.outcome is Outcome.DELIVERED:
        way.notes.add(
            mail.message_id
        )  # first of all: whoever is killed before this line sends the mail twice
    return result


def _words(result: DeliveryResult) -> str:
    return f"{result.code} {result.reason}" if result.code else result.reason
