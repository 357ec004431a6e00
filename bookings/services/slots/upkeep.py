"""What the worker does about slots."""

from datetime import datetime


def remind_hosts(*, now: datetime) -> int:
    """Remind hosts who owe an answer, at each part of their time; returns how many."""
    raise NotImplementedError


def expire_slots(*, now: datetime) -> int:
    """Let go of slots whose deadline has passed; returns how many."""
    raise NotImplementedError
