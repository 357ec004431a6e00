"""Tasks of a visit: staff's own, and those that rules and the clock make."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.tasks import TaskFacts, TaskStop, list_rule_tasks
from bookings.domain.visits import VisitKind, VisitState
from bookings.models.tasks import VisitTask
from bookings.services.slots import accept_slot, add_slot
from bookings.services.tasks import keep_rule_tasks
from bookings.services.visits import accept_programme, cancel_visit_by_staff, release_visit, start_planning
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.staff import a_signed_in_client
from tests.support.stories import STAFF, host_token, plan, visitor_token

TODAY = date(2027, 2, 1)
DAY = TODAY + timedelta(days=43)


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


def facts(**changes) -> TaskFacts:
    values = {
        "state": VisitState.PLANNING, "kind": VisitKind.STUDY_VISIT, "country": "EE",
        "country_is_screened": False, "on_behalf_of": "", "today": TODAY, "stops": (),
    }  # fmt: skip
    return TaskFacts(**{**values, **changes})


def open_tasks() -> dict[str, date | None]:
    database.session.rollback()
    rows = database.session.scalars(
        select(VisitTask).where(VisitTask.done_at.is_(None)).order_by(VisitTask.id)
    )
    return {str(row.kind): row.due_on for row in rows}


def a_confirmed_visit() -> str:
    a_directory()
    reference = a_visit().reference
    start_planning(reference, who=STAFF, now=NOW)
    slot = add_slot(reference, plan("vakin"), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    accept_slot(host_token(slot), now=NOW)
    accept_programme(visitor_token(reference), now=NOW)
    return reference


def test_rules_ask_for_a_letter_the_press_officer_and_an_export_check():
    plain = list_rule_tasks(facts())
    all_three = list_rule_tasks(
        facts(on_behalf_of="City of Riga", kind=VisitKind.PRESS, country="XX", country_is_screened=True)
    )

    assert plain == []
    assert [(str(task.kind), task.about) for task in all_three] == [
        ("letter", "City of Riga"), ("press", ""), ("export_check", "XX"),
    ]  # fmt: skip


def test_hosts_with_an_age_limit_or_a_list_of_names_make_tasks_three_days_before():
    stop = TaskStop(slot_id=7, host="Vakin", day=DAY, minimum_age=12, needs_names=True)

    found = list_rule_tasks(facts(stops=[stop]))

    assert [(task.key, task.about, task.due_on) for task in found] == [
        ("minors:7", "Vakin (12+)", DAY - timedelta(days=3)),
        ("announcement:7", "Vakin", DAY - timedelta(days=3)),
    ]


def test_the_clock_of_a_confirmed_visit_runs_from_two_weeks_before_to_half_a_year_after():
    stops = [
        TaskStop(slot_id=1, host="A", day=DAY),
        TaskStop(slot_id=2, host="B", day=DAY + timedelta(days=2)),
    ]

    found = list_rule_tasks(facts(state=VisitState.CONFIRMED, stops=stops))

    assert {str(task.kind): (task.due_on - DAY).days for task in found} == {
        "names": -14, "briefing": -7, "reconfirm": -3, "reminder": -1,
        "thanks": 3, "report": 16, "second_question": 182,
    }  # fmt: skip


def test_what_is_late_already_when_a_visit_is_confirmed_is_due_at_once():
    stops = [TaskStop(slot_id=1, host="A", day=TODAY + timedelta(days=2))]

    found = list_rule_tasks(facts(state=VisitState.CONFIRMED, stops=stops))

    assert {str(task.kind): task.due_on for task in found if task.due_on <= TODAY + timedelta(days=1)} == {
        "names": TODAY, "briefing": TODAY, "reconfirm": TODAY, "reminder": TODAY + timedelta(days=1),
    }  # fmt: skip


@pytest.mark.parametrize("state", [VisitState.CANCELLED, VisitState.DECLINED, VisitState.EXPIRED])
def test_nothing_is_asked_for_when_a_visit_is_closed(state):
    assert list_rule_tasks(facts(state=state, on_behalf_of="X", kind=VisitKind.PRESS)) == []


def test_confirming_a_visit_makes_its_tasks_once(app_context):
    reference = a_confirmed_visit()

    made = open_tasks()
    visit_id = database.session.scalars(select(VisitTask.visit_id)).first()
    keep_rule_tasks(database.session, visit_id, now=NOW)
    database.session.commit()

    assert made == open_tasks()
    assert list(made) == [
        "names", "briefing", "reconfirm", "reminder", "thanks", "report", "second_question"
    ]  # fmt: skip
    assert made["briefing"] == date(2027, 3, 9)
    cancel_visit_by_staff(reference, "Ill", who=STAFF, now=NOW)
    assert "names" in open_tasks()  # they stay in the file of the visit; Today shows none of a cancelled one


def test_a_task_is_added_ticked_and_opened_again(app, staff):
    with app.app_context():
        reference = a_visit().reference
    page = f"/staff/visits/{reference}"
    task = f"{page}/tasks/1"

    refused = submit(staff, f"{page}/tasks", {"text": " ", "kind": "own", "owner": "0"}, page=f"{page}/tasks")
    added = submit(
        staff, f"{page}/tasks",
        {"text": "Call the airport", "kind": "follow_up", "due_on": "2027-02-03", "owner": "1"},
        page=f"{page}/tasks",
    )  # fmt: skip
    shown = staff.get(page).text
    ticked = submit(staff, f"{task}/tick", page=page)
    done = staff.get(page).text
    submit(staff, f"{task}/reopen", page=page)

    assert (refused.status_code, added.status_code, ticked.status_code) == (422, 303, 303)
    assert "Write what is to be done." in refused.text
    assert "Call the airport" in shown
    assert "Nothing to do here." in done
    assert "1 task done" in done
    with app.app_context():
        assert open_tasks() == {"follow_up": date(2027, 2, 3)}
    assert submit(staff, f"{page}/tasks/99/tick", page=page).status_code == 404


def test_the_second_of_two_who_change_a_task_sees_the_first_and_keeps_the_own_words(app, staff):
    with app.app_context():
        reference = a_visit().reference
    page = f"/staff/visits/{reference}"
    submit(staff, f"{page}/tasks", {"text": "Call", "kind": "own", "owner": "0"}, page=f"{page}/tasks")
    task = f"{page}/tasks/1"

    first = submit(staff, task, {"version": "1", "text": "Call them by noon", "owner": "0"})
    second = submit(staff, task, {"version": "1", "text": "Write to them", "owner": "0"})
    again = submit(staff, task, {"version": "2", "text": "Write to them", "owner": "0"})

    assert (first.status_code, second.status_code, again.status_code) == (303, 409, 303)
    assert "Call them by noon" in second.text
    assert "Write to them" in second.text
    with app.app_context():
        assert database.session.scalars(select(VisitTask.text)).all() == ["Write to them"]


def test_what_a_rule_made_cannot_be_removed_and_keeps_its_words(app, staff):
    with app.app_context():
        visit = a_visit(visit_kind="press")
        reference = visit.reference
        keep_rule_tasks(database.session, visit.id, now=NOW)
        database.session.commit()
    task = f"/staff/visits/{reference}/tasks/1"

    removed = submit(staff, f"{task}/remove", page=task)
    changed = submit(staff, task, {"version": "1", "due_on": "2027-02-20", "owner": "0", "text": "x"})

    assert (removed.status_code, changed.status_code) == (409, 303)
    page = staff.get(f"/staff/visits/{reference}").text
    assert "Talk to the press officer" in page
    assert "20 February" in page
