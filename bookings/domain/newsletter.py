"""The newsletter: double opt-in, and what stays after somebody has left."""

from enum import StrEnum

NEWSLETTER = "newsletter"
WORDING_VERSION = "2026-1"
LEFT_ADDRESSES = "left:%"
"""How SQL finds the place holders of those who left."""


class StopReason(StrEnum):
    """Why an address is on the stop list. `not_me` also stops the first mail of a request."""

    UNSUBSCRIBED = "unsubscribed"
    NOT_ME = "not_me"


def build_source(reference: str) -> str:
    """Where a consent came from: the request in which the box was ticked."""
    return f"request:{reference}"


def build_left_address(subscription_id: int) -> str:
    """What stands in place of the address of somebody who left: the row keeps its id, and nothing else."""
    return f"left:{subscription_id}"


def has_left(email: str) -> bool:
    """Is this the place holder of somebody who left?"""
    return email.startswith("left:")
