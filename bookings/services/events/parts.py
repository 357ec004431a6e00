"""Parts, ticket kinds and speakers of an event. Each change is one version of the event further."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.events import (
    PartPlan,
    SpeakerPlan,
    TicketPlan,
    check_part,
    check_ticket,
    list_days,
)
from bookings.models.events import Event, EventPart, Speaker, TicketKind
from bookings.queries.events.usage import count_registrations, has_ever_had
from bookings.queries.registrations.pools import lock_pools
from bookings.services.events.opening import check_is_changeable, note_event, open_event
from bookings.services.events.plans import write_part, write_speaker, write_ticket
from bookings.services.events.pools import keep_pools

Row = TypeVar("Row", EventPart, TicketKind, Speaker)


@retry_conflicts
def add_part(slug: str, plan: PartPlan, *, version: int | None = None, who: Who, now: datetime) -> int:
    """A new part; returns its id. Raises NotFoundError, RecordChangedError, EventNotUsableError."""

    def act(session: Session, event: Event) -> int:
        check_part(plan, starts_at=event.starts_at, ends_at=event.ends_at)
        part = EventPart(event_id=event.id, position=_next_position(event.parts))
        write_part(part, plan)
        event.parts.append(part)
        keep_pools(session, event)
        return part.id

    return _in_event(slug, act, "add_part", version=version, who=who, now=now)


@retry_conflicts
def change_part(
    slug: str, part_id: int, plan: PartPlan, *, version: int | None = None, who: Who, now: datetime
) -> int:
    """The part is as planned. Raises NotFoundError, RecordChangedError, EventNotUsableError."""

    def act(session: Session, event: Event) -> int:
        part = _find(event.parts, part_id, "event_part")
        check_part(plan, starts_at=event.starts_at, ends_at=event.ends_at)
        if part.is_chosen and not plan.is_chosen:
            _check_unused(count_registrations(session, part_id=part_id), "is_chosen")
        write_part(part, plan)
        keep_pools(session, event)
        return part.id

    return _in_event(slug, act, "change_part", version=version, who=who, now=now)


@retry_conflicts
def remove_part(slug: str, part_id: int, *, version: int | None = None, who: Who, now: datetime) -> int:
    """The part goes, unless somebody chose it.

    Raises NotFoundError, RecordChangedError, EventNotUsableError.
    """

    def act(session: Session, event: Event) -> int:
        part = _find(event.parts, part_id, "event_part")
        # Whoever is choosing it just now waits, and then finds it gone.
        lock_pools(session, event.id)
        _check_unused(count_registrations(session, part_id=part_id))
        session.delete(part)
        return part_id

    return _in_event(slug, act, "remove_part", version=version, who=who, now=now)


@retry_conflicts
def add_ticket(slug: str, plan: TicketPlan, *, version: int | None = None, who: Who, now: datetime) -> int:
    """A new ticket kind; returns its id. Raises NotFoundError, RecordChangedError, EventNotUsableError."""

    def act(session: Session, event: Event) -> int:
        _check_ticket(event, plan)
        ticket = TicketKind(event_id=event.id, position=_next_position(event.tickets))
        write_ticket(ticket, plan)
        event.tickets.append(ticket)
        keep_pools(session, event)
        return ticket.id

    return _in_event(slug, act, "add_ticket", version=version, who=who, now=now)


@retry_conflicts
def change_ticket(
    slug: str, ticket_id: int, plan: TicketPlan, *, version: int | None = None, who: Who, now: datetime
) -> int:
    """The ticket kind is as planned; which seats it takes is settled with its first registration.

    Raises NotFoundError, RecordChangedError, EventNotUsableError.
    """

    def act(session: Session, event: Event) -> int:
        ticket = _find(event.tickets, ticket_id, "ticket_kind")
        _check_ticket(event, plan)
        for name in ("presence", "is_partner"):
            if getattr(ticket, name) != getattr(plan, name):
                _check_unused(count_registrations(session, ticket_id=ticket_id), name)
        write_ticket(ticket, plan)
        keep_pools(session, event)
        return ticket.id

    return _in_event(slug, act, "change_ticket", version=version, who=who, now=now)


@retry_conflicts
def remove_ticket(slug: str, ticket_id: int, *, version: int | None = None, who: Who, now: datetime) -> int:
    """The ticket kind goes, unless somebody ever had it or it is the last one.

    Raises NotFoundError, RecordChangedError, EventNotUsableError.
    """

    def act(session: Session, event: Event) -> int:
        ticket = _find(event.tickets, ticket_id, "ticket_kind")
        if len(event.tickets) == 1:
            raise EventNotUsableError("last_ticket")
        _check_unused(int(has_ever_had(session, ticket_id)))
        event.tickets.remove(ticket)
        session.delete(ticket)
        keep_pools(session, event)
        return ticket_id

    return _in_event(slug, act, "remove_ticket", version=version, who=who, now=now)


@retry_conflicts
def add_speaker(slug: str, plan: SpeakerPlan, *, version: int | None = None, who: Who, now: datetime) -> int:
    """A new speaker; returns its id. Raises NotFoundError, RecordChangedError, EventNotUsableError."""

    def act(session: Session, event: Event) -> int:
        _check_speaker(event, plan)
        speaker = Speaker(event_id=event.id, position=_next_position(event.speakers))
        write_speaker(speaker, plan)
        session.add(speaker)
        session.flush()
        return speaker.id

    return _in_event(slug, act, "add_speaker", version=version, who=who, now=now)


@retry_conflicts
def change_speaker(
    slug: str, speaker_id: int, plan: SpeakerPlan, *, version: int | None = None, who: Who, now: datetime
) -> int:
    """The speaker is as planned. Raises NotFoundError, RecordChangedError, EventNotUsableError."""

    def act(session: Session, event: Event) -> int:
        _check_speaker(event, plan)
        write_speaker(_find(event.speakers, speaker_id, "speaker"), plan)
        return speaker_id

    return _in_event(slug, act, "change_speaker", version=version, who=who, now=now)


@retry_conflicts
def remove_speaker(slug: str, speaker_id: int, *, version: int | None = None, who: Who, now: datetime) -> int:
    """The speaker goes. Raises NotFoundError, RecordChangedError."""

    def act(session: Session, event: Event) -> int:
        session.delete(_find(event.speakers, speaker_id, "speaker"))
        return speaker_id

    return _in_event(slug, act, "remove_speaker", version=version, who=who, now=now)


def _in_event(
    slug: str,
    act: Callable[[Session, Event], int],
    action: str,
    *,
    version: int | None,
    who: Who,
    now: datetime,
) -> int:
    """The one transaction of a change within an event."""
    with transaction() as session:
        event = open_event(session, slug, version)
        check_is_changeable(event, action)
        subject = act(session, event)
        note_event(session, event, action, who=who, now=now, subject=subject)
        return subject


def _find(rows: Sequence[Row], row_id: int, noun: str) -> Row:
    found = next((row for row in rows if row.id == row_id), None)
    if found is None:
        raise NotFoundError(noun, str(row_id))
    return found


def _next_position(rows: Sequence[EventPart] | Sequence[TicketKind] | Sequence[Speaker]) -> int:
    return max((row.position for row in rows), default=-1) + 1


def _check_unused(people: int, name: str = "") -> None:
    if people:
        raise EventNotUsableError("in_use", name, people)


def _check_ticket(event: Event, plan: TicketPlan) -> None:
    days = list_days(event.starts_at, event.ends_at, event.time_zone)
    check_ticket(plan, event_presence=event.presence, days=days)


def _check_speaker(event: Event, plan: SpeakerPlan) -> None:
    if not plan.name:
        raise EventNotUsableError("missing", "name")
    if plan.part_id is not None:
        _find(event.parts, plan.part_id, "event_part")
