"""What staff choose for the mails of the next release: their own covering words, or to hold one back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, scratch_session, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.releases import check_opening, fields_of_opening, required_fields
from bookings.domain.visits import PLANNABLE_STATES
from bookings.models.planned import ReleaseLetter
from bookings.queries.programme import find_visit_id
from bookings.queries.releases import about_slot, list_letters, load_release
from bookings.services.audit import add_audit
from bookings.services.invitations import check_visit_is_in, open_visit
from bookings.services.outbox import standard_opening
from bookings.services.visits.foreseeing import ForeseenMail, foresee_mails, show_mail


@dataclass(frozen=True, kw_only=True)
class LetterToEdit:
    """One mail of the next release as its reader would get it, with the words that staff may change."""

    mail: ForeseenMail
    words: str
    """Staff's own, or the usual ones, with their fields by name."""
    standard: str
    fields: tuple[str, ...]
    required: tuple[str, ...]
    version: int
    """0 while nobody has chosen anything for it."""


def load_letter(reference: str, about: str, *, now: datetime) -> LetterToEdit:
    """The mail as it would leave now. Raises NotFoundError when the release has none about this."""
    with scratch_session() as session:
        found = load_release(session, find_visit_id(session, reference))
        built = next(
            (one for one in foresee_mails(session, found, found.due, now=now) if one.about == about), None
        )
        if built is None or not fields_of_opening(built.mail.template):
            raise NotFoundError("release_letter", about)
        letter, template = found.letters.get(about), built.mail.template
        fields = fields_of_opening(template)
        standard = standard_opening(built.mail, fields)
        return LetterToEdit(
            mail=show_mail(built),
            words=built.mail.opening or standard,
            standard=standard,
            fields=fields,
            required=required_fields(template),
            version=letter.version if letter else 0,
        )


@retry_conflicts
def write_opening(  # noqa: PLR0913 - who writes what for which mail of which visit
    reference: str, about: str, words: str, *, template: str, version: int, who: Who, now: datetime
) -> None:
    """The mail of the next release opens with these words; without words with the usual ones.

    Raises RecordChangedError when somebody else wrote since `version` was read, TextNotAllowedError,
    FieldsNotKnownError, FieldsMissingError or TransitionNotAllowedError.
    """
    text = check_opening(template, words)
    with transaction() as session:
        letter = _open_letter(session, reference, about, who=who, now=now)
        if letter.version != version:
            raise RecordChangedError("release_letter")
        letter.template, letter.words = template, text
        _save(session, letter, "write_opening" if text else "reset_opening", who=who, now=now)


@retry_conflicts
def hold_back(reference: str, slot_id: int, *, is_held: bool, who: Who, now: datetime) -> None:
    """What is planned for the slot stays planned at the release, or (not held) is told with it."""
    with transaction() as session:
        letter = _open_letter(session, reference, about_slot(slot_id), who=who, now=now)
        if letter.is_held != is_held:
            letter.is_held = is_held
            _save(session, letter, "hold_back" if is_held else "let_go", who=who, now=now)


def _open_letter(session: Session, reference: str, about: str, *, who: Who, now: datetime) -> ReleaseLetter:
    visit = open_visit(session, find_visit_id(session, reference), now=now)
    check_visit_is_in(visit, PLANNABLE_STATES, "write_opening")
    known = list_letters(session, visit.id).get(about)
    return known or ReleaseLetter(
        visit_id=visit.id, about=about, template="", words="", is_held=False, version=0,
        changed_by=who.name, changed_at=now,
    )  # fmt: skip


def _save(session: Session, letter: ReleaseLetter, action: str, *, who: Who, now: datetime) -> None:
    letter.version += 1
    letter.changed_by, letter.changed_at = who.name, now
    session.add(letter)
    session.flush()
    add_audit(
        session, who, action, noun="visit_request", subject_id=letter.visit_id, visit_id=letter.visit_id,
        now=now, about=letter.about,
    )  # fmt: skip
