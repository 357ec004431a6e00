"""What nobody outside has heard of can be taken back once, and then all is as it was."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from bookings.db import database
from bookings.domain.errors import UndoNotPossibleError
from bookings.domain.history import UNDO_DAYS
from bookings.domain.labels import LabelTone
from bookings.domain.planned import PlannedKind
from bookings.domain.tasks import TaskKind
from bookings.models.audit import AuditEntry
from bookings.models.history import UndoStep
from bookings.models.labels import LabelledVisit
from bookings.models.planned import PlannedChange
from bookings.models.slots import Slot
from bookings.models.tasks import VisitTask
from bookings.models.visits import VisitNote, VisitRequest
from bookings.queries.planned import find_planned_change
from bookings.queries.settings import own_settings
from bookings.services.history import forget_undo_steps, undo_step
from bookings.services.labels import add_label, set_labels
from bookings.services.settings.saving import save_deadlines
from bookings.services.slots import (
    add_slot,
    change_slot,
    drop_planned_change,
    plan_change,
    plan_withdrawal,
    remove_slot,
)
from bookings.services.tasks import TaskWish, add_task, change_task, remove_task, reopen_task
from bookings.services.ticking import tick_task
from bookings.services.visits import add_note, release_visit, set_fitting_times, start_planning
from bookings.services.visits.ownership import assign_owner
from tests.support.builders import a_directory, a_visit
from tests.support.staff import an_account
from tests.support.stories import STAFF, holds_of, plan, slot_row

pytestmark = [pytest.mark.usefixtures("app_context")]
HOSTS = ("vakin", "stormossen", "westenergy")


@pytest.fixture
def reference(app_context):
    a_directory()
    reference = a_visit(state="submitted").reference
    database.session.rollback()
    return reference


def last_step():
    database.session.rollback()
    return database.session.scalar(select(func.max(UndoStep.id)))


def drafts():
    database.session.rollback()
    return database.session.scalars(select(Slot).order_by(Slot.starts_at, Slot.title)).all()


def state_of(reference):
    """All that the acts below change, without ids and versions."""
    database.session.expire_all()
    visit = database.session.scalars(select(VisitRequest).where(VisitRequest.reference == reference)).one()
    return (
        sorted(
            (one.starts_at, one.ends_at, one.title, one.message, one.site_id, one.is_required)
            for one in drafts()
        ),
        sorted(database.session.scalars(select(VisitNote.text))),
        (visit.owner_id, visit.takes_fitting_times),
        sorted(database.session.scalars(select(LabelledVisit.label_id))),
        own_settings().find("deadlines").value,
        sorted((one.text, one.due_on, one.done_by) for one in tasks_of_staff()),
    )


def tasks_of_staff():
    return database.session.scalars(select(VisitTask).where(VisitTask.kind == TaskKind.OWN)).all()


def act_on_tasks(random, reference, now):
    found = tasks_of_staff()
    wish = TaskWish(text=f"Task {random.random()}", due_on=random.choice([None, now.date()]))
    one = random.choice(found) if found else None
    database.session.rollback()
    if one is None or random.random() < 0.4:
        add_task(reference, wish, who=STAFF, now=now)
    elif random.random() < 0.3:
        change_task(one.id, wish, version=one.version, who=STAFF, now=now)
    else:
        random.choice([tick_task, reopen_task, remove_task])(one.id, who=STAFF, now=now)


def act(random, reference, people, labels, now):
    """One random act of staff; a few of them change nothing, and offer nothing."""
    found, title = drafts(), f"Title {random.random()}"
    kinds = ["add", "change", "change", "remove", "note", "owner", "rule", "label", "setting", "task", "task"]
    kind = random.choice(kinds)
    wish = plan(random.choice(HOSTS), random.randrange(8, 16), title=title, message="Words")
    if kind == "add" or (kind in ("change", "remove") and not found):
        add_slot(reference, wish, who=STAFF, now=now)
    elif kind == "change":
        slot = random.choice(found)
        change_slot(slot.id, wish, version=slot.version, who=STAFF, now=now)
    elif kind == "remove":
        remove_slot(random.choice(found).id, who=STAFF, now=now)
    elif kind == "task":
        act_on_tasks(random, reference, now)
    elif kind == "note":
        add_note(reference, title, who=STAFF, now=now)
    elif kind == "owner":
        assign_owner(reference, random.choice([None, *people]), who=STAFF, now=now)
    elif kind == "rule":
        set_fitting_times(reference, takes=random.random() < 0.5, who=STAFF, now=now)
    elif kind == "label":
        set_labels(reference, random.sample(labels, random.randrange(3)), who=STAFF, now=now)
    else:
        version = own_settings().find("deadlines").version
        save_deadlines({"notice_days": random.randrange(1, 99)}, version=version, who=STAFF, now=now)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("seed", range(4))
def test_taking_back_act_after_act_goes_through_every_state_before(app_context, reference, seed, now):
    random = Random(seed)
    people = [an_account(app_context, email=f"p{number}@staff.example") for number in range(2)]
    labels = [add_label(f"Label {number}", LabelTone.CALM, who=STAFF, now=now) for number in range(3)]
    start_planning(reference, who=STAFF, now=now)
    done = []

    for _round in range(25):
        before, newest = state_of(reference), last_step()
        act(random, reference, people, labels, now)
        if last_step() != newest:
            done.append((last_step(), before))
        elif done and random.random() < 0.3:
            step, earlier = done.pop()
            undo_step(step, who=STAFF, now=now)
            assert state_of(reference) == earlier

    assert len(done) > 10
    for step, before in reversed(done):
        undo_step(step, who=STAFF, now=now)
        assert state_of(reference) == before


@pytest.mark.sqlite_only
def test_a_planned_change_is_taken_back_with_its_warnings_act_after_act(reference, now):
    slot_id = add_slot(reference, plan("vakin", 9), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)
    held = holds_of(slot_id)
    plan_change(slot_id, plan("vakin", 12), version=slot_row(slot_id).version, who=STAFF, now=now)
    moved = last_step()
    version = slot_row(slot_id).version
    plan_withdrawal(slot_id, version=version, reason="Too far", who=STAFF, now=now)
    withdrawn = last_step()
    drop_planned_change(slot_id, who=STAFF, now=now)
    undo_step(last_step(), who=STAFF, now=now)
    database.session.rollback()
    reason = database.session.scalar(select(PlannedChange.reason))

    undo_step(withdrawn, who=STAFF, now=now)
    database.session.rollback()
    back = find_planned_change(database.session, slot_id)
    undo_step(moved, who=STAFF, now=now)

    database.session.rollback()
    assert reason == "Too far"
    assert (back.kind, back.after.starts_at) == (PlannedKind.MOVE, plan("vakin", 12).starts_at)
    assert find_planned_change(database.session, slot_id) is None
    assert (holds_of(slot_id), slot_row(slot_id).state) == (held, "pending")


@pytest.mark.sqlite_only
def test_a_task_that_somebody_changed_since_stays_as_it_is(reference, now):
    task_id = add_task(reference, TaskWish(text="Call the bus"), who=STAFF, now=now)
    step = last_step()
    tick_task(task_id, who=STAFF, now=now)

    with pytest.raises(UndoNotPossibleError) as refusal:
        undo_step(step, who=STAFF, now=now)

    assert (refusal.value.code, [one.done_by for one in tasks_of_staff()]) == ("changed", [STAFF.name])


def test_an_act_is_taken_back_once(reference, now):
    add_note(reference, "Call them", who=STAFF, now=now)
    step = last_step()
    undo_step(step, who=STAFF, now=now)

    with pytest.raises(UndoNotPossibleError) as refusal:
        undo_step(step, who=STAFF, now=now)

    actions = database.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert refusal.value.code == "done"
    assert actions[-2:] == ["add_note", "undo"]


@pytest.mark.sqlite_only
def test_what_was_changed_after_an_act_is_not_lost_by_taking_the_act_back(reference, now):
    slot_id = add_slot(reference, plan("vakin", 9), who=STAFF, now=now)
    step = last_step()
    change_slot(slot_id, plan("vakin", 10, title="Later"), version=1, who=STAFF, now=now)

    with pytest.raises(UndoNotPossibleError) as refusal:
        undo_step(step, who=STAFF, now=now)

    assert (refusal.value.code, refusal.value.by) == ("changed", STAFF.name)
    assert [slot.title for slot in drafts()] == ["Later"]
    assert "undo" not in database.session.scalars(select(AuditEntry.action)).all()


@pytest.mark.sqlite_only
@pytest.mark.parametrize("kind", ["owner", "rule", "label", "setting"])
def test_a_choice_that_was_chosen_anew_since_stays(app_context, reference, kind, now):
    people = [an_account(app_context, email=f"p{number}@staff.example") for number in range(2)]
    labels = [add_label(f"Label {number}", LabelTone.CALM, who=STAFF, now=now) for number in range(2)]

    def choose(number):
        if kind == "owner":
            assign_owner(reference, people[number], who=STAFF, now=now)
        elif kind == "rule":
            set_fitting_times(reference, takes=not number, who=STAFF, now=now)
        elif kind == "label":
            set_labels(reference, [labels[number]], who=STAFF, now=now)
        else:
            save_deadlines({"notice_days": 5 + number}, version=number, who=STAFF, now=now)

    choose(0)
    first = last_step()
    choose(1)
    chosen = state_of(reference)

    with pytest.raises(UndoNotPossibleError) as refusal:
        undo_step(first, who=STAFF, now=now)

    database.session.rollback()
    assert (refusal.value.code, state_of(reference)) == ("changed", chosen)


@pytest.mark.sqlite_only
def test_a_stop_that_its_host_was_told_of_is_never_taken_back_silently(reference, now):
    add_slot(reference, plan("vakin", 9), who=STAFF, now=now)
    step = last_step()
    release_visit(reference, who=STAFF, now=now)

    with pytest.raises(UndoNotPossibleError) as refusal:
        undo_step(step, who=STAFF, now=now)

    assert refusal.value.code == "told"
    assert [slot.state for slot in drafts()] == ["pending"]


@pytest.mark.sqlite_only
def test_old_acts_are_forgotten_with_their_texts(reference, now):
    add_note(reference, "Call them", who=STAFF, now=now)
    step, later = last_step(), now + timedelta(days=UNDO_DAYS, minutes=1)

    with pytest.raises(UndoNotPossibleError) as refusal:
        undo_step(step, who=STAFF, now=later)
    forget_undo_steps(now=later)

    assert (refusal.value.code, last_step()) == ("old", None)
