"""How a delegation comes and goes: kept by staff, counted by the planner, forgotten with the visit."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.errors import (
    JourneyNotUsableError,
    NotFoundError,
    PlanOutdatedError,
    RecordChangedError,
    TransitionNotAllowedError,
)
from bookings.domain.planning import Journey, JourneyEnd
from bookings.models.audit import AuditEntry
from bookings.planner.problem import Waypoint
from bookings.planner.solve import solve
from bookings.queries.planning import load_problem
from bookings.queries.planning.journeys import read_journey
from bookings.services.planning import apply_plan, save_journey
from bookings.services.retention import anonymise_visits
from bookings.services.visits import refuse_visit
from tests.planner.checker import Checker
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.planned import a_request, planned
from tests.support.stories import STAFF, visit_row

pytestmark = pytest.mark.usefixtures("app_context")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In March 2027; the wished days are the 15th to the 17th."""
    return datetime(2027, 3, day, hour, minute, tzinfo=UTC)


COMES = JourneyEnd("umea", at(16, 9, 30))
GOES = JourneyEnd("umea", at(17, 13))


def stored(reference: str) -> Journey:
    read_session().rollback()
    return read_journey(visit_row(reference))


def test_the_journey_is_kept_with_a_line_in_the_trail_and_once():
    a_directory()
    visit = a_visit()
    reference, version = visit.reference, visit.version

    for _ in range(2):
        save_journey(reference, Journey(COMES, GOES, 2), who=STAFF, now=NOW)

    trail = database.session.scalars(select(AuditEntry).where(AuditEntry.action == "save_journey")).all()
    assert (stored(reference), len(trail)) == (Journey(COMES, GOES, 2), 1)
    assert visit_row(reference).version == version + 1


def test_what_is_not_known_any_more_is_taken_away():
    a_directory()
    reference = a_visit().reference
    save_journey(reference, Journey(COMES, GOES, 2), who=STAFF, now=NOW)

    save_journey(reference, Journey(), who=STAFF, now=NOW)

    assert stored(reference) == Journey(None, None, 1)


@pytest.mark.parametrize(
    ("journey", "field", "code"),
    [
        (Journey(GOES, COMES), "departure", "order"),
        (Journey(COMES, COMES), "departure", "order"),
        (Journey(JourneyEnd("atlantis", COMES.at)), "arrival", "place"),
        # 23:30 in UTC is the next day in Umeå.
        (Journey(JourneyEnd("umea", at(11, 22, 30))), "arrival", "days"),
        (Journey(None, JourneyEnd("umea", at(20, 23, 30))), "departure", "days"),
        (Journey(groups=0), "groups", "range"),
        (Journey(groups=4), "groups", "range"),
    ],
)
def test_a_journey_that_cannot_be_is_refused_with_its_field(journey, field, code):
    a_directory()
    reference = a_visit(group_size=3).reference

    with pytest.raises(JourneyNotUsableError) as refused:
        save_journey(reference, journey, who=STAFF, now=NOW)

    assert (refused.value.field, refused.value.code) == (field, code)
    assert stored(reference) == Journey()


def test_three_days_before_and_after_the_wished_days_are_near_enough():
    a_directory()
    reference = a_visit().reference
    journey = Journey(JourneyEnd("umea", at(11, 23, 30)), JourneyEnd("umea", at(20, 22, 30)), 6)

    save_journey(reference, journey, who=STAFF, now=NOW)

    assert stored(reference) == journey


def test_two_who_save_at_once_do_not_overwrite_each_other():
    a_directory()
    visit = a_visit()
    reference, version = visit.reference, visit.version
    save_journey(reference, Journey(COMES), version=version, who=STAFF, now=NOW)

    with pytest.raises(RecordChangedError):
        save_journey(reference, Journey(None, GOES), version=version, who=STAFF, now=NOW)

    assert stored(reference) == Journey(COMES)


def test_a_closed_or_unknown_visit_has_no_journey():
    a_directory()
    reference = a_visit(state="declined").reference

    with pytest.raises(TransitionNotAllowedError):
        save_journey(reference, Journey(COMES), who=STAFF, now=NOW)
    with pytest.raises(NotFoundError):
        save_journey("KV-1999-0001", Journey(COMES), who=STAFF, now=NOW)


def test_a_programme_found_before_the_journey_was_told_is_not_applied():
    reference = a_request()
    run = planned(reference)
    save_journey(reference, Journey(COMES), who=STAFF, now=NOW)

    with pytest.raises(PlanOutdatedError):
        apply_plan(run.id, 1, who=STAFF, now=NOW)


def test_no_stop_lies_before_the_arrival_or_after_the_departure_ways_included():
    reference = a_request()
    before = solve(load_problem(read_session(), reference, now=NOW).problem, steps=300).plans[0]
    save_journey(reference, Journey(COMES, GOES), who=STAFF, now=NOW)

    problem = load_problem(read_session(), reference, now=NOW).problem
    plans = solve(problem, steps=300).plans

    assert (problem.delegation.arrival, problem.delegation.departure) == (
        Waypoint("umea", COMES.at),
        Waypoint("umea", GOES.at),
    )
    assert min(stop.starts_at for stop in before.stops) < COMES.at
    assert plans
    for plan in plans:
        assert plan.stops
        assert Checker(problem).faults(plan) == []
        for stop in plan.stops:
            way = timedelta(minutes=problem.roads.get(("umea", stop.place), 0))
            sails = stop.place == "vaasa"
            assert not sails, "no sailing there and back fits"
            assert COMES.at + way <= stop.starts_at
            assert stop.ends_at + way <= GOES.at


def test_groups_reach_the_planner_each_with_stops_of_its_own():
    reference = a_request()
    save_journey(reference, Journey(groups=2), who=STAFF, now=NOW)

    problem = load_problem(read_session(), reference, now=NOW).problem
    plan = solve(problem, steps=300).plans[0]

    assert problem.delegation.groups == 2
    assert Checker(problem).faults(plan) == []
    assert {stop.group for stop in plan.stops} == {0, 1}


def test_an_anonymised_visit_has_no_journey_left():
    a_directory()
    reference = a_visit().reference
    save_journey(reference, Journey(COMES, GOES, 2), who=STAFF, now=NOW)
    refuse_visit(reference, "No time", who=STAFF, now=NOW)

    anonymise_visits(now=NOW + timedelta(days=3 * 366))

    found = stored(reference)
    assert (found.arrival, found.departure) == (None, None)
