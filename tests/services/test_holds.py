"""Whose time a slot takes: by its state, with buffers and travel, guarded by the database."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from bookings.db import database
from bookings.domain.errors import SlotsOverlapError, SlotTakenError
from bookings.models.holds import Hold
from bookings.services.slots import (
    accept_slot,
    add_slot,
    decline_slot,
    expire_slots,
    propose_times,
    remove_slot,
    withdraw_slot,
)
from bookings.services.visits import release_visit
from tests.support.builders import a_visit
from tests.support.stories import (
    DAY,
    STAFF,
    delegation_hold,
    holds_of,
    host_token,
    kinds,
    plan,
    slot_row,
)

pytestmark = pytest.mark.usefixtures("app_context")
HARD = [("delegation", "hard"), ("host", "hard")]
SOFT = [("delegation", "soft"), ("host", "soft")]


def released(reference: str, *plans, now) -> list[int]:
    ids = [add_slot(reference, one, who=STAFF, now=now) for one in plans]
    release_visit(reference, who=STAFF, now=now)
    return ids


def test_a_draft_holds_softly_and_a_question_holds_hard(reference, now):
    slot_id = add_slot(reference, plan("stormossen"), who=STAFF, now=now)
    assert holds_of(slot_id) == SOFT

    release_visit(reference, who=STAFF, now=now)

    assert holds_of(slot_id) == HARD


def test_offered_times_are_held_softly_beside_the_first_one(reference, now):
    [slot_id] = released(reference, plan("stormossen"), now=now)

    start = DAY + timedelta(days=1, hours=9)
    propose_times(host_token(slot_id), times=[(start, start + timedelta(hours=1))], now=now)

    assert sorted(holds_of(slot_id)) == sorted(HARD + SOFT)


@pytest.mark.parametrize("end", ["decline", "withdraw", "expire", "remove"])
def test_an_ended_slot_holds_nothing(reference, now, end):
    slot_id = add_slot(reference, plan("stormossen"), who=STAFF, now=now)
    if end == "remove":
        remove_slot(slot_id, who=STAFF, now=now)
    else:
        release_visit(reference, who=STAFF, now=now)
    if end == "decline":
        decline_slot(host_token(slot_id), now=now)
    elif end == "withdraw":
        withdraw_slot(slot_id, who=STAFF, now=now)
    elif end == "expire":
        expire_slots(now=slot_row(slot_id).respond_by)

    assert holds_of(slot_id) == []


def test_a_host_asked_by_another_visit_is_taken_and_the_refusal_names_the_next_free_times(reference, now):
    released(reference, plan("stormossen", 9, hours=1.5), now=now)
    other = a_visit().reference
    add_slot(other, plan("stormossen", 10), who=STAFF, now=now)

    with pytest.raises(SlotTakenError) as refusal:
        release_visit(other, who=STAFF, now=now)

    assert refusal.value.organisation_name == "Stormossen"
    assert refusal.value.next_free == tuple(DAY + timedelta(hours=hour) for hour in (10.5, 11, 11.5))
    assert kinds() == ["invitation"]


def test_touching_stops_of_one_host_fit(reference, now):
    released(reference, plan("stormossen", 9, hours=1), now=now)

    [slot_id] = released(a_visit().reference, plan("stormossen", 10, hours=1), now=now)

    assert holds_of(slot_id) == HARD


@pytest.mark.parametrize(
    "free_from",
    [
        pytest.param(10.5, marks=pytest.mark.settings(visits={"host_buffer_minutes": 30}), id="half an hour"),
        pytest.param(11, marks=pytest.mark.settings(visits={"host_buffer_minutes": 45}), id="45 minutes"),
    ],
)
def test_a_host_keeps_its_buffer_between_two_visits(reference, now, free_from):
    released(reference, plan("stormossen", 9, hours=1), now=now)
    other = a_visit().reference
    add_slot(other, plan("stormossen", 10.25, hours=1), who=STAFF, now=now)

    with pytest.raises(SlotTakenError) as refusal:
        release_visit(other, who=STAFF, now=now)

    assert refusal.value.next_free[0] == DAY + timedelta(hours=free_from)


def test_the_delegation_is_held_on_its_way_too(reference, now):
    vaasa, umea = released(reference, plan("stormossen", 6, hours=1), plan("vakin", 12), now=now)

    assert delegation_hold(vaasa) == (DAY + timedelta(hours=6), DAY + timedelta(hours=7))
    # 210 minutes of ferry and 30 of check-in before the stop
    assert delegation_hold(umea) == (DAY + timedelta(hours=8), DAY + timedelta(hours=13.5))


def test_a_stop_put_in_between_shortens_the_way_to_the_next_one(reference, now):
    _, umea = released(reference, plan("stormossen", 6, hours=1), plan("vakin", 14), now=now)

    [skelleftea] = released(reference, plan("westenergy", 8, hours=1), now=now)

    assert delegation_hold(skelleftea)[0] == DAY + timedelta(hours=8)
    assert delegation_hold(umea)[0] == DAY + timedelta(hours=10)


def test_a_stop_that_cannot_be_reached_is_refused_with_the_minutes(reference, now):
    [vaasa] = released(reference, plan("stormossen", 9, hours=1), now=now)
    umea = add_slot(reference, plan("vakin", 12), who=STAFF, now=now)

    with pytest.raises(SlotsOverlapError) as refusal:
        release_visit(reference, who=STAFF, now=now)

    assert refusal.value == SlotsOverlapError(vaasa, umea, needed_minutes=240, available_minutes=120)


def test_the_way_to_the_next_stop_is_laid_anew_when_one_falls_away(reference, now):
    _, middle, last = released(
        reference, plan("stormossen", 6, hours=1), plan("westenergy", 8, hours=1), plan("vakin", 14), now=now
    )

    decline_slot(host_token(middle), now=now)

    assert delegation_hold(last)[0] == DAY + timedelta(hours=10)


def test_an_overdue_question_frees_the_time_before_the_worker_comes_by(reference, now):
    [slot_id] = released(reference, plan("stormossen"), now=now)
    later = slot_row(slot_id).respond_by
    other = a_visit().reference
    add_slot(other, plan("stormossen"), who=STAFF, now=later)

    release_visit(other, who=STAFF, now=later)

    assert slot_row(slot_id).state == "expired"
    assert kinds() == ["invitation", "invitation_cancelled", "invitation"]


def test_a_no_cannot_be_taken_back_once_the_time_is_another_visits(reference, now):
    [slot_id] = released(reference, plan("stormossen"), now=now)
    token = host_token(slot_id)
    decline_slot(token, now=now)
    released(a_visit().reference, plan("stormossen"), now=now)

    with pytest.raises(SlotTakenError):
        accept_slot(token, now=now)

    assert slot_row(slot_id).state == "declined"


def test_the_database_itself_refuses_a_second_hard_hold(reference, now):
    [slot_id] = released(reference, plan("stormossen"), now=now)
    first = database.session.scalars(select(Hold).where(Hold.slot_id == slot_id)).first()
    times = {"starts_at": first.starts_at + timedelta(minutes=5), "ends_at": first.ends_at}
    database.session.add(Hold(resource_id=first.resource_id, slot_id=slot_id, strength="hard", **times))

    with pytest.raises(IntegrityError):
        database.session.commit()

    database.session.rollback()
