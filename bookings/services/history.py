"""Undo: each act that nobody outside has heard of can be taken back once, as long as it is the last word."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, UndoNotPossibleError
from bookings.domain.history import UNDO_DAYS
from bookings.models.history import UndoStep
from bookings.models.labels import LabelledVisit, VisitLabel
from bookings.models.settings import StaffSetting
from bookings.models.visits import VisitNote
from bookings.queries.programme import load_visit
from bookings.queries.settings import read_settings, take_over
from bookings.services.audit import add_audit
from bookings.services.settings.saving import newest_version, write_version
from bookings.services.slots.undoing import undo_added, undo_changed, undo_planned, undo_removed
from bookings.services.task_undoing import undo_task_added, undo_task_changed, undo_task_removed
from bookings.services.undo_steps import OFFERED, Undoing, find_last_actor, list_earlier_settings


@retry_conflicts
def undo_step(step_id: int, *, who: Who, now: datetime) -> None:
    """Take an act back. Raises NotFoundError, or UndoNotPossibleError: taken back already, too long ago,
    something was done after it, or people were told."""
    with transaction() as session:
        step = session.get(UndoStep, step_id)
        if step is None or step.kind not in _WAYS_BACK:
            raise NotFoundError("undo_step", str(step_id))
        _mark_undone(session, step, who=who, now=now)
        undoing = Undoing(step.id, step.subject_id, step.visit_id, step.before, step.after, who, now)
        add_audit(
            session, who, "undo", noun=_NOUNS.get(step.kind, "visit_request"), subject_id=step.subject_id,
            visit_id=step.visit_id, now=now, kind=step.kind,
        )  # fmt: skip
        _WAYS_BACK[step.kind](session, undoing)
        session.info.pop(OFFERED, None)
        own = read_settings(session) if step.kind == "setting" else None
    if own is not None:
        take_over(own)


def forget_undo_steps(*, now: datetime) -> None:
    """Delete steps that nobody can take back any more: they hold texts."""
    with transaction() as session:
        session.execute(delete(UndoStep).where(UndoStep.done_at < now - timedelta(days=UNDO_DAYS)))


def _mark_undone(session: Session, step: UndoStep, *, who: Who, now: datetime) -> None:
    if step.done_at < now - timedelta(days=UNDO_DAYS):
        raise UndoNotPossibleError("old")
    marked = session.execute(
        update(UndoStep)
        .where(UndoStep.id == step.id, UndoStep.undone_at.is_(None))
        .values(undone_at=now, undone_by=who.name)
        .returning(UndoStep.id)
    ).all()
    if not marked:
        raise UndoNotPossibleError("done", step.undone_by or "")


def _undo_note(session: Session, step: Undoing) -> None:
    session.execute(delete(VisitNote).where(VisitNote.id == step.subject_id))


def _undo_owner(session: Session, step: Undoing) -> None:
    visit = load_visit(session, step.subject_id)
    if visit.owner_id != step.after["owner_id"]:
        raise UndoNotPossibleError("changed", find_last_actor(session, "visit_request", visit.id))
    visit.owner_id = step.before["owner_id"]


def _undo_rule(session: Session, step: Undoing) -> None:
    visit = load_visit(session, step.subject_id)
    if visit.takes_fitting_times != step.after["takes"]:
        raise UndoNotPossibleError("changed", find_last_actor(session, "visit_request", visit.id))
    visit.takes_fitting_times = step.before["takes"]


def _undo_labels(session: Session, step: Undoing) -> None:
    of_visit = LabelledVisit.visit_id == step.subject_id
    found = sorted(session.scalars(select(LabelledVisit.label_id).where(of_visit)))
    if found != step.after["labels"]:
        raise UndoNotPossibleError("changed", find_last_actor(session, "visit_request", step.subject_id))
    session.execute(delete(LabelledVisit).where(of_visit))
    known = session.scalars(select(VisitLabel.id).where(VisitLabel.id.in_(step.before["labels"])))
    session.add_all(LabelledVisit(visit_id=step.subject_id, label_id=one) for one in known.all())


def _undo_setting(session: Session, step: Undoing) -> None:
    key = step.before["key"]
    newest = newest_version(session, key)
    if newest is None or newest.version != step.after["version"]:
        raise UndoNotPossibleError("changed", newest.saved_by if newest else "")
    earlier = session.scalar(
        select(StaffSetting).where(StaffSetting.key == key, StaffSetting.version == step.before["version"])
    )
    value = earlier.value if earlier else None
    write_version(session, key, value, version=newest.version, who=step.who, now=step.now)
    for one in list_earlier_settings(session, step):
        if one.after["version"] == step.before["version"]:
            one.after = {"version": newest.version + 1}


_WAYS_BACK: dict[str, Callable[[Session, Undoing], None]] = {
    "slot_added": undo_added,
    "slot_changed": undo_changed,
    "slot_removed": undo_removed,
    "slot_planned": undo_planned,
    "note": _undo_note,
    "owner": _undo_owner,
    "rule": _undo_rule,
    "labels": _undo_labels,
    "setting": _undo_setting,
    "add_task": undo_task_added,
    "change_task": undo_task_changed,
    "tick_task": undo_task_changed,
    "reopen_task": undo_task_changed,
    "remove_task": undo_task_removed,
}
_NOUNS = {
    "slot_added": "slot",
    "slot_changed": "slot",
    "slot_removed": "slot",
    "slot_planned": "slot",
    "setting": "setting",
    **dict.fromkeys(("add_task", "change_task", "tick_task", "reopen_task", "remove_task"), "visit_task"),
}
