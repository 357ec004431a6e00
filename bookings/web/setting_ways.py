"""Where a setting is changed, and what it is called."""

from flask import url_for

from bookings.i18n import LANGUAGE_NAMES
from bookings.i18n import gettext as _

_PAGES = {
    "deadlines": "staff_settings.deadlines",
    "hours": "staff_settings.hours",
    "closed_days": "staff_settings.closed_days",
    "clauses": "staff_settings.clauses",
    "logos": "staff_settings.list_logos",
}


def setting_url(key: str) -> str:
    """The page of a setting."""
    kind, _dot, rest = key.partition(".")
    name, _dot, language = rest.partition(".")
    if kind == "mail":
        return url_for("staff_settings.mail", template=name, language=language)
    if kind == "page":
        return url_for("staff_settings.page", name=name, language=language)
    return url_for(_PAGES[key]) if key in _PAGES else url_for("staff_settings.index")


def setting_name(key: str, labels: dict[str, dict[str, str]]) -> str:
    """What a setting is called; `labels` by kind: sections, mails and pages."""
    kind, _dot, rest = key.partition(".")
    name, _dot, language = rest.partition(".")
    found = labels.get(kind, {}).get(name)
    if found is None:
        return str(labels["sections"].get(key, key))
    return _("%(name)s (%(language)s)", name=found, language=LANGUAGE_NAMES.get(language, language))
