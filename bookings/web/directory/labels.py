"""Words of the directory in the reader's language."""

from bookings.services.catalogue import kind_label
from bookings.web.texts import language_name

__all__ = ["kind_label", "language_label"]


def language_label(code: str) -> str:
    """Name of a language as it stands by itself, with a capital letter."""
    name = language_name(code)
    return name[:1].upper() + name[1:]
