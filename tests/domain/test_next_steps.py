"""What has to happen next with a visit, and whose turn it is."""

from datetime import UTC, datetime

import pytest

from bookings.domain.next_steps import NextStep, Standing, Step, find_next_step
from bookings.domain.slots import SlotState
from bookings.domain.visits import CLOSED_STATES, Actor, VisitState

S, V = SlotState, VisitState
FRIDAY = datetime(2027, 2, 5, 12, tzinfo=UTC)


def step_of(state: VisitState, **facts) -> Step:
    return find_next_step(Standing(state, **facts)).step


@pytest.mark.parametrize(
    ("state", "slots", "step"),
    [
        (V.SUBMITTED, {}, Step.TRIAGE),
        (V.PLANNING, {}, Step.CHOOSE_HOSTS),
        (V.PLANNING, {S.DRAFT: 2}, Step.RELEASE),
        (V.PLANNING, {S.ACCEPTED: 2}, Step.PROPOSE),
        (V.AWAITING_HOSTS, {S.PENDING: 1, S.ACCEPTED: 3}, Step.AWAIT_HOSTS),
        (V.AWAITING_HOSTS, {S.PENDING: 1, S.COUNTERED: 1}, Step.JUDGE_PROPOSAL),
        (V.AWAITING_HOSTS, {S.PENDING: 1, S.DRAFT: 1}, Step.RELEASE),
        (V.AWAITING_HOSTS, {S.ACCEPTED: 3}, Step.PROPOSE),
        (V.PROPOSED, {S.ACCEPTED: 3}, Step.AWAIT_VISITOR_CONSENT),
        (V.CONFIRMED, {S.ACCEPTED: 3}, Step.TAKE_PLACE),
        (V.CONFIRMED, {S.ACCEPTED: 3, S.COUNTERED: 1}, Step.JUDGE_PROPOSAL),
    ],
)
def test_staffs_own_work_comes_before_waiting(state, slots, step):
    assert step_of(state, slots=slots) == step


def test_an_offered_programme_waits_for_the_letter_of_the_client():
    offered = Standing(V.PROPOSED, slots={S.ACCEPTED: 3}, lacks_letter=True, answer_by=FRIDAY)

    assert find_next_step(offered) == NextStep(Step.AWAIT_LETTER, Actor.VISITOR, FRIDAY)
    assert step_of(V.PLANNING, slots={S.ACCEPTED: 3}, lacks_letter=True) == Step.PROPOSE


def test_a_required_host_that_is_lost_has_to_be_replaced():
    assert step_of(V.AWAITING_HOSTS, slots={S.DECLINED: 1, S.PENDING: 1}, failed_hosts=1) == Step.REPLACE_HOST
    assert step_of(V.AWAITING_HOSTS, slots={S.DECLINED: 1, S.PENDING: 1}) == Step.AWAIT_HOSTS


def test_who_waits_for_hosts_sees_until_when():
    standing = Standing(V.AWAITING_HOSTS, slots={S.PENDING: 1}, respond_by=FRIDAY)

    assert find_next_step(standing) == NextStep(Step.AWAIT_HOSTS, Actor.HOST, FRIDAY)


def test_a_question_waits_for_the_visitor_and_its_answer_for_staff():
    asked = find_next_step(Standing(V.NEEDS_INFO, answer_by=FRIDAY))
    answered = find_next_step(Standing(V.SUBMITTED, has_answer=True))

    assert asked == NextStep(Step.AWAIT_VISITOR_ANSWER, Actor.VISITOR, FRIDAY)
    assert answered == NextStep(Step.READ_ANSWER, Actor.STAFF)


@pytest.mark.parametrize("state", [V.AWAITING_HOSTS, V.PLANNING, V.CONFIRMED])
def test_a_wish_is_read_before_anything_else(state):
    wished = find_next_step(Standing(state, slots={S.ACCEPTED: 2, S.COUNTERED: 1}, has_wish=True))

    assert wished == NextStep(Step.READ_WISH, Actor.STAFF)


@pytest.mark.parametrize("state", [V.AWAITING_HOSTS, V.PROPOSED, V.CONFIRMED])
def test_a_change_that_nobody_was_told_of_is_released_before_anybody_is_waited_for(state):
    planned = find_next_step(Standing(state, slots={S.ACCEPTED: 1, S.PENDING: 1}, has_planned=True))

    assert planned == NextStep(Step.RELEASE, Actor.STAFF)


def test_what_is_held_back_comes_first():
    assert step_of(V.UNVERIFIED, is_held=True) == Step.MODERATE


@pytest.mark.parametrize("state", CLOSED_STATES)
def test_nothing_is_left_to_do_with_a_closed_visit(state):
    assert find_next_step(Standing(state, slots={S.DECLINED: 1}, failed_hosts=1)) == NextStep(Step.NONE)
