"""Events: making, changing, showing and calling them off. Pools of seats follow every change."""

from bookings.services.events.copying import copy_event, make_series
from bookings.services.events.parts import (
    add_part,
    add_speaker,
    add_ticket,
    change_part,
    change_speaker,
    change_ticket,
    remove_part,
    remove_speaker,
    remove_ticket,
)
from bookings.services.events.plans import plan_of, plan_of_part, plan_of_ticket
from bookings.services.events.states import cancel_event, decide_event, publish_event
from bookings.services.events.writing import change_event, create_event

__all__ = [
    "add_part",
    "add_speaker",
    "add_ticket",
    "cancel_event",
    "change_event",
    "change_part",
    "change_speaker",
    "change_ticket",
    "copy_event",
    "create_event",
    "decide_event",
    "make_series",
    "plan_of",
    "plan_of_part",
    "plan_of_ticket",
    "publish_event",
    "remove_part",
    "remove_speaker",
    "remove_ticket",
]
