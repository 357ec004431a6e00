"""The page of a visit as a coordinator reads it: whose clocks, which day, and what is missing."""

import re

import pytest
from sqlalchemy import update

from bookings.db import database
from bookings.models.staff import StaffUser
from tests.support.builders import a_visit
from tests.support.clock import NOW
from tests.support.staff import a_signed_in_client


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.mark.parametrize(("town", "clock"), [("vaasa", "EET"), ("umea", "CET")])
def test_staff_read_of_what_happened_by_the_clocks_of_their_own_town(app, staff, town, clock):
    with app.app_context():
        database.session.execute(update(StaffUser).values(town=town))
        database.session.commit()
        reference = a_visit().reference

    page = staff.get(f"/staff/visits/{reference}").text

    assert re.findall(r"<dt>Sent</dt><dd>[^<]+ (\w+)</dd>", page) == [clock]
