"""Slots: staff plan them, hosts answer them, the worker keeps their deadlines."""

from bookings.domain.slots import SlotPlan
from bookings.services.slots.answers import accept_slot, answer_maybe, decline_slot, propose_times
from bookings.services.slots.planned import drop_planned_change, plan_change, plan_withdrawal
from bookings.services.slots.planning import (
    add_slot,
    change_slot,
    refuse_proposal,
    remove_slot,
    reopen_slot,
    replace_slot,
    take_proposal,
    withdraw_slot,
)
from bookings.services.slots.resending import resend_invitation
from bookings.services.slots.upkeep import expire_slots, remind_hosts

__all__ = [
    "SlotPlan",
    "accept_slot",
    "add_slot",
    "answer_maybe",
    "change_slot",
    "decline_slot",
    "drop_planned_change",
    "expire_slots",
    "plan_change",
    "plan_withdrawal",
    "propose_times",
    "refuse_proposal",
    "remind_hosts",
    "remove_slot",
    "reopen_slot",
    "replace_slot",
    "resend_invitation",
    "take_proposal",
    "withdraw_slot",
]
