"""The programme of a visit: how far it has come, and what the visitor is told of it. Parts of use cases."""

from bookings.services.programme.changes import describe_changes
from bookings.services.programme.legs import describe_leg, has_way
from bookings.services.programme.mails import (
    build_visitor_mail,
    describe_days,
    describe_reopening,
    tell_visitor,
)
from bookings.services.programme.progress import (
    accepted_slots,
    check_programme_holds,
    confirm_visit,
    move_visit,
    offer_programme,
    review_progress,
    take_letter,
)

__all__ = [
    "accepted_slots",
    "build_visitor_mail",
    "check_programme_holds",
    "confirm_visit",
    "describe_changes",
    "describe_days",
    "describe_leg",
    "describe_reopening",
    "has_way",
    "move_visit",
    "offer_programme",
    "review_progress",
    "take_letter",
    "tell_visitor",
]
