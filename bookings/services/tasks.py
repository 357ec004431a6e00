"""Tasks about visits: staff add, tick and reopen them; rules and the standard clock make theirs."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.errors import NotFoundError, RecordChangedError, TransitionNotAllowedError
from bookings.domain.tasks import OWN_KINDS, RuleTask, TaskKind, is_out_of_date, list_rule_tasks
from bookings.domain.text import clean_text
from bookings.domain.visits import VisitState
from bookings.models.staff import StaffUser
from bookings.models.tasks import VisitTask
from bookings.models.visits import VisitRequest
from bookings.queries.tasks import load_task, load_task_facts
from bookings.services.audit import add_audit
from bookings.services.undo_steps import offer_undo

_NOUN = "visit_task"
_LONGEST_TEXT = 500


@dataclass(frozen=True, kw_only=True)
class TaskWish:
    """What staff want to be reminded of; without an owner it is for whoever looks after the visit."""

    text: str
    kind: TaskKind = TaskKind.OWN
    due_on: date | None = None
    owner_id: int | None = None


@retry_conflicts
def add_task(reference: str, wish: TaskWish, *, who: Who, now: datetime) -> int:
    """A task in staff's own words; returns its id. Raises NotFoundError, TextNotAllowedError."""
    if wish.kind not in OWN_KINDS:
        raise TransitionNotAllowedError(_NOUN, str(wish.kind), "add_task")
    with transaction() as session:
        visit_id = session.scalar(select(VisitRequest.id).where(VisitRequest.reference == reference))
        if visit_id is None:
            raise NotFoundError("visit_request", reference)
        task = VisitTask(
            visit_id=visit_id,
            kind=wish.kind,
            text=clean_text(wish.text, max_length=_LONGEST_TEXT),
            due_on=wish.due_on,
            owner_id=_known_owner(session, wish.owner_id),
            created_at=now,
            created_by=who.name,
        )
        session.add(task)
        session.flush()
        _note(session, task, "add_task", before={}, who=who, now=now)
        return task.id


@retry_conflicts
def reopen_task(task_id: int, *, who: Who, now: datetime) -> None:
    """It is to be done after all. Raises NotFoundError."""
    with transaction() as session:
        task = load_task(session, task_id)
        if task.done_at is not None:
            before = describe_task(task)
            task.done_at, task.done_by = None, ""
            _note(session, task, "reopen_task", before=before, who=who, now=now)


@retry_conflicts
def change_task(task_id: int, wish: TaskWish, *, version: int, who: Who, now: datetime) -> None:
    """Another day, another person, and for staff's own tasks other words.

    Raises RecordChangedError when somebody saved it since `version`, NotFoundError, TextNotAllowedError.
    """
    with transaction() as session:
        task = load_task(session, task_id)
        if task.version != version:
            raise RecordChangedError(_NOUN)
        before = describe_task(task)
        if task.kind in OWN_KINDS:
            task.text = clean_text(wish.text, max_length=_LONGEST_TEXT)
        task.due_on, task.owner_id = wish.due_on, _known_owner(session, wish.owner_id)
        _note(session, task, "change_task", before=before, who=who, now=now)


@retry_conflicts
def remove_task(task_id: int, *, who: Who, now: datetime) -> None:
    """A task of staff's own goes. What a rule asks for is ticked, not removed: it would come back."""
    with transaction() as session:
        task = load_task(session, task_id)
        if task.kind not in OWN_KINDS:
            raise TransitionNotAllowedError(_NOUN, str(task.kind), "remove_task")
        _note(session, task, "remove_task", before=describe_task(task), who=who, now=now)
        session.delete(task)


def close_task(session: Session, task_id: int, *, who: Who, now: datetime) -> bool:
    """It is done; False when it was done before. Part of use cases. Raises NotFoundError."""
    task = load_task(session, task_id)
    if task.done_at is not None:
        return False
    before = describe_task(task)
    task.done_at, task.done_by = now, who.name
    _note(session, task, "tick_task", before=before, who=who, now=now)
    return True


def keep_rule_tasks(session: Session, visit_id: int, *, now: datetime) -> None:
    """Make what rules ask for as the visit stands, move its days, let go of what is pointless. Part of use
    cases; asking twice makes nothing twice."""
    session.flush()
    facts = load_task_facts(session, visit_id, now=now)
    wanted = {task.key: task for task in list_rule_tasks(facts)}
    for task in session.scalars(
        select(VisitTask).where(VisitTask.visit_id == visit_id, VisitTask.rule_key.is_not(None))
    ):
        found = wanted.pop(str(task.rule_key), None)
        if task.done_at is None:
            _keep_one(session, task, found, state=facts.state)
    for one in wanted.values():
        session.add(_build(visit_id, one, now=now))
    session.flush()


def _keep_one(session: Session, task: VisitTask, wanted: RuleTask | None, *, state: VisitState) -> None:
    kind = TaskKind(task.kind)
    if wanted is None:
        # A stop that fell out, or a visit that is over: nobody has to do it any more.
        if task.slot_id is not None or is_out_of_date(kind, state):
            session.delete(task)
    elif task.version == 1 and kind not in _CHECKS:  # a day that staff chose stays
        task.due_on = wanted.due_on


_CHECKS = (TaskKind.LETTER, TaskKind.PRESS, TaskKind.EXPORT_CHECK)
"""Due some days after the request, whenever they are looked at again."""


def _build(visit_id: int, wanted: RuleTask, *, now: datetime) -> VisitTask:
    return VisitTask(
        visit_id=visit_id,
        slot_id=wanted.slot_id,
        kind=wanted.kind,
        rule_key=wanted.key,
        about=wanted.about[:254],
        due_on=wanted.due_on,
        created_at=now,
        created_by=SYSTEM.name,
    )


def _known_owner(session: Session, owner_id: int | None) -> int | None:
    if owner_id is not None and session.get(StaffUser, owner_id) is None:
        raise NotFoundError("staff_user", str(owner_id))
    return owner_id


def describe_task(task: VisitTask) -> dict[str, Any]:
    """All that staff can change of a task, and what makes it again. Part of use cases."""
    return {
        "kind": task.kind,
        "text": task.text,
        "due_on": task.due_on.isoformat() if task.due_on else None,
        "owner_id": task.owner_id,
        "done_at": task.done_at.isoformat() if task.done_at else None,
        "done_by": task.done_by,
        "created_at": task.created_at.isoformat(),
        "created_by": task.created_by,
    }


def _note(
    session: Session, task: VisitTask, action: str, *, before: dict[str, Any], who: Who, now: datetime
) -> None:
    """The entry in the trail, without words that people wrote, and the offer to take it back."""
    task.version += 1 if before else 0
    after = {} if action == "remove_task" else describe_task(task)
    texts: dict[str, Any] = {"words": True} if before and after and before["text"] != after["text"] else {}
    add_audit(
        session, who, action, noun=_NOUN, subject_id=task.id, now=now, visit_id=task.visit_id,
        kind=task.kind, before=_codes(before), after=_codes(after), **texts,
    )  # fmt: skip
    if task.kind == TaskKind.LETTER and action in ("tick_task", "reopen_task"):
        return  # with the letter a programme may be confirmed, and people are told
    offer_undo(
        session, who, action, subject_id=task.id, visit_id=task.visit_id, now=now, before=before, after=after
    )


def _codes(task: dict[str, Any]) -> dict[str, Any]:
    return {name: task[name] for name in ("due_on", "owner_id") if name in task}
