"""The planner in use: runs, what staff apply of them, locks, weights, the rule of release, the journey."""

from bookings.services.planning.applying import Applied, apply_plan
from bookings.services.planning.choices import lock_slot, save_journey, save_weights, set_release_rule
from bookings.services.planning.mending import ChosenRepair, MovedSlot, apply_repair, take_time_with_room
from bookings.services.planning.runs import (
    ClaimedRun,
    RunOutcome,
    ask_for_programmes,
    claim_run,
    end_run,
    keep_progress,
    requeue_run,
    stop_run,
    wait_for_runs,
    wake_planner,
)

__all__ = [
    "Applied",
    "ChosenRepair",
    "ClaimedRun",
    "MovedSlot",
    "RunOutcome",
    "apply_plan",
    "apply_repair",
    "ask_for_programmes",
    "claim_run",
    "end_run",
    "keep_progress",
    "lock_slot",
    "requeue_run",
    "save_journey",
    "save_weights",
    "set_release_rule",
    "stop_run",
    "take_time_with_room",
    "wait_for_runs",
    "wake_planner",
]
