"""What is wrong with a line of an imported file: pages and the terminal say the same."""

from collections.abc import Callable
from dataclasses import dataclass

from bookings.domain.errors import ImportRefusedError
from bookings.i18n import gettext as _

_SHOWN_CHARACTERS = 60


@dataclass(frozen=True)
class ProblemText:
    """One problem as people read it."""

    line: int
    column: str
    wrong: str
    expected: str


def explain_problems(refusal: ImportRefusedError) -> list[ProblemText]:
    """All problems of a refused import, in the order of the file."""
    return [
        ProblemText(line, column, _explain(code, value), expected)
        for line, column, code, value, expected in sorted(refusal.problems, key=lambda problem: problem[0])
    ]


def _explain(code: str, value: str) -> str:
    sentence = _SENTENCES[code]()
    return f"{sentence} ({_shorten(value)})" if value else sentence


def _shorten(value: str) -> str:
    """What stands in the cell, so that it can be found; unreadable characters as their numbers."""
    shown = "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in value[:_SHOWN_CHARACTERS])
    return f"“{shown}…”" if len(value) > _SHOWN_CHARACTERS else f"“{shown}”"


_SENTENCES: dict[str, Callable[[], str]] = {
    "too_large": lambda: _("The file is too large"),
    "wrong_encoding": lambda: _("The file is not saved as UTF-8"),
    "empty_file": lambda: _("The file is empty"),
    "broken_csv": lambda: _("The quotation marks do not match"),
    "no_rows": lambda: _("There is no row below the header"),
    "broken_xlsx": lambda: _("The workbook cannot be read"),
    "unpacked_too_large": lambda: _("The workbook is far larger than it looks"),
    "too_many_rows": lambda: _("The file has too many rows"),
    "too_many_columns": lambda: _("The file has too many columns"),
    "cell_count": lambda: _("The line has another number of cells than the header"),
    "missing_column": lambda: _("The column is missing"),
    "unknown_column": lambda: _("There is no such column"),
    "double_column": lambda: _("The column stands there twice"),
    "missing": lambda: _("The cell is empty"),
    "control": lambda: _("The text holds invisible control characters or a line break"),
    "too_long": lambda: _("The text is too long"),
    "bad_slug": lambda: _("This is no short name for addresses"),
    "double_slug": lambda: _("An earlier line has the same short name"),
    "double_row": lambda: _("An earlier line says the same"),
    "contradiction": lambda: _("An earlier line says something else"),
    "unknown_organisation": lambda: _("There is no such organisation"),
    "unknown_site": lambda: _("The organisation has no such site"),
    "bad_hours": lambda: _("These are no open times"),
    "bad_clock": lambda: _("This is no time of the day"),
    "closes_early": lambda: _("It closes before it opens"),
    "offer_missing": lambda: _("The offer needs this"),
    "offer_order": lambda: _("The largest group is smaller than the smallest"),
    "offer_many": lambda: _("These are too many for one offer"),
    "offer_range": lambda: _("This is no number in the allowed range"),
    "offer_unknown": lambda: _("This value is not known"),
    "unknown_kind": lambda: _("There is no such kind"),
    "unknown_country": lambda: _("The country is not one of ours"),
    "other_country": lambda: _("The town lies in another country"),
    "unknown_place": lambda: _("There is no such town"),
    "same_place": lambda: _("Both towns are the same"),
    "unknown_area": lambda: _("There is no such area"),
    "unknown_interest": lambda: _("There is no such topic"),
    "too_many_areas": lambda: _("The topics belong to too many areas"),
    "unknown_zone": lambda: _("There is no such time zone"),
    "unknown_language": lambda: _("There is no such language"),
    "unknown_value": lambda: _("This value is not known"),
    "bad_web_address": lambda: _("This is no web address"),
    "bad_email": lambda: _("This is no e-mail address"),
    "bad_number": lambda: _("The check digit of the organisation number is wrong"),
    "not_a_clock": lambda: _("This is no time of the day"),
    "not_a_day": lambda: _("This is no day"),
    "bad_weekdays": lambda: _("These are no days of the week in their order"),
    "ends_before": lambda: _("The last day is before the first"),
    "not_a_number": lambda: _("This is no number in the allowed range"),
    "event_full": lambda: _("All places are taken"),
    "other_ticket": lambda: _("The person is registered with another kind of ticket"),
    "other_parts": lambda: _("The person is registered with other parts"),
    "part_closed": lambda: _("The part does not go with this ticket"),
    "unknown_part": lambda: _("The event has no such part"),
    "unknown_person": lambda: _("There is no such registration at this event"),
    "unknown_ticket": lambda: _("The event has no such ticket"),
    "answer_consent": lambda: _("Only the person can agree that this answer is kept: leave it out"),
    "clash": lambda: _("Two of the parts are at the same time"),
    "smaller_than_min": lambda: _("The largest group is smaller than the smallest"),
}
