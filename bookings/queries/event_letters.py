"""Letters to the people of an event: whom they would reach, and how far they have come."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bookings.domain.event_letters import STATES_OF, Audience
from bookings.models.event_letters import EventLetter
from bookings.models.registrations import Registration

_MOST_SHOWN = 50


def is_reader(audience: Audience) -> ColumnElement[bool]:
    """Can this registration be written to, and is it of this audience? Unproved addresses get nothing."""
    return (
        Registration.state.in_(STATES_OF[audience])
        & (Registration.email != "")
        & Registration.verified_at.is_not(None)
        & Registration.undeliverable_at.is_(None)
    )


def count_readers(session: Session, event_id: int) -> dict[Audience, dict[str, int]]:
    """People of each audience by the language that they read."""
    rows = session.execute(
        select(Registration.state, Registration.language, func.count())
        .where(Registration.event_id == event_id, is_reader(Audience.EVERYBODY))
        .group_by(Registration.state, Registration.language)
    ).all()
    found: dict[Audience, dict[str, int]] = {audience: {} for audience in Audience}
    for state, language, count in rows:
        for audience in Audience:
            if state in STATES_OF[audience]:
                found[audience][language] = found[audience].get(language, 0) + count
    return found


def list_event_letters(session: Session, event_id: int) -> Sequence[EventLetter]:
    """The newest first."""
    query = select(EventLetter).where(EventLetter.event_id == event_id)
    return session.scalars(query.order_by(EventLetter.id.desc()).limit(_MOST_SHOWN)).all()


def list_unsent_letters(session: Session) -> list[int]:
    """Letters that have not reached everybody yet, the oldest first."""
    return list(
        session.scalars(select(EventLetter.id).where(EventLetter.done_at.is_(None)).order_by(EventLetter.id))
    )


def list_next_readers(
    session: Session, event_id: int, audience: Audience, *, after: int, written_at: datetime, most: int
) -> list[int]:
    """Registrations behind the last one that was reached, of those that there were when it was written."""
    query = select(Registration.id).where(
        Registration.event_id == event_id,
        Registration.id > after,
        Registration.created_at <= written_at,
        is_reader(audience),
    )
    return list(session.scalars(query.order_by(Registration.id).limit(most)))
