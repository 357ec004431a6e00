"""Registering for events: `registering`, `proof`, `approving`, `changing`, `tickets`, `ending`,
`waiting`, `upkeep`.

`seats` holds what nobody can get past; `letters` and `days` are what people and their calendars are told.
"""

from bookings.services.registrations.approving import approve_registration, refuse_registration
from bookings.services.registrations.changing import (
    change_by_staff,
    change_registration,
    complete_member,
    hand_over,
)
from bookings.services.registrations.codes import try_code
from bookings.services.registrations.ending import cancel_by_staff, cancel_registration
from bookings.services.registrations.feeds import (
    create_own_feed,
    create_person_feed,
    revoke_own_feed,
    revoke_person_feed,
)
from bookings.services.registrations.keeping import (
    anonymise_registrations,
    blank_registrations,
    forget_sensitive_answers,
    forget_unproved_registrations,
)
from bookings.services.registrations.proof import (
    report_not_me,
    resend_verification,
    resend_verification_by_link,
    verify_registration,
)
from bookings.services.registrations.registering import add_registration, register
from bookings.services.registrations.tickets import change_ticket
from bookings.services.registrations.upkeep import bring_entries_in_line, expire_registrations
from bookings.services.registrations.waiting import (
    accept_offer,
    decline_offer,
    promote_all,
    promote_waiting,
)

__all__ = [
    "accept_offer",
    "add_registration",
    "anonymise_registrations",
    "approve_registration",
    "blank_registrations",
    "bring_entries_in_line",
    "cancel_by_staff",
    "cancel_registration",
    "change_by_staff",
    "change_registration",
    "change_ticket",
    "complete_member",
    "create_own_feed",
    "create_person_feed",
    "decline_offer",
    "expire_registrations",
    "forget_sensitive_answers",
    "forget_unproved_registrations",
    "hand_over",
    "promote_all",
    "promote_waiting",
    "refuse_registration",
    "register",
    "report_not_me",
    "resend_verification",
    "resend_verification_by_link",
    "revoke_own_feed",
    "revoke_person_feed",
    "try_code",
    "verify_registration",
]
