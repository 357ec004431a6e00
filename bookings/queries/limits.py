"""Counting what has been done under a limit."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.limits import Limit
from bookings.models.limits import LimitedAct

_ACTS = table_of(LimitedAct).c


def count_acts(session: Session, limits: Sequence[Limit], *, now: datetime) -> dict[bytes, int]:
    """How often the key of each limit acted within its window, in one statement along the index."""
    own = (
        and_(
            _ACTS.kind == limit.kind,
            _ACTS.key_hash == limit.key_hash,
            _ACTS.happened_at > now - limit.window,
        )
        for limit in limits
    )
    rows = session.execute(select(_ACTS.key_hash, func.count()).where(or_(*own)).group_by(_ACTS.key_hash))
    return {row[0]: row[1] for row in rows}
