"""Hosts answer by link. Every answer can be changed until the cut-off; giving it twice changes nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.links import LinkPurpose
from bookings.domain.slots import check_link_is_current
from bookings.models.links import ActionLink
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.links import FoundLink, find_link
from bookings.queries.slots import find_slot_keys, load_slot
from bookings.services.invitations import open_visit
from bookings.services.slots.answering import (
    Given,
    record_accept,
    record_decline,
    record_maybe,
    record_proposal,
)

Opened = tuple[VisitRequest, Slot, FoundLink]


@retry_conflicts
def accept_slot(token: str, *, now: datetime) -> None:
    """The host says yes, or takes a no back while the time is still free.

    Raises LinkNotFoundError, LinkExpiredError, LinkOutdatedError, CutOffPassedError, SlotTakenError,
    SlotsOverlapError or TransitionNotAllowedError; the other answers raise the same.
    """
    with transaction() as session:
        visit, slot, link = _open_answer(session, token, now=now)
        record_accept(session, visit, slot, Given(now=now, at=now))
        _carry(session, link, slot)


@retry_conflicts
def answer_maybe(token: str, *, now: datetime) -> None:
    """The host is not sure yet: the time stays held until the same deadline."""
    with transaction() as session:
        visit, slot, link = _open_answer(session, token, now=now)
        record_maybe(session, visit, slot, Given(now=now, at=now))
        _carry(session, link, slot)


@retry_conflicts
def decline_slot(token: str, *, reason: str = "", now: datetime) -> None:
    """The host says no, or takes a yes back; the calendar that holds the entry gets a CANCEL."""
    with transaction() as session:
        visit, slot, link = _open_answer(session, token, now=now)
        record_decline(session, visit, slot, Given(now=now, at=now, comment=reason))
        _carry(session, link, slot)


@retry_conflicts
def propose_times(
    token: str, *, times: Sequence[tuple[datetime, datetime]], comment: str = "", now: datetime
) -> None:
    """The host offers up to three other times (UTC); the first one stays held until staff decide.

    Raises TooManyProposedTimesError or ProposedTimeNotUsableError besides.
    """
    with transaction() as session:
        visit, slot, link = _open_answer(session, token, now=now)
        record_proposal(session, visit, slot, Given(now=now, at=now, comment=comment), times=times)
        _carry(session, link, slot)


def _open_answer(session: Session, token: str, *, now: datetime) -> Opened:
    """Visit, slot and link, all locked. Raises LinkOutdatedError for the button of an older mail."""
    link = find_link(session, token, LinkPurpose.ANSWER_SLOT, now=now)
    keys = find_slot_keys(session, link.subject_id)
    visit = open_visit(session, keys.visit_id, organisation_ids=[keys.organisation_id], now=now)
    slot = load_slot(session, keys.slot_id)
    link = find_link(session, token, LinkPurpose.ANSWER_SLOT, now=now)  # as it is under the lock
    check_link_is_current(link_sequence=link.sequence or 0, current_sequence=slot.calendar_entry.sequence)
    return visit, slot, link


def _carry(session: Session, link: FoundLink, slot: Slot) -> None:
    """The answer itself may raise SEQUENCE: the link that gave it stays good for changing it."""
    if link.sequence != (sequence := slot.calendar_entry.sequence):
        session.execute(
            update(ActionLink).where(ActionLink.id == link.id).values(sequence=sequence),
            execution_options={"synchronize_session": False},
        )
