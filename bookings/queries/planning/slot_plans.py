"""From a stop of the planner to the slot that it becomes."""

from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.slots import SlotPlan
from bookings.domain.time import Interval
from bookings.i18n import in_language, ngettext
from bookings.models.directory import HostContact
from bookings.planner.plan import PlannedStop
from bookings.queries.directory import Directory, load_directory
from bookings.queries.planning.contacts import find_present_contact


def build_slot_plan(session: Session, stop: PlannedStop, *, language: str = "", groups: int = 1) -> SlotPlan:
    """The slot that a stop of a plan becomes, with the contact who is asked then. With several `groups` each
    stop is one of a group."""
    directory = load_directory(session)
    company = directory.companies[stop.host]
    contact_id = find_present_contact(session, company.id, Interval(stop.starts_at, stop.ends_at))
    contact = session.get(HostContact, contact_id) if contact_id else None
    if contact is None:
        raise NotFoundError("host_contact", stop.host)
    site_id, offer_id = _find_site(directory, stop)
    offer = next((one for one in company.offers if one.id == offer_id), None)
    return SlotPlan(
        organisation_slug=stop.host,
        site_id=site_id,
        host_contact_id=contact.id,
        starts_at=stop.starts_at,
        ends_at=stop.ends_at,
        title=offer.title(language or contact.language) if offer else company.name,
        message=_describe_groups(stop, contact.language),
        offer_id=offer_id,
        group=stop.group + 1 if groups > 1 else None,
    )


def _find_site(directory: Directory, stop: PlannedStop) -> tuple[int, int | None]:
    kind, _dash, number = stop.candidate.rpartition("-")
    sites = directory.companies[stop.host].sites
    if kind == "offer":
        found = next((s.id for s in sites for one in s.offers if one.id == int(number)), None)
        if found is None:
            raise NotFoundError("visit_offer", number)
        return found, int(number)
    return int(number), None


def _describe_groups(stop: PlannedStop, language: str) -> str:
    """What the host should know of a group that parts; the slot is as long as all of it."""
    if stop.parallel * stop.rounds == 1:
        return ""
    with in_language(language):
        return ngettext(
            "The group is larger than you take at a time. It parts: %(parallel)d groups at the same time.",
            "The group is larger than you take at a time. It parts: %(parallel)d groups at the same time, "
            "%(num)d times one after the other.",
            stop.rounds,
            parallel=stop.parallel,
        )
