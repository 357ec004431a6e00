"""Which texts of mails and pages staff may write themselves, and what may stand in each."""

from collections.abc import Mapping
from dataclasses import dataclass

from bookings.domain.errors import FieldsMissingError
from bookings.domain.fields import check_fields, list_fields
from bookings.domain.text import clean_line, clean_text

LONGEST_SUBJECT = 200
LONGEST_TEXT = 3000
PARTS = ("subject", "opening", "closing")
"""Of a mail: its subject line, the words before the facts, and words of one's own below them."""

_HOST = ("host_name", "visitors", "country", "title", "when", "where", "reference")
_VISITOR = ("recipient_name", "reference")


@dataclass(frozen=True)
class MailWording:
    """A mail whose covering words are staff's. `required` fields carry what the reader must learn."""

    template: str
    audience: str
    fields: tuple[str, ...]
    required: tuple[str, ...] = ()


MAILS: Mapping[str, MailWording] = {
    wording.template: wording
    for wording in (
        MailWording("invitation", "host", _HOST),
        MailWording("reminder_host", "host", (*_HOST, "respond_by")),
        MailWording("invitation_changed", "host", _HOST),
        MailWording("answer_accepted", "host", _HOST),
        MailWording("answer_declined", "host", _HOST),
        MailWording("proposal_taken", "host", _HOST),
        MailWording("proposal_refused", "host", _HOST),
        MailWording("invitation_confirmed", "host", _HOST),
        MailWording("host_page", "host", ("host_name", "organisation")),
        MailWording("host_page_reminder", "host", ("host_name", "organisation")),
        MailWording("request_received", "visitor", _VISITOR),
        MailWording("still_working", "visitor", _VISITOR),
        MailWording("question", "visitor", (*_VISITOR, "question", "answer_by"), ("question",)),
        MailWording("reminder_question", "visitor", (*_VISITOR, "question", "answer_by"), ("question",)),
        MailWording("programme_proposed", "visitor", (*_VISITOR, "answer_by"), ("answer_by",)),
        MailWording("reminder_programme", "visitor", (*_VISITOR, "answer_by"), ("answer_by",)),
        MailWording("programme_confirmed", "visitor", _VISITOR),
        MailWording("programme_changed", "visitor", _VISITOR),
        MailWording("visit_declined", "visitor", (*_VISITOR, "reason"), ("reason",)),
        MailWording("visit_cancelled", "visitor", (*_VISITOR, "reason"), ("reason",)),
        MailWording("visit_expired", "visitor", _VISITOR),
    )
}

PAGES = ("front_lede", "front_costs", "check_costs", "sent_note", "privacy_more", "accessibility_more")
"""Texts of pages; those that end in `more` have no standard: they add a section of one's own."""
PAGE_FIELDS = ("contact_address",)


def check_mail_words(template: str, words: Mapping[str, str]) -> dict[str, str]:
    """The parts that were written, cleaned; empty parts are the standard.

    Raises TextNotAllowedError, FieldsNotKnownError or FieldsMissingError.
    """
    wording = MAILS[template]
    kept = {part: _clean_part(part, words.get(part, "")) for part in PARTS}
    for text in kept.values():
        check_fields(text, wording.fields)
    if kept["opening"]:
        found = list_fields(kept["opening"])
        missing = tuple(name for name in wording.required if name not in found)
        if missing:
            raise FieldsMissingError(missing)
    return {part: text for part, text in kept.items() if text}


def check_page_text(text: str) -> str:
    """The text of a page, cleaned. Raises TextNotAllowedError or FieldsNotKnownError."""
    kept = clean_text(text, max_length=LONGEST_TEXT)
    check_fields(kept, PAGE_FIELDS)
    return kept


def _clean_part(part: str, text: str) -> str:
    if part == "subject":
        return clean_line(text, max_length=LONGEST_SUBJECT)
    return clean_text(text, max_length=LONGEST_TEXT)
