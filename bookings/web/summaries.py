"""What is wrong with a form, as the list above it says so."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any


def list_errors(fields: Iterable[Any]) -> list[tuple[str, str]]:
    """Id and first sentence of each field with an error, in the order of the page.

    A sentence that several fields share, or that is about a question of staff, comes with the name of its
    field: whoever reads the list knows which is meant without going there (WCAG 3.3.1).
    """
    found = list(_find_wrong(fields))
    counts = Counter(str(field.errors[0]) for field in found)
    return [(field.id, _tell(field, is_shared=counts[str(field.errors[0])] > 1)) for field in found]


def _find_wrong(fields: Iterable[Any]) -> Iterator[Any]:
    for field in fields:
        if not field.errors:
            continue
        if field.type == "FormField":
            yield from _find_wrong(field.form)
        elif field.type == "FieldList" and field.entries:
            yield from _find_wrong(field.entries)
        else:
            yield field


def _tell(field: Any, *, is_shared: bool) -> str:
    sentence = str(field.errors[0])
    names_field = is_shared or getattr(field, "is_question", False)
    if not names_field:
        return sentence
    name = str(field.label.text).rstrip(": ")
    return f"{name} {sentence}" if name.endswith("?") else f"{name}: {sentence}"
