"""What was done to a registration, in words."""

from bookings.i18n import lazy_gettext as _l
from bookings.web.trail_texts import audit_sentence

_ACTS = {
    "add": _l("Registered by staff"),
    "add_note": _l("Wrote a note"),
    "approve": _l("Approved the registration"),
    "cancel": _l("Cancelled the registration"),
    "change": _l("Changed the registration"),
    "change_ticket": _l("Gave another kind of ticket"),
    "confirm": _l("Got a place"),
    "create_feed": _l("Made an address for a calendar"),
    "drop_day": _l("Gave one day back"),
    "expire": _l("The time to answer ran out"),
    "hand_over": _l("Handed the place over"),
    "join_queue": _l("Joined the queue"),
    "mail_came_back": _l("A mail to the address came back"),
    "offer_declined": _l("Left the offered place to the next"),
    "offer_lapsed": _l("The offered place was not taken in time"),
    "offer": _l("Was offered a place"),
    "prove": _l("Confirmed the e-mail address"),
    "register": _l("Sent the form"),
    "register_again": _l("Sent the form again"),
    "revoke_feed": _l("Stopped the address for a calendar"),
    "tell_change": _l("Was told that the event changed"),
}


def registration_sentence(action: str) -> str:
    """One line of a registration's trail."""
    return str(_ACTS[action]) if action in _ACTS else audit_sentence(action)
