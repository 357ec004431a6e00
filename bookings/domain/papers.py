"""Papers of an event: badges, lists that prove who was there, certificates."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from enum import StrEnum


class BadgeSize(StrEnum):
    A6 = "a6"
    CARD = "card"
    """86 × 54 mm, as bank cards and their holders."""


class BadgeLayout(StrEnum):
    SHEET = "sheet"
    """As many as fit on A4, to be cut."""
    SINGLE = "single"
    """One a page, for printers of badges."""


class ListKind(StrEnum):
    CAME = "came"
    """Who was there, with the time at which a door saw them."""
    TO_SIGN = "to_sign"
    """Everybody who is expected, with room for a signature."""
    NO_SHOWS = "no_shows"


def hash_rows(facts: Mapping[str, str], rows: Sequence[Mapping[str, str]]) -> str:
    """The SHA-256 of what a list says, however it is set: the same facts and rows always have the same."""
    said = json.dumps([dict(facts), [dict(row) for row in rows]], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()
