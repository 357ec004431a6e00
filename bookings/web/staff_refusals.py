"""What staff cannot do just now: they see why, what is free instead, and go on from there."""

from collections.abc import Sequence

from flask import render_template

from bookings.domain.errors import BookingError, SlotsOverlapError, SlotTakenError
from bookings.queries.planning import PlannedSlot
from bookings.web.errors import REFUSALS, refusal_sentence

_CONFLICT = 409


def refused_page(
    error: BookingError,
    *,
    reference: str,
    slots: Sequence[PlannedSlot],
    new_host: str = "",
) -> tuple[str, int]:
    """The page with status 409; each free time opens the form of the slot (or of a new one) with it.

    Other refusals go on to the page for everybody.
    """
    refusal = REFUSALS[type(error)]
    if refusal.status != _CONFLICT:
        raise error
    page = render_template(
        "slots/staff_refused.html",
        title=refusal.title(),
        message=refusal_sentence(error),
        error=error,
        slots=_find_slots(error, slots),
        new_host=new_host,
        reference=reference,
    )
    return page, refusal.status


def _find_slots(error: BookingError, slots: Sequence[PlannedSlot]) -> list[PlannedSlot]:
    """The slots that the refusal is about."""
    if isinstance(error, SlotsOverlapError):
        return [slot for slot in slots if slot.id in (error.first_slot_id, error.second_slot_id)]
    if not isinstance(error, SlotTakenError):
        return []
    of_host = [slot for slot in slots if slot.host_slug == error.resource_key and slot.is_live]
    same_time = [slot for slot in of_host if slot.starts_at == error.starts_at]
    return (same_time or of_host)[:1]
