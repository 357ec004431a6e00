"""Forms about people: what they may do, an invitation, and the password that ends it."""

from typing import Any

from wtforms import (
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired

from bookings.adapters.addresses import parse_email
from bookings.domain.staff import StaffRole
from bookings.i18n import LANGUAGE_NAMES
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.services.people import Duties, Invitation
from bookings.web.forms import Form, OneLine

ROLES = {
    StaffRole.COORDINATOR: _l("Coordinator"),
    StaffRole.ADMIN: _l("Administrator"),
    StaffRole.READER: _l("Reader"),
}
TOWNS = {
    "umea": "Umeå",
    "ornskoldsvik": "Örnsköldsvik",
    "skelleftea": "Skellefteå",
    "vaasa": _l("Vaasa"),
    "kokkola": _l("Kokkola"),
}
_EVERYWHERE, _SOME = "all", "some"
_REACHES = {_EVERYWHERE: _l("Those of all towns"), _SOME: _l("Those of the towns below")}


class DutiesForm(Form):
    """A role, and the towns of a coordinator."""

    role = RadioField(
        _l("Role"),
        choices=[],
        default=StaffRole.COORDINATOR.value,
    )
    reach = RadioField(
        _l("Which visits does a coordinator change?"),
        choices=[],
        default=_EVERYWHERE,
    )
    towns = SelectMultipleField(_l("Towns"), choices=[])
    seen = HiddenField()

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.role.choices = [(str(role), label) for role, label in ROLES.items()]
        self.reach.choices = list(_REACHES.items())
        self.towns.choices = list(TOWNS.items())

    def validate_towns(self, field: Field) -> None:
        """None ticked would mean all of them."""
        if self.role.data == StaffRole.COORDINATOR and self.reach.data == _SOME and not field.data:
            raise ValidationError(_("Choose at least one town."))

    def read(self) -> Duties:
        """What was chosen; towns limit coordinators only."""
        is_limited = self.role.data == StaffRole.COORDINATOR and self.reach.data == _SOME
        towns = frozenset(self.towns.data or ()) if is_limited else frozenset()
        return Duties(role=StaffRole(self.role.data), towns=towns)

    def show(self, duties: Duties) -> None:
        """Fill the form with what is so now."""
        self.role.data = str(duties.role)
        self.reach.data = _SOME if duties.towns else _EVERYWHERE
        self.towns.data = sorted(duties.towns)
        self.seen.data = write_duties(duties)


class InvitationForm(DutiesForm):
    """Who is asked to join, and as what."""

    email = StringField(
        _l("E-mail address"), [InputRequired(_l("Type the person's e-mail address.")), OneLine(254)]
    )
    name = StringField(_l("Name"), [InputRequired(_l("Type the person's name.")), OneLine(100)])
    language = SelectField(_l("Language of the mail"), choices=LANGUAGE_NAMES)

    def validate_email(self, field: Field) -> None:
        """A slip here sends the key of the house to a stranger."""
        if parse_email((field.data or "").strip()) is None:
            raise ValidationError(_("Type an e-mail address like name@example.org."))

    def read_invitation(self) -> Invitation:
        """Who is invited as what."""
        return Invitation(
            email=parse_email((self.email.data or "").strip()) or "",
            name=self.name.data or "",
            language=self.language.data,
            duties=self.read(),
        )


class JoinForm(Form):
    """The name that colleagues see, and a password."""

    name = StringField(_l("Name"), [InputRequired(_l("Type your name.")), OneLine(100)])
    new = PasswordField(_l("New password"), [InputRequired(_l("Type a new password."))])
    again = PasswordField(
        _l("New password once more"), [InputRequired(_l("Type the new password once more."))]
    )

    def validate_again(self, field: Field) -> None:
        """A slip of the finger would lock the person out."""
        if field.data != self.new.data:
            raise ValidationError(_("The two new passwords differ. Type the same one twice."))


def write_duties(duties: Duties) -> str:
    """The duties as one word that a form carries: "coordinator:umea,vaasa"."""
    return f"{duties.role}:{','.join(sorted(duties.towns))}"


def read_duties(word: str) -> Duties | None:
    """The duties of such a word; None for anything else."""
    role, _colon, towns = word.partition(":")
    if role not in set(StaffRole):
        return None
    return Duties(role=StaffRole(role), towns=frozenset(town for town in towns.split(",") if town))
