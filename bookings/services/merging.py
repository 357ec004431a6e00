"""Two requests of the same visitors become one: what was written and planned goes along; one mail says so."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import VisitsNotMergeableError
from bookings.domain.links import LinkPurpose
from bookings.domain.slots import SlotState
from bookings.domain.tasks import OWN_KINDS
from bookings.domain.text import clean_text
from bookings.domain.visits import OPEN_STATES, VisitAction, VisitState
from bookings.i18n import gettext as _
from bookings.i18n import in_language
from bookings.models.inbox import InboxMessage
from bookings.models.labels import LabelledVisit
from bookings.models.links import ActionLink
from bookings.models.merging import MergedVisit
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.tasks import VisitTask
from bookings.models.visits import VisitNote, VisitRequest, WantedHost
from bookings.queries.merging import load_side
from bookings.queries.programme import find_visit_id
from bookings.queries.slots import load_slot
from bookings.services.audit import add_audit
from bookings.services.calendar import update_entry
from bookings.services.holds import keep_holds
from bookings.services.invitations import add_slot_audit, open_visit
from bookings.services.programme import move_visit, tell_visitor
from bookings.services.tasks import keep_rule_tasks
from bookings.services.visits.meanwhile import check_nothing_new

_OWN_PAGE = (LinkPurpose.MANAGE_VISIT, LinkPurpose.VISIT_FEED)
_UNSEEN = {"synchronize_session": False}
_LONGEST_NOTE = 4000


@retry_conflicts
def merge_visits(reference: str, into: str, *, seen: int | None = None, who: Who, now: datetime) -> None:
    """The request `reference` goes on as `into`: its notes, mails, tasks, labels, wishes and drafts go along,
    and it closes with one mail to its visitor. Links of the same mailbox lead on.

    Raises VisitsNotMergeableError when one is closed, or when hosts were asked for the one that would close;
    RecordChangedError, NotFoundError.
    """
    with transaction() as session:
        ids = {name: find_visit_id(session, name) for name in (reference, into)}
        if len(ids) == 1:
            raise VisitsNotMergeableError("same", reference)
        # In one order for all: two coordinators who merge the other way round wait for each other.
        visits = {one: open_visit(session, one, now=now) for one in sorted(ids.values())}
        gone, kept = visits[ids[reference]], visits[ids[into]]
        check_nothing_new(session, gone.id, seen, now=now)
        _check_mergeable(session, gone, kept)
        _note_what_was_wished(session, gone, kept, who=who, now=now)
        _move_rows(session, gone, kept)
        _move_drafts(session, gone, kept, who=who, now=now)
        _close(session, gone, kept, who=who, now=now)
        keep_rule_tasks(session, kept.id, now=now)
        _tell(session, gone, kept, now=now)


def _check_mergeable(session: Session, gone: VisitRequest, kept: VisitRequest) -> None:
    for visit in (gone, kept):
        if VisitState(visit.state) not in OPEN_STATES or visit.is_held_for_moderation:
            raise VisitsNotMergeableError("closed", visit.reference)
    announced = load_side(session, gone.id).announced
    if announced:
        raise VisitsNotMergeableError("announced", gone.reference, announced)


def _note_what_was_wished(
    session: Session, gone: VisitRequest, kept: VisitRequest, *, who: Who, now: datetime
) -> None:
    """Staff read in one place what the other request said; these are the visitor's words."""
    words = "\n\n".join(filter(None, (f"{gone.reference}:", gone.purpose, gone.interest_other)))
    text = clean_text(words[:_LONGEST_NOTE], max_length=_LONGEST_NOTE)
    session.add(
        VisitNote(visit_id=kept.id, author_kind=who.kind, author_name=who.name, text=text, written_at=now)
    )


def _move_rows(session: Session, gone: VisitRequest, kept: VisitRequest) -> None:
    for table in (VisitNote, OutboxMessage, InboxMessage):
        session.execute(
            update(table).where(table.visit_id == gone.id).values(visit_id=kept.id), execution_options=_UNSEEN
        )
    of_gone = VisitTask.visit_id == gone.id
    session.execute(
        update(VisitTask).where(of_gone, VisitTask.kind.in_(OWN_KINDS)).values(visit_id=kept.id),
        execution_options=_UNSEEN,
    )
    # What rules ask for is asked for anew by the request that stays.
    session.execute(delete(VisitTask).where(of_gone), execution_options=_UNSEEN)
    _move_choices(session, LabelledVisit, "label_id", gone=gone.id, kept=kept.id)
    _move_choices(session, WantedHost, "organisation_id", gone=gone.id, kept=kept.id)


def _move_choices(
    session: Session, table: type[LabelledVisit | WantedHost], column: str, *, gone: int, kept: int
) -> None:
    """Both had chosen something: the one that stays has all of it."""
    chosen = {
        visit_id: set(session.scalars(select(getattr(table, column)).where(table.visit_id == visit_id)))
        for visit_id in (gone, kept)
    }
    session.add_all(table(visit_id=kept, **{column: one}) for one in sorted(chosen[gone] - chosen[kept]))
    session.flush()


def _move_drafts(
    session: Session, gone: VisitRequest, kept: VisitRequest, *, who: Who, now: datetime
) -> None:
    """Nobody knows of a draft, so it may change its visit; its holds follow."""
    drafts = select(Slot.id).where(Slot.visit_id == gone.id, Slot.state == SlotState.DRAFT)
    for slot_id in session.scalars(drafts.order_by(Slot.id)).all():
        add_slot_audit(session, load_slot(session, slot_id), "remove", who=who, now=now)
        session.execute(
            update(Slot)
            .where(Slot.id == slot_id)
            .values(visit_id=kept.id, replaces_id=None, group_number=None),
            execution_options=_UNSEEN,
        )
        slot = load_slot(session, slot_id)
        update_entry(slot)
        keep_holds(session, slot)
        add_slot_audit(session, slot, "add", who=who, now=now)


def _close(session: Session, gone: VisitRequest, kept: VisitRequest, *, who: Who, now: datetime) -> None:
    move_visit(session, gone, VisitAction.CANCEL, who=who, now=now, merged_into=kept.reference)
    gone.closed_at, gone.closed_by = now, who.kind
    with in_language(gone.language):
        gone.closed_reason = _(
            "It goes on together with your request %(reference)s.", reference=kept.reference
        )
    session.add(MergedVisit(visit_id=gone.id, into_id=kept.id, merged_at=now, merged_by=who.name))
    for visit, other in ((gone, kept), (kept, gone)):
        add_audit(
            session, who, "merge", noun="visit_request", subject_id=visit.id, visit_id=visit.id, now=now,
            other=other.reference, stays=visit is kept,
        )  # fmt: skip
    kept.version += 1


def _tell(session: Session, gone: VisitRequest, kept: VisitRequest, *, now: datetime) -> None:
    """One mail to the visitor of the request that closes. Old links of the same mailbox open what stays;
    somebody else's links go on opening their own request: it says where it went, and shows nothing more."""
    is_same = gone.contact_email.casefold() == kept.contact_email.casefold()
    if is_same:
        session.execute(
            update(ActionLink)
            .where(ActionLink.purpose.in_(_OWN_PAGE), ActionLink.subject_id == gone.id)
            .values(subject_id=kept.id),
            execution_options=_UNSEEN,
        )
    tell_visitor(
        session,
        kept if is_same else gone,
        "visit_merged",
        now=now,
        merged=gone.reference,
        kept=kept.reference,
    )
