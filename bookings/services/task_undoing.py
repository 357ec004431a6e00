"""Take back what staff did to tasks: nobody outside reads them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from bookings.domain.errors import UndoNotPossibleError
from bookings.models.staff import StaffUser
from bookings.models.tasks import VisitTask
from bookings.services.tasks import describe_task
from bookings.services.undo_steps import Undoing, find_last_actor


def undo_task_added(session: Session, step: Undoing) -> None:
    """The new task goes."""
    session.delete(_open(session, step))


def undo_task_changed(session: Session, step: Undoing) -> None:
    """The task is what it was: its words, day and person, done or not."""
    task = _open(session, step)
    for name, value in _columns(session, step.before).items():
        setattr(task, name, value)
    task.version += 1


def undo_task_removed(session: Session, step: Undoing) -> None:
    """The task is there again, under its number where nobody has that now."""
    is_free = session.get(VisitTask, step.subject_id) is None
    task = VisitTask(visit_id=step.visit_id, **_columns(session, step.before))
    if is_free:
        task.id = step.subject_id
    session.add(task)


def _open(session: Session, step: Undoing) -> VisitTask:
    """The task as the act left it. Ids of gone tasks are given again, so all of it has to be the same."""
    task = session.get(VisitTask, step.subject_id, with_for_update=True)
    if task is None or task.visit_id != step.visit_id or describe_task(task) != step.after:
        raise UndoNotPossibleError("changed", find_last_actor(session, "visit_task", step.subject_id))
    return task


def _columns(session: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Somebody whose account is gone looks after nothing any more."""
    owner_id = values["owner_id"]
    return {
        **values,
        "due_on": date.fromisoformat(values["due_on"]) if values["due_on"] else None,
        "owner_id": owner_id if owner_id and session.get(StaffUser, owner_id) else None,
        "done_at": datetime.fromisoformat(values["done_at"]) if values["done_at"] else None,
        "created_at": datetime.fromisoformat(values["created_at"]),
    }
