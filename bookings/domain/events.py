"""Events: fairs, seminars, webinars, open visit days, matchmaking and advisory days."""

from collections.abc import Mapping
from enum import StrEnum


class EventKind(StrEnum):
    FAIR = "fair"
    SEMINAR = "seminar"
    WEBINAR = "webinar"
    OPEN_VISIT_DAY = "open_visit_day"
    MATCHMAKING_DAY = "matchmaking_day"
    ADVISORY_DAY = "advisory_day"


class EventState(StrEnum):
    """What is stored; that an event is past follows from its end."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Presence(StrEnum):
    """How people take part."""

    ON_SITE = "on_site"
    ONLINE = "online"
    BOTH = "both"


Texts = Mapping[str, str]
"""Language → text. English, Swedish and Finnish; a missing one is read in another."""


def choose_text(texts: Texts, language: str) -> str:
    """The text in the reader's language, else in English, else in any that there is, else ""."""
    found = texts.get(language) or texts.get("en")
    return found or next((text for text in texts.values() if text), "")
