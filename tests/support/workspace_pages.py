"""Pages of the staff's day: what waits, tasks, labels, letters, merging, copying, finding."""

from collections.abc import Iterator

from sqlalchemy import select

from bookings.db import database
from bookings.domain.labels import LabelTone
from bookings.domain.today import WaitKind
from bookings.models.labels import VisitLabel
from bookings.models.outbox import OutboxMessage
from bookings.models.tasks import VisitTask
from bookings.models.visits import VisitRequest
from bookings.services.labels import add_label, set_labels
from bookings.services.tasks import TaskWish, add_task
from bookings.services.ticking import tick_task
from tests.support.clock import NOW
from tests.support.stories import STAFF


def add_to_workspace() -> None:
    """Labels of each look on a visit, and tasks, open and done."""
    reference = _reference("planning")
    labels = [add_label(f"Label {tone}", tone, who=STAFF, now=NOW) for tone in LabelTone]
    set_labels(reference, labels, who=STAFF, now=NOW)
    add_task(reference, TaskWish(text="Call the airport", due_on=NOW.date()), who=STAFF, now=NOW)
    tick_task(add_task(reference, TaskWish(text="Book a bus"), who=STAFF, now=NOW), who=STAFF, now=NOW)


def list_workspace_addresses() -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and reader of each page."""
    planning, submitted = (f"/staff/visits/{_reference(state)}" for state in ("planning", "submitted"))
    yield "staff_today.show", "/staff/", "coordinator"
    yield "staff_today.show", "/staff/?scope=all", "reader"
    for kind in WaitKind:
        yield "staff_today.waiting", f"/staff/today/{kind}?scope=all", "coordinator"
    for query in ("", "?q=vak", "?q=nothing-like-this"):
        yield "staff_find.show", f"/staff/find{query}", "coordinator"
    task, label = (database.session.scalars(select(one.id)).first() for one in (VisitTask, VisitLabel))
    home = database.session.scalars(
        select(VisitRequest.reference)
        .join(VisitTask, VisitTask.visit_id == VisitRequest.id)
        .where(VisitTask.id == task)
    ).one()
    yield "staff_tasks.add", f"{planning}/tasks", "coordinator"
    yield "staff_tasks.change", f"/staff/visits/{home}/tasks/{task}", "coordinator"
    yield "staff_labels.index", "/staff/labels", "coordinator"
    yield "staff_labels.change", f"/staff/labels/{label}", "coordinator"
    yield "staff_labels.of_visit", f"{planning}/labels", "coordinator"
    yield "staff_letters.write", f"{planning}/letters", "coordinator"
    mail = database.session.execute(
        select(VisitRequest.reference, OutboxMessage.id).join(
            OutboxMessage, OutboxMessage.visit_id == VisitRequest.id
        )
    ).first()
    assert mail
    yield "staff_letters.read", f"/staff/visits/{mail[0]}/mails/{mail[1]}", "reader"
    yield "staff_merging.choose", f"{planning}/merge", "coordinator"
    yield "staff_merging.choose", f"{planning}/merge?other={submitted.rpartition('/')[2]}", "coordinator"
    yield "staff_copying.copy", f"{planning}/copy", "coordinator"


def _reference(state: str) -> str:
    query = select(VisitRequest.reference).where(VisitRequest.state == state)
    return database.session.scalars(query.order_by(VisitRequest.id)).first() or ""
