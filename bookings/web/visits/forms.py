"""What the visitor types on the own page."""

from functools import cache
from zoneinfo import available_timezones

from markupsafe import Markup
from wtforms import BooleanField, Field, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Optional

from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.forms import Form, OneLine, SeveralLines

_LONGEST = 2000
_LONGEST_REASON = 1000
_REGIONS = ("Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")


class AnswerForm(Form):
    """The answer to what staff asked."""

    answer = TextAreaField(
        _l("Your answer"), [DataRequired(_l("Write your answer.")), SeveralLines(_LONGEST)]
    )


class ConsentForm(Form):
    """The agreement about the costs, where the visit has none yet."""

    accepts_costs = BooleanField(_l("We agree: we pay all our own costs"))
    clause_version = StringField("", [OneLine(40)])


class WishForm(Form):
    """What should be different in the programme."""

    wish = TextAreaField(
        _l("What would you like to have changed?"),
        [DataRequired(_l("Write what you would like to have changed.")), SeveralLines(_LONGEST)],
        description=_l("For example another day, more time at one place, or a host that is missing."),
    )


class WithdrawForm(Form):
    """Why the visitor does not come."""

    reason = TextAreaField(
        _l("Why do you withdraw?"),
        [Optional(strip_whitespace=False), SeveralLines(_LONGEST_REASON)],
        description=_l("It helps the hosts to know. They see what you write."),
    )


class ZoneForm(Form):
    """The zone in which the visitor reads times."""

    zone = StringField(_l("Your time zone"))

    def validate_zone(self, field: Field) -> None:
        """One of the list."""
        if field.data not in zone_names():
            field.data = ""
            raise ValidationError(_("Choose your time zone from the list."))


@cache
def zone_names() -> tuple[str, ...]:
    """The zones that have a region and a town, and UTC."""
    return ("UTC", *sorted(name for name in available_timezones() if name.partition("/")[0] in _REGIONS))


@cache
def zone_options() -> Markup:
    """The zones as options, made once."""
    option = Markup('<option value="{}">{}</option>')
    return Markup("").join(option.format(name, name.replace("_", " ")) for name in zone_names())
