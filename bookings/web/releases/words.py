"""Words of planned changes and of the fields that mails know."""

from bookings.domain.planned import PlannedKind
from bookings.i18n import lazy_gettext as _l

KIND_WORDS = {
    PlannedKind.MOVE: _l("Planned: another time or place"),
    PlannedKind.WORDS: _l("Planned: other words"),
    PlannedKind.REPLACE: _l("Planned: another host"),
    PlannedKind.WITHDRAW: _l("Planned: taken out"),
}

FIELD_WORDS = {
    "host_name": _l("name of the host's contact"),
    "recipient_name": _l("name of the visitor"),
    "visitors": _l("who comes"),
    "country": _l("country of the visitors"),
    "title": _l("what the visit is about"),
    "when": _l("day and time"),
    "before_when": _l("day and time until now, where they change"),
    "where": _l("place"),
    "reference": _l("reference of the visit"),
    "answer_by": _l("until when to answer"),
}
