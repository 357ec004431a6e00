"""Hosts answer by link. Every answer can be changed until the cut-off; giving it twice changes nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus, PartStat
from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.links import LinkPurpose
from bookings.domain.slots import (
    REPEATABLE_ANSWERS,
    SlotAction,
    SlotState,
    check_answer_in_time,
    check_link_is_current,
    check_proposed_times,
)
from bookings.domain.text import clean_text
from bookings.domain.visits import PLANNABLE_STATES, Actor
from bookings.models.links import ActionLink
from bookings.models.slots import ProposedTime, Slot
from bookings.models.visits import VisitRequest
from bookings.queries.links import find_link
from bookings.queries.slots import find_slot_keys, is_replaced, load_slot
from bookings.services.calendar import HostLetter, set_partstat, update_entry
from bookings.services.holds import keep_holds
from bookings.services.invitations import (
    check_visit_is_in,
    drop_proposals,
    fresh_deadline,
    open_visit,
    review_with_visitor,
    settle_acceptance,
    step_slot,
    take_back,
)
from bookings.services.programme import review_progress
from bookings.settings import current_settings

_LONGEST_COMMENT = 1000
Opened = tuple[VisitRequest, Slot, ActionLink]


@retry_conflicts
def accept_slot(token: str, *, now: datetime) -> None:
    """The host says yes, or takes a no back while the time is still free.

    Raises LinkNotFoundError, LinkExpiredError, LinkOutdatedError, CutOffPassedError, SlotTakenError,
    SlotsOverlapError or TransitionNotAllowedError; the other answers raise the same.
    """
    with transaction() as session:
        visit, slot, link = _open_answer(session, token, now=now)
        if slot.state == REPEATABLE_ANSWERS[SlotAction.ACCEPT]:
            return
        _check_answerable(session, visit, slot, SlotAction.ACCEPT, now=now)
        step_slot(session, slot, SlotAction.ACCEPT, who=_host(slot), now=now)
        drop_proposals(session, slot)
        slot.answered_at, slot.answer_comment = now, ""
        update_entry(slot)
        set_partstat(slot, PartStat.ACCEPTED, now=now)
        keep_holds(session, slot)
        settle_acceptance(
            session, visit, slot, HostLetter(template="answer_accepted", method="REQUEST"), now=now
        )
        _carry(link, slot)


@retry_conflicts
def answer_maybe(token: str, *, now: datetime) -> None:
    """The host is not sure yet: the time stays held until the same deadline."""
    with transaction() as session:
        visit, slot, _link = _open_answer(session, token, now=now)
        if slot.state == REPEATABLE_ANSWERS[SlotAction.MAYBE]:
            return
        _check_answerable(session, visit, slot, SlotAction.MAYBE, now=now)
        step_slot(session, slot, SlotAction.MAYBE, who=_host(slot), now=now)
        drop_proposals(session, slot)
        slot.answered_at = now
        set_partstat(slot, PartStat.TENTATIVE, now=now)
        keep_holds(session, slot)
        review_progress(session, visit.id, now=now)


@retry_conflicts
def decline_slot(token: str, *, reason: str = "", now: datetime) -> None:
    """The host says no, or takes a yes back; the calendar that holds the entry gets a CANCEL."""
    with transaction() as session:
        visit, slot, link = _open_answer(session, token, now=now)
        if slot.state in (SlotState.DECLINED, SlotState.CANCELLED):
            return
        was_accepted = slot.state == SlotState.ACCEPTED
        action = SlotAction.HOST_CANCEL if was_accepted else SlotAction.DECLINE
        _check_answerable(session, visit, slot, action, now=now)
        slot.answered_at = now
        slot.answer_comment = clean_text(reason, max_length=_LONGEST_COMMENT)
        set_partstat(slot, PartStat.DECLINED, now=now)
        take_back(session, slot, action, who=_host(slot), now=now, template="answer_declined")
        review_with_visitor(session, visit, has_changed=was_accepted, now=now)
        _carry(link, slot)


@retry_conflicts
def propose_times(
    token: str, *, times: Sequence[tuple[datetime, datetime]], comment: str = "", now: datetime
) -> None:
    """The host offers up to three other times (UTC); the first one stays held until staff decide.

    Raises TooManyProposedTimesError or ProposedTimeNotUsableError besides.
    """
    with transaction() as session:
        visit, slot, _link = _open_answer(session, token, now=now)
        offered = sorted(set(times))
        check_proposed_times(offered, asked=(slot.starts_at, slot.ends_at), now=now)
        text = clean_text(comment, max_length=_LONGEST_COMMENT)
        if slot.state == SlotState.COUNTERED and offered == _offered(slot) and text == slot.answer_comment:
            return
        _check_answerable(session, visit, slot, SlotAction.PROPOSE_TIME, now=now)
        step_slot(session, slot, SlotAction.PROPOSE_TIME, who=_host(slot), now=now, offered=len(offered))
        slot.answered_at, slot.answer_comment = now, text
        _note_offer(session, slot, offered, now=now)
        set_partstat(slot, PartStat.TENTATIVE, now=now)
        keep_holds(session, load_slot(session, slot.id))
        review_progress(session, visit.id, now=now)


def _open_answer(session: Session, token: str, *, now: datetime) -> Opened:
    """Visit, slot and link, all locked. Raises LinkOutdatedError for the button of an older mail."""
    link = find_link(session, token, LinkPurpose.ANSWER_SLOT, now=now)
    keys = find_slot_keys(session, link.subject_id)
    visit = open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id], now=now)
    slot = load_slot(session, keys.slot_id)
    session.refresh(link)
    check_link_is_current(link_sequence=link.sequence or 0, current_sequence=slot.calendar_entry.sequence)
    return visit, slot, link


def _check_answerable(
    session: Session, visit: VisitRequest, slot: Slot, action: SlotAction, *, now: datetime
) -> None:
    check_visit_is_in(visit, PLANNABLE_STATES, action)
    check_answer_in_time(
        slot.starts_at,
        now=now,
        cut_off_hours=current_settings().visits.answer_cut_off_hours,
        respond_by=slot.respond_by,
    )
    if is_replaced(session, slot.id):
        raise TransitionNotAllowedError("slot", str(slot.state), action)


def _note_offer(
    session: Session, slot: Slot, offered: Sequence[tuple[datetime, datetime]], *, now: datetime
) -> None:
    """The offered times replace earlier ones; staff get time to look at them before the slot expires."""
    drop_proposals(session, slot)
    session.add_all(
        ProposedTime(slot_id=slot.id, starts_at=starts_at, ends_at=ends_at, proposed_at=now)
        for starts_at, ends_at in offered
    )
    deadline = fresh_deadline(slot, now=now)
    slot.respond_by = max(slot.respond_by or deadline, deadline)
    slot.calendar_entry.status = EntryStatus.TENTATIVE.value
    session.flush()


def _offered(slot: Slot) -> list[tuple[datetime, datetime]]:
    return sorted((one.starts_at, one.ends_at) for one in slot.proposed_times)


def _carry(link: ActionLink, slot: Slot) -> None:
    """The answer itself may raise SEQUENCE: the link that gave it stays good for changing it."""
    link.sequence = slot.calendar_entry.sequence


def _host(slot: Slot) -> Who:
    return Who(Actor.HOST, slot.host_contact.name)
