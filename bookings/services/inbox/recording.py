"""An answer that counts takes effect: by the same parts as the answer page. Parts of use cases."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import PartStat
from bookings.domain.answers import Decision, Partstat, Reason, Verdict
from bookings.domain.errors import (
    BookingError,
    CutOffPassedError,
    ProposedTimeNotUsableError,
    SlotsOverlapError,
    SlotTakenError,
)
from bookings.domain.slots import ASKED_STATES, ENDED_STATES, HOLDING_STATES, SlotState
from bookings.late import LateModule
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.inbox import (
    count_refreshes,
    find_slot_keys_of_entry,
    is_entry_of_meeting,
    load_attendee,
)
from bookings.queries.registrations.groups import find_registration_of_entry
from bookings.queries.slots import load_slot
from bookings.services.calendar import HostLetter, send_to_host
from bookings.services.entry_mails import refuse_counter
from bookings.services.inbox.findings import Finding
from bookings.services.invitations import open_visit
from bookings.services.slots.answering import (
    LONGEST_COMMENT,
    Given,
    record_accept,
    record_decline,
    record_maybe,
    record_proposal,
)
from bookings.settings import current_settings

if TYPE_CHECKING:
    from bookings.services.advisers import booking as advice
    from bookings.services.meetings import changing as meetings
    from bookings.services.registrations import answers as registrations
else:  # most answers are those of hosts, and a mail by pipe would wait for all the rest to be loaded
    advice, meetings, registrations = map(
        LateModule,
        (
            "bookings.services.advisers.booking",
            "bookings.services.meetings.changing",
            "bookings.services.registrations.answers",
        ),
    )

_REFUSED = {
    SlotTakenError: Reason.SLOT_TAKEN,
    SlotsOverlapError: Reason.SLOT_TAKEN,
    CutOffPassedError: Reason.TOO_LATE,
    ProposedTimeNotUsableError: Reason.TIMES_UNCLEAR,
}
_ANSWERS = {
    Partstat.ACCEPTED: record_accept,
    Partstat.DECLINED: record_decline,
    Partstat.TENTATIVE: record_maybe,
}


@dataclass(frozen=True)
class Target:
    """The attendee, locked, with the slot behind the entry when this person is its host."""

    attendee: Attendee
    entry: CalendarEntry
    visit: VisitRequest | None = None
    slot: Slot | None = None
    attending: "registrations.Attending | None" = None
    """Somebody's place at an event, when the entry is one of its days."""


def open_target(session: Session, attendee_id: int, entry_id: int, *, now: datetime) -> Target:
    """The attendee as things stand now, with everything locked that an answer may change."""
    keys = find_slot_keys_of_entry(session, entry_id)
    if keys is None:
        return _open_other(session, attendee_id, entry_id)
    visit = open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id], now=now)
    slot = load_slot(session, keys.slot_id)
    entry = slot.calendar_entry
    fresh = next(one for one in entry.attendees if one.id == attendee_id)
    is_host = fresh is entry.attendees[0]
    return Target(fresh, entry, visit if is_host else None, slot if is_host else None)


def _open_other(session: Session, attendee_id: int, entry_id: int) -> Target:
    """Who comes to an event is locked as everywhere: the seats first."""
    registration_id = find_registration_of_entry(session, entry_id)
    if registration_id is None:
        fresh = load_attendee(session, attendee_id, locks=True)
        return Target(fresh, fresh.entry)
    attending = registrations.open_attending(session, registration_id, entry_id)
    entry = attending.entry
    fresh = next(one for one in entry.attendees if one.id == attendee_id)
    return Target(fresh, entry, attending=attending)


def settle(session: Session, finding: Finding, target: Target, *, now: datetime) -> Finding:
    """Let the decision take effect; what the rules of slots refuse goes to staff with the reason."""
    try:
        with session.begin_nested():
            return carry_out(session, finding, target, now=now)
    except BookingError as refusal:
        return _refused(session, finding, target, refusal)


def carry_out(session: Session, finding: Finding, target: Target, *, now: datetime) -> Finding:
    """Let the decision take effect. Raises what the answer page would be told."""
    decision = finding.decision
    if decision.verdict is Verdict.RESEND_REQUEST:
        return _resend(session, finding, target, now=now)
    target.attendee.undeliverable_at = None
    if target.attending is not None and decision.verdict is not Verdict.RECORD_DELEGATION:
        return _follow_attending(session, finding, target.attending, now=now)
    if decision.verdict is Verdict.RECORD_DELEGATION or target.slot is None or target.visit is None:
        _note(target, decision)
        if target.slot is None and decision.verdict is not Verdict.RECORD_DELEGATION:
            _follow_meeting(session, target, decision, now=now)
        return finding
    given = Given(now=now, at=decision.answered_at or now, comment=decision.comment[:LONGEST_COMMENT])
    if decision.verdict is Verdict.RECORD_PROPOSAL and decision.proposed is not None:
        record_proposal(session, target.visit, target.slot, given, times=[decision.proposed])
        if target.slot.state == SlotState.COUNTERED:
            # "No, but then": the calendar's word stands beside the offer.
            target.attendee.partstat = str(decision.partstat or Partstat.TENTATIVE)
    elif decision.partstat in _ANSWERS:
        _ANSWERS[decision.partstat](session, target.visit, target.slot, given)
    session.flush()
    return finding


def _follow_meeting(session: Session, target: Target, decision: Decision, *, now: datetime) -> None:
    """A meeting of two, or with an adviser: a no calls it off, another time is declined in words."""
    if decision.verdict is Verdict.RECORD_PROPOSAL and is_entry_of_meeting(session, target.entry.id):
        occasion = (decision.answered_at or now).isoformat()
        refuse_counter(session, target.entry, occasion=occasion, now=now)
        return
    meetings.follow_calendar(session, target.entry.id, decision.partstat, now=now)
    advice.follow_calendar_of_advice(session, target.entry.id, decision.partstat, now=now)


def _follow_attending(
    session: Session, finding: Finding, attending: "registrations.Attending", *, now: datetime
) -> Finding:
    decision = finding.decision
    at = decision.answered_at or now
    if decision.verdict is Verdict.RECORD_PROPOSAL:
        registrations.refuse_proposal(session, attending, occasion=at.isoformat(), answered_at=at, now=now)
    elif decision.partstat is not None:
        registrations.record_answer(session, attending, PartStat(decision.partstat), answered_at=at, now=now)
    session.flush()
    return finding


def _note(target: Target, decision: Decision) -> None:
    """Only the attendee's part: entries without a slot, guests, and who hands over."""
    attendee = target.attendee
    attendee.partstat = str(decision.partstat or PartStat.TENTATIVE)
    attendee.replied_sequence = target.entry.sequence
    attendee.replied_at = decision.answered_at


def _resend(session: Session, finding: Finding, target: Target, *, now: datetime) -> Finding:
    slot, attendee = target.slot, target.attendee
    if target.attending is None and (slot is None or slot.state not in HOLDING_STATES):
        return finding.concluded(Verdict.LOG, Reason.NOTHING_TO_SEND)
    sent = count_refreshes(session, attendee.id, since=now - timedelta(hours=1))
    if sent >= current_settings().inbox.refreshes_per_hour:
        return finding.concluded(Verdict.LOG, Reason.REFRESH_LIMIT)
    if slot is None:
        is_sent = target.attending and registrations.repeat_invitation(session, target.attending, now=now)
        return finding if is_sent else finding.concluded(Verdict.LOG, Reason.NOTHING_TO_SEND)
    template = "invitation" if slot.state in ASKED_STATES else "answer_accepted"
    letter = HostLetter(template=template, method="REQUEST", occasion=f":refresh:{now:%Y%m%dT%H%M%S%f}")
    send_to_host(session, slot, letter, now=now)
    return finding


def _refused(session: Session, finding: Finding, target: Target, refusal: BookingError) -> Finding:
    slot = target.slot
    if slot is not None and finding.decision.partstat is Partstat.DECLINED:
        state = load_slot(session, slot.id).state
        if SlotState(state) in ENDED_STATES:
            # A "no" to what is off anyway.
            return finding.concluded(Verdict.LOG, Reason.ENDED)
    return finding.concluded(Verdict.REVIEW, _REFUSED.get(type(refusal), Reason.NOT_POSSIBLE))
