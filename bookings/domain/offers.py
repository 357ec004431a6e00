"""Rules of visit offers."""

from enum import StrEnum


class OfferStatus(StrEnum):
    OFFERED = "offered"
    HIDDEN = "hidden"


class PhotoPolicy(StrEnum):
    UNKNOWN = "unknown"
    FREE = "free"
    SOME = "some"
    NONE = "none"


class StepAccess(StrEnum):
    """Can it be seen without steps?"""

    UNKNOWN = "unknown"
    STEP_FREE = "step_free"
    FEW_STEPS = "few_steps"
    STAIRS = "stairs"
