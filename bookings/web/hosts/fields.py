"""What the forms about hosts share: numbers, money, choices, and a base that knows its host."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from wtforms import Field, SelectMultipleField, StringField, ValidationError
from wtforms.validators import Optional

from bookings.adapters.addresses import parse_email, parse_phone
from bookings.domain.directory import LANGUAGE_CODES
from bookings.domain.errors import HostDetailNotUsableError
from bookings.domain.offers import is_day_of_year
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory
from bookings.queries.host_files import HostFile
from bookings.services.hosts import Door
from bookings.web.errors import refusal_sentence
from bookings.web.forms import BoundedIntegerField, Form
from bookings.web.texts import language_name

COMMON_LANGUAGES = (
    "sv",
    "fi",
    "en",
    "no",
    "da",
    "de",
    "fr",
    "es",
    "it",
    "et",
    "pl",
    "uk",
    "ru",
    "ar",
    "zh",
    "ja",
)
_NATIONAL_DAY = re.compile(r"(\d{1,2})\s*[./]\s*(\d{1,2})\.?", re.ASCII)
_LARGEST = 10**6
_MONEY = re.compile(r"(\d{1,7})(?:[.,](\d{1,2}))?", re.ASCII)


class NumberField(BoundedIntegerField):
    """A whole number, or nothing."""

    def process_formdata(self, valuelist: list[str]) -> None:
        if not any(text.strip() for text in valuelist):
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a whole number.")) from None
        if self.data is not None and abs(self.data) > _LARGEST:
            self.data = None
            raise ValueError(_("Write a whole number."))


class MoneyField(StringField):
    """An amount with at most two decimals; `cents` is what it comes to."""

    cents: int | None = None

    def pre_validate(self, form: Any) -> None:
        """Raises ValidationError."""
        text = re.sub(r"\s", "", self.data or "")
        if not text:
            self.cents = None
            return
        match = _MONEY.fullmatch(text)
        if match is None:
            raise ValidationError(_("Write an amount like 120 or 120.50."))
        self.cents = int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


class YearDayField(StringField):
    """A day of the year, "05-01" or "1.5."; nothing stands for the edge of the year."""

    def pre_validate(self, form: Any) -> None:
        """Raises ValidationError."""
        text = (self.data or "").strip()
        match = _NATIONAL_DAY.fullmatch(text)
        if match:
            text = f"{int(match[2]):02}-{int(match[1]):02}"
        if text and not is_day_of_year(text):
            raise ValidationError(_("Write month and day, like 05-01."))
        self.data = text


class ChoicesField(SelectMultipleField):
    """Boxes; none has to be ticked."""

    def __init__(self, label: Any = None, validators: Sequence[Any] | None = None, **more: Any) -> None:
        super().__init__(label, list(validators or []), choices=[], **more)


class Email:
    """An address that mail can carry."""

    def __call__(self, form: Form, field: Field) -> None:
        found = parse_email((field.data or "").strip())
        if found is None:
            raise ValidationError(_("Write an e-mail address, like name@example.org."))
        field.data = found


class Phone:
    """A number that can be called from anywhere."""

    def __init__(self, country: str = "SE") -> None:
        self.country = country

    def __call__(self, form: "HostForm", field: Field) -> None:
        text = (field.data or "").strip()
        found = parse_phone(text, country=form.file.company.country) if text else ""
        if found is None:
            raise ValidationError(_("Write a telephone number, like +46 90 123 45 67."))
        field.data = found


class HostForm(Form):
    """A form about a part of what is known of a host.

    `opened` is what was stored when the form was made for this request: after a second save it says
    what somebody else has written meanwhile.
    """

    kind: ClassVar[str] = ""
    names_of_fields: ClassVar[dict[str, str]] = {}
    """Fields of refusals that are called otherwise here."""

    file: HostFile
    row_id: int
    version: int
    directory: Directory

    @classmethod
    def open(cls, file: HostFile, directory: Directory, row_id: int) -> "HostForm":
        """The form of a stored part, or (0) of a new one. Raises NotFoundError."""
        form = cls(data=cls.values_of(file, row_id))
        form.file, form.row_id, form.directory = file, row_id, directory
        form.version = cls.version_of(file, row_id)
        form.offer_choices()
        return form

    @classmethod
    def values_of(cls, file: HostFile, row_id: int) -> dict[str, Any]:
        """What is stored, by field. Raises NotFoundError."""
        return {}

    @classmethod
    def version_of(cls, file: HostFile, row_id: int) -> int:
        """The version that a save has to meet."""
        return 0

    def offer_choices(self) -> None:
        """Fill the lists to choose from."""

    def save(self, door: Door, *, version: int, now: Any) -> None:
        """Do it; only when the form is right."""
        raise NotImplementedError

    def say(self, refusal: HostDetailNotUsableError) -> None:
        """Put the sentence of a refusal beside its field."""
        field = self._fields.get(self.names_of_fields.get(refusal.field, refusal.field))
        if field is None:
            self.form_errors.append(refusal_sentence(refusal))
        else:
            field.errors = [*field.errors, refusal_sentence(refusal)]

    def list_differences(self) -> list[tuple[str, str]]:
        """Label and stored value of what is stored otherwise than it was typed."""
        stored = type(self)(formdata=None, data=self.values_of(self.file, self.row_id))
        stored.file, stored.row_id, stored.directory = self.file, self.row_id, self.directory
        stored.offer_choices()
        return [
            (str(field.label.text), _show(stored[name]))
            for name, field in self._fields.items()
            if _plain(field) != _plain(stored[name])
        ]


def language_choices(*more: Iterable[str]) -> list[tuple[str, str]]:
    """The usual languages, and those that are chosen already."""
    codes = dict.fromkeys([*COMMON_LANGUAGES, *(code for group in more for code in group)])
    names = {code: language_name(code) for code in codes if code in LANGUAGE_CODES}
    return [(code, name[:1].upper() + name[1:]) for code, name in names.items()]


def place_choices(directory: Directory) -> list[tuple[str, str]]:
    """Towns in the reader's language; none is possible, too."""
    names = [(place.name(current_language()), slug) for slug, place in directory.places.by_slug.items()]
    return [("", _("No town")), *((slug, name) for name, slug in sorted(names))]


def topic_groups(directory: Directory) -> list[dict[str, Any]]:
    """Areas with their topics for the tree of boxes."""
    language = current_language()
    return [
        {
            "value": area.slug,
            "label": area.label(language),
            "hint": "",
            "topics": [(topic.slug, topic.label(language)) for topic in area.topics],
        }
        for area in directory.interests.areas
    ]


def topic_choices(directory: Directory) -> list[tuple[str, str]]:
    """Every term, so that only real ones pass."""
    return [(slug, slug) for slug in directory.interests.by_slug]


MAY_BE_EMPTY = Optional(strip_whitespace=True)


def _plain(field: Field) -> Any:
    data = field.data
    return sorted(map(str, data)) if isinstance(data, list | tuple) else (data or None)


def _show(field: Field) -> str:
    data = field.data
    choices = {str(choice[0]): str(choice[1]) for choice in getattr(field, "choices", None) or []}
    values = data if isinstance(data, list | tuple) else [data]
    texts = [choices.get(str(value), str(value)) for value in values if value not in (None, "")]
    return ", ".join(texts) or "–"
