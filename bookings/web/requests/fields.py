"""Fields of the form: what was typed is cleaned or refused with a sentence beside it, and always kept.

Bound by hand from a request or from stored answers; the templates draw them (templates/macros/forms.html).
The token against foreign posts is checked for the whole application (bookings/extensions.py).
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from wtforms import Field, Form
from wtforms.form import BaseForm
from wtforms.validators import StopValidation

from bookings.domain.errors import TextNotAllowedError
from bookings.domain.text import clean_line, clean_text, has_control_characters
from bookings.i18n import gettext as _

Choices = Sequence[tuple[str, str]]
_NATIONAL_DAY = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII)
_LONGEST_DAY = 30
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class PlainForm(Form):
    """A form without the library's own sentences: ours are translated with the rest."""

    class Meta:
        locales = False

    @property
    def has_errors(self) -> bool:
        return bool(self.errors)


class Needed:
    """The field has to be filled in; `sentence` says so."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        self.field_flags: Mapping[str, bool] = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data and field.data != 0:
            raise StopValidation(str(self.sentence))


class MayBeEmpty:
    """The field says "(optional)"."""

    field_flags: Mapping[str, bool] = {"optional": True}

    def __call__(self, form: Form, field: Field) -> None:
        if not field.data:
            raise StopValidation


class LineField(Field):
    """One line of text."""

    clean: Callable[..., str] = staticmethod(clean_line)

    def __init__(
        self, label: str, validators: list[Any] | None = None, *, max_length: int, **more: Any
    ) -> None:
        super().__init__(label, validators, **more)
        self.max_length = max_length

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else ""

    def _value(self) -> str:
        return self.data or ""

    def pre_validate(self, form: BaseForm) -> None:
        """Clean the text. Raises StopValidation."""
        try:
            self.data = self.clean(self.data or "", max_length=self.max_length)
        except TextNotAllowedError as error:
            raise StopValidation(self._explain(error)) from error

    def _explain(self, error: TextNotAllowedError) -> str:
        if error.code == "too_long":
            return _(
                "This is %(length)d characters long. Use at most %(count)d.",
                length=len(self.data),
                count=error.max_length,
            )
        # Nobody can delete what cannot be seen.
        self.data = drop_controls(self.data)
        return _("This text held invisible control characters. We took them out: check it and continue.")


class TextField(LineField):
    """Several lines of text."""

    clean = staticmethod(clean_text)


class NumberField(LineField):
    """A whole number; `data` stays as typed until it is right."""

    def __init__(
        self, label: str, validators: list[Any] | None = None, *, least: int, most: int, **more: Any
    ) -> None:
        super().__init__(label, validators, max_length=20, **more)
        self.least, self.most = least, most

    def _value(self) -> str:
        return "" if self.data is None else str(self.data)

    def pre_validate(self, form: BaseForm) -> None:
        """Read the number. Raises StopValidation."""
        super().pre_validate(form)
        if not self.data:
            return
        digits = self.data.replace(" ", "")
        if not (digits.isascii() and digits.isdigit() and self.least <= int(digits) <= self.most):
            raise StopValidation(
                _("Write a whole number from %(least)d to %(most)d.", least=self.least, most=self.most)
            )
        self.data = int(digits)


class DayField(Field):
    """A day: picked, or typed as 2026-10-12 or 12.10.2026. What cannot be read stays in `typed`."""

    typed = ""
    data: date | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = drop_controls(str(valuelist[0]))[:_LONGEST_DAY] if valuelist else ""
        self.data = read_day(self.typed)

    def _value(self) -> str:
        return self.data.isoformat() if self.data else self.typed

    def pre_validate(self, form: BaseForm) -> None:
        """Only days that exist. Raises StopValidation."""
        if self.typed.strip() and self.data is None:
            raise StopValidation(_("This is not a day of the calendar. Write it like 2026-10-12."))


class ChoiceField(Field):
    """One of several: set `choices` (value, label), or `allowed` when the list is drawn elsewhere."""

    choices: Choices = ()
    allowed: Collection[str] = ()

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = str(valuelist[0]) if valuelist else ""

    def pre_validate(self, form: BaseForm) -> None:
        """Only what was offered. Raises StopValidation."""
        if self.data and self.data not in self.values:
            self.data = ""
            raise StopValidation(_("Choose one from the list."))

    @property
    def values(self) -> Collection[str]:
        return self.allowed or [value for value, _label in self.choices]

    def iter_choices(self) -> Iterable[tuple[str, str, bool]]:
        """For the templates: value, label, chosen."""
        return [(value, label, value == self.data) for value, label in self.choices]


class ManyChoiceField(ChoiceField):
    """Any number of several; what was not offered is left out."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = list(dict.fromkeys(map(str, valuelist)))

    def pre_validate(self, form: BaseForm) -> None:
        """Leave out what was not offered: a list may have changed since it was shown."""
        values = set(self.values)
        self.data = [value for value in self.data or [] if value in values]

    def iter_choices(self) -> Iterable[tuple[str, str, bool]]:
        """For the templates: value, label, chosen."""
        chosen = self.data or ()
        return [(value, label, value in chosen) for value, label in self.choices]


class TickField(Field):
    """One box."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = bool(valuelist and valuelist[0])


def read_day(text: str) -> date | None:
    """A day as it is typed on both shores; None when it is none."""
    text = text.strip()
    try:
        if _ISO_DAY.fullmatch(text):
            return date.fromisoformat(text)
        if match := _NATIONAL_DAY.fullmatch(text):
            return date(int(match[3]), int(match[2]), int(match[1]))
    except ValueError:
        return None
    return None


def drop_controls(text: str) -> str:
    """The text without characters that steer instead of being read; line ends stay."""
    return "".join(c for c in text if c in "\n\t" or not has_control_characters(c))


def read_web_address(text: str) -> str | None:
    """The address with its scheme in front; None when it is none of the web."""
    address = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return None
    is_right = (
        parts.scheme in ("http", "https") and "." in host.strip(".") and not re.search(r"[\s<>\"]", address)
    )
    return address if is_right else None
