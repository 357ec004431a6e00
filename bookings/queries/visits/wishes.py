"""What a visit wishes for, as staff and the planner look at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, select
from sqlalchemy.orm import Session

from bookings.domain.requests import RequestedVisit, VisitingOrganisation, WishedDays
from bookings.models.directory import Interest, Organisation
from bookings.models.visits import DateWindow, VisitInterest, VisitPlace, VisitRequest, WantedHost
from bookings.queries.stacks import Stack


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


def load_wishes(session: Session, visit_id: int) -> Wishes:
    """All lists of a request, in one statement."""
    return build_wishes(_wishes().read(session, {"visit_id": visit_id}))


def build_requested(visit: VisitRequest, wishes: Wishes) -> RequestedVisit:
    """What a visit, whose delegation is loaded, asks for by now."""
    group = visit.delegation
    return RequestedVisit(
        interests=wishes.interests,
        interest_other=visit.interest_other,
        wanted_hosts=tuple(host.slug for host in wishes.hosts),
        visit_kind=str(visit.visit_kind),
        purpose=visit.purpose,
        places=wishes.places,
        leaves_places_open=visit.places_suggested,
        is_online=visit.is_online,
        windows=wishes.windows,
        group_size=group.group_size,
        visit_languages=tuple(visit.visit_languages),
        brings_interpreter=visit.brings_interpreter,
        organisation=VisitingOrganisation(
            name=group.organisation_name,
            country=group.organisation_country,
            kind=str(group.organisation_kind),
            website=group.website,
            on_behalf_of=group.on_behalf_of,
        ),
    )


@cache
def _wishes() -> Stack:
    return Stack(**wish_parts())


def wish_parts() -> dict[str, Select[*tuple[Any, ...]]]:
    """What `build_wishes` looks at, of the visit `visit_id`."""
    visit_id: BindParameter[int] = bindparam("visit_id")
    days = DateWindow
    return {
        "interests": select(Interest.sort, Interest.id, Interest.slug)
        .join(VisitInterest, VisitInterest.interest_id == Interest.id)
        .where(VisitInterest.visit_id == visit_id),
        "places": select(VisitPlace.place_slug).where(VisitPlace.visit_id == visit_id),
        "hosts": select(Organisation.slug, Organisation.name)
        .join(WantedHost, WantedHost.organisation_id == Organisation.id)
        .where(WantedHost.visit_id == visit_id),
        "windows": select(
            days.position, days.earliest_on, days.latest_on, days.half_days, days.is_flexible
        ).where(days.visit_id == visit_id),
    }


def build_wishes(found: Mapping[str, list[Any]]) -> Wishes:
    """The lists of a request by the rows of `wish_parts`."""
    return Wishes(
        interests=tuple(row.slug for row in sorted(found["interests"])),
        places=tuple(sorted(row.place_slug for row in found["places"])),
        hosts=tuple(WishedHost(*row) for row in sorted(found["hosts"], key=lambda host: host.name)),
        windows=tuple(
            WishedDays(row.earliest_on, row.latest_on, row.half_days, row.is_flexible)
            for row in sorted(found["windows"], key=lambda days: days.position)
        ),
    )
