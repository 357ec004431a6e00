"""Forms of the account page."""

from typing import Any

from wtforms import BooleanField, Field, HiddenField, PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Regexp

from bookings.domain.errors import PasswordNotAllowedError
from bookings.i18n import LANGUAGE_NAMES
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.errors import refusal_sentence
from bookings.web.forms import Form, OneLine


class ProfileForm(Form):
    """Name and language."""

    name = StringField(_l("Name"), [InputRequired(_l("Type your name.")), OneLine(100)])
    language = SelectField(_l("Language"), choices=LANGUAGE_NAMES)
    wants_mails = BooleanField(_l("Send me mails about the visits that I look after"))


class ProofForm(Form):
    """The current password, asked for before anything about the sign-in changes."""

    password = PasswordField(_l("Current password"), [InputRequired(_l("Type your current password."))])


class NewPasswordForm(ProofForm):
    """Current and new password."""

    new = PasswordField(_l("New password"), [InputRequired(_l("Type a new password."))])
    again = PasswordField(
        _l("New password once more"), [InputRequired(_l("Type the new password once more."))]
    )

    def validate_new(self, field: Field) -> None:
        """A change that changes nothing ends no theft."""
        if field.data == self.password.data:
            raise ValidationError(refusal_sentence(PasswordNotAllowedError("same")))

    def validate_again(self, field: Field) -> None:
        """A slip of the finger would lock the person out."""
        if field.data != self.new.data:
            raise ValidationError(_("The two new passwords differ. Type the same one twice."))


class PasskeyForm(ProofForm):
    """A name for a new passkey, and what the browser made."""

    name = StringField(
        _l("Name of the passkey"),
        [InputRequired(_l("Type a name that tells you which device it is on.")), OneLine(100)],
    )
    credential = HiddenField()


class SecondFactorForm(ProofForm):
    """The first code of the app proves that the secret arrived there."""

    secret = HiddenField()
    code = StringField(
        _l("Code that the app shows"),
        [
            InputRequired(_l("Type the six digits that the app shows now.")),
            Regexp(r"^\s*\d{3}\s?\d{3}\s*$", message=_l("Type the six digits that the app shows now.")),
        ],
    )

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.code.data = "".join((self.code.data or "").split()) if self.is_submitted() else self.code.data
