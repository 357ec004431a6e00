"""A visit once more on other days: the same people, wishes and hosts, as a plan that nobody was told of."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import (
    BookingError,
    NotFoundError,
    SlotTimeNotUsableError,
    TransitionNotAllowedError,
)
from bookings.domain.holds import ResourceKind
from bookings.domain.slots import LIVE_STATES, SlotPlan, SlotState
from bookings.domain.time import home_day, local_day, to_local, wall_to_instant
from bookings.domain.visits import VisitState
from bookings.models.offers import SlotOffer
from bookings.models.slots import Slot
from bookings.models.visits import DateWindow, Delegation, VisitPlace, VisitRequest
from bookings.queries.programme import find_visit_id, load_visit
from bookings.queries.slots import list_slots_of_visit
from bookings.services.audit import add_audit
from bookings.services.holds import lock_resources
from bookings.services.requests.sending import take_reference
from bookings.services.slots.drafts import add_draft
from bookings.services.tasks import keep_rule_tasks

_TAKEN_ALONG = (*LIVE_STATES, SlotState.COMPLETED)
_OF_VISIT = (
    "language", "visit_kind", "purpose", "interest_other", "places_suggested", "is_online", "visit_languages",
    "brings_interpreter", "contact_name", "contact_role", "contact_email", "contact_phone",
    "contact_time_zone", "verified_at", "owner_id", "parallel_groups",
)  # fmt: skip
_OF_DELEGATION = (
    "organisation_name", "organisation_key", "organisation_country", "organisation_kind", "website",
    "on_behalf_of", "group_size",
)  # fmt: skip


@dataclass(frozen=True)
class Copied:
    """The new visit, and the hosts that could not be taken along: gone, or closed at that time."""

    reference: str
    left_out: tuple[str, ...]


@retry_conflicts
def copy_visit(reference: str, first_day: date, *, who: Who, now: datetime) -> Copied:
    """A new visit in planning that begins on `first_day`, with the same hosts as drafts at the same hours.

    The agreement about the costs is never copied: the visitor agrees anew when accepting the programme.
    Nobody gets a mail. Raises NotFoundError, SlotTimeNotUsableError for a day that has passed, and
    TransitionNotAllowedError for a request whose address is not proved or whose people were forgotten.
    """
    with transaction() as session:
        slots = _list_slots(session, reference)
        source = _load(session, reference)
        if source.verified_at is None or source.anonymised_at is not None:
            raise TransitionNotAllowedError("visit_request", str(source.state), "copy")
        begins = _first_day(source, slots)
        if first_day < home_day(now):
            raise SlotTimeNotUsableError("past")
        copy = _build(source, shift=first_day - begins, reference=take_reference(session, now.year), now=now)
        session.add(copy)
        session.flush()
        add_audit(
            session, who, "copy", noun="visit_request", subject_id=copy.id, visit_id=copy.id, now=now,
            source=source.reference,
        )  # fmt: skip
        left_out = _copy_slots(session, copy.id, slots, shift=first_day - begins, who=who, now=now)
        keep_rule_tasks(session, copy.id, now=now)
        return Copied(copy.reference, left_out)


def find_first_day(session: Session, reference: str) -> date:
    """The day on which a visit begins, or was wished to begin: a copy is moved from there."""
    slots = _list_slots(session, reference)
    return _first_day(_load(session, reference), slots)


def _list_slots(session: Session, reference: str) -> list[Slot]:
    """What goes along; read before the visit, which is read anew with each of its slots."""
    visit_id = find_visit_id(session, reference)
    return [slot for slot in list_slots_of_visit(session, visit_id) if slot.state in _TAKEN_ALONG]


def _load(session: Session, reference: str) -> VisitRequest:
    visit = session.scalar(
        select(VisitRequest)
        .where(VisitRequest.reference == reference)
        .options(
            selectinload(VisitRequest.delegation),
            selectinload(VisitRequest.interests),
            selectinload(VisitRequest.date_windows),
            selectinload(VisitRequest.places),
            selectinload(VisitRequest.wanted_hosts),
        )
        .execution_options(populate_existing=True)
    )
    if visit is None:
        raise NotFoundError("visit_request", reference)
    return visit


def _first_day(source: VisitRequest, slots: list[Slot]) -> date:
    days = [local_day(slot.starts_at, slot.time_zone) for slot in slots]
    wished = [window.earliest_on for window in source.date_windows]
    return min(days or wished, default=home_day(source.created_at))


def _build(source: VisitRequest, *, shift: timedelta, reference: str, now: datetime) -> VisitRequest:
    group = source.delegation
    return VisitRequest(
        **{name: getattr(source, name) for name in _OF_VISIT},
        reference=reference,
        form_key=f"copy:{reference}",
        state=VisitState.PLANNING,
        created_at=now,
        submitted_at=now,
        state_changed_at=now,
        delegation=Delegation(**{name: getattr(group, name) for name in _OF_DELEGATION}),
        interests=list(source.interests),
        wanted_hosts=list(source.wanted_hosts),
        places=[VisitPlace(place_slug=place.place_slug) for place in source.places],
        date_windows=[
            DateWindow(
                position=window.position,
                earliest_on=window.earliest_on + shift,
                latest_on=window.latest_on + shift,
                half_days=window.half_days,
                is_flexible=window.is_flexible,
            )
            for window in source.date_windows
        ],
    )


def _copy_slots(
    session: Session, visit_id: int, slots: list[Slot], *, shift: timedelta, who: Who, now: datetime
) -> tuple[str, ...]:
    lock_resources(session, [(ResourceKind.DELEGATION, visit_id)])
    visit, left_out = load_visit(session, visit_id), []
    offers = _list_offers(session, slots)
    for slot in slots:
        try:
            # Nothing half: what a host that is gone has begun is taken back.
            with session.begin_nested():
                plan = _move(slot, shift, offer_id=offers.get(slot.id))
                add_draft(session, visit, plan, who=who, now=now)
        except BookingError:
            left_out.append(slot.organisation.name)
    return tuple(left_out)


def _move(slot: Slot, shift: timedelta, *, offer_id: int | None) -> SlotPlan:
    """The same clock times some days later, and the same length, whether or not clocks change in between."""
    if slot.host_contact.ended_at is not None:
        raise NotFoundError("host_contact", str(slot.host_contact_id))
    wall = to_local(slot.starts_at, slot.time_zone).replace(tzinfo=None) + shift
    starts_at = wall_to_instant(wall, slot.time_zone, fold=0)
    return SlotPlan(
        organisation_slug=slot.organisation.slug,
        site_id=slot.site_id,
        host_contact_id=slot.host_contact_id,
        starts_at=starts_at,
        ends_at=starts_at + (slot.ends_at - slot.starts_at),
        title=slot.title,
        message=slot.message,
        is_required=slot.is_required,
        offer_id=offer_id,
        group=slot.group_number,
    )


def _list_offers(session: Session, slots: list[Slot]) -> dict[int, int]:
    rows = session.execute(
        select(SlotOffer.slot_id, SlotOffer.visit_offer_id).where(
            SlotOffer.slot_id.in_([slot.id for slot in slots])
        )
    )
    return dict(rows.all())
