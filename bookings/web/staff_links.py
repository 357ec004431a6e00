"""The pages of the staff, as the frame of each page and the palette list them."""

from flask import current_app, g, url_for

from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import gettext as _


def list_staff_links() -> list[dict[str, str]]:
    """Name, label and address of each page that the signed-in person may open; nothing for others."""
    person = g.get("signed_in")
    if person is None:
        return []
    is_admin = has_role(person.roles, StaffRole.ADMIN)
    is_coordinator = has_role(person.roles, StaffRole.COORDINATOR)
    entries = [
        ("today", _("Today"), "staff_today.show"),
        ("requests", _("Requests"), "staff_visits.queue"),
        ("calendar", _("Calendar"), "staff_calendar.show"),
        ("events", _("Events"), "staff_events.index"),
        *([("newsletter", _("Newsletter"), "staff_mailings.newsletter")] if is_coordinator else []),
        ("inbox", _("Inbox"), "inbox.index"),
        ("outbox", _("Mails"), "outbox.index"),
        ("directory", _("Directory"), "staff_directory.index"),
        ("sailings", _("Sailings"), "staff_sailings.index"),
        ("reports", _("Load of the hosts"), "staff_reports.hosts"),
        *([("people", _("Colleagues"), "staff_people.index")] if is_admin else []),
        *([("settings", _("Settings"), "staff_settings.index")] if is_coordinator else []),
        ("account", _("Your account"), "staff.account"),
    ]
    return [
        {"name": name, "label": label, "url": url_for(endpoint)}
        for name, label, endpoint in entries
        if endpoint in current_app.view_functions
    ]
