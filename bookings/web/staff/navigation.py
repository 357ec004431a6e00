"""The words and links that frame every staff page."""

from typing import Any

from flask import Flask, g

from bookings.domain.staff import zone_of_town
from bookings.web.staff_links import list_staff_links


def init_navigation(app: Flask) -> None:
    """Hand the links, the person's name and the clocks of the person's town to the templates of staff."""
    app.context_processor(_staff_words)


def _staff_words() -> dict[str, Any]:
    # Only what the gate has read already: pages for everybody ask the database nothing.
    person = g.get("signed_in")
    if person is None:
        return {}
    return {
        "staff_links": list_staff_links(),
        "signed_in_name": person.name,
        "own_zone": zone_of_town(person.town),
    }
