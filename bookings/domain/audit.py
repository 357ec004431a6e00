"""Who did something: the actor of an audit entry."""

from dataclasses import dataclass

from bookings.domain.visits import Actor


@dataclass(frozen=True)
class Who:
    """An actor with the name that staff read in the trail."""

    kind: Actor
    name: str


SYSTEM = Who(Actor.SYSTEM, "system")

RULE = Who(Actor.SYSTEM, "rule")
"""A rule that staff switched on for the visit."""
