"""Staff and visitor talk about a request."""

from datetime import datetime

from bookings.domain.audit import Who


def start_planning(reference: str, *, who: Who, now: datetime) -> None:
    """Staff take the request up."""
    raise NotImplementedError


def ask_visitor(reference: str, question: str, *, who: Who, now: datetime) -> None:
    """Ask the visitor something; the answer has a deadline."""
    raise NotImplementedError


def answer_question(token: str, answer: str, *, now: datetime) -> None:
    """The visitor answers what staff asked."""
    raise NotImplementedError


def add_note(reference: str, text: str, *, who: Who, now: datetime) -> None:
    """Keep what staff write about a visit."""
    raise NotImplementedError


def set_time_zone(token: str, zone: str, *, now: datetime) -> None:
    """The visitor reads times in this zone from now on."""
    raise NotImplementedError
