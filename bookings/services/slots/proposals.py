"""The times that hosts offer: staff take one, or the visit's own rule does. Parts of use cases."""

from datetime import datetime

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import PartStat
from bookings.domain.audit import RULE, Who
from bookings.domain.errors import BookingError, NotFoundError
from bookings.domain.slots import SlotAction, check_slot_time
from bookings.i18n import in_language
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.planning import judge_proposals, list_planned_slots
from bookings.queries.programme import load_visit
from bookings.queries.slots import load_slot
from bookings.services.calendar import HostLetter, Told, describe_time, set_partstat, told, update_entry
from bookings.services.holds import keep_holds
from bookings.services.invitations import drop_proposals, settle_acceptance, step_slot, times_of
from bookings.services.notices import find_staff_reader
from bookings.services.outbox import Mail, queue_mail, site_url


def take_time(
    session: Session, visit: VisitRequest, slot: Slot, proposed_time_id: int, *, who: Who, now: datetime
) -> None:
    """The stop moves to a time that its host offered: accepted, SEQUENCE + 1, everyone told.

    Raises NotFoundError, SlotTimeNotUsableError, SlotTakenError or SlotsOverlapError.
    """
    before = told(slot.calendar_entry)
    _move_to_offered(session, slot, proposed_time_id, now=now)
    moved = [times_of(before), times_of(slot)]
    step_slot(session, slot, SlotAction.TAKE_PROPOSAL, who=who, now=now, moved=moved)
    update_entry(slot)
    set_partstat(slot, PartStat.ACCEPTED)
    keep_holds(session, slot)
    letter = HostLetter(template="proposal_taken", method="REQUEST", before=before)
    settle_acceptance(session, visit, slot, letter, now=now)


def take_fitting_time(session: Session, visit: VisitRequest, slot: Slot, *, now: datetime) -> bool:
    """By the visit's rule: take the first offered time that nothing speaks against.

    False when there is none; the offer then waits for staff. The holds decide last: whoever was quicker keeps
    the time.
    """
    if not visit.takes_fitting_times:
        return False
    session.flush()
    slots = list_planned_slots(session, visit.id)
    concerns = judge_proposals(session, slots, now=now)
    return any(
        _try(session, visit.id, slot.id, offered.id, now=now)
        for planned in slots
        if planned.id == slot.id
        for offered in planned.offered_times
        if not concerns[offered.id]
    )


def _try(session: Session, visit_id: int, slot_id: int, proposed_time_id: int, *, now: datetime) -> bool:
    try:
        with session.begin_nested():
            visit, slot = load_visit(session, visit_id), load_slot(session, slot_id)
            before = told(slot.calendar_entry)
            take_time(session, visit, slot, proposed_time_id, who=RULE, now=now)
            _tell_staff(session, visit, slot, before, now=now)
    except BookingError:
        taken = False
    else:
        taken = True
    # What the savepoint changed is read anew either way.
    load_visit(session, visit_id)
    load_slot(session, slot_id)
    return taken


def _tell_staff(session: Session, visit: VisitRequest, slot: Slot, before: Told, *, now: datetime) -> None:
    """Who looks after the visit reads what the rule did; the office does when nobody looks after it."""
    reader = find_staff_reader(session, visit)
    if reader is None:
        return
    with in_language(reader.language):
        words = {
            "reference": visit.reference,
            "visitors": slot.visit.delegation.organisation_name,
            "host": slot.organisation.name,
            "before_when": describe_time(before.starts_at, before.ends_at, before.time_zone),
            "when": describe_time(slot.starts_at, slot.ends_at, slot.time_zone),
            "comment": slot.answer_comment,
            "visit_url": site_url("staff_visits.show", reference=visit.reference),
        }
    mail = Mail(
        kind="staff_rule_took",
        cause=f"slot:{slot.id}:staff_rule_took:{slot.version}",
        recipient=reader.address,
        recipient_name=reader.name,
        language=reader.language,
        template="staff_rule_took",
        context=words,
        visit_id=visit.id,
        slot_id=slot.id,
    )
    queue_mail(session, mail, now=now)


def _move_to_offered(session: Session, slot: Slot, proposed_time_id: int, *, now: datetime) -> None:
    offered = next((one for one in slot.proposed_times if one.id == proposed_time_id), None)
    if offered is None:
        raise NotFoundError("proposed_time", str(proposed_time_id))
    check_slot_time(offered.starts_at, offered.ends_at, now=now)
    slot.starts_at, slot.ends_at = offered.starts_at, offered.ends_at
    drop_proposals(session, slot)
