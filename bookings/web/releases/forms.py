"""The form of the covering words of one mail."""

from wtforms import TextAreaField
from wtforms.validators import Optional

from bookings.i18n import lazy_gettext as _l
from bookings.web.forms import Form, SeveralLines


class OpeningForm(Form):
    """Staff's own words in the reader's language."""

    words = TextAreaField(_l("Covering words"), [Optional(), SeveralLines(3000)])
