"""Words for tables and columns of files in the reader's language."""

from collections.abc import Sequence

from bookings.domain.answer_cells import column_of
from bookings.domain.events import choose_text
from bookings.domain.import_columns import COLUMNS, column_label
from bookings.domain.questions import QuestionPlan
from bookings.i18n import gettext as _


def table_label(kind: str) -> str:
    """What a file holds."""
    if kind == "registrations":
        return _("Registrations")
    return _("Visit offers") if kind == "offers" else _("Organisations with sites and contacts")


def list_column_labels(kind: str, language: str, plans: Sequence[QuestionPlan] = ()) -> dict[str, str]:
    """Our columns with their names; `plans`: the questions of the event whose people come in."""
    columns = {column: column_label(column, language) for both in COLUMNS[kind] for column in both}
    return columns | {column_of(plan): choose_text(plan.label, language) for plan in plans}


def list_column_choices(
    kind: str, language: str, plans: Sequence[QuestionPlan] = ()
) -> list[tuple[str, str]]:
    """Our columns to choose from: each with its name and, in brackets, how files call it."""
    labels = list_column_labels(kind, language, plans)
    return [(column, f"{label} [{column}]") for column, label in labels.items() if column != "assumed"]
