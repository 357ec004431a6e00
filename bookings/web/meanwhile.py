"""Two people on one visit: what a page had seen comes back with its forms, the later one reads the news."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from flask import request

from bookings.db import read_session
from bookings.domain.visits import Actor
from bookings.queries.trail import list_news
from bookings.web.forms import whole_number
from bookings.web.planning_texts import ACTORS
from bookings.web.trail_texts import audit_sentence

VERSION = "version"
"""The field that says what of the visit its reader had seen."""


@dataclass(frozen=True)
class News:
    """What somebody did in the meantime."""

    at: datetime
    who: str
    what: str


def read_seen() -> int | None:
    """What the sender of this form had seen; nothing when the form does not say."""
    return request.form.get(VERSION, type=whole_number)


def list_meanwhile(visit_id: int, seen: int | None, about: Collection[str] = ()) -> list[News]:
    """Who did what since then, in words, in the order of time."""
    if seen is None:
        return []
    entries = list_news(read_session(), visit_id, seen, about)
    return [
        News(
            entry.happened_at,
            entry.actor_name if entry.actor_kind != Actor.SYSTEM else str(ACTORS[Actor.SYSTEM]),
            audit_sentence(entry.action, entry.actor_name),
        )
        for entry in entries
    ]
