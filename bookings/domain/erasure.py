"""Erasing a person who asks for it (GDPR, Article 17), and the legal hold that keeps evidence (17.3)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LONGEST_HOLD_YEARS = 15


class TraceKind(StrEnum):
    """Where a person stands in what we keep."""

    VISIT = "visit"
    REGISTRATION = "registration"
    DRAFT = "draft"
    NEWSLETTER = "newsletter"
    FEED = "feed"
    INVITATION = "invitation"
    MAIL_IN = "mail_in"
    MAIL_OUT = "mail_out"
    HOST_CONTACT = "host_contact"
    ADVISER = "adviser"
    COLLEAGUE = "colleague"


class Fate(StrEnum):
    """What an erasure does with a trace."""

    GOES = "goes"
    IN_PROGRESS = "in_progress"
    """Still to come: it has to end first, so that nobody waits for a guest whom we no longer know."""
    HELD = "held"
    """Under a legal hold."""
    ELSEWHERE = "elsewhere"
    """Has a page of its own on which staff take it away."""


@dataclass(frozen=True)
class Hold:
    """Why something is kept as evidence, and until the end of which day."""

    reason: str
    until: date


@dataclass(frozen=True)
class Trace:
    """One place, or `number` of a kind. `label` is what staff know it by, `key` what its page is found by."""

    kind: TraceKind
    fate: Fate
    ids: tuple[int, ...]
    label: str = ""
    key: str = ""
    hold: Hold | None = None


def decide_fate(*, is_open: bool, hold: Hold | None = None) -> Fate:
    """A hold is stronger than anything: what ends later stays all the same."""
    if hold is not None:
        return Fate.HELD
    return Fate.IN_PROGRESS if is_open else Fate.GOES
