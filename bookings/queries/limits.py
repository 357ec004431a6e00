"""Counting what has been done under a limit."""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.limits import Limit
from bookings.models.limits import LimitedAct

_ACTS = table_of(LimitedAct).c


def count_acts(session: Session, limits: Sequence[Limit], *, now: datetime) -> dict[bytes, int]:
    """How often the key of each limit acted within its window, in one statement along the index."""
    values = {
        f"{name}_{number}": value
        for number, limit in enumerate(limits)
        for name, value in (
            ("kind", limit.kind), ("key", limit.key_hash), ("since", now - limit.window),
        )
    }  # fmt: skip
    return {row[0]: row[1] for row in session.execute(_counting(len(limits)), values)}


# Every form that somebody sends asks this, and to put the statement together costs more than to run it.
@cache
def _counting(limits: int) -> Select[Any]:
    own = (
        and_(
            _ACTS.kind == bindparam(f"kind_{number}"),
            _ACTS.key_hash == bindparam(f"key_{number}"),
            _ACTS.happened_at > bindparam(f"since_{number}"),
        )
        for number in range(limits)
    )
    return select(_ACTS.key_hash, func.count()).where(or_(*own)).group_by(_ACTS.key_hash)
