"""Draft slots: what staff decide, written down. Nobody outside hears of a draft. Parts of use cases."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.domain.groups import check_group
from bookings.domain.holds import ResourceKind
from bookings.domain.slots import SlotPlan, SlotState, check_slot_time
from bookings.domain.text import clean_line, clean_text
from bookings.domain.visits import PLANNABLE_STATES, VisitAction, VisitState
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.offers import SlotOffer, VisitOffer
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.programme import load_visit
from bookings.queries.slots import load_slot
from bookings.services.calendar import Told, build_attendee, build_entry, update_entry, update_words
from bookings.services.holds import keep_holds, lock_resources
from bookings.services.invitations import add_slot_audit, check_visit_is_in
from bookings.services.programme import move_visit

_LONGEST_TITLE = 254
_LONGEST_MESSAGE = 4000


def open_for_drafts(session: Session, visit_id: int, *, who: Who, now: datetime) -> VisitRequest:
    """The visit, locked, in a state that can be planned: the first draft takes a request up."""
    lock_resources(session, [(ResourceKind.DELEGATION, visit_id)])
    visit = load_visit(session, visit_id)
    check_visit_is_in(visit, PLANNABLE_STATES, "add_slot")
    if visit.state == VisitState.SUBMITTED:
        move_visit(session, visit, VisitAction.PLAN, who=who, now=now)
    return visit


def add_draft(
    session: Session,
    visit: VisitRequest,
    plan: SlotPlan,
    *,
    who: Who,
    now: datetime,
    replaces_id: int | None = None,
) -> int:
    """A draft with its entry, and soft holds that warn others."""
    check_slot_time(plan.starts_at, plan.ends_at, now=now)
    check_group(plan.group, visit.parallel_groups)
    site, contact = find_site_and_contact(session, plan)
    title = clean_line(plan.title, max_length=_LONGEST_TITLE)
    told = Told(plan.starts_at, plan.ends_at, site.time_zone, site.name)
    entry = build_entry(contact, told, summary=title, now=now)
    session.add(entry)
    session.flush()
    slot = Slot(
        visit_id=visit.id,
        organisation_id=site.organisation_id,
        calendar_entry_id=entry.id,
        host_contact_id=contact.id,
        replaces_id=replaces_id,
        state=SlotState.DRAFT,
        created_at=now,
        **_columns(plan, site),
    )
    session.add(slot)
    session.flush()
    _note_offer(session, slot.id, plan)
    slot = load_slot(session, slot.id)
    update_entry(slot)
    keep_holds(session, slot)
    add_slot_audit(session, slot, "add", who=who, now=now, after=facts_of(slot))
    return slot.id


def change_draft(session: Session, slot: Slot, plan: SlotPlan, *, who: Who, now: datetime) -> None:
    """A draft may become anything, another host's too: nobody knows of it."""
    check_slot_time(plan.starts_at, plan.ends_at, now=now)
    check_group(plan.group, slot.visit.parallel_groups)
    before = facts_of(slot)
    site, contact = find_site_and_contact(session, plan)
    write_plan(slot, plan, site)
    slot.organisation_id, slot.host_contact_id = site.organisation_id, contact.id
    attendee, wanted = slot.calendar_entry.attendees[0], build_attendee(contact)
    attendee.email, attendee.name, attendee.language = wanted.email, wanted.name, wanted.language
    session.flush()
    slot = load_slot(session, slot.id)
    update_entry(slot)
    keep_holds(session, slot)
    note_change(session, slot, who=who, now=now, before=before, after=facts_of(slot))


def discard_draft(session: Session, slot: Slot, *, who: Who, now: datetime) -> None:
    """A draft goes with its entry and its holds; the trail stays."""
    add_slot_audit(session, slot, "remove", who=who, now=now, before=facts_of(slot))
    entry = slot.calendar_entry
    session.delete(slot)
    session.flush()
    for attendee in entry.attendees:
        session.delete(attendee)
    session.flush()
    session.delete(entry)
    session.flush()


def write_plan(slot: Slot, plan: SlotPlan, site: Site) -> None:
    """The plan becomes the slot's; calendars hear of it from the caller."""
    for name, value in _columns(plan, site).items():
        setattr(slot, name, value)


def facts_of(slot: Slot) -> dict[str, str]:
    """When the stop is, for the trail: no words that people wrote."""
    return {
        "starts_at": slot.starts_at.isoformat(),
        "ends_at": slot.ends_at.isoformat(),
        "time_zone": slot.time_zone,
    }


def facts_of_plan(plan: SlotPlan) -> dict[str, str]:
    """The same of what is planned; the zone is its site's."""
    return {"starts_at": plan.starts_at.isoformat(), "ends_at": plan.ends_at.isoformat()}


def note_change(session: Session, slot: Slot, *, who: Who, now: datetime, **detail: Any) -> None:
    """Words changed, nothing that calendars act on."""
    slot.version += 1
    update_words(slot)
    add_slot_audit(session, slot, "change", who=who, now=now, **detail)


def moves(slot: Slot, plan: SlotPlan) -> bool:
    """Does the plan change what calendars were told: start, end or place?"""
    return (slot.starts_at, slot.ends_at, slot.site_id) != (plan.starts_at, plan.ends_at, plan.site_id)


def find_site_and_contact(session: Session, plan: SlotPlan) -> tuple[Site, HostContact]:
    """Site and contact, if they are this organisation's. Raises NotFoundError."""
    of_organisation = select(Organisation.id).where(Organisation.slug == plan.organisation_slug)
    site = session.scalar(
        select(Site).where(Site.id == plan.site_id, Site.organisation_id.in_(of_organisation))
    )
    contact = session.scalar(
        select(HostContact).where(
            HostContact.id == plan.host_contact_id, HostContact.organisation_id.in_(of_organisation)
        )
    )
    if site is None:
        raise NotFoundError("site", str(plan.site_id))
    if contact is None:
        raise NotFoundError("host_contact", str(plan.host_contact_id))
    return site, contact


def _note_offer(session: Session, slot_id: int, plan: SlotPlan) -> None:
    """Raises NotFoundError when the offer is not one of the site."""
    if plan.offer_id is None:
        return
    offer = session.get(VisitOffer, plan.offer_id)
    if offer is None or offer.site_id != plan.site_id:
        raise NotFoundError("visit_offer", str(plan.offer_id))
    session.add(SlotOffer(slot_id=slot_id, visit_offer_id=offer.id))


def _columns(plan: SlotPlan, site: Site) -> dict[str, object]:
    return {
        "site_id": site.id,
        "place_id": site.place_id,
        "time_zone": site.time_zone,
        "starts_at": plan.starts_at,
        "ends_at": plan.ends_at,
        "title": clean_line(plan.title, max_length=_LONGEST_TITLE),
        "message": clean_text(plan.message, max_length=_LONGEST_MESSAGE),
        "is_required": plan.is_required,
        "group_number": plan.group,
    }
