"""Times of which one person can only be at one."""

from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from typing import Protocol, TypeVar


class HasTime(Protocol):
    """Something with a beginning and an end."""

    @property
    def starts_at(self) -> datetime: ...

    @property
    def ends_at(self) -> datetime: ...


Span = TypeVar("Span", bound=HasTime)


def find_clash(spans: Iterable[Span]) -> tuple[Span, Span] | None:
    """Two that overlap, the earliest first; one that begins when another ends is no clash."""
    in_order = sorted(spans, key=lambda span: (span.starts_at, span.ends_at))
    return next(((one, other) for one, other in pairwise(in_order) if other.starts_at < one.ends_at), None)
