"""Long lists of options, made once per language: the widget of a form library would make them each time."""

from functools import cache

from babel.core import Locale
from markupsafe import Markup, escape

from bookings.domain.directory import LANGUAGE_CODES
from bookings.domain.requests import MOST_HALF_DAYS, SEVERAL_COUNTRIES
from bookings.i18n import country_choices, format_length, in_language
from bookings.i18n import gettext as _

HALF_DAYS = tuple(str(number) for number in range(1, MOST_HALF_DAYS + 1))


@cache
def country_codes() -> frozenset[str]:
    """Codes of all countries, and one for visitors of several."""
    return frozenset(code for code, _name in country_choices("en")) | {SEVERAL_COUNTRIES}


@cache
def country_options(language: str) -> Markup:
    """Every country in the reader's language; before them the choice for those who come from several."""
    with in_language(language):
        several = (SEVERAL_COUNTRIES, _("Several countries, or an international organisation"))
    return _options([several, *country_choices(language)])


@cache
def language_options(language: str) -> Markup:
    """Languages by their names in the reader's language, without the three that have boxes."""
    names = Locale(language).languages
    found = [(code, str(names[code])) for code in LANGUAGE_CODES - {"en", "sv", "fi"} if code in names]
    return _options(
        sorted(((code, name[:1].upper() + name[1:]) for code, name in found), key=lambda one: one[1])
    )


@cache
def length_options(language: str) -> Markup:
    """From half a day to two weeks."""
    with in_language(language):
        return _options([(number, format_length(int(number))) for number in HALF_DAYS])


def language_name(code: str, *, language: str) -> str:
    """A language's name in the reader's language."""
    name = str(Locale(language).languages.get(code, code))
    return name[:1].upper() + name[1:]


def _options(pairs: list[tuple[str, str]]) -> Markup:
    return Markup("").join(
        Markup('<option value="{}">{}</option>').format(escape(value), escape(label))
        for value, label in pairs
    )
