"""What the fields of requests, hosts, sites, contacts and offers are called, and their codes in words."""

from typing import Any

from bookings.i18n import country_name, language_name
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.setting_changes import NOTHING

FIELDS: dict[str, str] = {
    "access_rules": _l("How one comes in"),
    "address": _l("Address"),
    "asking": _l("How we ask"),
    "closes_at": _l("Receives until"),
    "clothing": _l("Shoes and protective clothing"),
    "country": _l("Country"),
    "description_en": _l("What one sees, in English"),
    "description_fi": _l("What one sees, in Finnish"),
    "description_sv": _l("What one sees, in Swedish"),
    "email": _l("E-mail"),
    "fee_cents": _l("Fee"),
    "fee_currency": _l("Currency"),
    "brings_interpreter": _l("Brings an interpreter"),
    "group_max": _l("Largest group"),
    "group_min": _l("Smallest group"),
    "group_size": _l("How many"),
    "guides": _l("Guides"),
    "hosts_visits": _l("Receives visits"),
    "hours": _l("Open times"),
    "interest_other": _l("In your own words"),
    "interests": _l("Interests"),
    "is_example": _l("Example"),
    "is_host": _l("Is asked for visits"),
    "is_online": _l("Online"),
    "is_public": _l("May stand on public pages"),
    "kind": _l("Kind"),
    "language": _l("Language of our mails"),
    "languages": _l("Languages"),
    "leaves_places_open": _l("Towns left to us"),
    "lead_days": _l("Days of notice"),
    "minimum_age": _l("Minimum age"),
    "minutes": _l("Length in minutes"),
    "monthly_cap": _l("Most visits a month"),
    "name": _l("Name"),
    "needs_identity_list": _l("A list of names with identity data is needed before the visit"),
    "opens_at": _l("Receives from"),
    "organisation": _l("Organisation"),
    "organisation_number": _l("Organisation number"),
    "people_per_guide": _l("People per guide"),
    "phone": _l("Telephone"),
    "photo_policy": _l("Photos"),
    "places": _l("Towns"),
    "place_id": _l("Town"),
    "purpose": _l("Purpose"),
    "role": _l("Role"),
    "stands_in_for": _l("Stands in for"),
    "status": _l("In the directory"),
    "step_access": _l("Steps"),
    "summary_en": _l("Short text in English"),
    "summary_fi": _l("Short text in Finnish"),
    "summary_sv": _l("Short text in Swedish"),
    "time_zone": _l("Time zone"),
    "title_en": _l("Title in English"),
    "title_fi": _l("Title in Finnish"),
    "title_sv": _l("Title in Swedish"),
    "topics": _l("Topics"),
    "visit_kind": _l("Kind of visit"),
    "visit_languages": _l("Languages"),
    "wanted_hosts": _l("Wanted hosts"),
    "website": _l("Website"),
    "windows": _l("Dates"),
}
_CODES: dict[str, dict[Any, str]] = {
    "asking": {
        "mail": _l("By mail, after a coordinator has looked at it"),
        "phone": _l("Call first, then the mail"),
        "automatic": _l("By mail at once, without a coordinator looking first"),
    },
    "hosts_visits": {"yes": _l("Yes"), "no": _l("No"), "unknown": _l("Nobody has asked yet")},
    "photo_policy": {
        "unknown": _l("Not known"),
        "free": _l("Photos are allowed"),
        "some": _l("Photos in some places only"),
        "none": _l("No photos"),
    },
    "status": {
        "published": _l("Public"),
        "draft": _l("Draft"),
        "in_review": _l("In review"),
        "hidden": _l("Hidden"),
        "ended": _l("Ended"),
    },
    "step_access": {
        "unknown": _l("Not known"),
        "step_free": _l("Without steps"),
        "few_steps": _l("A few steps"),
        "stairs": _l("Stairs"),
    },
}
_HUNDRED = 100


def field_value(name: str, value: Any) -> str:
    """One value of a field as staff read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value in (None, "", []):
        return NOTHING
    if name in _CODES:
        return str(_CODES[name].get(value, value))
    if name == "country":
        return country_name(value)
    if name in ("language", "languages"):
        return ", ".join(language_name(code) for code in ([value] if isinstance(value, str) else value))
    return f"{value / _HUNDRED:.2f}" if name == "fee_cents" else str(value)
