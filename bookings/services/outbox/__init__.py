"""The outbox: mails are queued (`queueing`), leave (`delivery`) and are decided on by staff (`decisions`)."""

from bookings.services.outbox.decisions import drop_mail, retry_mail
from bookings.services.outbox.delivery import (
    ClaimedMail,
    claim_mails,
    longest_wait,
    prune_outbox,
    record_failure,
    record_heartbeat,
    record_noted,
    record_relay_failure,
    record_sent,
    release_mails,
)
from bookings.services.outbox.queueing import (
    FULL_SITE,
    CalendarMail,
    Mail,
    RenderedMail,
    queue_mail,
    render_mail,
    site_url,
    standard_opening,
    use_own_words,
    wait_for_mail,
    wake_worker,
)

__all__ = [
    "FULL_SITE",
    "CalendarMail",
    "ClaimedMail",
    "Mail",
    "RenderedMail",
    "claim_mails",
    "drop_mail",
    "longest_wait",
    "prune_outbox",
    "queue_mail",
    "record_failure",
    "record_heartbeat",
    "record_noted",
    "record_relay_failure",
    "record_sent",
    "release_mails",
    "render_mail",
    "retry_mail",
    "site_url",
    "standard_opening",
    "use_own_words",
    "wait_for_mail",
    "wake_worker",
]
