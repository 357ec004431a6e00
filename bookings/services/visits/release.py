"""Release: everything that was planned since the last one is told, in one go or not at all."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NothingToReleaseError, RecordChangedError
from bookings.domain.slots import SlotPlan
from bookings.domain.visits import PLANNABLE_STATES, VisitAction, VisitState
from bookings.models.outbox import OutboxMessage
from bookings.models.planned import ReleaseLetter, VisitRelease
from bookings.models.visits import VisitRequest
from bookings.queries.programme import find_visit_id
from bookings.queries.releases import (
    VISITOR,
    ReleaseBasis,
    ReleaseItem,
    about_new_host,
    about_slot,
    list_hosts_to_lock,
    load_release,
    was_released,
)
from bookings.services.invitations import check_visit_is_in, open_visit, review_with_visitor
from bookings.services.outbox import use_own_words
from bookings.services.programme import move_visit
from bookings.services.slots.applying import apply_items
from bookings.services.slots.planned import (
    find_organisation_id,
    open_told_slot,
    write_change,
    write_withdrawal,
)


@retry_conflicts
def release_visit(reference: str, *, basis: str = "", who: Who, now: datetime) -> None:
    """Tell everybody whom it concerns of the drafts and the planned changes, but for what is held back.

    A change that was planned for an older version of its slot waits until somebody has looked at it again.
    With `basis`, the fingerprint of what was seen, only that is released, and once: again does nothing.
    Raises RecordChangedError when it has become something else, NothingToReleaseError,
    SlotTimeNotUsableError, SlotTakenError or SlotsOverlapError; then nobody was told.
    """
    with transaction() as session:
        visit_id = find_visit_id(session, reference)
        visit = open_visit(session, visit_id, organisation_ids=list_hosts_to_lock(session, visit_id), now=now)
        if basis and was_released(session, visit_id, basis):
            return
        check_visit_is_in(visit, PLANNABLE_STATES, VisitAction.RELEASE)
        found = load_release(session, visit_id)
        told = found.fingerprint
        if basis and told != basis:
            raise RecordChangedError("release")
        if not found.due:
            raise NothingToReleaseError(reference)
        tell(session, visit, found, found.due, who=who, now=now)
        _note_release(session, visit_id, told, who=who, now=now)


@retry_conflicts
def release_slots(reference: str, slot_ids: Collection[int], *, who: Who, now: datetime) -> None:
    """Tell only of what was planned for these slots of a visit; everything else stays planned.

    Slots of which there is nothing to tell (any more) are passed over, so again does nothing. Raises what
    `release_visit` raises.
    """
    with transaction() as session:
        visit_id = find_visit_id(session, reference)
        visit = open_visit(session, visit_id, organisation_ids=list_hosts_to_lock(session, visit_id), now=now)
        check_visit_is_in(visit, PLANNABLE_STATES, VisitAction.RELEASE)
        found = load_release(session, visit_id)
        due = [item for item in found.items if item.slot.id in slot_ids and not item.is_stale]
        if due:
            tell(session, visit, found, due, who=who, now=now)


@retry_conflicts
def change_now(
    slot_id: int, plan: SlotPlan | None, *, version: int, reason: str = "", who: Who, now: datetime
) -> None:
    """Plan and release one slot in one go, because it is urgent; without a plan the host is no longer asked,
    for this reason.

    What else is planned stays planned. Raises what `plan_change` and `release_visit` raise.
    """
    with transaction() as session:
        hosts = [find_organisation_id(session, plan.organisation_slug)] if plan else []
        visit, slot = open_told_slot(session, slot_id, version=version, hosts=hosts, now=now)
        if plan is None:
            write_withdrawal(session, slot, who=who, now=now, reason=reason)
        else:
            write_change(session, visit, slot, plan, who=who, now=now)
        found = load_release(session, visit.id)
        due = [item for item in found.items if item.slot.id == slot_id]
        if due:
            tell(session, visit, found, due, who=who, now=now)


def tell(
    session: Session,
    visit: VisitRequest,
    found: ReleaseBasis,
    items: Collection[ReleaseItem],
    *,
    who: Who,
    now: datetime,
) -> None:
    """Slots, holds, entries and mails; then the visit moves on, and the visitor gets at most one mail.

    Part of use cases.
    """
    use_own_words(session, _list_openings(found, items))
    new_words = {item.slot.id: _words(found, about_new_host(item.slot.id)) for item in items}
    applied = apply_items(session, visit, list(items), new_words=new_words, who=who, now=now)
    told = {about(item.slot.id) for item in items for about in (about_slot, about_new_host)} | {VISITOR}
    session.execute(
        delete(ReleaseLetter).where(ReleaseLetter.visit_id == visit.id, ReleaseLetter.about.in_(told))
    )
    if applied.asks_drafts and visit.state in (VisitState.PLANNING, VisitState.AWAITING_HOSTS):
        move_visit(session, visit, VisitAction.RELEASE, who=who, now=now, slots=len(items))
    review_with_visitor(session, visit, has_changed=applied.has_lost_stop, now=now)


def _list_openings(found: ReleaseBasis, items: Collection[ReleaseItem]) -> dict[tuple[str, int | None], str]:
    """Staff's words by the mail that they were written for."""
    slots: dict[str, int | None] = {about_slot(item.slot.id): item.slot.id for item in items}
    slots[VISITOR] = None
    return {
        (letter.template, slots[about]): letter.words
        for about, letter in found.letters.items()
        if about in slots and letter.words
    }


def _words(found: ReleaseBasis, about: str) -> str:
    letter = found.letters.get(about)
    return letter.words if letter else ""


def _note_release(session: Session, visit_id: int, basis: str, *, who: Who, now: datetime) -> None:
    mails = select(func.count(OutboxMessage.id)).where(
        OutboxMessage.visit_id == visit_id,
        OutboxMessage.queued_at == now,
        ~OutboxMessage.kind.startswith("staff_", autoescape=True),
    )
    session.add(
        VisitRelease(
            visit_id=visit_id,
            basis=basis,
            mails=session.scalar(mails) or 0,
            released_by=who.name,
            released_at=now,
        )
    )
    session.flush()
