"""The covering words that staff may write for one mail of a release, and what may stand in them."""

from collections.abc import Mapping

from bookings.domain.errors import FieldsMissingError
from bookings.domain.fields import check_fields, list_fields
from bookings.domain.text import clean_text
from bookings.domain.wordings import LONGEST_TEXT, MAILS

_HOST = MAILS["invitation"].fields
_VISITOR = MAILS["programme_changed"].fields
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "invitation": _HOST,
    "invitation_changed": (*_HOST, "before_when"),
    "invitation_updated": _HOST,
    "invitation_cancelled": _HOST,
    "invitation_confirmed": _HOST,
    "programme_proposed": (*_VISITOR, "answer_by"),
    "programme_confirmed": _VISITOR,
    "programme_changed": _VISITOR,
    "programme_reopened": _VISITOR,
}


def fields_of_opening(template: str) -> tuple[str, ...]:
    """The `{name}` fields that the covering words of this mail may have."""
    return _FIELDS.get(template, ())


def required_fields(template: str) -> tuple[str, ...]:
    """Those without which its reader would miss something."""
    return MAILS[template].required if template in MAILS else ()


def check_opening(template: str, text: str) -> str:
    """The words, cleaned; nothing stands for the usual ones.

    Raises TextNotAllowedError, FieldsNotKnownError or FieldsMissingError.
    """
    kept = clean_text(text, max_length=LONGEST_TEXT)
    check_fields(kept, fields_of_opening(template))
    missing = tuple(name for name in required_fields(template) if name not in list_fields(kept))
    if kept and missing:
        raise FieldsMissingError(missing)
    return kept
