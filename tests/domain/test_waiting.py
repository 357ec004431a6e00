"""The queue's rule: in the order of joining, nobody passes there where somebody waits, offers get shorter."""

import random
from datetime import timedelta

import pytest

from bookings.domain.waiting import Wait, find_short_behind, left_behind, offer_until, plan_promotion
from tests.support.clock import NOW

EVENT, PART = 1, 2
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GROUP, LONE, ELSEWHERE = Wait(7, {EVENT: 3}), Wait(8, {EVENT: 1}), Wait(9, {PART: 1})


def test_nobody_passes_a_group_that_waits_for_the_same_seats():
    plan = plan_promotion([GROUP, LONE, ELSEWHERE], {EVENT: 2, PART: 1}, lets_smaller_pass=False)

    assert plan.offered == (9,)
    assert plan.blocked == {7: EVENT, 8: EVENT}
    assert plan.passed == {}


def test_where_smaller_ones_may_pass_the_group_stays_in_front_and_counts_it():
    plan = plan_promotion([GROUP, LONE], {EVENT: 2}, lets_smaller_pass=True)

    assert (plan.offered, plan.passed, plan.blocked) == ((8,), {7: 1}, {7: EVENT})


def test_who_waits_for_one_part_holds_up_everybody_who_needs_the_same_seats_of_the_event():
    both = Wait(7, {EVENT: 1, PART: 1})

    plan = plan_promotion([both, LONE], {EVENT: 1, PART: 0}, lets_smaller_pass=False)

    assert (plan.offered, plan.blocked) == ((), {7: PART, 8: EVENT})


def test_seats_without_an_end_hold_up_nobody():
    assert plan_promotion([GROUP, LONE], {EVENT: None}, lets_smaller_pass=False).offered == (7, 8)


@pytest.mark.parametrize(
    ("left", "kept"),
    [(30 * DAY, 24 * HOUR), (2 * DAY, 12 * HOUR), (2 * HOUR, HOUR), (HOUR, HOUR), (HOUR - DAY / 1440, None)],
)
def test_an_offer_lasts_a_day_and_less_as_the_event_nears(left, kept):
    until = offer_until(NOW + left, longest=DAY, now=NOW)

    assert until == (NOW + kept if kept else None)


def test_somebody_new_gets_in_exactly_where_the_plan_would_let_them_in():
    rng = random.Random(6)

    for _ in range(500):
        free = {pool: rng.choice([None, 0, 1, 2, 5]) for pool in range(1, 5)}
        queue = [Wait(number, _needs(rng)) for number in range(1, rng.randint(1, 6))]
        newcomer, lets_smaller_pass = Wait(99, _needs(rng)), rng.random() < 0.5

        short = find_short_behind(queue, newcomer.needs, free, lets_smaller_pass=lets_smaller_pass)

        plan = plan_promotion([*queue, newcomer], free, lets_smaller_pass=lets_smaller_pass)
        assert (short is None) == (99 in plan.offered)


def test_what_is_left_behind_the_queue_is_what_somebody_new_gets():
    rng = random.Random(7)

    for _ in range(500):
        free = {pool: rng.choice([None, 0, 1, 2, 5]) for pool in range(1, 5)}
        queue = [Wait(number, _needs(rng)) for number in range(1, rng.randint(1, 6))]
        newcomer, lets_smaller_pass = _needs(rng), rng.random() < 0.5

        left = left_behind(queue, free, lets_smaller_pass=lets_smaller_pass)

        short = find_short_behind(queue, newcomer, free, lets_smaller_pass=lets_smaller_pass)
        fits = all(left[pool] is None or seats <= left[pool] for pool, seats in newcomer.items())
        assert (short is None) == fits


def _needs(rng: random.Random) -> dict[int, int]:
    return {pool: rng.randint(1, 3) for pool in rng.sample(range(1, 5), rng.randint(1, 3))}
