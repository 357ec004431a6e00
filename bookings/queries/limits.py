"""Counting what has been done under a limit."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.models.limits import LimitedAct

_ACTS = table_of(LimitedAct).c


def count_acts(session: Session, key_hashes: dict[bytes, timedelta], *, now: datetime) -> dict[bytes, int]:
    """How often each key acted within its window, in one statement."""
    earliest = now - max(key_hashes.values())
    rows = session.execute(
        select(_ACTS.key_hash, _ACTS.happened_at).where(
            _ACTS.key_hash.in_(key_hashes), _ACTS.happened_at > earliest
        )
    )
    counts: dict[bytes, int] = {}
    for key_hash, happened_at in rows:
        if happened_at > now - key_hashes[key_hash]:
            counts[key_hash] = counts.get(key_hash, 0) + 1
    return counts
