"""Registering for an event: the form, the proof of the address, a person's own page; pages of staff."""

from bookings.web.registrations import (
    feed_views,
    own_views,
    proof_views,
    staff_form_views,
    staff_ticket_views,
)
from bookings.web.registrations.file_views import staff_registration_files
from bookings.web.registrations.staff_views import staff_registrations
from bookings.web.registrations.views import registrations

__all__ = [
    "feed_views",
    "own_views",
    "proof_views",
    "registrations",
    "staff_form_views",
    "staff_registration_files",
    "staff_registrations",
    "staff_ticket_views",
]
