"""Where a setting is changed."""

from flask import url_for

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
