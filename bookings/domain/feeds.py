"""Calendar feeds: what each kind of secret address shows, and to whom."""

from enum import StrEnum


class FeedKind(StrEnum):
    STAFF = "staff"
    """All stops, or those of one town, with all details."""
    HOST = "host"
    """The stops of one host over all visits."""
    BUSY = "busy"
    """When a host is taken by visits, and nothing else."""
    PERSON = "person"
    """All that mails told one mailbox of: days at events, meetings, visits."""
