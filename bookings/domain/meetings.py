"""1:1 meetings: of two participants of a matchmaking day, or of a visitor with an adviser."""

from enum import StrEnum


class MatchMode(StrEnum):
    """Who puts the pairs together: the participants themselves, or the solver from their wishes."""

    ASK = "ask"
    SOLVER = "solver"


class MatchPhase(StrEnum):
    OPEN = "open"
    PROVISIONAL = "provisional"
    """Schedules are shown to participants, who say what has to change until `feedback_by`."""
    FINAL = "final"


class WishStrength(StrEnum):
    MUST = "must"
    LIKE = "like"
    NEVER = "never"
    """Absolute, and secret: nobody but who wished it ever sees it."""


class MeetingRequestState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class MeetingState(StrEnum):
    PROVISIONAL = "provisional"
    AGREED = "agreed"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


STANDING_MEETINGS = (MeetingState.PROVISIONAL, MeetingState.AGREED, MeetingState.HELD, MeetingState.MISSED)
"""These take their people's time and their table."""


class HalfDay(StrEnum):
    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"


class MatchRunState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
