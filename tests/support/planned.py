"""Requests that the planner can work on, and its work done."""

from collections.abc import Iterator

from sqlalchemy import select

from bookings.db import database, read_session
from bookings.jobs.planning import plan_waiting
from bookings.models.directory import Interest, Place
from bookings.models.planning import Sailing
from bookings.models.visits import WantedHost
from bookings.queries.planning.results import RunView, find_newest_run
from bookings.services.planning import ask_for_programmes
from tests.support.builders import a_directory, a_visit, save
from tests.support.clock import NOW
from tests.support.stories import STAFF


def a_sailing(origin: str, target: str, departs_at: str) -> None:
    """Every day, four hours."""
    ids = dict(database.session.execute(select(Place.slug, Place.id)).all())
    save(
        Sailing(
            from_place_id=ids[origin],
            to_place_id=ids[target],
            departs_at=departs_at,
            minutes=240,
            weekdays="1234567",
        )
    )


def a_request(*, with_ferry: bool = True, wanted: tuple[str, ...] = (), **columns) -> str:
    """Ten people who want to see waste and biogas on both shores, on three days in six weeks."""
    directory = a_directory()
    if with_ferry:
        a_sailing("vaasa", "umea", "09:00")
        a_sailing("umea", "vaasa", "13:00")
    interests = database.session.scalars(select(Interest)).all()
    visit = a_visit(interests=interests, **columns)
    save(*(WantedHost(visit_id=visit.id, organisation_id=directory[slug].id) for slug in wanted))
    return visit.reference


def planned(reference: str, **wishes) -> RunView:
    """Asked for, and worked off."""
    ask_for_programmes(reference, who=STAFF, now=NOW, **wishes)
    assert plan_waiting(clock=lambda: NOW)
    return newest(reference)


def newest(reference: str) -> RunView:
    """The last run as it stands now."""
    read_session().rollback()
    run = find_newest_run(read_session(), reference)
    assert run is not None
    return run


def list_planning_addresses(states: dict[str, str], slot: str) -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and reader of the planner's pages: asked for nothing, waiting, through, in vain.

    `states`: the path of a visit in each state; `slot`: that of a slot whose host said no.
    """
    page = "staff_planning.programmes"
    yield page, f"{states['confirmed']}/programmes", "coordinator"
    for state in ("planning", "submitted", "awaiting_hosts"):
        ask_for_programmes(states[state].rpartition("/")[2], who=STAFF, now=NOW)
    yield page, f"{states['submitted']}/programmes", "coordinator"
    while plan_waiting(clock=lambda: NOW):
        pass
    run = newest(states["planning"].rpartition("/")[2])
    yield page, f"{states['planning']}/programmes", "coordinator"
    yield page, f"{states['planning']}/programmes", "reader"
    yield page, f"{states['awaiting_hosts']}/programmes", "coordinator"
    for query in ("host=vakin", "q=e", "q=nothing-like-this", ""):
        yield "staff_planning.why", f"{states['planning']}/programmes/{run.id}/why?{query}", "coordinator"
    yield "staff_planning.next_best", f"{slot}/next-best", "coordinator"
    yield "staff_sailings.index", "/staff/sailings", "coordinator"
    yield "staff_sailings.index", "/staff/sailings", "reader"
    yield "staff_reports.hosts", "/staff/reports/hosts", "reader"
