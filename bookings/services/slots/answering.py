"""A host's answers, however they came: by the page or by a calendar. Parts of use cases, which have locked
visit and slot by `open_visit`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus, PartStat
from bookings.domain.audit import Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.slots import (
    ASKED_STATES,
    SlotAction,
    SlotState,
    check_answer_in_time,
    check_proposed_times,
)
from bookings.domain.text import clean_text
from bookings.domain.visits import PLANNABLE_STATES, Actor
from bookings.models.slots import ProposedTime, Slot
from bookings.models.visits import VisitRequest
from bookings.queries.slots import is_replaced, load_asked, load_slot
from bookings.services.calendar import HostLetter, send_to_host, set_partstat, update_entry
from bookings.services.holds import keep_holds
from bookings.services.invitations import (
    add_slot_audit,
    check_visit_is_in,
    drop_proposals,
    fresh_deadline,
    review_with_visitor,
    settle_acceptance,
    step_slot,
    take_back,
)
from bookings.services.notices import Notice, NoticeKind, tell_staff
from bookings.services.programme import review_progress
from bookings.services.slots.proposals import take_fitting_time
from bookings.settings import current_settings

LONGEST_COMMENT = 1000


@dataclass(frozen=True, kw_only=True)
class Given:
    """An answer: when it reached us, when it was given by the host's own clock, and its words."""

    now: datetime
    at: datetime
    comment: str = ""

    @property
    def words(self) -> str:
        """The comment as it is kept. Raises TextNotAllowedError."""
        return clean_text(self.comment, max_length=LONGEST_COMMENT)


def record_accept(session: Session, visit: VisitRequest, slot: Slot, given: Given) -> None:
    """The host says yes, or takes a no back while the time is still free."""
    if slot.state == SlotState.ACCEPTED:
        _keep_words(slot, given)
        set_partstat(slot, PartStat.ACCEPTED, now=given.at)
        return
    check_answerable(session, visit, slot, SlotAction.ACCEPT, now=given.now)
    step_slot(session, slot, SlotAction.ACCEPT, who=_host(slot), now=given.now)
    drop_proposals(session, slot)
    slot.answered_at, slot.answer_comment = given.now, given.words
    update_entry(slot)
    set_partstat(slot, PartStat.ACCEPTED, now=given.at)
    keep_holds(session, slot)
    letter = HostLetter(template="answer_accepted", method="REQUEST")
    settle_acceptance(session, visit, slot, letter, now=given.now)


def record_maybe(session: Session, visit: VisitRequest, slot: Slot, given: Given) -> None:
    """The host is not sure yet: the time stays held until the deadline."""
    if slot.state == SlotState.TENTATIVE:
        _add_words(session, slot, given)
        set_partstat(slot, PartStat.TENTATIVE, now=given.at)
        return
    check_answerable(session, visit, slot, SlotAction.MAYBE, now=given.now)
    was_settled = slot.state not in ASKED_STATES
    step_slot(session, slot, SlotAction.MAYBE, who=_host(slot), now=given.now, reason=given.words)
    drop_proposals(session, slot)
    slot.answered_at, slot.answer_comment = given.now, given.words
    if was_settled:
        _owe_answer(slot, now=given.now)
    _revive(session, slot, PartStat.TENTATIVE, given)
    keep_holds(session, slot)
    review_progress(session, visit.id, now=given.now)


def record_decline(session: Session, visit: VisitRequest, slot: Slot, given: Given) -> None:
    """The host says no, or takes a yes back; the calendar that holds the entry gets a CANCEL."""
    if slot.state in (SlotState.DECLINED, SlotState.CANCELLED):
        _add_words(session, slot, given)
        slot.calendar_entry.attendees[0].replied_at = given.at
        return
    was_accepted = slot.state == SlotState.ACCEPTED
    action = SlotAction.HOST_CANCEL if was_accepted else SlotAction.DECLINE
    check_answerable(session, visit, slot, action, now=given.now)
    slot.answered_at, slot.answer_comment = given.now, given.words
    set_partstat(slot, PartStat.DECLINED, now=given.at)
    take_back(
        session, slot, action, who=_host(slot), now=given.now, template="answer_declined", reason=given.words
    )
    kind = NoticeKind.HOST_TOOK_BACK if was_accepted else NoticeKind.HOST_DECLINED
    _tell_staff(session, visit, slot, kind, now=given.now)
    review_with_visitor(session, visit, has_changed=was_accepted, now=given.now)


def record_proposal(
    session: Session,
    visit: VisitRequest,
    slot: Slot,
    given: Given,
    *,
    times: Sequence[tuple[datetime, datetime]],
) -> None:
    """The host offers up to three other times (UTC); the first one stays held until staff decide, unless the
    visit takes what fits by itself.

    Raises TooManyProposedTimesError or ProposedTimeNotUsableError besides.
    """
    offered = sorted(set(times))
    check_proposed_times(offered, asked=load_asked(session, slot), now=given.now)
    if slot.state == SlotState.COUNTERED and (offered, given.words) == (_offered(slot), slot.answer_comment):
        set_partstat(slot, PartStat.TENTATIVE, now=given.at)
        return
    check_answerable(session, visit, slot, SlotAction.PROPOSE_TIME, now=given.now)
    step_slot(
        session, slot, SlotAction.PROPOSE_TIME, who=_host(slot), now=given.now, reason=given.words,
        offered=len(offered),
    )  # fmt: skip
    slot.answered_at, slot.answer_comment = given.now, given.words
    _note_offer(session, slot, offered, now=given.now)
    slot = load_slot(session, slot.id)
    set_partstat(slot, PartStat.TENTATIVE, now=given.at)
    if take_fitting_time(session, visit, slot, now=given.now):
        return
    _revive(session, slot, PartStat.TENTATIVE, given)
    keep_holds(session, slot)
    _tell_staff(session, visit, slot, NoticeKind.HOST_PROPOSED, now=given.now)
    review_progress(session, visit.id, now=given.now)


def check_answerable(
    session: Session, visit: VisitRequest, slot: Slot, action: SlotAction, *, now: datetime
) -> None:
    """Raises TransitionNotAllowedError or CutOffPassedError."""
    check_visit_is_in(visit, PLANNABLE_STATES, action)
    check_answer_in_time(
        slot.starts_at,
        now=now,
        cut_off_hours=current_settings().visits.answer_cut_off_hours,
        respond_by=slot.respond_by,
    )
    if is_replaced(session, slot.id):
        raise TransitionNotAllowedError("slot", str(slot.state), action)


def _revive(session: Session, slot: Slot, partstat: PartStat, given: Given) -> None:
    """An entry that was cancelled with the host's "no" goes back into the calendar."""
    was_cancelled = slot.calendar_entry.status == EntryStatus.CANCELLED.value
    if was_cancelled:
        update_entry(slot)
    set_partstat(slot, partstat, now=given.at)
    if was_cancelled:
        send_to_host(session, slot, HostLetter(template="invitation", method="REQUEST"), now=given.now)


def _note_offer(
    session: Session, slot: Slot, offered: Sequence[tuple[datetime, datetime]], *, now: datetime
) -> None:
    """The offered times replace earlier ones; staff get time to look at them before the slot expires."""
    drop_proposals(session, slot)
    session.add_all(
        ProposedTime(slot_id=slot.id, starts_at=starts_at, ends_at=ends_at, proposed_at=now)
        for starts_at, ends_at in offered
    )
    _owe_answer(slot, now=now)
    session.flush()


def _keep_words(slot: Slot, given: Given) -> None:
    """The same answer again changes nothing but what the host adds to it."""
    slot.answer_comment = given.words or slot.answer_comment


def _add_words(session: Session, slot: Slot, given: Given) -> None:
    """The same, where the words are the reason of the answer."""
    if given.words and given.words != slot.answer_comment:
        add_slot_audit(session, slot, "add_words", who=_host(slot), now=given.now, reason=given.words)
    _keep_words(slot, given)


def _owe_answer(slot: Slot, *, now: datetime) -> None:
    """What was settled is open again, with a deadline that leaves time."""
    deadline = fresh_deadline(slot, now=now)
    slot.respond_by = max(slot.respond_by or deadline, deadline)
    if slot.calendar_entry.status == EntryStatus.CONFIRMED.value:
        slot.calendar_entry.status = EntryStatus.TENTATIVE.value
        # No mail tells of it (the host knows), but feeds see from this that the entry is another.
        slot.calendar_entry.changed_at = max(now, slot.calendar_entry.changed_at + timedelta(seconds=1))


def _tell_staff(
    session: Session, visit: VisitRequest, slot: Slot, kind: NoticeKind, *, now: datetime
) -> None:
    """Staff read what the host said."""
    notice = Notice(
        kind=kind,
        visitors=visit.delegation.organisation_name,
        occasion=f"{slot.id}:{slot.version}",
        slots=[slot],
        quote=slot.answer_comment,
    )
    tell_staff(session, visit, notice, now=now)


def _offered(slot: Slot) -> list[tuple[datetime, datetime]]:
    return sorted((one.starts_at, one.ends_at) for one in slot.proposed_times)


def _host(slot: Slot) -> Who:
    return Who(Actor.HOST, slot.host_contact.name)
