"""A proposed programme is changed on its page before it is applied."""

import re

import pytest

from bookings.jobs.planning import plan_waiting
from bookings.services.slots import add_slot, plan_change
from bookings.services.visits import release_visit
from tests.support.clock import NOW
from tests.support.planned import a_request, newest, planned
from tests.support.staff import a_signed_in_client
from tests.support.stories import STAFF, plan, slot_row


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.fixture
def run(app, staff):
    with app.app_context():
        return planned(a_request())


def page_of(run) -> str:
    return f"/staff/visits/{run.reference}/programmes"


def hidden_in(form: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))


def change(staff, run, **fields):
    """The form of the first programme as it stands on the page, with some answers of ours."""
    shown = staff.get(page_of(run)).text
    form = next(part for part in shown.split("<form") if f"/{run.id}/change" in part).partition("</form>")[0]
    values = hidden_in(form)
    values |= dict(re.findall(r'name="((?:day|clock)_[^"]+)" value="([^"]*)"', form))
    values |= dict(re.findall(r'name="(what_[^"]+)" value="([^"]+)" checked', form))
    return staff.post(f"{page_of(run)}/{run.id}/change", data={**values, "number": "1", **fields})


def planned_again(app, run):
    with app.app_context():
        assert plan_waiting(clock=lambda: NOW)
        return newest(run.reference)


def test_a_stop_at_another_time_stays_there_and_the_rest_is_planned_around_it(app, staff, run):
    first = run.programmes[0].plan.stops[0]

    answer = change(staff, run, what_1_0="time", clock_1_0="10:45", rest="anew")
    again = planned_again(app, run)

    moved = next(stop for stop in again.programmes[0].plan.stops if stop.host == first.host)
    assert (answer.status_code, again.id != run.id) == (303, True)
    assert moved.starts_at.minute == 45
    assert moved.starts_at.date() == first.starts_at.date()


def test_a_host_that_is_left_out_is_in_no_programme_until_it_may_come_again(app, staff, run):
    first = run.programmes[0].plan.stops[0].host

    change(staff, run, what_1_0="out", rest="keep")
    without = planned_again(app, run)
    change(staff, without, rest="anew")
    back = planned_again(app, without)

    assert all(first not in one.plan.hosts for one in without.programmes)
    assert first in back.programmes[0].plan.hosts


def test_what_stays_is_where_it_was(app, staff, run):
    stops = [(stop.host, stop.starts_at) for stop in run.programmes[0].plan.stops]

    change(staff, run, rest="keep")

    again = planned_again(app, run)
    assert {(stop.host, stop.starts_at) for stop in again.programmes[0].plan.stops} >= set(stops)


@pytest.mark.parametrize("clock", ["", "25:00", "10:07"])
def test_a_time_that_cannot_be_is_told_beside_its_field(app, staff, run, clock):
    answer = change(staff, run, what_1_0="time", clock_1_0=clock, rest="anew")

    assert answer.status_code == 422
    assert 'id="clock_1_0-error"' in answer.text


def test_a_time_at_which_nobody_is_open_is_answered_with_what_conflicts(app, staff, run):
    change(staff, run, what_1_0="time", clock_1_0="04:00", rest="keep")

    again = planned_again(app, run)
    shown = staff.get(page_of(run)).text

    assert again.programmes == ()
    assert run.programmes[0].plan.stops[0].host.title().split("-")[0] in shown


def test_a_host_of_the_search_is_put_in(app, staff, run):
    other = run.programmes[0].plan.stops[0].host
    change(staff, run, what_1_0="out", rest="anew")
    without = planned_again(app, run)
    here = f"{page_of(run)}/{without.id}"
    found = staff.get(f"{here}/why?number=1&host={other}")

    answer = staff.post(f"{here}/put-in", data={**hidden_in(found.text), "host": other})
    again = planned_again(app, without)

    assert "You left this host out" in found.text
    assert answer.status_code == 303
    assert all(other in one.plan.hosts for one in again.programmes)


def test_changes_that_wait_for_the_release_stand_on_the_page_old_and_new(app, staff, run):
    with app.app_context():
        slot_id = add_slot(run.reference, plan("stormossen", 9), who=STAFF, now=NOW)
        release_visit(run.reference, who=STAFF, now=NOW)
        version = slot_row(slot_id).version
        plan_change(slot_id, plan("stormossen", 12), version=version, who=STAFF, now=NOW)

    page = staff.get(page_of(run)).text

    told = " ".join(page.partition('id="planned-title"')[2].partition("</section>")[0].split())
    assert "Stormossen" in told
    assert "Tuesday 16 March 2027, 11:00–12:30 EET → Tuesday 16 March 2027, 14:00–15:30 EET" in told
    assert f'href="/staff/visits/{run.reference}#slot-{slot_id}"' in told
    assert f"/staff/visits/{run.reference}/release" in told
