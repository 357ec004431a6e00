"""What all papers of an event share: their facts, logos, the press, and the line in the trail."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from bookings.adapters.printing import PrintingError, print_document
from bookings.domain.audit import EXPORT, Who
from bookings.domain.time import local_day
from bookings.i18n import current_language, format_day, format_interval, say
from bookings.queries.doors import DoorEvent
from bookings.queries.event_places import find_event_place
from bookings.queries.papers import ProgrammePart
from bookings.queries.settings import find_logo, own_settings
from bookings.services.audit import add_audit
from bookings.services.limits import check_export_limit
from bookings.settings import asset_folder, current_settings

log = logging.getLogger("bookings.printing")

WAIT_SECONDS = 60.0
_FORMATS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}
_press = Lock()

__all__ = ["PaperFile", "PrintingError"]


@dataclass(frozen=True)
class PaperFile:
    """A file to hand out; `sha256` is that of what a list says, printed on it and kept in the trail."""

    name: str
    content: bytes
    sha256: str = ""


@dataclass(frozen=True)
class Order:
    """Who asks for a paper, for the limit and the trail."""

    person_id: int
    who: Who
    now: datetime


def count_export(session: Session, order: Order, noun: str, event_id: int, **detail: Any) -> None:
    """Personal data is about to leave: counted, and written down. Raises TooManyAttemptsError."""
    check_export_limit(session, order.person_id, now=order.now)
    add_audit(session, order.who, EXPORT, noun=noun, subject_id=event_id, now=order.now, **detail)


def describe_event(session: Session, event: DoorEvent, programme: list[ProgrammePart]) -> dict[str, Any]:
    """The facts that stand on every paper, in the reader's language."""
    first, last = (local_day(moment, event.time_zone) for moment in (event.starts_at, event.ends_at))
    days = format_day(first) if first == last else f"{format_day(first)} – {format_day(last)}"
    return {
        "language": current_language(),
        "publisher": current_settings().app.name,
        "title": say(event.title),
        "day": days,
        "time": format_interval(event.starts_at, event.ends_at, event.time_zone) if first == last else "",
        "place": find_event_place(session, event.id).tell(current_language()),
        "programme": [_describe_part(part, with_day=first != last) for part in programme],
    }


def load_logos(session: Session) -> list[dict[str, Any]]:
    """The logos of the settings as the press takes them."""
    found = []
    for logo in own_settings().logos:
        media_type, content = find_logo(session, logo.sha256)
        found.append(
            {"octets": list(content), "format": _FORMATS[media_type], "alt": logo.alt[current_language()]}
        )
    return found


def press(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF, one at a time; a logo that cannot be drawn costs nobody the paper. Raises PrintingError."""
    if not _press.acquire(timeout=WAIT_SECONDS):
        raise PrintingError("too many wait")
    try:
        try:
            return print_document(_source(template), data, wait_seconds=WAIT_SECONDS).content
        except PrintingError:
            if not data.get("logos"):
                raise
            log.warning("a logo cannot be printed", exc_info=True)
            return print_document(_source(template), {**data, "logos": []}, wait_seconds=WAIT_SECONDS).content
    finally:
        _press.release()


def _describe_part(part: ProgrammePart, *, with_day: bool) -> dict[str, Any]:
    time = format_interval(part.starts_at, part.ends_at, part.time_zone)
    day = f"{format_day(local_day(part.starts_at, part.time_zone))} " if with_day else ""
    return {"id": part.id, "title": say(part.title), "time": f"{day}{time}", "where": part.where}


@cache
def _source(template: str) -> bytes:
    return (asset_folder("templates") / "papers" / template).read_bytes()
