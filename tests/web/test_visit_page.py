"""The page of a visit as a coordinator reads it: whose clocks, which day, and what is missing."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from bookings.db import database
from bookings.models.staff import StaffUser
from tests.support.builders import a_directory, a_slot, a_visit
from tests.support.clock import NOW
from tests.support.staff import a_signed_in_client

TEN = NOW + timedelta(days=43, hours=1)


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


def test_a_way_stands_on_the_day_on_which_it_leaves(app, staff):
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="planning")
        a_slot(visit, hosts["stormossen"], starts_at=TEN)
        a_slot(visit, hosts["vakin"], starts_at=TEN + timedelta(days=1))
        reference = visit.reference

    page = staff.get(f"/staff/visits/{reference}").text

    _, first_day, next_day = page.split('<section class="day">')
    assert "with the ferry, check-in included" in first_day
    assert "with the ferry, check-in included" not in next_day


@pytest.mark.parametrize(("town", "clock"), [("vaasa", "EET"), ("umea", "CET")])
def test_staff_read_of_what_happened_by_the_clocks_of_their_own_town(app, staff, town, clock):
    with app.app_context():
        database.session.execute(update(StaffUser).values(town=town))
        database.session.commit()
        reference = a_visit().reference

    page = staff.get(f"/staff/visits/{reference}").text

    assert re.findall(r"<dt>Sent</dt><dd>[^<]+ (\w+)</dd>", page) == [clock]


@pytest.mark.parametrize(("state", "is_warned"), [("declined", True), ("accepted", False)])
def test_who_proposes_a_programme_without_a_required_host_is_warned(app, staff, state, is_warned):
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="planning")
        a_slot(visit, hosts["stormossen"], starts_at=TEN, state="accepted")
        a_slot(visit, hosts["vakin"], starts_at=TEN + timedelta(days=1), state=state)
        reference = visit.reference

    page = staff.get(f"/staff/visits/{reference}/propose").text

    assert ("The visitor gets the programme without it." in page) is is_warned
