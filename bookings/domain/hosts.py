"""Rules of hosts: how they are asked, whom they do not receive, when they confirm what we know of them."""

from enum import StrEnum


class AskingWay(StrEnum):
    """How a host likes to be asked. `AUTOMATIC`: without a member of staff looking at it first."""

    MAIL = "mail"
    PHONE = "phone"
    AUTOMATIC = "automatic"


class ExclusionKind(StrEnum):
    """What a private exclusion looks at: where visitors come from, what they are, or who."""

    COUNTRY = "country"
    SECTOR = "sector"
    ORGANISATION = "organisation"
