"""Who did something: the actor of an audit entry."""

from dataclasses import dataclass, field

from bookings.domain.staff import Member
from bookings.domain.visits import Actor


@dataclass(frozen=True)
class Who:
    """An actor with the name that staff read in the trail."""

    kind: Actor
    name: str
    member: Member | None = field(default=None, compare=False)
    """Staff who are signed in: what they may change is looked at with every entry of the trail."""


SYSTEM = Who(Actor.SYSTEM, "system")

RULE = Who(Actor.SYSTEM, "rule")
"""A rule that staff switched on for the visit."""

LIST_READ, EXPORT, FEED_READ = "list_read", "export", "feed_read"
BULK_READS = (
    LIST_READ, EXPORT, FEED_READ, "directory.exported", "registrations.exported",
    "create_feed", "revoke_feed",
)  # fmt: skip
"""What is looked at when somebody asks who has taken data out."""
