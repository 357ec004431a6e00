"""Registrations: one person's place at an event, from the form to the day itself."""

from enum import StrEnum


class RegistrationState(StrEnum):
    UNVERIFIED = "unverified"
    """Sent, the address is not proved; its seats are kept until `respond_by`."""
    PENDING = "pending"
    """Staff have to say yes first (approval mode); takes no seat."""
    WAITING = "waiting"
    """In the queue; takes no seat."""
    OFFERED = "offered"
    """A freed place is kept for this person until `respond_by`."""
    REGISTERED = "registered"
    CANCELLED = "cancelled"
    REFUSED = "refused"
    EXPIRED = "expired"


SEATED_STATES = (RegistrationState.UNVERIFIED, RegistrationState.OFFERED, RegistrationState.REGISTERED)
"""These have seats in the pools of their ticket and their parts."""
LIVE_STATES = (*SEATED_STATES, RegistrationState.PENDING, RegistrationState.WAITING)


class CameBy(StrEnum):
    """The door through which a registration came in."""

    FORM = "form"
    STAFF = "staff"
    IMPORT = "import"
    WALK_IN = "walk_in"


class QuestionKind(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long_text"
    CHOICE = "choice"
    SEVERAL = "several"
    DATE = "date"
    COUNTRY = "country"
    CONSENT = "consent"


class OfferState(StrEnum):
    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    LAPSED = "lapsed"


class CheckInKind(StrEnum):
    IN = "in"
    UNDO = "undo"


class SurveyStage(StrEnum):
    DAY_1 = "day_1"
    DAY_180 = "day_180"
