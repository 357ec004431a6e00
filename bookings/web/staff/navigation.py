"""The words and links that frame every staff page."""

from collections.abc import Set as AbstractSet
from typing import Any

from flask import Flask, current_app, g, url_for

from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import gettext as _


def init_navigation(app: Flask) -> None:
    """Hand the links and the person's name to the templates behind the staff gates."""
    app.context_processor(_staff_words)


def _staff_words() -> dict[str, Any]:
    # Only what the gate has read already: pages for everybody ask the database nothing.
    person = g.get("signed_in")
    if person is None:
        return {}
    return {"staff_links": _links(person.roles), "signed_in_name": person.name}


def _links(roles: AbstractSet[StaffRole]) -> list[dict[str, str]]:
    is_admin = has_role(roles, StaffRole.ADMIN)
    may_read = has_role(roles, StaffRole.COORDINATOR)
    entries = [
        ("today", _("Today"), "staff_today.show"),
        ("requests", _("Requests"), "staff_visits.queue"),
        ("calendar", _("Calendar"), "staff_calendar.show"),
        ("inbox", _("Inbox"), "inbox.index"),
        ("outbox", _("Mails"), "outbox.index"),
        ("directory", _("Companies"), "staff_directory.index"),
        ("sailings", _("Sailings"), "staff_sailings.index"),
        ("reports", _("Load of the hosts"), "staff_reports.hosts"),
        *([("people", _("People"), "staff_people.index")] if is_admin else []),
        *([("settings", _("Settings"), "staff_settings.index")] if may_read else []),
        ("account", _("Your account"), "staff.account"),
    ]
    return [
        {"name": name, "label": label, "url": url_for(endpoint)}
        for name, label, endpoint in entries
        if endpoint in current_app.view_functions
    ]
