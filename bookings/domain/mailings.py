"""A mail in staff's own words to many people: those of an event, or the readers of the newsletter."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bookings.domain.errors import MailingNotUsableError
from bookings.domain.events import Texts
from bookings.domain.registrations import RegistrationState
from bookings.domain.text import clean_line, clean_text

SUBJECT_LENGTH, TEXT_LENGTH = 150, 4000
_READABLE_DAYS = 14
_State = RegistrationState


class Audience(StrEnum):
    """Whom a mailing is for: people of one event, or those who asked for the newsletter."""

    REGISTERED = "registered"
    WAITING = "waiting"
    EVERYBODY = "everybody"
    NEWSLETTER = "newsletter"


_WAITING = (_State.WAITING, _State.OFFERED, _State.PENDING)
STATES_OF: Mapping[Audience, tuple[RegistrationState, ...]] = {
    Audience.REGISTERED: (_State.REGISTERED,),
    Audience.WAITING: _WAITING,
    Audience.EVERYBODY: (_State.REGISTERED, *_WAITING),
}
"""The registrations that each audience of an event is made of."""


@dataclass(frozen=True)
class MailingPlan:
    """A mailing as it is written: language → subject, and language → text."""

    audience: Audience
    subject: Texts
    text: Texts

    def clean(self) -> "MailingPlan":
        """The same without invisible characters; languages without words are left out.

        Raises MailingNotUsableError (missing, half) or TextNotAllowedError.
        """
        subject = {code: clean_line(words, max_length=SUBJECT_LENGTH) for code, words in self.subject.items()}
        text = {code: clean_text(words, max_length=TEXT_LENGTH) for code, words in self.text.items()}
        subject = {code: words for code, words in subject.items() if words}
        text = {code: words for code, words in text.items() if words}
        if not text:
            raise MailingNotUsableError("missing", "text")
        for code in (*text, *subject):
            if code not in subject or code not in text:
                raise MailingNotUsableError("half", f"text_{code}" if code in subject else f"subject_{code}")
        return MailingPlan(self.audience, subject, text)


def readable_until(ends_at: datetime, *, written_at: datetime) -> datetime:
    """From when the mail makes no sense any more: thanks are written after the event, too."""
    return max(ends_at, written_at + timedelta(days=_READABLE_DAYS))
