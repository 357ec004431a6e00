"""What every form shares: a base that knows whether it was sent, and texts without control characters."""

from typing import Any

from flask import g, request
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, RadioField, TimeField, ValidationError
from wtforms import Form as AnyForm

from bookings.adapters.addresses import parse_email
from bookings.domain.errors import TextNotAllowedError, TimeIsAmbiguousError
from bookings.domain.text import clean_line, clean_text
from bookings.i18n import format_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.errors import refusal_sentence

# Beyond these, a time with its zone is outside of what Python can calculate with.
YEARS = range(1900, 9999)
_LARGEST_NUMBER = 2**31 - 1
_NO_DAY = _l("Write a day that exists, like 2026-10-12.")


_NO_CHOICE = _l("Choose one of the list.")
_OWN_WORDS = {
    "Not a valid choice.": _NO_CHOICE,
    "Invalid Choice: could not coerce.": _NO_CHOICE,
    "This field is required.": _l("Fill this in."),
}
_CHECK = _l("This cannot be used. Check what you typed.")


def whole_number(text: str) -> int:
    """For what hidden fields and addresses say (`type=whole_number`): a number that a column can hold, or
    ValueError."""
    number = int(text)
    if abs(number) > _LARGEST_NUMBER:
        raise ValueError("larger than any of ours")
    return number


class OwnWords:
    """The form library's own messages, said as we say things and in the languages that we have."""

    def gettext(self, message: str) -> str:
        """Our sentence for a message; names of fields, which come this way too, stay."""
        return str(_OWN_WORDS.get(message, _CHECK)) if message.endswith(".") else message

    def ngettext(self, message: str, _plural: str, _number: int) -> str:
        """Our sentence for a message about a number."""
        return self.gettext(message)


class Form(FlaskForm):  # type: ignore[misc]
    """A form of a page. The token against foreign posts is checked for the whole application."""

    sent_to = ""
    """The last part of its address, where a page has several forms: only its own answers come back to it."""

    @property
    def is_kept(self) -> bool:
        """Does it show again what was typed, because it had been open too long?"""
        return "form_is_kept" in g

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

        def get_translations(self, _form: AnyForm) -> OwnWords:
            """Never those of the library."""
            return OwnWords()

        def wrap_formdata(self, form: AnyForm, formdata: Any) -> Any:
            """When a stale form is shown again, its answers stand in for those of a submitted one."""
            found = super().wrap_formdata(form, formdata)
            kept = g.get("keeps_form")
            is_own = kept and getattr(form, "sent_to", "") in ("", kept)
            if found is not None or not is_own:
                return found
            g.form_is_kept = True
            return request.form


class DayField(DateField):
    """A day, typed or picked; days that no clock can show (year 1, year 9999) are none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not any(text.strip() for text in valuelist):
            _take_away(self)
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_NO_DAY) from None
        if self.data is not None and self.data.year not in YEARS:
            self.data = None
            raise ValueError(_NO_DAY)


class ClockField(TimeField):
    """A time of the day."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not any(text.strip() for text in valuelist):
            _take_away(self)
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a time of the day, like 13:30.")) from None


def _take_away(field: Field) -> None:
    """Blanks are nothing, also where something is required; what was there before was taken away."""
    field.data, field.raw_data = None, []


class BoundedIntegerField(IntegerField):
    """A whole number that a column can hold: an endless row of digits is none."""

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if self.data is not None and abs(self.data) > _LARGEST_NUMBER:
            self.data = None
            raise ValueError(_CHECK)


class MinutesField(BoundedIntegerField):
    """A length in whole minutes."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write the length as a whole number of minutes, like 90.")) from None


def offer_both_times(field: RadioField, error: TimeIsAmbiguousError) -> None:
    """Let the reader choose which of two equal times is meant: 0 the earlier, 1 the later."""
    field.choices = [
        (str(number), format_instant(moment, error.time_zone))
        for number, moment in enumerate(error.candidates)
    ]
    field.errors = [refusal_sentence(error)]


class OneLine:
    """One line without control characters, at most so long; outer blanks go."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length
        self.field_flags = {"maxlength": max_length}

    def __call__(self, form: AnyForm, field: Field) -> None:
        try:
            field.data = clean_line(field.data or "", max_length=self.max_length)
        except TextNotAllowedError as error:
            raise ValidationError(refusal_sentence(error)) from error


class EmailLine:
    """An address that a mail can go to, spelt as mail servers take it."""

    def __call__(self, form: AnyForm, field: Field) -> None:
        parsed = parse_email((field.data or "").strip())
        if parsed is None:
            raise ValidationError(
                _("This is no e-mail address that we can write to. Write it like name@example.org.")
            )
        field.data = parsed


class SeveralLines:
    """A text of several lines without control characters, at most so long; outer blanks go."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length
        self.field_flags = {"maxlength": max_length}

    def __call__(self, form: AnyForm, field: Field) -> None:
        try:
            field.data = clean_text(field.data or "", max_length=self.max_length)
        except TextNotAllowedError as error:
            raise ValidationError(refusal_sentence(error)) from error
