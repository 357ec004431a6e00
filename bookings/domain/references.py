"""References that people read out on the telephone: KV-2026-0042, and KR-7HQ2-M4XC of a registration."""

import re

_REFERENCE = re.compile(r"KV-(\d{4})-(\d{4,9})", re.ASCII)

REFERENCE_IN_TEXT = r"\bK[VR]-[0-9A-Z]{4}-[0-9A-Z]{4,9}\b"
"""A reference of either kind among other words, as a pattern."""


def build_reference(year: int, number: int) -> str:
    """The readable reference of the `number`-th request of a year; it grows past four digits when it must."""
    if not 1000 <= year <= 9999 or number < 1:
        raise ValueError("a reference needs a four-digit year and a positive number")
    return f"KV-{year}-{number:04d}"


def is_reference(text: str) -> bool:
    """Could this be one of our references, as people write them?"""
    return _REFERENCE.fullmatch(text.strip().upper()) is not None
