"""Forms of staff's visit pages."""

from wtforms import SelectField, TextAreaField
from wtforms.validators import DataRequired

from bookings.i18n import lazy_gettext as _l
from bookings.web.forms import Form, SeveralLines


class TextForm(Form):
    """A question, a reason: a text that goes out by mail."""

    text = TextAreaField(
        "", [DataRequired(_l("Write something: it goes into the mail.")), SeveralLines(2000)]
    )


class NoteForm(Form):
    """What staff write for each other."""

    text = TextAreaField(_l("New note"), [DataRequired(_l("Write the note first.")), SeveralLines(4000)])


class OwnerForm(Form):
    """Who looks after the request; 0 is nobody."""

    owner = SelectField(_l("Looked after by"), coerce=int)
