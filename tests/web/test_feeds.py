"""Pages on which staff and hosts make, renew and stop addresses of feeds, and name a host's own calendar."""

import html
import re

import pytest

from bookings.db import database
from bookings.models.directory import HostContact
from bookings.models.feeds import CalendarFeed
from bookings.queries.busy import list_own_calendars
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.own_pages import a_released_visit, at, press
from tests.support.staff import a_signed_in_client


@pytest.fixture(autouse=True)
def _clock(app):
    app.extensions["clock"] = at(NOW)


def address_in(page):
    """The path of the address that stands on the page, once as it is and once for calendar programs."""
    text = html.unescape(page)
    path = re.search(r'value="https?://[^/]+(/calendar/[\w-]+\.ics)"', text)[1]
    assert re.search(r'href="webcal://[^/]+' + re.escape(path), text)
    assert "8 to 24 hours" in text
    return path


def summaries(client, path):
    return sorted(re.findall(r"^SUMMARY:(.*)\r", client.get(path).text, re.MULTILINE))


def contact_at(position):
    database.session.rollback()
    return database.session.query(HostContact).order_by(HostContact.id).all()[position]


def test_staff_make_an_address_for_one_town_and_stop_it_again(app):
    with app.app_context():
        a_released_visit()
    client = a_signed_in_client(app)

    made = submit(client, "/staff/calendar/address", {"town": "umea"}, page="/staff/calendar")
    town = address_in(made.text)
    everything = address_in(
        submit(client, "/staff/calendar/address", {"town": ""}, page="/staff/calendar").text
    )

    assert [line.partition(" ")[0] for line in summaries(client, town)] == ["Vakin"]
    assert len(summaries(client, everything)) == 2
    page = client.get("/staff/calendar").text
    assert page.count("There is an address since") == 2
    assert re.findall(r"There is an address since [^<]+ (\w+)\.<", page) == ["EET", "EET"]
    assert town not in page
    assert everything not in page

    submit(client, "/staff/calendar/address/stop", {"town": "umea"}, page="/staff/calendar")
    gone = client.get(town)
    assert (gone.status_code, gone.mimetype) == (404, "text/html")
    assert client.get(everything).status_code == 200


def test_nobody_makes_an_address_for_a_town_that_there_is_not(app):
    client = a_signed_in_client(app)

    answer = submit(client, "/staff/calendar/address", {"town": "atlantis"}, page="/staff/calendar")

    assert answer.status_code == 404
    with app.app_context():
        assert database.session.query(CalendarFeed).count() == 0


def test_a_host_makes_renews_and_stops_its_addresses(client, app_context):
    _own, hosts = a_released_visit()
    page = f"{hosts[1]}/calendar"
    assert page in client.get(hosts[1]).text

    old = address_in(press(client, f"{page}/host").text)
    new = address_in(press(client, f"{page}/host").text)
    busy = address_in(press(client, f"{page}/busy").text)

    assert client.get(old).status_code == 404
    assert summaries(client, new) == ["Visit of West Estonian delegation"]
    assert summaries(client, busy) == ["Busy"]
    press(client, f"{page}/host/stop")
    assert [client.get(path).status_code for path in (new, busy)] == [404, 200]


def test_a_host_names_its_own_calendar_and_takes_it_back(client, app_context):
    own, hosts = a_released_visit()
    page, contact = f"{hosts[1]}/calendar", contact_at(2)

    wrong = submit(client, f"{page}/own", {"address": "https://192.168.1.1/secret.ics"}, page=page)
    right = submit(client, f"{page}/own", {"address": "webcal://calendar.host.example/secret.ics"}, page=page)

    assert wrong.status_code == 422
    assert "Only calendars on the open internet are read" in wrong.text
    assert "https://192.168.1.1/secret.ics" in wrong.text
    assert right.status_code == 303
    shown = client.get(page).text
    assert "calendar.host.example" in shown
    assert "secret.ics" not in shown
    assert "calendar.host.example" not in client.get(own).text
    assert list_own_calendars(database.session(), [contact.id])[contact.id].place == "calendar.host.example"

    press(client, f"{page}/own/forget")
    assert "calendar.host.example" not in client.get(page).text


def test_staff_do_the_same_for_every_person_of_a_host(app):
    with app.app_context():
        a_released_visit()
        contact, other = contact_at(2).id, contact_at(0).id
    client = a_signed_in_client(app)
    page = "/staff/directory/vakin/calendars"

    busy = address_in(submit(client, f"{page}/{contact}/busy", {}, page=page).text)
    field = f"person-{contact}-address"
    wrong = submit(client, f"{page}/{contact}/own", {field: "http://host.example/c.ics"}, page=page)
    right = submit(client, f"{page}/{contact}/own", {field: "https://host.example/c.ics"}, page=page)
    foreign = submit(client, f"{page}/{other}/busy", {}, page=page)

    assert summaries(client, busy) == ["Busy"]
    assert (wrong.status_code, right.status_code, foreign.status_code) == (422, 303, 404)
    assert "It was not read yet." in client.get(page).text
    assert f'href="{page}"' in client.get("/staff/directory").text


@pytest.mark.sqlite_only
def test_a_feed_can_be_read_but_not_kept_by_others(client, app_context):
    _own, hosts = a_released_visit()
    path = address_in(press(client, f"{hosts[0]}/calendar/host").text)

    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": f"W/{first.headers['ETag']}"})
    press(client, f"{hosts[0]}/accept")
    changed = client.get(path, headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"] == "private, no-cache"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert changed.status_code == 200
    assert changed.headers["ETag"] != first.headers["ETag"]
