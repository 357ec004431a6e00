"""Runs of the planner, and what staff make of them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from bookings.db import database, read_session
from bookings.domain.errors import NotFoundError, PlanOutdatedError, TransitionNotAllowedError
from bookings.domain.hosts import AskingWay
from bookings.domain.planning import Pin, ProgrammeWishes, RunState
from bookings.jobs.planning import plan_waiting
from bookings.models.directory import Organisation, OrganisationInterest
from bookings.models.hosts import HostTerms
from bookings.models.planning import PlanningRun
from bookings.models.slots import Slot
from bookings.planner.repair import repair
from bookings.queries.directory import load_directory
from bookings.queries.planning import load_problem
from bookings.queries.planning.mending import find_next_best
from bookings.queries.planning.problem import WEIGHT_NAMES
from bookings.queries.planning.slot_plans import build_slot_plan
from bookings.services.planning import (
    RunOutcome,
    apply_plan,
    ask_for_programmes,
    claim_run,
    keep_progress,
    lock_slot,
    requeue_run,
    save_weights,
    set_release_rule,
    stop_run,
)
from bookings.services.retention import forget_planning_runs
from bookings.services.slots import add_slot, decline_slot
from bookings.services.visits import release_visit
from tests.planner.checker import Checker
from tests.support.builders import save
from tests.support.clock import NOW
from tests.support.planned import a_request, newest, planned
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF, host_token
from tests.support.stories import plan as a_plan

pytestmark = pytest.mark.usefixtures("app_context")


def slots(reference: str) -> list[Slot]:
    read_session().rollback()
    return list(database.session.scalars(select(Slot).order_by(Slot.starts_at)))


def test_a_run_ends_with_programmes_that_break_no_rule_and_say_why():
    reference = a_request()

    run = planned(reference)

    problem = load_problem(read_session(), reference, now=NOW).problem
    assert (run.state, len(run.programmes) >= 1) == (RunState.DONE, True)
    for found in run.programmes:
        assert Checker(problem).faults(found.plan) == []
        assert len(found.gains) == len(found.plan.stops)
    assert {"stormossen", "vakin"} <= set(run.programmes[0].plan.hosts)
    assert {leg.way for leg in run.programmes[0].plan.legs} == {"road", "ferry"}


@pytest.mark.parametrize(
    ("rounds", "words"),
    [(1, "2 groups at the same time."), (3, "at the same time, 3 times one after the other.")],
)
def test_a_host_reads_how_a_large_group_parts(rounds, words):
    reference = a_request()
    stop = next(one for one in planned(reference).programmes[0].plan.stops if one.host == "stormossen")

    plan = build_slot_plan(read_session(), replace(stop, parallel=2, rounds=rounds), language="en")

    assert plan.message.endswith(words)


def test_the_same_is_planned_once_however_often_staff_press():
    reference = a_request()

    first = ask_for_programmes(reference, who=STAFF, now=NOW)

    assert ask_for_programmes(reference, who=STAFF, now=NOW) == first
    assert plan_waiting(clock=lambda: NOW)
    assert not plan_waiting(clock=lambda: NOW)


def test_other_weights_take_the_place_of_a_run_that_waits():
    reference = a_request()
    first = ask_for_programmes(reference, who=STAFF, now=NOW)

    second = ask_for_programmes(reference, points={"area": 7}, who=STAFF, now=NOW)

    states = dict(database.session.execute(select(PlanningRun.id, PlanningRun.state)).all())
    assert states == {first: "stopped", second: "queued"}
    assert newest(reference).points["area"] == 7


def test_staff_stop_a_run_and_keep_what_it_found():
    reference = a_request()
    run_id = ask_for_programmes(reference, who=STAFF, now=NOW)
    claim_run(now=NOW)

    goes_on = keep_progress(run_id, RunOutcome(steps=50, score=3.0), now=NOW)
    stop_run(run_id, now=NOW)

    assert (goes_on, keep_progress(run_id, RunOutcome(steps=100), now=NOW)) == (True, False)
    assert newest(reference).steps == 100


def test_a_run_whose_worker_is_gone_is_taken_by_another():
    reference = a_request()
    run_id = ask_for_programmes(reference, who=STAFF, now=NOW)
    claim_run(now=NOW)

    assert claim_run(now=NOW + timedelta(seconds=30)) is None
    taken = claim_run(now=NOW + timedelta(minutes=5))

    assert taken is not None
    assert taken.id == run_id


def test_a_worker_that_stops_gives_the_run_back():
    reference = a_request()
    run_id = ask_for_programmes(reference, who=STAFF, now=NOW)
    claim_run(now=NOW)

    requeue_run(run_id)

    assert newest(reference).state == RunState.QUEUED


def test_a_closed_visit_is_not_planned():
    reference = a_request(state="declined")

    with pytest.raises(TransitionNotAllowedError):
        ask_for_programmes(reference, who=STAFF, now=NOW)


def test_an_applied_programme_becomes_drafts_and_a_second_time_changes_nothing():
    reference = a_request()
    run = planned(reference)

    applied = apply_plan(run.id, 1, who=STAFF, now=NOW)
    again = apply_plan(run.id, 1, who=STAFF, now=NOW)

    stops = run.programmes[0].plan.stops
    assert [(slot.starts_at, slot.ends_at, slot.state) for slot in slots(reference)] == [
        (stop.starts_at, stop.ends_at, "draft") for stop in stops
    ]
    assert (applied.added, again.added, again.kept) == (len(stops), 0, len(stops))


def test_another_programme_takes_the_place_of_the_drafts():
    reference = a_request()
    run = planned(reference)
    apply_plan(run.id, 1, who=STAFF, now=NOW)
    first = slots(reference)[0]
    lock_slot(first.id, is_locked=True, who=STAFF, now=NOW)

    again = planned(reference)
    apply_plan(again.id, 1, who=STAFF, now=NOW)

    assert [stop.fixed_key for stop in again.programmes[0].plan.stops].count(str(first.id)) == 1
    assert slots(reference)[0].id == first.id


def test_a_programme_of_a_visit_that_changed_is_not_applied():
    reference = a_request()
    run = planned(reference)
    add_slot(reference, a_plan("westenergy", 10), who=STAFF, now=NOW)

    with pytest.raises(PlanOutdatedError):
        apply_plan(run.id, 1, who=STAFF, now=NOW)

    assert len(slots(reference)) == 1


def test_only_programmes_that_were_found_are_applied():
    reference = a_request()
    run = planned(reference)

    for number in (0, 9):
        with pytest.raises(NotFoundError):
            apply_plan(run.id, number, who=STAFF, now=NOW)


def test_what_a_host_was_asked_stays_where_it_is():
    reference = a_request()
    run = planned(reference)
    apply_plan(run.id, 1, who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    before = [(slot.id, slot.starts_at, slot.version) for slot in slots(reference)]

    again = planned(reference)
    apply_plan(again.id, 1, who=STAFF, now=NOW)

    after = {slot.id: (slot.id, slot.starts_at, slot.version) for slot in slots(reference)}
    assert [after[row[0]] for row in before] == before


def test_hosts_that_wish_it_are_asked_at_once_where_staff_let_the_visit():
    reference = a_request()
    run = planned(reference)
    host = run.programmes[0].plan.stops[0].host
    save(HostTerms(organisation_id=_id_of(host), asking=AskingWay.AUTOMATIC, ask_on=NOW.date()))
    set_release_rule(reference, releases=True, who=STAFF, now=NOW)

    applied = apply_plan(run.id, 1, who=STAFF, now=NOW)

    states = [slot.state for slot in slots(reference)]
    assert (applied.asked, states.count("pending"), states.count("draft")) == (1, 1, len(states) - 1)


def _id_of(slug: str) -> int:
    return load_directory(read_session()).companies[slug].id


def test_saved_weights_count_for_every_later_run():
    reference = a_request()
    save_weights({"area": 33, "wanted": 1}, who=STAFF, now=NOW)

    problem = load_problem(read_session(), reference, now=NOW).problem

    assert (problem.weights.area, problem.weights.wanted, problem.weights.crossing) == (33, 1, 25)


def test_an_impossible_request_says_what_does_not_go_together():
    reference = a_request(with_ferry=False)
    for host in ("vakin", "stormossen"):
        plan = a_plan(host, 10)
        lock_slot(add_slot(reference, plan, who=STAFF, now=NOW), is_locked=True, who=STAFF, now=NOW)

    run = planned(reference)

    assert (run.state, run.programmes) == (RunState.DONE, ())
    assert run.conflict is not None
    assert len(run.conflict["drop"]) == 2


def test_the_problem_takes_as_many_statements_for_many_slots_as_for_one():
    reference = a_request()
    add_slot(reference, a_plan("vakin", 10), who=STAFF, now=NOW)
    load_problem(read_session(), reference, now=NOW)
    with recorded_statements() as one:
        load_problem(read_session(), reference, now=NOW)
    for hour in (12, 14):
        add_slot(reference, a_plan("vakin", hour), who=STAFF, now=NOW)
    load_problem(read_session(), reference, now=NOW)

    with recorded_statements() as three:
        load_problem(read_session(), reference, now=NOW)

    assert len(one) == len(three)


def test_the_wanted_hosts_have_to_be_in_where_staff_say_so():
    reference = a_request(with_ferry=False, wanted=("vakin", "stormossen"))

    run = planned(reference, needs_wanted=True)

    demands = [(one["kind"], one["key"]) for one in run.conflict["demands"]]
    assert (run.programmes, sorted(demands)) == ((), [("host", "stormossen"), ("host", "vakin")])


def test_a_host_that_staff_put_in_may_work_in_other_areas_than_the_visitor_asked_for():
    reference = a_request()
    of_vakin = select(Organisation.id).where(Organisation.slug == "vakin").scalar_subquery()
    database.session.execute(
        delete(OrganisationInterest).where(OrganisationInterest.organisation_id == of_vakin)
    )
    database.session.commit()

    without = planned(reference)
    run = planned(reference, wishes=ProgrammeWishes(pins=(Pin("", "vakin"),)))

    assert all("vakin" not in one.plan.hosts for one in without.programmes)
    assert run.programmes
    assert all("vakin" in one.plan.hosts for one in run.programmes)


def test_how_good_a_plan_is_is_never_said_too_well():
    run = planned(a_request())

    told = replace(run, is_proved=False, score=996.0, bound=1000.0)

    assert told.gap_percent == 1
    assert replace(told, score=1000.0).gap_percent == 0


def test_where_every_host_is_in_already_there_is_no_next_best_and_nothing_moves():
    reference = a_request()
    run = planned(reference)
    apply_plan(run.id, 1, who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    first = slots(reference)[0]
    decline_slot(host_token(first.id), reason="Stocktaking", now=NOW)

    found = find_next_best(read_session(), first.id, now=NOW)

    assert (len(slots(reference)), found.stop, found.moves) == (4, None, ())


def test_where_no_host_is_worth_the_way_whoever_fits_is_the_next_best():
    reference = a_request()
    slot_id = add_slot(reference, a_plan("stormossen", 10), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    decline_slot(host_token(slot_id), reason="Stocktaking", now=NOW)
    nothing_but_ways = {**dict.fromkeys(WEIGHT_NAMES, 0), "travel_hour": 100, "load_visit": 100}
    save_weights(nothing_but_ways, who=STAFF, now=NOW)

    found = find_next_best(read_session(), slot_id, now=NOW)

    assert found.stop is not None
    assert repair(load_problem(read_session(), reference, now=NOW).problem).list_newcomers() == []


def test_who_said_no_is_not_proposed_again():
    reference = a_request()
    slot_id = add_slot(reference, a_plan("stormossen", 10), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    decline_slot(host_token(slot_id), reason="Stocktaking", now=NOW)

    run = planned(reference)

    assert all("stormossen" not in found.plan.hosts for found in run.programmes)
    assert run.programmes


def test_what_the_planner_found_is_forgotten_after_a_quarter(now):
    planned(a_request())

    forget_planning_runs(now=now + timedelta(days=89))
    kept = len(list(database.session.scalars(select(PlanningRun))))
    forget_planning_runs(now=now + timedelta(days=91))

    database.session.rollback()
    assert (kept, list(database.session.scalars(select(PlanningRun)))) == (1, [])
