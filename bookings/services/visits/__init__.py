"""Visits: from the request to the end of the programme."""

from bookings.services.visits.closing import (
    cancel_visit_by_staff,
    cancel_visit_by_visitor,
    complete_visits,
    expire_visits,
    refuse_visit,
    reopen_visit,
)
from bookings.services.visits.contact import change_contact
from bookings.services.visits.delays import tell_of_delays
from bookings.services.visits.foreseeing import (
    ForeseenMail,
    ForeseenRelease,
    foresee_release,
    preview_release,
)
from bookings.services.visits.naming import name_hosts
from bookings.services.visits.planning import (
    add_note,
    answer_question,
    ask_visitor,
    set_time_zone,
    start_planning,
)
from bookings.services.visits.programme import Consent, accept_programme, propose_programme, wish_change
from bookings.services.visits.release import change_now, release_slots, release_visit
from bookings.services.visits.request import change_request
from bookings.services.visits.rules import set_fitting_times
from bookings.services.visits.settling import warn_of_unsettled
from bookings.services.visits.wishes import answer_wish

__all__ = [
    "Consent",
    "ForeseenMail",
    "ForeseenRelease",
    "accept_programme",
    "add_note",
    "answer_question",
    "answer_wish",
    "ask_visitor",
    "cancel_visit_by_staff",
    "cancel_visit_by_visitor",
    "change_contact",
    "change_now",
    "change_request",
    "complete_visits",
    "expire_visits",
    "foresee_release",
    "name_hosts",
    "preview_release",
    "propose_programme",
    "refuse_visit",
    "release_slots",
    "release_visit",
    "reopen_visit",
    "set_fitting_times",
    "set_time_zone",
    "start_planning",
    "tell_of_delays",
    "warn_of_unsettled",
    "wish_change",
]
