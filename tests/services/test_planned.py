"""Changes of announced stops are planned first: nobody hears of them, others are warned of their times."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookings.db import read_session
from bookings.domain.errors import RecordChangedError, TransitionNotAllowedError
from bookings.domain.planned import PlannedKind
from bookings.queries.planned import find_planned_change, list_times_of_plans, preview_change
from bookings.services.slots import (
    accept_slot,
    add_slot,
    drop_planned_change,
    plan_change,
    plan_withdrawal,
)
from bookings.services.visits import release_visit
from tests.support.builders import a_visit
from tests.support.clock import NOW
from tests.support.stories import STAFF, audit_of, holds_of, host_token, kinds, plan, slot_row

pytestmark = pytest.mark.usefixtures("app_context")
HARD = [("delegation", "hard"), ("host", "hard")]
HARD_AND_SOFT = [("delegation", "hard"), ("delegation", "soft"), ("host", "hard"), ("host", "soft")]


def asked(reference: str, slug: str = "stormossen", hour: float = 9) -> int:
    slot_id = add_slot(reference, plan(slug, hour), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    return slot_id


def plan_move(slot_id: int, slug: str = "stormossen", hour: float = 12, **more) -> PlannedKind | None:
    version = slot_row(slot_id).version
    return plan_change(slot_id, plan(slug, hour, **more), version=version, who=STAFF, now=NOW)


def planned(slot_id: int):
    read_session().rollback()
    return find_planned_change(read_session(), slot_id)


def test_a_planned_move_tells_nobody_and_warns_others_of_its_time(reference):
    slot_id = asked(reference)
    before = slot_row(slot_id)

    kind = plan_move(slot_id)

    view, slot = planned(slot_id), slot_row(slot_id)
    assert kind is PlannedKind.MOVE
    assert (view.kind, view.is_stale, view.planned_by) == (PlannedKind.MOVE, False, "Anna Coordinator")
    assert view.after.starts_at - view.before.starts_at == timedelta(hours=3)
    assert (slot.starts_at, slot.state) == (before.starts_at, "pending")
    assert (kinds(), holds_of(slot_id)) == (["invitation"], HARD_AND_SOFT)
    assert audit_of(slot_id)[-1] == "plan_move"
    assert list_times_of_plans(read_session(), [slot_id])[slot_id].starts_at == view.after.starts_at


def test_an_answer_in_between_makes_the_planned_change_stale(reference):
    slot_id = asked(reference)
    plan_move(slot_id)

    accept_slot(host_token(slot_id), now=NOW)

    assert planned(slot_id).is_stale
    assert holds_of(slot_id) == HARD


def test_a_dropped_plan_leaves_the_slot_as_it_was(reference):
    slot_id = asked(reference)
    plan_move(slot_id)

    drop_planned_change(slot_id, who=STAFF, now=NOW)
    drop_planned_change(slot_id, who=STAFF, now=NOW)

    assert (planned(slot_id), holds_of(slot_id), kinds()) == (None, HARD, ["invitation"])
    assert audit_of(slot_id)[-2:] == ["plan_move", "drop_planned"]


def test_planning_the_slot_as_it_is_drops_what_was_planned(reference):
    slot_id = asked(reference)
    plan_move(slot_id)

    kind = plan_move(slot_id, hour=9)

    assert (kind, planned(slot_id)) == (None, None)


def test_a_draft_changes_at_once_and_another_host_is_a_replacement(reference):
    slot_id = asked(reference)
    draft = add_slot(reference, plan("vakin", 6), who=STAFF, now=NOW)

    assert plan_move(draft, "vakin", 7) is None
    assert slot_row(draft).starts_at == plan("vakin", 7).starts_at
    with pytest.raises(TransitionNotAllowedError):
        plan_withdrawal(draft, version=slot_row(draft).version, who=STAFF, now=NOW)
    assert plan_move(slot_id, "westenergy", 9) is PlannedKind.REPLACE
    assert planned(slot_id).after.host_slug == "westenergy"


def test_whoever_plans_on_an_old_reading_is_told(reference):
    slot_id = asked(reference)
    seen = slot_row(slot_id).version
    plan_withdrawal(slot_id, version=seen, who=STAFF, now=NOW)

    with pytest.raises(RecordChangedError):
        plan_change(slot_id, plan("stormossen", 12), version=seen, who=STAFF, now=NOW)

    assert planned(slot_id).kind is PlannedKind.WITHDRAW


def test_a_preview_says_what_speaks_against_a_move_and_who_will_be_told(reference):
    other = a_visit().reference
    asked(other, "stormossen", 12)
    asked(reference, "westenergy", 12.5)
    slot_id = asked(reference)
    wish = plan("stormossen", 12)

    seen = preview_change(read_session(), slot_id, wish, now=NOW)

    assert {one.code for one in seen.concerns} >= {"host_taken", "overlap"}
    assert seen.clashes
    assert [(one.address, one.is_visitor) for one in seen.readers] == [("visits@stormossen.example", False)]
    free = replace(
        wish, starts_at=wish.starts_at + timedelta(hours=20), ends_at=wish.ends_at + timedelta(hours=20)
    )
    assert not preview_change(read_session(), slot_id, free, now=NOW).clashes
    assert planned(slot_id) is None
