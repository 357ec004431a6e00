"""Labels of staff: a name, and a tone that shows by its colour and by its shape."""

from enum import StrEnum

MOST_LABELS = 20
LONGEST_NAME = 30


class LabelTone(StrEnum):
    CALM = "calm"
    INFO = "info"
    GOOD = "good"
    WAIT = "wait"
    BAD = "bad"
    DRAFT = "draft"
