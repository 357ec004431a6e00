"""A visit with two hosts in one town, brought to a stage of its way by those who act there."""

from datetime import datetime

from bookings.domain.slots import SlotPlan
from bookings.services.slots import accept_slot, add_slot
from bookings.services.visits import accept_programme, release_visit
from tests.support.stories import STAFF, host_token, plan, visitor_token


def release(reference: str, *plans: SlotPlan, now: datetime) -> list[int]:
    """These stops are planned and their hosts asked."""
    slots = [add_slot(reference, one, who=STAFF, now=now) for one in plans]
    release_visit(reference, who=STAFF, now=now)
    return slots


def asked(reference: str, *, now: datetime) -> list[int]:
    """Two hosts in one town were asked."""
    return release(reference, plan("stormossen", 9), plan("westenergy", 13), now=now)


def proposed(reference: str, *, now: datetime) -> list[int]:
    """Both said yes: the programme is with the visitor."""
    slots = asked(reference, now=now)
    for slot_id in slots:
        accept_slot(host_token(slot_id), now=now)
    return slots


def confirmed(reference: str, *, now: datetime) -> list[int]:
    """The visitor said yes, too."""
    slots = proposed(reference, now=now)
    accept_programme(visitor_token(reference), now=now)
    return slots
