"""Badges: name, organisation, country, language, and a QR code that says nothing of the person."""

from typing import Any

from bookings.adapters.qr import draw_qr
from bookings.db import transaction
from bookings.domain.papers import BadgeLayout, BadgeSize
from bookings.i18n import country_name, current_language, say
from bookings.i18n import gettext as _
from bookings.queries.doors import find_door_event
from bookings.queries.papers import PaperPerson, list_paper_people
from bookings.services.papers.files import Order, PaperFile, count_export, press

MOST_BADGES = 1000
"""In one file; for more people there are more files."""
_LONG_NAME, _LONG_WORD = 24, 13
"""Letters that stand on the smaller badge in the usual size: in two lines, and in one."""
_SMALLEST = 0.4


def print_badges(
    slug: str,
    size: BadgeSize,
    layout: BadgeLayout,
    order: Order,
    *,
    only: tuple[int, ...] = (),
    page: int = 1,
) -> PaperFile:
    """The badges of everybody who is registered, or of some. Raises NotFoundError, TooManyAttemptsError or
    PrintingError."""
    with transaction() as session:
        event = find_door_event(session, slug=slug)
        people = list_paper_people(session, event, only=only)[(page - 1) * MOST_BADGES : page * MOST_BADGES]
        count_export(
            session, order, "badge", event.id, rows=len(people), size=size.value, layout=layout.value
        )
    data = {
        "language": current_language(),
        "title": say(event.title),
        "size": size.value,
        "layout": layout.value,
        "words": {
            "title": _("Badges"),
            "code": _("QR code of the badge"),
            "nobody": _("Nobody is registered."),
        },
        "badges": [_badge(person) for person in people],
    }
    return PaperFile(f"{slug}-badges-{size}.pdf", press("badges.typ", data))


def _badge(person: PaperPerson) -> dict[str, Any]:
    name = person.name or "________________"
    return {
        "name": name,
        "scale": _scale(name),
        "organisation": person.organisation,
        "country": country_name(person.country) if person.country else "",
        "language": person.language[:2],
        "code": person.badge_code,
        "qr": draw_qr(person.badge_code),
    }


def _scale(name: str) -> float:
    """Nobody's name is cut off: a long one is written smaller."""
    longest = max(len(word) for word in name.split())
    return max(_SMALLEST, min(1.0, _LONG_NAME / len(name), _LONG_WORD / longest))
