"""The history pages, and the button that takes an act back."""

from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.staff import StaffRole, has_role
from bookings.i18n import gettext as _
from bookings.queries.directory import load_directory
from bookings.queries.history import (
    HistoryPage,
    find_step,
    find_visit,
    list_setting_values,
    list_steps,
    load_history,
    of_organisation,
    of_settings,
    of_visit,
)
from bookings.queries.labels import list_labels
from bookings.queries.tasks import list_tasks
from bookings.queries.visits import list_colleagues
from bookings.services.history import undo_step
from bookings.services.undo_steps import OFFERED
from bookings.web.clock import utc_now
from bookings.web.forms import whole_number
from bookings.web.history.words import (
    ACTOR_KINDS,
    Known,
    act_name,
    list_changes,
    list_worded,
    step_name,
    subject_name,
)
from bookings.web.security import current_staff, signed_in, staff_gate
from bookings.web.setting_ways import setting_url
from bookings.web.task_texts import task_sentence
from bookings.web.templates import same_page
from bookings.web.texts import Names
from bookings.web.trail_texts import actor_name

staff_history = Blueprint("staff_history", __name__, url_prefix="/staff")
reader = staff_gate(StaffRole.READER)
coordinator = staff_gate(StaffRole.COORDINATOR)


@staff_history.get("/visits/<reference>/history")
@reader
def visit(reference: str) -> str:
    session = read_session()
    visit_id, reference = find_visit(session, reference)
    steps = list_steps(session, visit_id=visit_id, now=utc_now()) if _is(StaffRole.COORDINATOR) else ()
    return _page(
        load_history(session, of_visit(visit_id), **_asked()),
        visit_id=visit_id,
        staff_page="requests",
        title=reference,
        trail=[
            (_("Requests"), url_for("staff_visits.queue")),
            (reference, url_for("staff_visits.show", reference=reference)),
        ],
        steps=steps,
    )


@staff_history.get("/settings/history")
@coordinator
def settings() -> str:
    session = read_session()
    steps = list_steps(session, visit_id=None, now=utc_now()) if _is(StaffRole.ADMIN) else ()
    return _page(
        load_history(session, of_settings(), **_asked()),
        staff_page="settings",
        title=_("Settings"),
        trail=[(_("Settings"), url_for("staff_settings.index"))],
        steps=steps,
    )


@staff_history.get("/directory/<slug>/history")
@reader
def organisation(slug: str) -> str:
    session = read_session()
    company = load_directory(session).companies.get(slug)
    if company is None:
        raise NotFoundError("organisation", slug)
    return _page(
        load_history(session, of_organisation(company.id), **_asked()),
        staff_page="directory",
        title=company.name,
        trail=[(_("Companies"), url_for("staff_directory.index"))],
        steps=(),
    )


@staff_history.post("/undo/<int(max=2147483647):step_id>")
@coordinator
def undo(step_id: int) -> ResponseReturnValue:
    step = find_step(read_session(), step_id)
    if step.kind == "setting" and not _is(StaffRole.ADMIN):
        abort(403)
    undo_step(step_id, who=current_staff(), now=utc_now())
    flash(_("Taken back: %(act)s.", act=step_name(step)), "success")
    if step.visit_reference:
        return redirect(url_for("staff_visits.show", reference=step.visit_reference), 303)
    return redirect(setting_url(step.setting_key), 303)


@staff_history.after_app_request
def offer_undo(response: Response) -> Response:
    """What was just done can be taken back from the next page, in its status message."""
    if response.status_code == 303 and request.method == "POST":
        step_id = read_session().info.pop(OFFERED, None)
        if step_id is not None:
            flash(str(step_id), "undo")
    return response


def _page(history: HistoryPage, *, visit_id: int = 0, **words: Any) -> str:
    session = read_session()
    directory = load_directory(session)
    known = Known(
        people={one.id: one.name for one in list_colleagues(session)},
        labels={one.id: one.name for one in list_labels(session)} if visit_id else {},
        hosts={slug: one.name for slug, one in directory.companies.items()},
        tasks=_list_tasks(visit_id),
        settings=list_setting_values(session, history.entries),
        town=Names(directory).place,
    )
    return render_template(
        "history/show.html",
        history=history,
        sentence=act_name,
        actor_name=actor_name,
        changes=lambda entry: list_changes(entry, known),
        worded=list_worded,
        subject=lambda entry: subject_name(entry, known),
        kinds=ACTOR_KINDS,
        chosen=request.args.get("by", ""),
        page_url=lambda number: same_page(page=number),
        step_name=step_name,
        **words,
    )


def _list_tasks(visit_id: int) -> dict[int, str]:
    tasks = list_tasks(read_session(), visit_id) if visit_id else []
    return {one.id: task_sentence(one.kind, one.text, one.about) for one in tasks}


def _asked() -> dict[str, Any]:
    by = request.args.get("by", "")
    page = min(max(request.args.get("page", 1, type=whole_number), 1), 10_000)
    return {"actor_kind": by if by in ACTOR_KINDS else "", "page": page}


def _is(role: StaffRole) -> bool:
    return has_role(set(signed_in().roles), role)
