"""The form of a mail to many: to whom, and what in each language."""

from collections.abc import Mapping

from wtforms import HiddenField, SelectField, StringField, TextAreaField

from bookings.domain.mailings import SUBJECT_LENGTH, TEXT_LENGTH, Audience, MailingPlan
from bookings.i18n import lazy_gettext as _l
from bookings.queries.mailings import Counts
from bookings.web.events.fields import EventForm
from bookings.web.forms import OneLine, SeveralLines
from bookings.web.security import form_key

AUDIENCES: Mapping[Audience, str] = {
    Audience.REGISTERED: _l("Those who are registered"),
    Audience.WAITING: _l("Those who wait for a place or an answer"),
    Audience.EVERYBODY: _l("Both"),
    Audience.NEWSLETTER: _l("Those who asked for the newsletter"),
}


class MailingForm(EventForm):
    """The words are those of the reader's language, else of another one."""

    audience = SelectField(_l("To whom"))
    subject_en = StringField(_l("Subject in English"), [OneLine(SUBJECT_LENGTH)])
    subject_sv = StringField(_l("Subject in Swedish"), [OneLine(SUBJECT_LENGTH)])
    subject_fi = StringField(_l("Subject in Finnish"), [OneLine(SUBJECT_LENGTH)])
    text_en = TextAreaField(_l("Text in English"), [SeveralLines(TEXT_LENGTH)])
    text_sv = TextAreaField(_l("Text in Swedish"), [SeveralLines(TEXT_LENGTH)])
    text_fi = TextAreaField(_l("Text in Finnish"), [SeveralLines(TEXT_LENGTH)])
    key = HiddenField(validators=[OneLine(40)])

    def offer(self, counts: Counts) -> None:
        """Whom it can be for, with how many they are; and a key for a form that has none."""
        self.audience.choices = [
            (audience.value, f"{AUDIENCES[audience]} ({sum(readers.values())})")
            for audience, readers in counts.items()
        ]
        self.key.data = self.key.data or form_key()

    def read(self) -> MailingPlan:
        """The mailing as it was typed."""
        return MailingPlan(Audience(self.audience.data), self.texts_of("subject"), self.texts_of("text"))
