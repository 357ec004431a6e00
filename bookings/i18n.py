"""Languages: which one a reader gets, and the catalogues, read from the .po files at first use."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from babel.core import Locale, get_global
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import Translations
from flask import Flask, Response, has_request_context, request
from flask_babel import Babel, Domain
from flask_babel.speaklater import LazyString

from bookings.domain.events import choose_text
from bookings.domain.groups import count_people
from bookings.domain.time import to_local

LANGUAGES = ("en", "sv", "fi")
LANGUAGE_NAMES = {"en": "English", "sv": "Svenska", "fi": "Suomi"}
_FOLDER = Path(__file__).resolve().parent / "translations"
_COOKIE = "language"
_MAIL_COOKIE = "mail_language"
MAIL_LANGUAGE = "hl"
"""Name of the part of a link that says which language its mail was in."""
_COOKIE_SECONDS = 365 * 24 * 3600
_FOUND = "bookings.language"
_chosen: ContextVar[str | None] = ContextVar("language", default=None)


@cache
def load_catalogue(language: str) -> Translations:
    """The texts of one language. Compiled at first use, so the .po files stay the only source."""
    path = _FOLDER / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return Translations()
    with path.open("rb") as source:
        catalogue = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


class _PoDomain(Domain):  # type: ignore[misc]
    """Flask-Babel looks for .mo files; these texts come from the .po files directly."""

    def get_translations(self) -> Translations:
        return load_catalogue(current_language())


class PoBabel(Babel):  # type: ignore[misc]
    """Flask-Babel with our catalogues and our choice of the reader's language."""

    domain_instance = _PoDomain()

    def init_app(self, app: Flask) -> None:
        """Bind to the application and remember a chosen language in a cookie."""
        super().init_app(app, locale_selector=current_language)
        app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
            lambda text: load_catalogue(current_language()).ugettext(text),
            lambda one, many, num: load_catalogue(current_language()).ungettext(one, many, num),
            newstyle=True,
        )
        app.after_request(_remember_language)


def gettext(text: str, **values: object) -> str:
    """`text` in the reader's language, with `%(name)s` replaced."""
    found: str = load_catalogue(current_language()).ugettext(text)
    return found % values if values else found


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """`one` or `many` by the rules of the reader's language; `%(num)s` is the number."""
    found: str = load_catalogue(current_language()).ungettext(one, many, num)
    return found % {"num": num, **values}


def lazy_gettext(text: str, **values: object) -> str:
    """A text that is looked up when it is shown: for forms and tables made at import."""
    lazy: str = LazyString(gettext, text, **values)
    return lazy


def current_language() -> str:
    """Code of the language that texts are in just now; mails set it by `in_language`."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    return _language_of_request() if has_request_context() else LANGUAGES[0]


def _language_of_request() -> str:
    """Asked several hundred times for a page, and found out once."""
    # The request itself: its proxy first fails at each attribute, and costs several times the answer.
    environ = request._get_current_object().environ  # type: ignore[attr-defined]  # noqa: SLF001
    found: str | None = environ.get(_FOUND)
    if found is None:
        found = environ[_FOUND] = select_language()
    return found


def select_language() -> str:
    """The reader's language: asked for in the address, chosen before, that of the mail whose link was pressed
    (also on the pages after it), or the browser's."""
    args, cookies = request.args, request.cookies
    for choice in (
        args.get("lang"), cookies.get(_COOKIE), args.get(MAIL_LANGUAGE), cookies.get(_MAIL_COOKIE),
    ):  # fmt: skip
        if choice in LANGUAGES:
            return choice
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]


@contextmanager
def in_language(language: str) -> Iterator[None]:
    """Texts inside are in `language`: mails are written in their reader's."""
    before = _chosen.set(language if language in LANGUAGES else LANGUAGES[0])
    try:
        yield
    finally:
        _chosen.reset(before)


def _remember_language(response: Response) -> Response:
    _remember_mail_language(response)
    if request.args.get("lang") in LANGUAGES:
        response.set_cookie(
            _COOKIE,
            request.args["lang"],
            max_age=_COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=request.is_secure,
        )
    return response


def _remember_mail_language(response: Response) -> None:
    """Until the browser is closed: the pages behind a mail's link have links and forms of their own."""
    hint = request.args.get(MAIL_LANGUAGE)
    if hint in LANGUAGES and hint != request.cookies.get(_MAIL_COOKIE):
        response.set_cookie(_MAIL_COOKIE, hint, httponly=True, samesite="Lax", secure=request.is_secure)


def format_day(day: date, *, with_year: bool = True) -> str:
    """A day as people read it: "Monday 12 October 2026", "maanantai 12. lokakuuta 2026"."""
    language = current_language()
    # "cccc" is the name of the day by itself: Finnish would otherwise inflect it ("on Monday").
    pattern = _DAY_PATTERNS.get(language, "cccc d MMMM") + (" y" if with_year else "")
    text = _write_day(day, pattern, language)
    return text[:1].upper() + text[1:] if language == "en" else text


@lru_cache(maxsize=2_000)
def _write_day(day: date, pattern: str, language: str) -> str:
    """A list names the same days again and again, and looking up how is most of the work."""
    return format_date(day, pattern, locale=language)


_DAY_PATTERNS = {"fi": "cccc d. MMMM"}


def format_day_on(day: date) -> str:
    """A day inside a sentence, after "on" or "by": Finnish inflects it, "perjantaina 4. joulukuuta 2026"."""
    if current_language() != "fi":
        return format_day(day)
    return format_date(day, "EEEE d. MMMM y", locale="fi")


def format_instant_on(instant: datetime, time_zone: str) -> str:
    """Day, wall time and zone inside a sentence, after "on", "by" or "until"."""
    if current_language() != "fi":
        return format_instant(instant, time_zone)
    day = format_day_on(instant.astimezone(ZoneInfo(time_zone)).date())
    return f"{day} klo {format_clock(instant, time_zone)} {zone_label(instant, time_zone)}"


def format_local_day(instant: datetime, time_zone: str) -> str:
    """The day of an instant at a place: "Tuesday 12 October 2027"."""
    return format_day(to_local(instant, time_zone).date())


def say(texts: Mapping[str, str]) -> str:
    """What staff wrote in several languages, in the language of the moment."""
    return choose_text(texts, current_language())


def format_clock(instant: datetime, time_zone: str) -> str:
    """Wall time in a zone, always 24 h: "09:30"."""
    return instant.astimezone(ZoneInfo(time_zone)).strftime("%H:%M")


def zone_label(instant: datetime, time_zone: str) -> str:
    """Short name of the zone at that instant: "EET", "CEST", or "UTC+03" where the zone has no letters."""
    name = instant.astimezone(ZoneInfo(time_zone)).tzname() or "UTC"
    return f"UTC{name}" if name[0] in "+-" else name


def format_instant(instant: datetime, time_zone: str) -> str:
    """Day, wall time and zone: "Monday 12 October 2026 10:00 EEST"."""
    day = format_day(instant.astimezone(ZoneInfo(time_zone)).date())
    return f"{day} {format_clock(instant, time_zone)} {zone_label(instant, time_zone)}"


def format_length(half_days: int) -> str:
    """How long a visit is, in words: half a day, 2½ days, 3 days."""
    if half_days == 1:
        return gettext("Half a day")
    days, rest = divmod(half_days, 2)
    if rest:
        return gettext("%(days)d½ days", days=days)
    return ngettext("%(num)d day", "%(num)d days", days)


def format_interval(starts_at: datetime, ends_at: datetime, time_zone: str) -> str:
    """Wall times of one local day with the zone: "10:00–11:30 EEST"."""
    clock = f"{format_clock(starts_at, time_zone)}–{format_clock(ends_at, time_zone)}"
    return f"{clock} {zone_label(starts_at, time_zone)}"


def format_tenths(number: float) -> str:
    """A number with one decimal, as the reader writes it: "4.5" or "4,5"."""
    return _write_tenths(number, current_language())


@lru_cache(maxsize=1000)
def _write_tenths(number: float, language: str) -> str:
    """Tables have many of the same; Babel reads the pattern anew for each."""
    return str(format_decimal(number, "0.0", locale=language))


def format_people(size: int, groups: int = 1, group: int | None = None) -> str:
    """Who comes to a stop: "36 people", or "Group 2 of 3, 12 people"."""
    people = ngettext("%(num)d person", "%(num)d people", count_people(size, groups, group))
    if group is None:
        return people
    return gettext("Group %(number)d of %(groups)d, %(people)s", number=group, groups=groups, people=people)


def country_name(code: str) -> str:
    """Name of a country in the reader's language; the code itself when unknown."""
    if code == "ZZ":
        return gettext("Several countries")
    return _country_names(current_language()).get(code, code)


@cache
def _country_names(language: str) -> dict[str, str]:
    return dict(country_choices(language))


@cache
def main_time_zone(country: str, *, otherwise: str) -> str:
    """The zone of a country's capital or largest part; `otherwise` where no single country is meant."""
    if country in _MAIN_ZONES:
        return _MAIN_ZONES[country]
    zones = get_global("territory_zones").get(country, ())
    return str(zones[0]) if zones and country != "ZZ" and zones[0] in available_timezones() else otherwise


# Countries with several zones, where the first one by alphabet would be an island.
_MAIN_ZONES = {
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "CD": "Africa/Kinshasa",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Pohnpei",
    "GL": "America/Nuuk",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
}


def language_name(code: str) -> str:
    """Name of a language in the reader's language; the code itself when unknown."""
    return str(Locale(current_language()).languages.get(code, code))


@cache
def country_choices(language: str) -> tuple[tuple[str, str], ...]:
    """All countries of ISO 3166-1 as (code, name), sorted by name in that language."""
    names = {str(code): str(name) for code, name in Locale(language).territories.items()}
    countries = [(code, name) for code, name in names.items() if re.fullmatch("[A-Z]{2}", code)]
    return tuple(
        sorted(
            (pair for pair in countries if pair[0] not in _NOT_COUNTRIES), key=lambda pair: _sort_key(pair[1])
        )
    )


_NOT_COUNTRIES = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AC", "CP", "DG", "EA", "IC", "TA", "CQ"}


def _sort_key(name: str) -> str:
    """Å, Ä and Ö come last in Swedish and Finnish, and Åland is the only name they begin."""
    return name.replace("Å", "Zå").replace("Ä", "Zä").replace("Ö", "Zö").casefold()
