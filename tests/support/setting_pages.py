"""The settings pages and the histories, for the list of every page."""

from collections.abc import Iterator

_PLAIN = {
    "index": "",
    "deadlines": "/deadlines",
    "hours": "/hours",
    "closed_days": "/closed-days",
    "clauses": "/cost-clauses",
    "list_logos": "/logos",
    "mails": "/mails",
    "mail": "/mails/question/en",
    "pages": "/pages",
    "page": "/pages/front_lede/sv",
}


def list_setting_addresses(reference: str) -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and reader of each."""
    for name, way in _PLAIN.items():
        yield f"staff_settings.{name}", f"/staff/settings{way}", "admin"
    yield "staff_settings.deadlines", "/staff/settings/deadlines", "coordinator"
    yield "staff_history.settings", "/staff/settings/history", "admin"
    yield "staff_history.visit", f"/staff/visits/{reference}/history", "coordinator"
    yield "staff_history.organisation", "/staff/directory/stormossen/history", "reader"
