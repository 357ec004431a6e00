"""Booking a visit: half-filled forms (`drafts`), sending (`sending`), proving the address (`proof`)."""

from bookings.services.requests.drafts import save_step, start_draft
from bookings.services.requests.handing import Reader, hand_over_draft
from bookings.services.requests.proof import (
    let_request_pass,
    report_not_me,
    resend_verification,
    resend_verification_by_link,
    verify_request,
)
from bookings.services.requests.sending import Submitted, submit_request

__all__ = [
    "Reader",
    "Submitted",
    "hand_over_draft",
    "let_request_pass",
    "report_not_me",
    "resend_verification",
    "resend_verification_by_link",
    "save_step",
    "start_draft",
    "submit_request",
    "verify_request",
]
