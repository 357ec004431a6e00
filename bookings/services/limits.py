"""Limits against abuse, counted in the database so that a restart forgets nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.errors import TooManyAttemptsError
from bookings.domain.limits import HOUR, Limit, is_over
from bookings.models.limits import LimitedAct
from bookings.queries.limits import count_acts
from bookings.settings import current_settings

_ADD = insert(table_of(LimitedAct))


def count_act(session: Session, limits: Sequence[Limit], *, now: datetime) -> bool:
    """Record one act under each limit; true when one of them had been used up before."""
    if not limits:
        return False
    _one_at_a_time(session, limits)
    counts = count_acts(session, limits, now=now)
    acts = [{"kind": limit.kind, "key_hash": limit.key_hash, "happened_at": now} for limit in limits]
    session.execute(_ADD, acts)
    return is_over(limits, counts)


def check_export_limit(session: Session, person_id: int, *, now: datetime) -> None:
    """Somebody of the staff takes data out. Raises TooManyAttemptsError over the hour's limit."""
    limit = Limit("export", str(person_id), current_settings().limits.exports_per_hour, HOUR)
    if count_act(session, (limit,), now=now):
        raise TooManyAttemptsError(int(HOUR.total_seconds() // 60))


def forget_acts(session: Session, limit: Limit) -> None:
    """The key starts from nothing again: whoever proves who they are clears their own slips."""
    session.execute(
        delete(LimitedAct).where(LimitedAct.kind == limit.kind, LimitedAct.key_hash == limit.key_hash)
    )


def take_back_act(session: Session, limit: Limit) -> None:
    """The newest act of the key doesn't count after all."""
    newest = (
        select(LimitedAct.id)
        .where(LimitedAct.kind == limit.kind, LimitedAct.key_hash == limit.key_hash)
        .order_by(LimitedAct.id.desc())
        .limit(1)
    )
    session.execute(delete(LimitedAct).where(LimitedAct.id == newest.scalar_subquery()))


def _one_at_a_time(session: Session, limits: Sequence[Limit]) -> None:
    """On PostgreSQL two acts of one instant would not see each other; SQLite has one writer anyway."""
    if session.get_bind().dialect.name != "postgresql":
        return
    keys = sorted(int.from_bytes(limit.key_hash[:8], "big", signed=True) for limit in limits)
    for key in keys:
        session.execute(select(func.pg_advisory_xact_lock(key)))
