"""Forms of staff's visit pages."""

from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional, StopValidation

from bookings.adapters.addresses import parse_email, parse_phone
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.forms import Form, OneLine, SeveralLines


class TextForm(Form):
    """A question, a reason: a text that goes out by mail."""

    text = TextAreaField(
        "", [DataRequired(_l("Write something: it goes into the mail.")), SeveralLines(2000)]
    )


class AnswerForm(Form):
    """Words that may go along by mail."""

    text = TextAreaField("", [Optional(), SeveralLines(2000)])


class NoteForm(Form):
    """What staff write for each other."""

    text = TextAreaField(_l("New note"), [DataRequired(_l("Write the note first.")), SeveralLines(4000)])


class OwnerForm(Form):
    """Who looks after the request; 0 is nobody."""

    owner = SelectField(_l("Looked after by"), coerce=int)


class ContactForm(Form):
    """Who answers for the delegation."""

    name = StringField(_l("Name"), [DataRequired(_l("Write the name.")), OneLine(100)])
    role = StringField(_l("Role"), [Optional(), OneLine(100)])
    email = StringField(_l("E-mail address"), [DataRequired(_l("Write the e-mail address.")), OneLine(254)])
    phone = StringField(_l("Telephone"), [Optional(), OneLine(40)])

    country = ""
    """Where numbers without a country code are dialled."""

    def validate_email(self, field: Field) -> None:
        """An address that a mail can go to."""
        parsed = parse_email(field.data or "")
        if parsed is None:
            raise StopValidation(
                _("This is no e-mail address that we can write to. Write it like name@example.org.")
            )
        field.data = parsed

    def validate_phone(self, field: Field) -> None:
        """A number that can be dialled from another country."""
        parsed = parse_phone(field.data or "", country=self.country)
        if parsed is None:
            raise StopValidation(_("Write the number with its country code, for example +46 70 123 45 67."))
        field.data = parsed
