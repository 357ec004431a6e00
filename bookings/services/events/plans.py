"""Rows of events and their plans: one list of columns for both ways."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

from bookings.domain.events import EventPlan, PartPlan, SpeakerPlan, TicketPlan
from bookings.models.events import Event, EventPart, Speaker, TicketKind

_EVENT = tuple(one.name for one in fields(EventPlan) if one.name != "site_ids")
_PART = tuple(one.name for one in fields(PartPlan))
_TICKET = tuple(one.name for one in fields(TicketPlan))
_SPEAKER = tuple(one.name for one in fields(SpeakerPlan))
_TEXTS = frozenset({"title", "summary", "description", "name"})


def plan_of(event: Event, site_ids: Iterable[int] = ()) -> EventPlan:
    """The event as it is planned now."""
    return EventPlan(**_read(event, _EVENT), site_ids=tuple(site_ids))


def plan_of_part(part: EventPart) -> PartPlan:
    """The part as it is planned now."""
    return PartPlan(**_read(part, _PART))


def plan_of_ticket(ticket: TicketKind) -> TicketPlan:
    """The ticket kind as it is planned now."""
    return TicketPlan(**_read(ticket, _TICKET))


def write_event(event: Event, plan: EventPlan) -> None:
    """The plan's columns into the row."""
    _write(event, plan, _EVENT)


def write_part(part: EventPart, plan: PartPlan) -> None:
    """The plan's columns into the row."""
    _write(part, plan, _PART)


def write_ticket(ticket: TicketKind, plan: TicketPlan) -> None:
    """The plan's columns into the row."""
    _write(ticket, plan, _TICKET)


def write_speaker(speaker: Speaker, plan: SpeakerPlan) -> None:
    """The plan's columns into the row."""
    _write(speaker, plan, _SPEAKER)


def list_changed(event: Event, plan: EventPlan) -> list[str]:
    """The columns that the plan changes, for the trail."""
    return [name for name in _EVENT if _plain(getattr(plan, name)) != getattr(event, name)]


def _read(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _write(row: Any, plan: Any, names: Iterable[str]) -> None:
    for name in names:
        value = _plain(getattr(plan, name))
        if getattr(row, name, None) != value or name in _TEXTS:
            setattr(row, name, value)


def _plain(value: Any) -> Any:
    """Texts without the languages that say nothing."""
    if not hasattr(value, "items"):
        return value
    return {language: text for language, text in value.items() if text}
