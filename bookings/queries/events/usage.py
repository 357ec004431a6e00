"""Who is on the way to an event already: what can't be taken away any more."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from bookings.domain.registrations import LIVE_STATES, SEATED_STATES, RegistrationState
from bookings.models.audit import AuditEntry
from bookings.models.registrations import Registration, RegistrationPart, Seat, WaitingListEntry


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
    # Who is unproved may have no seat: to join the queue, or because staff have to look first.
    has_seat = exists().where(Seat.registration_id == Registration.id)
    query = select(Registration.id).where(
        or_(
            Registration.state.in_((RegistrationState.OFFERED, RegistrationState.REGISTERED)),
            (Registration.state == RegistrationState.UNVERIFIED) & has_seat,
        )
    )
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


def count_by_state(session: Session, event_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """For each event: how many people have a seat (`seated`), and how many wait for a yes (`pending`)."""
    wanted = (*SEATED_STATES, RegistrationState.PENDING)
    query = (
        select(Registration.event_id, Registration.state, func.count())
        .where(Registration.event_id.in_(event_ids), Registration.state.in_(wanted))
        .group_by(Registration.event_id, Registration.state)
    )
    found: dict[int, dict[str, int]] = {}
    for event_id, state, people in session.execute(query):
        counts = found.setdefault(event_id, {"seated": 0, "pending": 0})
        counts["pending" if state == RegistrationState.PENDING else "seated"] += people
    return found


def list_event_news(session: Session, event_id: int, *, count: int) -> Sequence[AuditEntry]:
    """The last acts on an event, in order: each has made one more version of it."""
    query = (
        select(AuditEntry)
        .where(AuditEntry.noun == "event", AuditEntry.subject_id == event_id)
        .order_by(AuditEntry.id.desc())
        .limit(count)
    )
    return session.scalars(query).all()[::-1]
