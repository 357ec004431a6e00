"""A page that tests look at."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """One page: where, for whom, and with which status."""

    endpoint: str
    address: str
    reader: str = "nobody"
    status: int = 200
    is_sandboxed: bool = False
    sends: str = ""
    """The form (a selector) that is sent empty: what is looked at is the answer."""
