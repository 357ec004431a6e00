"""A mail comes in: read behind walls, kept once, concluded on."""

import atexit
import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from bookings.adapters.mail.inbound_headers import clean
from bookings.adapters.mail.inbound_values import IncomingMail
from bookings.adapters.sandbox import Sandbox, UnreadableMailError
from bookings.db import retry_conflicts, transaction
from bookings.domain.answers import Decision, MailClass, Reason, Verdict
from bookings.domain.inbox import InboxState
from bookings.models.inbox import InboxMessage
from bookings.services.inbox.concluding import conclude, open_letter
from bookings.services.inbox.findings import Finding, to_plain

log = logging.getLogger("bookings.inbox")

_LONGEST_LINE = 254
_LONGEST_TEXT = 4000
_KEPT_OF_EXCESS = 64 * 1024
_END_OF_HEADERS = re.compile(rb"\r?\n\r?\n")
# What the same mail has whichever way it came; servers add the rest.
_OWN_HEADERS = re.compile(
    rb"^(?:from|to|cc|subject|date|message-id|content-type|sender):[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*",
    re.IGNORECASE | re.MULTILINE,
)
_MESSAGE_ID = re.compile(rb"^message-id:\s*<([^<>\s]{1,250})>", re.IGNORECASE | re.MULTILINE)

_sandbox = Sandbox()
atexit.register(_sandbox.close)


@dataclass(frozen=True, kw_only=True)
class Received:
    """What became of a mail."""

    message_id: int | None
    """None: the same mail had come before."""
    kind: MailClass
    verdict: Verdict
    reason: str
    findings: tuple[dict[str, Any], ...] = ()
    is_unreadable: bool = False


def receive_mail(
    raw: bytes, *, now: datetime, door: str = "pipe", recipients: Sequence[str] = ()
) -> Received:
    """Take one mail in. The same mail twice changes nothing; what cannot be read waits for staff.

    Raises ReaderNotAvailableError or a DBAPIError when this machine cannot just now: bring the mail again.
    """
    try:
        mail = _sandbox.read(raw)
    except UnreadableMailError as error:
        return _keep_unreadable(raw, str(error), door=door, now=now)
    try:
        return _take_in(raw, mail, recipients, door=door, now=now)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the mail is brought again
    except Exception:  # whatever it is in this mail, those behind it must not wait
        log.exception("mail put aside")
        return _keep_unreadable(raw, "broke", door=door, now=now)


@retry_conflicts
def _take_in(
    raw: bytes, mail: IncomingMail, recipients: Sequence[str], *, door: str, now: datetime
) -> Received:
    with transaction() as session:
        letter = open_letter(session, mail, recipients, now=now)
        values = {
            **_mail_columns(mail),
            "content_hash": fingerprint(raw),
            "door": door,
            "received_at": now,
            "is_authenticated": letter.is_authenticated,
            "raw": raw,
        }
        row_id = _claim(session, values)
        if row_id is None:
            return Received(message_id=None, kind=mail.kind, verdict=Verdict.NOTHING, reason=Reason.DUPLICATE)
        findings = conclude(session, letter, now=now)
        return _write_conclusion(session, row_id, mail, findings)


@retry_conflicts
def _keep_unreadable(raw: bytes, code: str, *, door: str, now: datetime) -> Received:
    """Quarantine: kept with the reason, never tried again, and nothing behind it has to wait."""
    head = raw[:_KEPT_OF_EXCESS]
    found = _MESSAGE_ID.search(head)
    is_broken = code in ("too_hard", "broke", "unreadable")
    reason = Reason.UNREADABLE if is_broken else Reason.OUT_OF_BOUNDS
    finding = Finding(decision=Decision(verdict=Verdict.REVIEW, reason=reason))
    values = {
        "message_id": found[1].decode("ascii", "replace") if found else "",
        "content_hash": fingerprint(raw if is_broken else head),
        "door": door,
        "received_at": now,
        "sent_at": None,
        "sender": "",
        "sender_name": "",
        "is_authenticated": False,
        "subject": "",
        "kind": MailClass.MALFORMED,
        "text": "",
        "raw": raw if is_broken else head,
    }
    with transaction() as session:
        row_id = _claim(session, values)
        if row_id is not None:
            row = session.get_one(InboxMessage, row_id)
            row.verdict, row.reason, row.state = Verdict.REVIEW, reason, InboxState.OPEN
            row.findings = [{**to_plain(finding), "detail": code}]
    return Received(
        message_id=row_id,
        kind=MailClass.MALFORMED,
        verdict=Verdict.REVIEW if row_id is not None else Verdict.NOTHING,
        reason=code,
        is_unreadable=True,
    )


def _mail_columns(mail: IncomingMail) -> dict[str, Any]:
    return {
        "message_id": mail.message_id[:_LONGEST_LINE],
        "sent_at": mail.sent_at,
        "sender": mail.sender[:_LONGEST_LINE],
        "sender_name": mail.sender_name[:_LONGEST_LINE],
        "subject": mail.subject[:_LONGEST_LINE],
        "kind": mail.kind,
        "text": mail.text[:_LONGEST_TEXT],
    }


def _claim(session: Session, values: dict[str, Any]) -> int | None:
    """The row of a mail that was not here before; None for one that came before, by whichever door."""
    columns = {
        **values, "verdict": Verdict.LOG, "reason": "", "findings": [], "state": InboxState.LOGGED,
        "decided_by": "", "resolution": "",
    }  # fmt: skip
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    statement = (
        insert(InboxMessage)
        .values(columns)
        .on_conflict_do_nothing(index_elements=["message_id", "content_hash"])
        .returning(InboxMessage.id)
    )
    return session.scalars(statement).one_or_none()


def _write_conclusion(session: Session, row_id: int, mail: IncomingMail, findings: list[Finding]) -> Received:
    first = next((one for one in findings if one.needs_staff), findings[0])
    row = session.get_one(InboxMessage, row_id)
    row.verdict, row.reason = first.decision.verdict, first.decision.reason
    row.findings = [to_plain(one) for one in findings]
    row.attendee_id, row.slot_id, row.visit_id = first.attendee_id, first.slot_id, first.visit_id
    row.state = InboxState.OPEN if first.needs_staff else InboxState.LOGGED
    session.flush()
    return Received(
        message_id=row_id,
        kind=mail.kind,
        verdict=first.decision.verdict,
        reason=first.decision.reason,
        findings=tuple(row.findings),
    )


def fingerprint(raw: bytes) -> str:
    """A hash of what the sender wrote, whatever servers on the way have added and however lines end."""
    end = _END_OF_HEADERS.search(raw)
    head, body = (raw[: end.start()], raw[end.end() :]) if end else (raw, b"")
    own = sorted(clean(found[0].decode("latin-1")).encode() for found in _OWN_HEADERS.finditer(head + b"\n"))
    content = body.replace(b"\r\n", b"\n").strip() if own else raw
    return hashlib.sha256(b"\0".join([*own, content])).hexdigest()
