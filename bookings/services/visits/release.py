"""Release: the hosts of all draft slots are asked, in one go or not at all."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, scratch_session, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NothingToReleaseError
from bookings.domain.slots import SlotAction, SlotState, check_slot_time
from bookings.domain.visits import PLANNABLE_STATES, VisitAction, VisitState
from bookings.models.slots import Slot
from bookings.queries.programme import find_visit_id
from bookings.queries.slots import list_slots_of_visit
from bookings.services.calendar import HostLetter, build_host_mail, update_entry
from bookings.services.invitations import ask_host, check_visit_is_in, open_visit, set_deadline
from bookings.services.outbox import render_mail
from bookings.services.programme import move_visit, review_progress

_LINK_IN_PREVIEW = "preview"


@dataclass(frozen=True)
class RenderedPreview:
    """A mail that a release would send."""

    recipient: str
    subject: str
    text: str
    html: str
    has_calendar: bool


@retry_conflicts
def release_visit(reference: str, *, who: Who, now: datetime) -> None:
    """Ask the host of every draft slot: holds, invitations and deadlines in one go.

    Raises NothingToReleaseError, SlotTimeNotUsableError, SlotTakenError or SlotsOverlapError; then nobody
    was asked.
    """
    with transaction() as session:
        visit_id = find_visit_id(session, reference)
        hosts = session.scalars(
            select(Slot.organisation_id).where(Slot.visit_id == visit_id, Slot.state == SlotState.DRAFT)
        ).all()
        visit = open_visit(session, visit_id, organisation_ids=hosts, now=now)
        check_visit_is_in(visit, PLANNABLE_STATES, VisitAction.RELEASE)
        drafts = _list_drafts(session, visit_id)
        if not drafts:
            raise NothingToReleaseError(reference)
        for draft in drafts:
            ask_host(session, draft, SlotAction.RELEASE, who=who, now=now)
        if visit.state in (VisitState.PLANNING, VisitState.AWAITING_HOSTS):
            move_visit(session, visit, VisitAction.RELEASE, who=who, now=now, slots=len(drafts))
        review_progress(session, visit_id, now=now)


def preview_release(reference: str, *, now: datetime) -> list[RenderedPreview]:
    """The mails that a release would send now; writes nothing. Raises NotFoundError."""
    with scratch_session() as session:
        drafts = _list_drafts(session, find_visit_id(session, reference))
        return [_preview(draft, now=now) for draft in drafts]


def _list_drafts(session: Session, visit_id: int) -> list[Slot]:
    return [slot for slot in list_slots_of_visit(session, visit_id) if slot.state == SlotState.DRAFT]


def _preview(draft: Slot, *, now: datetime) -> RenderedPreview:
    check_slot_time(draft.starts_at, draft.ends_at, now=now)
    set_deadline(draft, now=now)
    update_entry(draft)
    letter = HostLetter(template="invitation", method="REQUEST")
    mail = build_host_mail(draft, letter, token=_LINK_IN_PREVIEW)
    rendered = render_mail(mail)
    return RenderedPreview(
        recipient=mail.recipient,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        has_calendar=mail.calendar is not None,
    )
