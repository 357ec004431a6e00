"""Staff's page of an event's day: counts, letting people in, links for those who help."""

import re

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.staff import StaffRole
from bookings.models.registrations import Attendance
from tests.support.clock import NOW
from tests.support.doors import a_door_event, a_registration
from tests.support.forms import button_fields, submit
from tests.support.own_pages import at
from tests.support.staff import a_signed_in_client
from tests.support.statements import recorded_statements

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def page(app):
    """The address of the door of an event with one person, Elli Niemi."""
    app.extensions["clock"] = at(NOW)
    with app.app_context():
        event = a_door_event(parts=["Grid"])
        a_registration(event, name="Elli Niemi")
        return f"/staff/events/{event.slug}/door"


def test_staff_make_a_link_that_is_shown_once_and_end_it(app, page):
    client = a_signed_in_client(app)
    made = submit(client, f"{page}/links", page=page)
    found = re.search(r"/doors/([\w-]{43})", made.text)
    assert found
    address = found[0]
    later = client.get(page).text

    assert client.get(address).status_code == 200
    assert found[1] not in later
    assert "Door link 1" in later
    end = re.search(rf"{page}/links/\d+/close", later)
    assert end
    assert submit(client, end[0], page=page).status_code == 303
    assert client.get(address).status_code == 404


def test_staff_let_people_in_and_readers_only_look(app, page):
    client, reader = a_signed_in_client(app), a_signed_in_client(app, StaffRole.READER)
    fields = button_fields(client.get(f"{page}?text=elli").text, "Elli Niemi")
    client.post(f"{page}/check-in", data=fields)

    with app.app_context():
        assert read_session().scalars(select(Attendance.signature)).all() == ["name"]
    with recorded_statements() as statements:
        seen = reader.get(f"{page}?text=elli")
    assert "Let in" not in seen.text
    assert len(statements) <= 14
    del fields["csrf_token"]
    assert submit(reader, f"{page}/check-in", fields, page="/staff/account").status_code == 403
