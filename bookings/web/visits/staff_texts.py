"""The audit trail in words."""

from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l

AUDIT: dict[str, str] = {
    "assign_owner": _l("Chose who looks after the request"),
}


def audit_sentence(action: str) -> str:
    """What somebody did."""
    return str(AUDIT[action]) if action in AUDIT else _("Did: %(action)s", action=action.replace("_", " "))
