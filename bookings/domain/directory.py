"""Rules of the directory: organisation numbers, slugs, and what a row of an import may hold."""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from bookings.domain.text import has_control_characters
from bookings.domain.time import is_time_zone


class OrganisationKind(StrEnum):
    COMPANY = "company"
    RESEARCH = "research"
    PUBLIC = "public"
    INVESTOR = "investor"
    CLUSTER = "cluster"
    TEST_FACILITY = "test_facility"


class HostsVisits(StrEnum):
    """`unknown` is not "no": nobody has asked yet."""

    YES = "yes"
    UNKNOWN = "unknown"
    NO = "no"


SLUG_LENGTH = 80
SUMMARY_LENGTH = 160
NAME_LENGTH = 200
ADDRESS_LENGTH = 254
LARGEST_GROUP = 200
FIRST_LEVEL_LIMIT = 5
HOST_COUNTRIES = ("FI", "SE")
REQUIRED_COLUMNS = ("slug", "name", "kind", "country")
OPTIONAL_COLUMNS = (
    "place",
    "website",
    "summary_en",
    "summary_sv",
    "summary_fi",
    "interests",
    "languages",
    "hosts_visits",
    "contact_email",
    "organisation_number",
    "status",
    "site",
    "site_name",
    "site_address",
    "site_place",
    "site_zone",
    "group_min",
    "group_max",
    "opens_at",
    "closes_at",
    "access_rules",
    "contact_name",
    "contact_role",
    "contact_phone",
    "contact_language",
    "contact_languages",
    "contact_is_host",
    "contact_is_public",
    "source_url",
    "assumed",
)
SITE_COLUMNS = OPTIONAL_COLUMNS[OPTIONAL_COLUMNS.index("site") : OPTIONAL_COLUMNS.index("contact_name")]
CONTACT_COLUMNS = (
    "contact_email",
    *OPTIONAL_COLUMNS[OPTIONAL_COLUMNS.index("contact_name") : OPTIONAL_COLUMNS.index("source_url")],
)
LIST_SEPARATOR = ";"
RESERVED_SLUGS = ("import", "export")
"""Addresses of staff's pages beside those of the organisations."""
ORGANISATION_STATUSES = ("draft", "in_review", "published", "hidden", "ended")
_LINE_ENDS = frozenset("\n\t")
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
# What is wrong, what was expected, and the test of a cell that is filled.
Shape = tuple[str, str, Callable[[str], bool]]

_ISO_639_1 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de "
    "dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id "
    "ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu "
    "lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu "
    "rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr "
    "ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
LANGUAGE_CODES = frozenset(_ISO_639_1.split())

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EMAIL = re.compile(r"[^@\s,;<>\"()]+@[^@\s.,;<>\"()]+(\.[^@\s.,;<>\"()]+)+")
_SWEDISH = re.compile(r"(?:16)?(\d{6})-?(\d{4})", re.ASCII)
_FINNISH = re.compile(r"(\d{6,7})-?(\d)", re.ASCII)
_FINNISH_WEIGHTS = (7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True)
class RowProblem:
    """What is wrong in one cell and what was expected there."""

    column: str
    code: str
    value: str
    expected: str


@dataclass(frozen=True)
class KnownSlugs:
    """What a row may refer to: places with their country, and interests as `area` or `area/topic`."""

    places: Mapping[str, str]
    interests: Collection[str]


def is_slug(text: str) -> bool:
    """Lower-case ASCII words joined by single hyphens, not too long?"""
    return len(text) <= SLUG_LENGTH and _SLUG.fullmatch(text) is not None


def is_swedish_number(text: str) -> bool:
    """A Swedish organisation number: ten digits, the last one by Luhn, and not a person's number?"""
    match = _SWEDISH.fullmatch(text.strip())
    return match is not None and match[1][2] >= "2" and _passes_luhn(match[1] + match[2])


def is_finnish_number(text: str) -> bool:
    """A Finnish business identity code (Y-tunnus) whose check digit is right?"""
    match = _FINNISH.fullmatch(text.strip())
    if match is None:
        return False
    digits = match[1].zfill(len(_FINNISH_WEIGHTS))
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _FINNISH_WEIGHTS, strict=True)) % 11
    return rest != 1 and int(match[2]) == (11 - rest) % 11


def is_organisation_number(text: str, country: str) -> bool:
    """Is the number right by the rules of its country? Other countries' numbers are taken as they are."""
    checks = {"SE": is_swedish_number, "FI": is_finnish_number}
    return checks[country](text) if country in checks else bool(text.strip())


def build_organisation_number(text: str, country: str) -> str:
    """The one spelling we store: `556012-5790` in Sweden, `0123456-7` in Finland."""
    pattern = {"SE": _SWEDISH, "FI": _FINNISH}.get(country)
    match = pattern.fullmatch(text.strip()) if pattern else None
    if match is None:
        return text.strip()
    return f"{match[1].zfill(7) if country == 'FI' else match[1]}-{match[2]}"


def split_list(cell: str) -> tuple[str, ...]:
    """The values of a cell that holds several, parted by semicolons."""
    return tuple(part.strip() for part in cell.split(LIST_SEPARATOR) if part.strip())


def check_header(
    columns: Sequence[str],
    *,
    required: Sequence[str] = REQUIRED_COLUMNS,
    optional: Sequence[str] = OPTIONAL_COLUMNS,
) -> tuple[RowProblem, ...]:
    """Problems of the header line: `missing_column`, `unknown_column`, `double_column`."""
    known = (*required, *optional)
    expected = ", ".join(known)
    missing = [RowProblem(c, "missing_column", "", c) for c in required if c not in columns]
    unknown = [RowProblem(c, "unknown_column", c, expected) for c in columns if c not in known]
    double = [RowProblem(c, "double_column", c, expected) for c in known if columns.count(c) > 1]
    return (*missing, *unknown, *double)


def check_row(row: Mapping[str, str], known: KnownSlugs) -> tuple[RowProblem, ...]:
    """All problems of one row of an import, in the order of the columns; none when it can be taken."""
    cells = {column: (value or "").strip() for column, value in row.items()}
    problems = [
        problem
        for column, value in cells.items()
        for problem in check_cell(column, value, _SHAPES, several_lines=("access_rules",))
    ]
    spoiled = {problem.column for problem in problems}
    for check in (_check_country, _check_site, _check_interests, _check_number, _check_group, _check_hours):
        problems += [problem for problem in check(cells, known) if problem.column not in spoiled]
    return tuple(problems)


def check_cell(
    column: str,
    value: str,
    shapes: Mapping[str, Shape],
    *,
    required: Sequence[str] = REQUIRED_COLUMNS,
    several_lines: Sequence[str] = (),
) -> tuple[RowProblem, ...]:
    """What is wrong with one cell by itself: missing, control characters, or not of its column's shape."""
    if not value:
        return (RowProblem(column, "missing", "", column),) if column in required else ()
    allowed = _LINE_ENDS if column in several_lines else frozenset()
    if has_control_characters(value, allowed=allowed):
        return (RowProblem(column, "control", value, "no control characters"),)
    code, expected, is_right = shapes.get(column, _ANY)
    return () if is_right(value) else (RowProblem(column, code, value, expected),)


def find_double_slugs(slugs: Sequence[str]) -> tuple[tuple[int, RowProblem], ...]:
    """Rows (by index) whose slug stood in an earlier row of the same file."""
    seen: dict[str, int] = {}
    found = []
    for index, slug in enumerate(slugs):
        if seen.setdefault(slug, index) != index:
            found.append((index, RowProblem("slug", "double_slug", slug, "a slug that no other row has")))
    return tuple(found)


def find_contradictions(rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[int, RowProblem]]:
    """Rows (by index) that say something else of an organisation, a site or a contact than an earlier row."""
    own = {*SITE_COLUMNS, *CONTACT_COLUMNS}
    parts = (
        (("slug",), lambda column: column not in own),
        (("slug", "site"), lambda column: column in SITE_COLUMNS),
        (("slug", "contact_email"), lambda column: column in CONTACT_COLUMNS),
    )
    first: dict[tuple[str, ...], Mapping[str, str]] = {}
    for index, row in enumerate(rows):
        for keys, belongs in parts:
            values = tuple(row.get(key, "") for key in keys)
            if not all(values):
                continue
            earlier = first.setdefault((*keys, *values), row)
            for column in filter(belongs, row):
                if row[column] != earlier[column]:
                    yield index, RowProblem(column, "contradiction", row[column], earlier[column])


def is_one_of(values: Collection[str]) -> Callable[[str], bool]:
    """A test for one of these values."""
    return lambda text: text in values


def is_at_most(length: int) -> Callable[[str], bool]:
    """A test for the length in characters."""
    return lambda text: len(text) <= length


def is_web_address(text: str) -> bool:
    """An address that begins with http or https, not too long?"""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    is_address = parts.scheme in ("http", "https") and "." in parts.netloc and " " not in text
    return is_address and len(text) <= ADDRESS_LENGTH


def _is_email(text: str) -> bool:
    return len(text) <= ADDRESS_LENGTH and text.isprintable() and _EMAIL.fullmatch(text) is not None


def _is_group(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= LARGEST_GROUP


def _are_languages(text: str) -> bool:
    return all(code in LANGUAGE_CODES for code in split_list(text))


_ANY: Shape = ("too_long", f"at most {ADDRESS_LENGTH} characters", is_at_most(ADDRESS_LENGTH))
_SUMMARY_RULE = ("too_long", f"at most {SUMMARY_LENGTH} characters", is_at_most(SUMMARY_LENGTH))
_GROUP_RULE = ("not_a_number", f"1-{LARGEST_GROUP}", _is_group)
_INTERESTS_RULE = ("too_long", "at most 2000 characters", is_at_most(2000))
_YES_NO: Shape = ("unknown_value", "yes, no", is_one_of(("yes", "no")))
_CLOCK_RULE: Shape = ("bad_clock", "08:00", lambda text: _CLOCK.fullmatch(text) is not None)
_SHAPES: Mapping[str, Shape] = {
    "slug": ("bad_slug", "a-z, 0-9, -", lambda text: is_slug(text) and text not in RESERVED_SLUGS),
    "status": ("unknown_value", ", ".join(ORGANISATION_STATUSES), is_one_of(ORGANISATION_STATUSES)),
    "site": ("bad_slug", "a-z, 0-9, -", is_slug),
    "site_zone": ("unknown_zone", "Europe/Stockholm, Europe/Helsinki, …", is_time_zone),
    "opens_at": _CLOCK_RULE,
    "closes_at": _CLOCK_RULE,
    "access_rules": ("too_long", "at most 4000 characters", is_at_most(4000)),
    "contact_phone": ("too_long", "at most 40 characters", is_at_most(40)),
    "contact_language": ("unknown_language", "sv, fi, en", is_one_of(("sv", "fi", "en"))),
    "contact_languages": ("unknown_language", "sv;fi;en", _are_languages),
    "contact_is_host": _YES_NO,
    "contact_is_public": _YES_NO,
    "name": ("too_long", f"at most {NAME_LENGTH} characters", is_at_most(NAME_LENGTH)),
    "kind": ("unknown_kind", ", ".join(OrganisationKind), is_one_of(tuple(OrganisationKind))),
    "country": ("unknown_country", ", ".join(HOST_COUNTRIES), is_one_of(HOST_COUNTRIES)),
    "website": ("bad_web_address", "https://…", is_web_address),
    "source_url": ("bad_web_address", "https://…", is_web_address),
    "summary_en": _SUMMARY_RULE,
    "summary_sv": _SUMMARY_RULE,
    "summary_fi": _SUMMARY_RULE,
    "interests": _INTERESTS_RULE,
    "languages": ("unknown_language", "sv;fi;en", _are_languages),
    "hosts_visits": ("unknown_value", ", ".join(HostsVisits), is_one_of(tuple(HostsVisits))),
    "contact_email": ("bad_email", "name@domain", _is_email),
    "group_min": _GROUP_RULE,
    "group_max": _GROUP_RULE,
}


def _check_country(cells: Mapping[str, str], known: KnownSlugs) -> list[RowProblem]:
    place = cells.get("place", "")
    if not place:
        return []
    if place not in known.places:
        return [RowProblem("place", "unknown_place", place, ", ".join(sorted(known.places)))]
    if known.places[place] != cells.get("country"):
        return [RowProblem("country", "other_country", cells.get("country", ""), known.places[place])]
    return []


def _check_site(cells: Mapping[str, str], known: KnownSlugs) -> list[RowProblem]:
    """What belongs to a site or a contact needs to know which."""
    place = cells.get("site_place", "")
    if place and place not in known.places:
        return [RowProblem("site_place", "unknown_place", place, ", ".join(sorted(known.places)))]
    if "site" in cells and not cells["site"]:
        filled = [column for column in SITE_COLUMNS if cells.get(column)]
        return [RowProblem("site", "missing", "", column) for column in filled[:1]]
    return []


def _check_hours(cells: Mapping[str, str], _: KnownSlugs) -> list[RowProblem]:
    opens, closes = cells.get("opens_at", ""), cells.get("closes_at", "")
    if not (opens and closes) or opens < closes:
        return []
    return [RowProblem("closes_at", "closes_early", closes, f"{opens} …")]


def _check_interests(cells: Mapping[str, str], known: KnownSlugs) -> list[RowProblem]:
    slugs = split_list(cells.get("interests", ""))
    unknown = [slug for slug in slugs if slug not in known.interests]
    if unknown:
        return [RowProblem("interests", "unknown_interest", slug, "area/topic") for slug in unknown]
    areas = {slug.partition("/")[0] for slug in slugs}
    if len(areas) > FIRST_LEVEL_LIMIT:
        return [
            RowProblem("interests", "too_many_areas", ";".join(sorted(areas)), f"at most {FIRST_LEVEL_LIMIT}")
        ]
    return []


def _check_number(cells: Mapping[str, str], _: KnownSlugs) -> list[RowProblem]:
    number, country = cells.get("organisation_number", ""), cells.get("country", "")
    if not number or is_organisation_number(number, country):
        return []
    expected = {"SE": "556012-5790", "FI": "0112038-9"}.get(country, "")
    return [RowProblem("organisation_number", "bad_number", number, expected)]


def _check_group(cells: Mapping[str, str], _: KnownSlugs) -> list[RowProblem]:
    smallest, largest = cells.get("group_min", ""), cells.get("group_max", "")
    if not (_is_group(smallest) and _is_group(largest)) or int(smallest) <= int(largest):
        return []
    return [RowProblem("group_max", "smaller_than_min", largest, f"{smallest}-{LARGEST_GROUP}")]


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 - index % 2) for index, digit in enumerate(digits))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
