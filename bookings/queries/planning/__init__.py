"""What staff plan with: hosts with reasons, the slots of a visit, the programme and its warnings."""

from bookings.queries.planning.advice import list_staff_advice
from bookings.queries.planning.free_times import VisitorsTime, list_free_starts
from bookings.queries.planning.hosts import (
    HostToPlan,
    load_host_profiles,
    load_host_to_plan,
    load_manners,
    suggest_for_visit,
)
from bookings.queries.planning.offers import HostOffer, OfferTimes, list_host_offers, list_open_times
from bookings.queries.planning.problem import VisitProblem, find_basis, load_problem, load_weights
from bookings.queries.planning.programme import Programme, build_programme
from bookings.queries.planning.proposals import judge_proposals
from bookings.queries.planning.slots import (
    OfferedTime,
    PlannedSlot,
    find_planned_slot,
    list_planned_slots,
    list_planned_slots_beside,
)

__all__ = [
    "HostOffer",
    "HostToPlan",
    "OfferTimes",
    "OfferedTime",
    "PlannedSlot",
    "Programme",
    "VisitProblem",
    "VisitorsTime",
    "build_programme",
    "find_basis",
    "find_planned_slot",
    "judge_proposals",
    "list_free_starts",
    "list_host_offers",
    "list_open_times",
    "list_planned_slots",
    "list_planned_slots_beside",
    "list_staff_advice",
    "load_host_profiles",
    "load_host_to_plan",
    "load_manners",
    "load_problem",
    "load_weights",
    "suggest_for_visit",
]
