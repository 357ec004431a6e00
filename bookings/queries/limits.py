"""Counting what has been done under a limit."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.models.limits import LimitedAct


def count_acts(session: Session, key_hashes: dict[bytes, timedelta], *, now: datetime) -> dict[bytes, int]:
    """How often each key acted within its window, in one statement."""
    earliest = now - max(key_hashes.values())
    rows = session.execute(
        select(LimitedAct.key_hash, LimitedAct.happened_at).where(
            LimitedAct.key_hash.in_(key_hashes), LimitedAct.happened_at > earliest
        )
    )
    counts: dict[bytes, int] = {}
    for key_hash, happened_at in rows:
        if happened_at > now - key_hashes[key_hash]:
            counts[key_hash] = counts.get(key_hash, 0) + 1
    return counts
