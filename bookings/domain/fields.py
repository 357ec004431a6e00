"""`{name}` fields in texts that staff write: replaced by what they stand for, and nothing else ever runs."""

import re
from collections.abc import Collection, Mapping

from bookings.domain.errors import FieldsNotKnownError

# A brace, $, # or % in front and a brace behind belong to the languages of templates: such text is no field.
_FIELD = re.compile(r"(?<![{$#%])\{([a-z][a-z0-9_]{0,39})\}(?!\})")


def list_fields(text: str) -> tuple[str, ...]:
    """The names of the fields in the text, each once, as they come first."""
    return tuple(dict.fromkeys(_FIELD.findall(text)))


def check_fields(text: str, allowed: Collection[str]) -> None:
    """Only fields that this text may have. Raises FieldsNotKnownError with the other names."""
    unknown = tuple(name for name in list_fields(text) if name not in allowed)
    if unknown:
        raise FieldsNotKnownError(unknown, tuple(allowed))


def fill_fields(text: str, values: Mapping[str, str]) -> str:
    """The text with each known field replaced once; unknown fields and everything else stay as they are.

    A value is put in as it is and not looked at again. Whoever shows the text escapes it.
    """
    return _FIELD.sub(lambda found: values.get(found[1], found[0]), text)
