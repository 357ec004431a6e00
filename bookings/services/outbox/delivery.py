"""How a mail leaves: claimed with a lease, sent outside of any transaction, then marked."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Update, bindparam, delete, or_, select, text, update

from bookings.db import transaction
from bookings.domain.outbox import RELAY_PREFIX, UNSETTLED_STATES, OutboxState, next_attempt_at
from bookings.domain.retention import months
from bookings.models.outbox import HAS_TEXT, OUTBOX_TABLE, OutboxMessage, WorkerHeartbeat
from bookings.queries.outbox import (
    HAS_ITS_TIME_COME,
    IS_FREE,
    SendingTime,
    database_time,
    is_any_due,
    is_first_of_its_uid,
)
from bookings.settings import OutboxSettings, current_settings

_HEARTBEATS_KEPT = timedelta(days=1)
_LONGEST_ERROR = 4000


@dataclass(frozen=True, kw_only=True)
class ClaimedMail:
    """A mail that one worker has for itself until its lease ends."""

    id: int
    message_id: str
    sender: str
    recipient: str
    raw: bytes


_MAILS = OUTBOX_TABLE.c
_SET_LATE_ONES_ASIDE = (
    update(OUTBOX_TABLE)
    .where(IS_FREE, _MAILS.expires_at <= bindparam("now"))
    .values(state=OutboxState.TOO_LATE, leased_by=None, leased_until=None)
)
# When the relay was down, every try begins with the oldest mail: what came later never overtakes.
_CLAIMABLE = (
    select(_MAILS.id)
    .where(
        IS_FREE,
        or_(HAS_ITS_TIME_COME, _MAILS.last_cause.startswith(RELAY_PREFIX)),
        is_any_due(),
        is_first_of_its_uid(),
    )
    .order_by(_MAILS.queued_at, _MAILS.id)
    .limit(bindparam("most"))
    # SQLite drops this silently; there the transaction holds the write lock already.
    .with_for_update(skip_locked=True, of=OUTBOX_TABLE)
    # By itself, so that PostgreSQL looks once, however it goes about the change.
    .cte("claimable")
)
_LEASE = (
    update(OUTBOX_TABLE)
    .where(_MAILS.id.in_(select(_CLAIMABLE.c.id)))
    .values(state=OutboxState.SENDING, leased_by=bindparam("worker"), leased_until=bindparam("until"))
    .returning(_MAILS.id, _MAILS.message_id, _MAILS.sender, _MAILS.recipient, _MAILS.raw)
)


def claim_mails(worker: str, *, limit: int, now: datetime) -> list[ClaimedMail]:
    """Take the oldest mails that may leave now, at most one about each UID, for `outbox.lease_seconds`."""
    with transaction(flushes=False) as session:
        at = SendingTime(now, database_time(session), longest_wait())
        # An invitation whose time has passed is listed for staff, not sent.
        session.execute(_SET_LATE_ONES_ASIDE, {"now": at.now, "database_now": at.database_now})
        until = at.database_now + timedelta(seconds=current_settings().outbox.lease_seconds)
        rows = session.execute(_LEASE, {**at.values, "most": limit, "worker": worker, "until": until})
        return sorted((ClaimedMail(**row._mapping) for row in rows), key=lambda mail: mail.id)  # noqa: SLF001 (its public name)


def longest_wait() -> timedelta:
    """The most that may lie between two tries; a mail that waits longer was queued by a wrong clock."""
    outbox = current_settings().outbox
    return timedelta(minutes=max(outbox.retry_minutes) * (1 + outbox.jitter))


_MARK = update(OUTBOX_TABLE).values(
    state=OutboxState.SENT,
    sent_at=bindparam("now"),
    attempts=_MAILS.attempts + 1,
    leased_by=None,
    leased_until=None,
    last_error="",
    last_cause="",
)
_MARK_SENT = _MARK.where(_MAILS.id.in_(bindparam("mail_ids", expanding=True)))
_MARK_NOTED = _MARK.where(
    _MAILS.message_id.in_(bindparam("message_ids", expanding=True)), _MAILS.state == OutboxState.SENDING
)


def record_sent(mail_ids: Sequence[int], *, now: datetime) -> None:
    """The relay took these mails. True even when the lease has run out meanwhile.

    It has to be quick, so it doesn't wait for the disk. A power cut may lose the mark, and then the mail
    leaves again as the same mail.
    """
    if mail_ids:
        with transaction(flushes=False) as session:
            session.execute(_MARK_SENT, {"mail_ids": mail_ids, "now": now})


def record_noted(message_ids: list[str], *, now: datetime) -> None:
    """The relay took these mails, as a worker noted that was killed before it could mark them."""
    if message_ids:
        with transaction(flushes=False) as session:
            session.execute(_MARK_NOTED, {"message_ids": message_ids, "now": now})


def record_failure(
    mail_id: int, worker: str, *, cause: str, reason: str, is_final: bool, now: datetime
) -> None:
    """The mail was not taken: another try later, or none when the answer is final."""
    with transaction() as session:
        mail = session.scalar(select(OutboxMessage).where(_held_by(worker), OutboxMessage.id == mail_id))
        if mail is None:
            return
        mail.attempts += 1
        mail.state = OutboxState.FAILED if is_final else OutboxState.WAITING
        mail.next_attempt_at = _next_attempt(mail.attempts, now=now)
        mail.last_cause, mail.last_error = cause, reason[:_LONGEST_ERROR]
        mail.leased_by = mail.leased_until = None


def record_relay_failure(mail_ids: list[int], worker: str, *, cause: str, reason: str, now: datetime) -> None:
    """No mail can leave: one attempt for the oldest, and everything that waits is tried with it next time."""
    with transaction() as session:
        oldest = session.scalar(
            select(OutboxMessage).where(_held_by(worker), OutboxMessage.id == mail_ids[0])
        )
        if oldest is None:
            return
        oldest.attempts += 1
        again_at = _next_attempt(oldest.attempts, now=now)
        session.execute(_released(mail_ids, worker))
        # What a clock that was wrong put far away is due all the time, and would call the relay all the time.
        is_sooner_or_lost = or_(
            OutboxMessage.next_attempt_at < again_at, OutboxMessage.next_attempt_at > now + longest_wait()
        )
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.state == OutboxState.WAITING, is_sooner_or_lost)
            .values(
                next_attempt_at=again_at,
                last_cause=f"{RELAY_PREFIX}{cause}",
                last_error=reason[:_LONGEST_ERROR],
            )
        )


def release_mails(mail_ids: list[int], worker: str) -> None:
    """Give back what was claimed and not tried."""
    if mail_ids:
        with transaction() as session:
            session.execute(_released(mail_ids, worker))


def _released(mail_ids: list[int], worker: str) -> Update:
    return (
        update(OutboxMessage)
        .where(_held_by(worker), OutboxMessage.id.in_(mail_ids))
        .values(state=OutboxState.WAITING, leased_by=None, leased_until=None)
    )


def _held_by(worker: str) -> ColumnElement[bool]:
    return (OutboxMessage.state == OutboxState.SENDING) & (OutboxMessage.leased_by == worker)


def _next_attempt(attempts: int, *, now: datetime) -> datetime:
    outbox: OutboxSettings = current_settings().outbox
    chance = secrets.randbelow(1000) / 1000
    return next_attempt_at(
        attempts, now=now, retry_minutes=outbox.retry_minutes, jitter=outbox.jitter, chance=chance
    )


def record_heartbeat(worker: str, *, now: datetime) -> None:
    """The worker is alive; those that have been silent for a day are forgotten."""
    with transaction(flushes=False) as session:
        session.merge(WorkerHeartbeat(name=worker, seen_at=now))
        session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.seen_at < now - _HEARTBEATS_KEPT))


def prune_outbox(*, now: datetime) -> None:
    """Forget the texts of settled mails after `outbox.body_days` and the rest after `metadata_months`."""
    outbox = current_settings().outbox
    # Said by what it is not: nearly all mails are settled, which is no way in to the few that are old.
    settled = OutboxMessage.state.not_in(UNSETTLED_STATES)
    bodies_until = now - timedelta(days=outbox.body_days)
    rows_until = now - months(outbox.metadata_months)
    with transaction() as session:
        session.execute(delete(OutboxMessage).where(settled, OutboxMessage.queued_at < rows_until))
        session.execute(
            update(OutboxMessage)
            .where(settled, OutboxMessage.queued_at < bodies_until, text(HAS_TEXT))
            .values(raw=b"")
        )
