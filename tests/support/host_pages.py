"""The pages about a host: for staff, and for the host itself behind its link; filled in, empty, refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from bookings.db import database
from bookings.domain.audit import SYSTEM
from bookings.domain.hosts import Exclusion, ExclusionKind
from bookings.domain.links import LinkPurpose
from bookings.domain.offers import OfferPlan, SeasonHours
from bookings.models.directory import HostContact, Organisation, Site
from bookings.services.hosts import (
    BlackoutPlan,
    ClosurePlan,
    StaffDoor,
    add_blackout,
    add_closure,
    add_exclusion,
    add_offer,
)
from tests.support.clock import NOW
from tests.support.own_pages import a_link

SLUG = "stormossen"


@dataclass(frozen=True)
class HostAddress:
    """One page of a host: its endpoint, where it is, and for whom."""

    endpoint: str
    address: str
    reader: str = "nobody"
    status: int = 200
    sends: str = ""


def fill_host() -> int:
    """An offer with everything, closed days, a closure and an exclusion; returns the offer's id."""
    door = StaffDoor(SLUG, SYSTEM)
    site = database.session.scalars(
        select(Site.id).join(Organisation).where(Organisation.slug == SLUG).order_by(Site.id)
    ).all()[0]
    plan = OfferPlan(
        titles=("Biogas from kitchen waste", "Biogas av matavfall", "Biokaasua keittiöjätteestä"),
        descriptions=("The digesters.", "Rötkamrarna.", "Mädättämöt."),
        topics=("bioeconomy/biogas",),
        minutes=90,
        languages=("en", "fi"),
        group_max=25,
        people_per_guide=12,
        guides=2,
        fee_cents=9000,
        fee_currency="EUR",
        clothing="Closed shoes",
        hours=(SeasonHours("05-01", "09-30", "12345", "09:00", "15:00"),),
    )
    offer_id = add_offer(door, site, plan, now=NOW)
    add_blackout(door, BlackoutPlan(first_on=date(2027, 7, 1), last_on=date(2027, 7, 31)), now=NOW)
    add_closure(door, site, ClosurePlan(starts_at=NOW, reason="Rebuilding"), now=NOW)
    add_exclusion(door, Exclusion(ExclusionKind.COUNTRY, "AQ"), now=NOW)
    return offer_id


def _ids() -> tuple[int, int]:
    """The first contact and the first site."""
    of_host = Organisation.slug == SLUG
    contact = select(HostContact.id).join(Organisation).where(of_host).order_by(HostContact.id)
    site = select(Site.id).join(Organisation).where(of_host).order_by(Site.id)
    return database.session.scalars(contact).all()[0], database.session.scalars(site).all()[0]


def list_host_addresses() -> Iterator[HostAddress]:
    """Every page of staff and of the host."""
    offer = fill_host()
    contact, site = _ids()
    staff = f"/staff/directory/{SLUG}"
    yield HostAddress("staff_hosts.show", staff, "coordinator")
    yield HostAddress("staff_hosts.show", staff, "reader")
    yield HostAddress("staff_hosts.show", "/staff/directory/westenergy", "coordinator")
    for kind in ("organisation", "terms", "contacts", "sites", "offers", "blackouts", "exclusions"):
        yield HostAddress("staff_hosts.new", f"{staff}/{kind}/new", "coordinator")
    for kind, row_id in (("contacts", contact), ("sites", site), ("closures", site), ("offers", offer)):
        yield HostAddress("staff_hosts.edit", f"{staff}/{kind}/{row_id}", "coordinator")
    own = f"/hosts/{a_link(LinkPurpose.HOST_PAGE, contact)}"
    yield HostAddress("host_page.show", own)
    yield HostAddress("host_page.calendars", f"{own}/calendar")
    for kind in ("terms", "contacts", "sites", "offers", "blackouts", "exclusions"):
        yield HostAddress("host_page.new", f"{own}/{kind}/new")
    for kind, row_id in (("contacts", contact), ("sites", site), ("offers", offer)):
        yield HostAddress("host_page.edit", f"{own}/{kind}/{row_id}")


def list_empty_host_forms() -> Iterator[HostAddress]:
    """Forms that were sent with nothing in them."""
    contact, site = _ids()
    for kind in ("organisation/new", "contacts/new", "sites/new", "offers/new", "blackouts/new"):
        yield HostAddress(
            "staff_hosts.new", f"/staff/directory/{SLUG}/{kind}", "coordinator", 422, "form[novalidate]"
        )
    closures = f"/staff/directory/{SLUG}/closures/{site}"
    yield HostAddress("staff_hosts.edit", closures, "coordinator", 422, "form[novalidate]")
    own = f"/hosts/{a_link(LinkPurpose.HOST_PAGE, contact)}"
    yield HostAddress("host_page.new", f"{own}/offers/new", "nobody", 422, "form[novalidate]")
