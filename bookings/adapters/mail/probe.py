"""A look at the relay: connect, secure, sign in, and go again without a mail."""

import smtplib
from dataclasses import replace

from bookings.adapters.mail.transport import DeliveryResult, Outcome, SmtpSettings, SmtpState, explain


def try_relay(settings: SmtpSettings) -> DeliveryResult:
    """Say how far we come; never raises for what a relay may do."""
    try:
        with SmtpState(settings).connect():
            return DeliveryResult(outcome=Outcome.DELIVERED)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        return replace(explain(error, settings), relay_is_down=True)
