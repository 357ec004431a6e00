"""What staff write about a registration."""

from datetime import datetime

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.domain.text import clean_text
from bookings.models.registrations import Registration, RegistrationNote
from bookings.services.audit import add_audit

NOTE_LENGTH = 2000


def add_registration_note(registration_id: int, text: str, *, who: Who, now: datetime) -> None:
    """Keep a note. Raises NotFoundError or TextNotAllowedError."""
    words = clean_text(text, max_length=NOTE_LENGTH)
    with transaction() as session:
        if session.get(Registration, registration_id) is None:
            raise NotFoundError("registration", str(registration_id))
        session.add(
            RegistrationNote(
                registration_id=registration_id,
                author_kind=who.kind,
                author_name=who.name,
                text=words,
                written_at=now,
            )
        )
        add_audit(session, who, "add_note", noun="registration", subject_id=registration_id, now=now)
