"""Limits against abuse, counted in the database so that a restart forgets nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.domain.limits import Limit, is_over
from bookings.models.limits import LimitedAct
from bookings.queries.limits import count_acts


def count_act(session: Session, limits: Sequence[Limit], *, now: datetime) -> bool:
    """Record one act under each limit; true when one of them had been used up before."""
    if not limits:
        return False
    counts = count_acts(session, {limit.key_hash: limit.window for limit in limits}, now=now)
    session.add_all(LimitedAct(kind=limit.kind, key_hash=limit.key_hash, happened_at=now) for limit in limits)
    return is_over(limits, counts)
