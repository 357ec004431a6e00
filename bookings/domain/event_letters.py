"""What staff write to the people of an event, in their own words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.events import Texts
from bookings.domain.registrations import RegistrationState
from bookings.domain.text import clean_line, clean_text

SUBJECT_LENGTH, TEXT_LENGTH = 150, 4000
_READABLE_DAYS = 14
_State = RegistrationState


class Audience(StrEnum):
    """Whom a letter is for."""

    REGISTERED = "registered"
    WAITING = "waiting"
    EVERYBODY = "everybody"


_WAITING = (_State.WAITING, _State.OFFERED, _State.PENDING)
STATES_OF: Mapping[Audience, tuple[RegistrationState, ...]] = {
    Audience.REGISTERED: (_State.REGISTERED,),
    Audience.WAITING: _WAITING,
    Audience.EVERYBODY: (_State.REGISTERED, *_WAITING),
}
"""The registrations that each audience is made of."""


@dataclass(frozen=True)
class EventLetterPlan:
    """A letter as it is written: language → subject, and language → text."""

    audience: Audience
    subject: Texts
    text: Texts

    def clean(self) -> "EventLetterPlan":
        """The same without invisible characters; languages without words are left out.

        Raises EventNotUsableError (missing, or half: a language with a subject and no text, or the other way)
        or TextNotAllowedError.
        """
        subject = {code: clean_line(words, max_length=SUBJECT_LENGTH) for code, words in self.subject.items()}
        text = {code: clean_text(words, max_length=TEXT_LENGTH) for code, words in self.text.items()}
        subject = {code: words for code, words in subject.items() if words}
        text = {code: words for code, words in text.items() if words}
        if not text:
            raise EventNotUsableError("missing", "text")
        for code in (*text, *subject):
            if code not in subject or code not in text:
                raise EventNotUsableError("half", f"text_{code}" if code in subject else f"subject_{code}")
        return EventLetterPlan(self.audience, subject, text)


def readable_until(ends_at: datetime, *, written_at: datetime) -> datetime:
    """From when the letter makes no sense any more: thanks are written after the event, too."""
    return max(ends_at, written_at + timedelta(days=_READABLE_DAYS))
