"""The words and links that frame every staff page."""

from typing import Any

from flask import Flask, g

from bookings.web.staff_links import list_staff_links


def init_navigation(app: Flask) -> None:
    """Hand the links and the person's name to the templates behind the staff gates."""
    app.context_processor(_staff_words)


def _staff_words() -> dict[str, Any]:
    # Only what the gate has read already: pages for everybody ask the database nothing.
    person = g.get("signed_in")
    if person is None:
        return {}
    return {"staff_links": list_staff_links(), "signed_in_name": person.name}
