"""The steps of a slot. Each one changes the slot, its holds, its calendar entry and queues the mail. Parts of
use cases, which begin with `open_visit`."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, time
from typing import Any

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus, PartStat
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.holds import ResourceKind
from bookings.domain.slots import (
    ASKED_STATES,
    SLOT_MACHINE,
    DeadlineRules,
    SlotAction,
    SlotState,
    check_slot_time,
    choose_respond_by,
    has_expired,
)
from bookings.domain.time import local_day
from bookings.domain.visits import VisitState
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.programme import load_visit
from bookings.queries.settings import list_holidays
from bookings.queries.slots import SlotKeys, list_overdue_slots, list_slots
from bookings.services.audit import add_audit
from bookings.services.calendar import (
    HostLetter,
    Told,
    cancel_entry,
    send_to_host,
    set_partstat,
    told,
    update_entry,
)
from bookings.services.holds import keep_holds, lock_resources
from bookings.services.notices import Notice, NoticeKind, tell_staff
from bookings.services.programme import accepted_slots, review_progress, tell_visitor
from bookings.settings import current_settings


def open_visit(
    session: Session, visit_id: int, *, organisation_ids: Iterable[int] = (), now: datetime
) -> VisitRequest:
    """Lock the visit and these hosts, let go of what is overdue there, and read the visit.

    The worker lets go by the same part, so that a page never finds a time held that the worker would free.
    """
    hosts = set(organisation_ids)
    overdue = list_overdue_slots(session, now=now, visit_id=visit_id, organisation_ids=hosts)
    visits = {visit_id, *(keys.visit_id for keys in overdue)}
    hosts |= {keys.organisation_id for keys in overdue}
    lock_resources(
        session,
        [(ResourceKind.DELEGATION, one) for one in visits] + [(ResourceKind.HOST, one) for one in hosts],
    )
    expire_overdue(session, overdue, now=now)
    return load_visit(session, visit_id)


def expire_overdue(session: Session, overdue: Iterable[SlotKeys], *, now: datetime) -> int:
    """Let go of those that are still overdue now that their resources are locked; returns how many."""
    ids = [keys.slot_id for keys in overdue]
    slots = list_slots(session, ids) if ids else []
    expired = [slot for slot in slots if slot.state in ASKED_STATES and has_expired(slot.respond_by, now=now)]
    for slot in expired:
        take_back(session, slot, SlotAction.EXPIRE, who=SYSTEM, now=now)
    for visit_id in sorted({slot.visit_id for slot in expired}):
        _tell_of_silence(session, [slot for slot in expired if slot.visit_id == visit_id], now=now)
        review_progress(session, visit_id, now=now)
    return len(expired)


def _tell_of_silence(session: Session, slots: Sequence[Slot], *, now: datetime) -> None:
    visit = slots[0].visit
    notice = Notice(
        kind=NoticeKind.HOSTS_SILENT,
        visitors=visit.delegation.organisation_name,
        occasion=",".join(f"{slot.id}.{slot.version}" for slot in slots),
        slots=slots,
    )
    tell_staff(session, visit, notice, now=now)


def step_slot(
    session: Session, slot: Slot, action: SlotAction, *, who: Who, now: datetime, **detail: Any
) -> None:
    """One step of the slot, with its trail. Raises TransitionNotAllowedError."""
    before = slot.state
    slot.state = SLOT_MACHINE.next_state(SlotState(before), action)
    slot.version += 1
    add_slot_audit(
        session, slot, action, who=who, now=now, before=str(before), after=str(slot.state), **detail
    )


def add_slot_audit(
    session: Session, slot: Slot, action: str, *, who: Who, now: datetime, **detail: Any
) -> None:
    """Record an act on a slot in the trail of its visit."""
    host = slot.organisation.slug
    add_audit(
        session, who, action, noun="slot", subject_id=slot.id, visit_id=slot.visit_id, now=now, host=host,
        **detail,
    )  # fmt: skip


def times_of(stop: Slot | Told) -> dict[str, str]:
    """When the stop is, for the trail."""
    return {"starts_at": stop.starts_at.isoformat(), "time_zone": stop.time_zone}


def ask_host(
    session: Session, slot: Slot, action: SlotAction, *, who: Who, now: datetime, reason: str = ""
) -> None:
    """Ask for a draft (release), for a changed time (move) or once more (reopen): always a whole question.

    Raises SlotTimeNotUsableError, SlotTakenError, SlotsOverlapError or TransitionNotAllowedError.
    """
    check_slot_time(slot.starts_at, slot.ends_at, now=now)
    entry = slot.calendar_entry
    before = told(entry) if entry.announced_at is not None and action is SlotAction.MOVE else None
    set_deadline(slot, now=now)
    slot.answered_at, slot.answer_comment = None, ""
    drop_proposals(session, slot)
    times = {"moved": [times_of(before), times_of(slot)]} if before else {}
    step_slot(
        session, slot, action, who=who, now=now, reason=reason, starts_at=slot.starts_at.isoformat(), **times
    )
    update_entry(slot)
    entry.status = EntryStatus.TENTATIVE.value
    set_partstat(slot, PartStat.NEEDS_ACTION)
    keep_holds(session, slot)
    send_to_host(session, slot, build_question(before, reason=reason), now=now)


def build_question(before: Told | None, *, reason: str = "") -> HostLetter:
    """The mail that asks a host: for the first time, or once more because the plan has changed."""
    if before is None:
        return HostLetter(template="invitation", method="REQUEST")
    words = {"reason": reason}
    return HostLetter(template="invitation_changed", method="REQUEST", before=before, words=words)


def take_back(  # noqa: PLR0913 - who is told what of which end
    session: Session,
    slot: Slot,
    action: SlotAction,
    *,
    who: Who,
    now: datetime,
    template: str = "invitation_cancelled",
    why: str = "",
    reason: str = "",
) -> None:
    """End a slot: its time is free again, and the calendar that holds it gets a CANCEL."""
    step_slot(session, slot, action, who=who, now=now, reason=reason)
    keep_holds(session, slot)
    if cancel_entry(slot):
        words = {"why": why or str(action), "reason": reason}
        letter = HostLetter(template=template, method="CANCEL", words=words)
        send_to_host(session, slot, letter, now=now)


def set_deadline(slot: Slot, *, now: datetime) -> None:
    """The host has this long to answer from now on, with all reminders ahead."""
    slot.respond_by = fresh_deadline(slot, now=now)
    slot.asked_at = now
    slot.reminders_sent = 0


def fresh_deadline(slot: Slot, *, now: datetime) -> datetime:
    """The deadline of a question that is asked now."""
    visits = current_settings().visits
    rules = DeadlineRules(
        working_days=visits.answer_working_days,
        closes_at=time.fromisoformat(slot.site.closes_at or visits.working_hours_end),
        cut_off_hours=visits.answer_cut_off_hours,
    )
    year = local_day(now, slot.time_zone).year
    place = slot.place.slug if slot.place else ""
    holidays = list_holidays(slot.organisation.country, (year, year + 1), place=place)
    return choose_respond_by(now, slot.starts_at, zone=slot.time_zone, rules=rules, holidays=holidays)


def drop_proposals(session: Session, slot: Slot) -> None:
    """The other times that the host offered are settled."""
    for proposal in list(slot.proposed_times):
        session.delete(proposal)
    session.flush()
    session.expire(slot, ["proposed_times"])


def settle_acceptance(
    session: Session, visit: VisitRequest, slot: Slot, letter: HostLetter, *, now: datetime
) -> None:
    """A host's yes: where it settles the whole visit, the confirmation is the only mail the host gets."""
    stood_before = visit.state == VisitState.CONFIRMED
    review_with_visitor(session, visit, has_changed=True, now=now)
    entry = slot.calendar_entry
    if entry.status == EntryStatus.CONFIRMED.value:
        return
    if stood_before and visit.state == VisitState.CONFIRMED:
        entry.status = EntryStatus.CONFIRMED.value
    send_to_host(session, slot, letter, now=now)


def review_with_visitor(session: Session, visit: VisitRequest, *, has_changed: bool, now: datetime) -> None:
    """Move the visit on. Where its programme stands as before, the visitor hears what changed in it."""
    before = VisitState(visit.state)
    review_progress(session, visit.id, now=now)
    if has_changed and visit.state == before and before in (VisitState.PROPOSED, VisitState.CONFIRMED):
        visit.version += 1
        tell_visitor(session, visit, "programme_changed", now=now, stops=accepted_slots(session, visit))


def check_visit_is_in(visit: VisitRequest, states: Collection[VisitState], action: str) -> None:
    """Raises TransitionNotAllowedError when the visit is in none of these states."""
    if VisitState(visit.state) not in states:
        raise TransitionNotAllowedError("visit_request", str(visit.state), action)
