"""The forms of the settings pages. Each carries the version that it was filled from."""

from collections.abc import Collection
from typing import Any

from wtforms import (
    Field,
    FileField,
    HiddenField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms import Form as AnyForm
from wtforms.validators import DataRequired, InputRequired, Optional

from bookings.domain.errors import BookingError
from bookings.domain.fields import check_fields
from bookings.domain.settings import DEADLINES, HOURS, LANGUAGES, LONGEST_CLAUSE
from bookings.domain.wordings import LONGEST_SUBJECT, LONGEST_TEXT
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.errors import refusal_sentence
from bookings.web.forms import BoundedIntegerField, ClockField, DayField, Form, OneLine, SeveralLines
from bookings.web.setting_words import RULES

_FILL_IN = _l("Fill this in.")


class WholeNumberField(BoundedIntegerField):
    """A number of days, hours or per cent; empty is the standard."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([text for text in valuelist if text.strip()])
        except ValueError:
            raise ValueError(_("Write a whole number.")) from None


class VersionedForm(Form):
    """What was typed, and what it was typed over."""

    version = HiddenField(default="0")

    @property
    def read_version(self) -> int:
        """The version that the page showed; anything else than a number is none."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


class KnownFields:
    """Only `{name}` fields that this text may have."""

    def __init__(self, allowed: Collection[str]) -> None:
        self.allowed = tuple(allowed)

    def __call__(self, _form: AnyForm, field: Field) -> None:
        try:
            check_fields(field.data or "", self.allowed)
        except BookingError as error:
            raise ValidationError(refusal_sentence(error)) from error


def _numbers(names: Collection[str]) -> dict[str, Any]:
    return {name: WholeNumberField(RULES[name], [Optional()]) for name in names}


DeadlinesForm: type[VersionedForm] = type("DeadlinesForm", (VersionedForm,), _numbers(DEADLINES))
_HourNumbers: type[VersionedForm] = type("_HourNumbers", (VersionedForm,), _numbers(HOURS))


class HoursForm(_HourNumbers):  # type: ignore[misc, valid-type]
    """When people work where a site or an offer says nothing else."""

    opens = ClockField(_l("The working day begins, local time"), [Optional()])
    closes = ClockField(_l("The working day ends, local time"), [Optional()])
    closed_weekdays = SelectMultipleField(
        _l("Nobody works on these days either"),
        [Optional()],
        description=_l("Saturdays and Sundays are always free."),
    )


class ClosedDaysForm(VersionedForm):
    """One stretch of days on which nobody receives visitors."""

    first_on = DayField(_l("First day"), [InputRequired(_FILL_IN)])
    last_on = DayField(_l("Last day"), [InputRequired(_FILL_IN)])
    where = SelectField(_l("Where"))
    name = StringField(
        _l("Why"), [DataRequired(_FILL_IN), OneLine(100)], description=_l("For example: winter holidays.")
    )


class ClauseForm(VersionedForm):
    """A new version of the cost clause in every language."""

    name = StringField(
        _l("Name of the version"),
        [DataRequired(_FILL_IN), OneLine(40)],
        description=_l("Short, like 2027-1. Agreements and mails name it."),
    )
    effective_on = DayField(_l("In force from"), [InputRequired(_FILL_IN)])
    text_en = TextAreaField(
        _l("The clause in English"), [DataRequired(_FILL_IN), SeveralLines(LONGEST_CLAUSE)]
    )
    text_sv = TextAreaField(
        _l("The clause in Swedish"), [DataRequired(_FILL_IN), SeveralLines(LONGEST_CLAUSE)]
    )
    text_fi = TextAreaField(
        _l("The clause in Finnish"), [DataRequired(_FILL_IN), SeveralLines(LONGEST_CLAUSE)]
    )

    @property
    def texts(self) -> dict[str, str]:
        """The text by language."""
        return {code: self[f"text_{code}"].data or "" for code in LANGUAGES}


class LogoForm(VersionedForm):
    """A picture with what it shows, in every language."""

    file = FileField(_l("Picture"), description=_l("PNG, JPEG or WebP, at most 200 kB."))
    name = StringField(_l("Whose logo"), [DataRequired(_FILL_IN), OneLine(100)])
    alt_en = StringField(_l("What it shows, in English"), [DataRequired(_FILL_IN), OneLine(200)])
    alt_sv = StringField(_l("What it shows, in Swedish"), [DataRequired(_FILL_IN), OneLine(200)])
    alt_fi = StringField(_l("What it shows, in Finnish"), [DataRequired(_FILL_IN), OneLine(200)])

    @property
    def alt(self) -> dict[str, str]:
        """What it shows, by language."""
        return {code: self[f"alt_{code}"].data or "" for code in LANGUAGES}


class MailForm(VersionedForm):
    """The covering words of a mail. An empty part is the standard."""

    subject = StringField(_l("Subject"), [OneLine(LONGEST_SUBJECT)])
    opening = TextAreaField(_l("Words before the facts"), [SeveralLines(LONGEST_TEXT)])
    closing = TextAreaField(_l("Words after the facts"), [SeveralLines(LONGEST_TEXT)])


class PageTextForm(VersionedForm):
    """The text of a page. Empty is the standard."""

    text = TextAreaField(_l("Text"), [SeveralLines(LONGEST_TEXT)])


def allow_fields(form: Form, names: Collection[str]) -> None:
    """The texts of this form may have these fields and no others."""
    for field in form:
        if isinstance(field, StringField) and not isinstance(field, HiddenField):
            field.validators = [*field.validators, KnownFields(names)]
