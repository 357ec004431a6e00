"""Planned changes and drafts become what hosts are told, all in one transaction. Parts of use cases, which
have locked the visit and all its hosts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bookings.domain.audit import Who
from bookings.domain.errors import SlotTakenError
from bookings.domain.planned import PlannedKind
from bookings.domain.slots import ASKED_STATES, SlotAction, SlotPlan, SlotState
from bookings.models.holds import Hold
from bookings.models.planned import PlannedChange
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.planned import build_plan
from bookings.queries.releases import ReleaseItem
from bookings.queries.slots import load_slot
from bookings.services.calendar import HostLetter, send_to_host
from bookings.services.holds import keep_holds
from bookings.services.invitations import ask_host, take_back
from bookings.services.outbox import use_own_words
from bookings.services.slots.drafts import add_draft, find_site_and_contact, note_change, write_plan


@dataclass(frozen=True)
class Applied:
    """What became of it: `new_slots` are those that stand in for others, by the slot that they replace."""

    new_slots: dict[int, int]
    asks_drafts: bool
    has_lost_stop: bool
    """A host who had said yes is not expected any more."""


def apply_items(
    session: Session,
    visit: VisitRequest,
    items: Sequence[ReleaseItem],
    *,
    new_words: Mapping[int, str],
    who: Who,
    now: datetime,
) -> Applied:
    """Everything at once: times are given back before any is taken, so that stops can change places.

    `new_words`: staff's words to whoever comes in the place of a slot's host, by that slot. Raises
    SlotTimeNotUsableError, SlotTakenError, SlotsOverlapError or NotFoundError.
    """
    planned = [(item.slot.id, item.change) for item in items if item.change is not None]
    drafts = [item.slot.id for item in items if item.change is None]
    has_lost_stop = any(
        item.slot.state == SlotState.ACCEPTED and item.change.kind == PlannedKind.WITHDRAW
        for item in items
        if item.change is not None
    )
    plans = {slot_id: build_plan(change) for slot_id, change in planned}
    kinds = {slot_id: PlannedKind(change.kind) for slot_id, change in planned}
    whys = {slot_id: "closed" if change.closure_id else "" for slot_id, change in planned}
    reasons = {slot_id: change.reason for slot_id, change in planned}
    _forget(session, list(kinds))
    for slot_id in _of_kind(kinds, PlannedKind.WITHDRAW, PlannedKind.REPLACE):
        take_back(
            session, load_slot(session, slot_id), SlotAction.WITHDRAW, who=who, now=now, why=whys[slot_id],
            reason=reasons[slot_id],
        )  # fmt: skip
    before = {slot_id: _write(session, slot_id, plans[slot_id]) for slot_id in _changed(kinds)}
    for slot_id in _of_kind(kinds, PlannedKind.WORDS):
        note_change(session, load_slot(session, slot_id), who=who, now=now, reason=reasons[slot_id])
        _send_words(session, load_slot(session, slot_id), before[slot_id], now=now)
    for slot_id in _of_kind(kinds, PlannedKind.MOVE):
        _ask(session, slot_id, SlotAction.MOVE, who=who, now=now, reason=reasons[slot_id])
    new_slots = {
        slot_id: _add_replacement(session, visit, slot_id, plans[slot_id], who=who, now=now)
        for slot_id in _of_kind(kinds, PlannedKind.REPLACE)
    }
    use_own_words(session, {("invitation", new_slots[old]): new_words.get(old, "") for old in new_slots})
    for slot_id in (*drafts, *new_slots.values()):
        _ask(session, slot_id, SlotAction.RELEASE, who=who, now=now)
    return Applied(new_slots, bool(drafts or new_slots), has_lost_stop)


def _forget(session: Session, slot_ids: Sequence[int]) -> None:
    """The plans are carried out now; the time of these slots is free until they take theirs."""
    session.execute(delete(PlannedChange).where(PlannedChange.slot_id.in_(slot_ids)))
    session.execute(delete(Hold).where(Hold.slot_id.in_(slot_ids)))
    session.flush()


def _of_kind(kinds: dict[int, PlannedKind], *wanted: PlannedKind) -> list[int]:
    return [slot_id for slot_id, kind in kinds.items() if kind in wanted]


def _changed(kinds: dict[int, PlannedKind]) -> list[int]:
    return _of_kind(kinds, PlannedKind.MOVE, PlannedKind.WORDS)


def _write(session: Session, slot_id: int, plan: SlotPlan | None) -> tuple[str, str]:
    """All plans are written before the first host is asked; returns the title and message of before."""
    assert plan is not None
    slot = load_slot(session, slot_id)
    before = slot.title, slot.message
    site, _contact = find_site_and_contact(session, plan)
    write_plan(slot, plan, site)
    session.flush()
    return before


def _ask(
    session: Session, slot_id: int, action: SlotAction, *, who: Who, now: datetime, reason: str = ""
) -> None:
    try:
        ask_host(session, load_slot(session, slot_id), action, who=who, now=now, reason=reason)
    except SlotTakenError as error:
        error.slot_id = slot_id
        raise


def _add_replacement(
    session: Session, visit: VisitRequest, slot_id: int, plan: SlotPlan | None, *, who: Who, now: datetime
) -> int:
    assert plan is not None
    return add_draft(session, visit, plan, who=who, now=now, replaces_id=slot_id)


def _send_words(session: Session, slot: Slot, before: tuple[str, str], *, now: datetime) -> None:
    """The same entry in new words: same SEQUENCE, later DTSTAMP, the answer stays what it is."""
    keep_holds(session, slot)
    send_to_host(session, slot, build_words_letter(slot, *before), now=now)


def build_words_letter(slot: Slot, title: str, message: str) -> HostLetter:
    """The mail about other words; `title` and `message` are those of before."""
    words = {
        "before_title": title if title != slot.title else "",
        "before_message": message if message != slot.message else "",
        "owes_answer": slot.state in ASKED_STATES,
    }
    return HostLetter(template="invitation_updated", method="REQUEST", words=words)
