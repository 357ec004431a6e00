"""Why a mail has not left, in words for staff."""

from bookings.domain.outbox import RELAY_PREFIX, RESTORED, OutboxState
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.outbox import OutboxMail

STATE_NAMES = {
    OutboxState.WAITING: _l("Waiting"),
    OutboxState.SENDING: _l("Being sent"),
    OutboxState.SENT: _l("Sent"),
    OutboxState.FAILED: _l("Refused"),
    OutboxState.DROPPED: _l("Dropped"),
    OutboxState.TOO_LATE: _l("Too late"),
}

_CAUSES = {
    "address": _l("This e-mail address cannot be used. Correct it in the directory or ask the visitor."),
    "recipient": _l("The mail server does not accept this address."),
    "sender": _l("The mail server does not accept our sender address."),
    "message": _l("The mail server did not accept this mail."),
    "timeout": _l("The mail server did not answer in time."),
    "connection": _l("The connection to the mail server broke off."),
    "tls": _l("The connection to the mail server could not be secured."),
    "sign_in": _l("The mail server did not accept our sign-in."),
    RESTORED: _l(
        "It waited when the backup was made that is restored. It may have left already: send or drop it."
    ),
}


def explain_mail(mail: OutboxMail) -> str:
    """One sentence on why the mail is where it is."""
    if mail.state is OutboxState.TOO_LATE:
        return _("The time that this mail is about had passed before it could be sent.")
    if mail.state is OutboxState.DROPPED:
        return _("A colleague decided that this mail is not sent.")
    if mail.last_cause.startswith(RELAY_PREFIX):
        return _("The mail server cannot be reached. Everything is kept and sent when it answers again.")
    if mail.last_cause in _CAUSES:
        return str(_CAUSES[mail.last_cause])
    if mail.state is OutboxState.WAITING:
        return _("It leaves within the next minute, or after an earlier mail about the same invitation.")
    return ""
