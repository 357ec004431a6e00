"""Staff: tasks about visits."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.staff import StaffRole
from bookings.domain.tasks import TaskKind
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.tasks import TaskRow, list_tasks
from bookings.queries.visits import VisitHead, find_visit_head, list_colleagues
from bookings.services import tasks
from bookings.services.tasks import TaskWish
from bookings.services.ticking import tick_task
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.security import current_staff, staff_gate
from bookings.web.task_texts import task_sentence
from bookings.web.tasks.forms import DatesForm, NewTaskForm, TaskForm

staff_tasks = Blueprint("staff_tasks", __name__, url_prefix="/staff")
staff_tasks.add_app_template_global(task_sentence)
coordinator = staff_gate(StaffRole.COORDINATOR)

_ACTS = {
    "tick": (tick_task, _l("The task is done.")),
    "reopen": (tasks.reopen_task, _l("The task is open again.")),
    "remove": (tasks.remove_task, _l("The task was removed.")),
}


@staff_tasks.route("/visits/<reference>/tasks", methods=["GET", "POST"])
@coordinator
def add(reference: str) -> ResponseReturnValue:
    """A page of its own for the form that also stands on the visit page."""
    head, form = find_visit_head(read_session(), reference), NewTaskForm()
    _offer_colleagues(form)
    if form.validate_on_submit():
        wish = _read(form, kind=TaskKind(form.kind.data))
        tasks.add_task(head.reference, wish, who=current_staff(), now=utc_now())
        flash(_("The task is kept."), "success")
        return redirect(url_for("staff_visits.show", reference=head.reference, _anchor="tasks"), 303)
    page = render_template("tasks/form.html", form=form, head=head, task=None, has_errors=bool(form.errors))
    return page, 422 if form.errors else 200


@staff_tasks.route("/visits/<reference>/tasks/<int(max=2147483647):task_id>", methods=["GET", "POST"])
@coordinator
def change(reference: str, task_id: int) -> ResponseReturnValue:
    """Other words, another day, another person."""
    head, task = _find(reference, task_id)
    form: DatesForm = (TaskForm if task.is_own else DatesForm)(
        data={"text": task.text, "due_on": task.due_on, "owner": task.owner_id or 0}
    )
    _offer_colleagues(form)
    has_changed = False
    if form.validate_on_submit():
        version = request.form.get("version", 0, type=whole_number)
        try:
            tasks.change_task(task_id, _read(form), version=version, who=current_staff(), now=utc_now())
        except RecordChangedError:
            has_changed, (head, task) = True, _find(reference, task_id)
        else:
            flash(_("The task is saved."), "success")
            return redirect(url_for("staff_visits.show", reference=head.reference, _anchor="tasks"), 303)
    page = render_template(
        "tasks/form.html", form=form, head=head, task=task, has_changed=has_changed,
        has_errors=bool(form.errors),
    )  # fmt: skip
    return page, 409 if has_changed else 422 if form.errors else 200


@staff_tasks.post("/visits/<reference>/tasks/<int(max=2147483647):task_id>/<any(tick,reopen,remove):name>")
@coordinator
def act(reference: str, task_id: int, name: str) -> ResponseReturnValue:
    """Done, open again, or gone."""
    head, _task = _find(reference, task_id)
    run, done = _ACTS[name]
    run(task_id, who=current_staff(), now=utc_now())
    flash(str(done), "success")
    if request.form.get("back") == "today":
        scope = request.form.get("scope", "")
        return redirect(url_for("staff_today.show", scope=scope or None, _anchor="tasks"), 303)
    return redirect(url_for("staff_visits.show", reference=head.reference, _anchor="tasks"), 303)


def _find(reference: str, task_id: int) -> tuple[VisitHead, TaskRow]:
    """The task, if it is one of this visit: whose visit it is decides who may do something with it."""
    session = read_session()
    head = find_visit_head(session, reference)
    task = next((one for one in list_tasks(session, head.id) if one.id == task_id), None)
    if task is None:
        raise NotFoundError("visit_task", str(task_id))
    return head, task


def _offer_colleagues(form: DatesForm) -> None:
    form.owner.choices = [
        (0, _("Whoever looks after the visit")),
        *((one.id, one.name) for one in list_colleagues(read_session())),
    ]


def _read(form: DatesForm, kind: TaskKind = TaskKind.OWN) -> TaskWish:
    text = form.text.data if isinstance(form, TaskForm) else ""
    return TaskWish(text=text or "", kind=kind, due_on=form.due_on.data, owner_id=form.owner.data or None)
