"""Who is on the way to an event already: what can't be taken away any more."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.domain.registrations import LIVE_STATES, SEATED_STATES
from bookings.models.registrations import Registration, RegistrationPart, WaitingListEntry


def count_registrations(
    session: Session,
    *,
    event_id: int | None = None,
    ticket_id: int | None = None,
    part_id: int | None = None,
    states: Collection[str] = LIVE_STATES,
) -> int:
    """How many live registrations an event, a ticket kind or a part has."""
    query = select(func.count()).select_from(Registration).where(Registration.state.in_(states))
    if event_id is not None:
        query = query.where(Registration.event_id == event_id)
    if ticket_id is not None:
        query = query.where(Registration.ticket_id == ticket_id)
    if part_id is not None:
        query = query.join(RegistrationPart, RegistrationPart.registration_id == Registration.id).where(
            RegistrationPart.part_id == part_id
        )
    return session.scalar(query) or 0


def has_ever_had(session: Session, ticket_id: int) -> bool:
    """Was the ticket kind ever asked for? Its registrations keep it, ended ones too."""
    query = select(Registration.id).where(Registration.ticket_id == ticket_id).limit(1)
    return session.scalar(query) is not None


def list_seated(session: Session, *, ticket_id: int | None = None, part_id: int | None = None) -> list[int]:
    """The registrations that need a seat in a pool that this ticket kind or part gets now."""
    query = select(Registration.id).where(Registration.state.in_(SEATED_STATES))
    if ticket_id is not None:
        query = query.where(Registration.ticket_id == ticket_id)
    else:
        query = query.join(RegistrationPart, RegistrationPart.registration_id == Registration.id).where(
            RegistrationPart.part_id == part_id
        )
    return list(session.scalars(query.order_by(Registration.id)))


def count_waiting(session: Session, event_ids: Collection[int]) -> dict[int, int]:
    """People in the queues of these events."""
    query = (
        select(WaitingListEntry.event_id, func.sum(WaitingListEntry.people))
        .where(WaitingListEntry.event_id.in_(event_ids), WaitingListEntry.left_at.is_(None))
        .group_by(WaitingListEntry.event_id)
    )
    return {event_id: int(people) for event_id, people in session.execute(query)}
