"""What a visit wishes for, as staff and the planner look at it."""

from dataclasses import dataclass

from bookings.domain.requests import WishedDays
from bookings.models.visits import VisitRequest


@dataclass(frozen=True)
class WishedHost:
    """An organisation that the visitor named."""

    slug: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """The lists of a request: terms of interest and towns by slug, wanted hosts by name, and the days."""

    interests: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    hosts: tuple[WishedHost, ...] = ()
    windows: tuple[WishedDays, ...] = ()

    @classmethod
    def of(cls, visit: VisitRequest) -> "Wishes":
        """Those of a visit whose interests, towns and hosts are loaded; the days are left out."""
        return cls(
            interests=tuple(interest.slug for interest in visit.interests),
            places=tuple(place.place_slug for place in visit.places),
            hosts=tuple(WishedHost(host.slug, host.name) for host in visit.wanted_hosts),
        )
