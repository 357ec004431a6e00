"""Example visits of the demo, made through the real use cases."""

from datetime import datetime


def add_example_visits(*, now: datetime) -> None:
    """Visits in different states, spread over the coming months."""
