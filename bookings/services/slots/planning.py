"""Staff plan slots."""

from datetime import datetime

from bookings.domain.audit import Who
from bookings.domain.slots import SlotPlan


def add_slot(reference: str, plan: SlotPlan, *, who: Who, now: datetime) -> int:
    """A new draft slot of the visit; returns its id. Nothing is sent."""
    raise NotImplementedError


def change_slot(slot_id: int, plan: SlotPlan, *, version: int, who: Who, now: datetime) -> None:
    """Change a slot: a draft silently, an announced one moves at once and its host is asked again."""
    raise NotImplementedError


def remove_slot(slot_id: int, *, who: Who, now: datetime) -> None:
    """Take a draft away; nobody was ever told of it."""
    raise NotImplementedError


def withdraw_slot(slot_id: int, *, who: Who, now: datetime) -> None:
    """Take back what a host was asked; the host calendar gets a CANCEL."""
    raise NotImplementedError


def replace_slot(slot_id: int, plan: SlotPlan, *, who: Who, now: datetime) -> int:
    """A new draft in the place of this slot; returns its id."""
    raise NotImplementedError


def reopen_slot(slot_id: int, *, who: Who, now: datetime) -> None:
    """Ask the host of an ended slot once more, under the same UID."""
    raise NotImplementedError


def take_proposal(slot_id: int, proposed_time_id: int, *, who: Who, now: datetime) -> None:
    """Take one of the times that the host offered: accepted, SEQUENCE + 1."""
    raise NotImplementedError


def refuse_proposal(slot_id: int, *, who: Who, now: datetime) -> None:
    """None of the offered times fits: the host is asked for the first time again."""
    raise NotImplementedError
