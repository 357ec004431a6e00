"""Doors by plain forms and by what devices send: online, without JavaScript, and without trust."""

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.models.events import SeatPool
from bookings.models.links import ActionLink
from bookings.models.registrations import Attendance, CheckIn, Registration
from bookings.services.doors import open_door
from tests.support.builders import save
from tests.support.clock import NOW
from tests.support.doors import a_door_event, a_registration
from tests.support.forms import button_fields, submit
from tests.support.own_pages import at
from tests.support.stories import STAFF

pytestmark = [pytest.mark.sqlite_only, pytest.mark.usefixtures("app_context")]
AT = 1_801_468_800_000


@pytest.fixture(autouse=True)
def clock(app):
    app.extensions["clock"] = at(NOW)


@pytest.fixture
def event():
    return a_door_event(parts=["Grid"])


@pytest.fixture
def door(event):
    return f"/doors/{open_door(event.slug, who=STAFF, now=NOW)}"


def a_sent_scan(number=1, **more):
    values = {"client_key": f"device-key-{number}", "badge_code": "", "kind": "in", "proof": "qr", "at": AT}
    return {**values, **more}


def attendances():
    read_session().rollback()
    return read_session().scalars(select(Attendance)).all()


def test_without_javascript_somebody_is_found_let_in_and_taken_back(client, event, door):
    a_registration(event, name="Åsa Öberg")

    empty = client.get(door).text
    found = client.get(f"{door}?text=oberg&door=North").text
    let_in = client.post(f"{door}/check-in", data=button_fields(found, "Åsa Öberg"))
    page = client.get(let_in.location).text

    assert "Åsa Öberg" not in empty
    assert "Åsa Öberg: Is in" in page
    assert "1 of 1 are in" in page
    assert [(one.door, one.signature) for one in attendances()] == [("North", "name")]
    undone = client.post(f"{door}/check-in", data=button_fields(page, "</span></button>"))
    assert "Taken back: is not in" in client.get(undone.location).text
    assert attendances() == []


def test_a_badge_that_is_typed_and_sent_twice_counts_once(client, event, door):
    person = a_registration(event)
    fields = {"badge_code": f" {person.badge_code} ", "kind": "in", "client_key": "key-of-the-form"}

    first = submit(client, f"{door}/check-in", fields, page=door)
    submit(client, f"{door}/check-in", fields, page=door)
    nothing = submit(client, f"{door}/check-in", {"kind": "in", "client_key": "another-key"}, page=door)

    assert (first.status_code, nothing.status_code) == (303, 303)
    assert len(read_session().scalars(select(CheckIn)).all()) == 1
    assert "Type the code of a badge, or look for a name." in client.get(nothing.location).text


def test_a_device_gets_names_only_of_those_who_may_come_in_and_no_addresses(client, event, door):
    here = a_registration(event, name="Carita Koski")
    a_registration(event, state="cancelled", name="Gone Away")

    first = client.get(f"{door}/people")
    again = client.get(f"{door}/people", headers={"If-None-Match": first.headers["ETag"]})

    people = {one["id"]: one for one in first.json["people"]}
    assert people[here.id]["name"] == "Carita Koski"
    assert "Gone Away" not in first.text
    assert "@" not in first.text
    assert sorted(len(one) for one in people.values()) == [3, 7]
    assert (again.status_code, first.headers["Cache-Control"]) == (304, "no-store")


def test_what_a_device_sends_is_answered_scan_by_scan_and_never_believed(client, event, door):
    person = a_registration(event)
    scans = [
        a_sent_scan(1, badge_code=person.badge_code, door="North"),
        a_sent_scan(2, person=person.id),
        a_sent_scan(3, badge_code="\x00bad"),
        a_sent_scan(4, badge_code="x" * 10_000),
        a_sent_scan(5, badge_code=person.badge_code, kind="out"),
        a_sent_scan(6, badge_code=person.badge_code, at="now"),
        a_sent_scan(7, person=2**70),
        a_sent_scan(8, badge_code=person.badge_code, part=999_999),
        a_sent_scan(9, badge_code=["a", "list"]),
        a_sent_scan(10, badge_code=person.badge_code, kind={}),
    ]

    answer = client.post(f"{door}/scans", json={"scans": scans})

    codes = {one["client_key"].rpartition("-")[2]: one["code"] for one in answer.json["answers"]}
    assert codes == {
        "1": "in", "2": "already_in", "3": "unknown", "4": "unknown", "5": "unusable", "6": "unusable",
        "7": "unusable", "8": "not_chosen", "9": "unusable", "10": "unusable",
    }  # fmt: skip
    assert len(attendances()) == 1


@pytest.mark.parametrize(
    "sent",
    [
        None,
        [],
        {},
        {"scans": {}},
        {"scans": [1]},
        {"scans": [{"client_key": "short"}]},
        {"scans": [a_sent_scan(n) for n in range(201)]},
        {"scans": [{"client_key": "x" * 41}]},
    ],
)
def test_what_is_no_message_of_a_device_is_refused(client, door, sent):
    assert client.post(f"{door}/scans", json=sent).status_code == 400


def test_another_site_sends_nothing_for_a_device(client, event, door):
    answer = client.post(f"{door}/scans", json={"scans": []}, headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403


def test_an_unknown_or_ended_link_opens_nothing(client, event, door):
    for address in ("/doors/wrong", "/doors/wrong/people"):
        assert client.get(address).status_code == 404
    read_session().execute(ActionLink.__table__.update().values(expires_at=NOW))
    read_session().commit()
    assert client.get(f"{door}/people").status_code == 410
    assert client.post(f"{door}/scans", json={"scans": [a_sent_scan()]}).status_code == 410


def test_only_the_page_of_a_door_may_use_the_camera_and_its_worker_reaches_no_other_page(client, door):
    assert "camera=(self)" in client.get(door).headers["Permissions-Policy"]
    worker = client.get("/doors/worker.js")
    assert worker.content_type.startswith("text/javascript")
    assert "Service-Worker-Allowed" not in worker.headers


def test_somebody_without_a_registration_is_registered_and_in_while_there_are_seats(client, app_context):
    event = a_door_event(capacity=1)
    save(SeatPool(event_id=event.id, capacity=1))
    door = f"/doors/{open_door(event.slug, who=STAFF, now=NOW)}"
    page = client.get(f"{door}/walk-in").text
    fields = {**button_fields(page, "Register and let in"), "name": "Walker One", "country": "FI"}

    nobody = client.post(f"{door}/walk-in", data={**fields, "name": " ", "email": "no address"})
    first = client.post(f"{door}/walk-in", data=fields)
    told = client.get(door).text
    again = client.post(f"{door}/walk-in", data=fields)
    full = submit(client, f"{door}/walk-in", {"name": "Walker Two", "ticket": fields["ticket"]})

    assert nobody.status_code == 422
    assert 'value="no address"' in nobody.text
    assert (first.status_code, again.status_code, full.status_code) == (303, 303, 422)
    assert "Nobody more can be registered here." in full.text
    assert "Walker One is registered and in." in told
    assert 'value="Walker Two"' in full.text
    row = read_session().scalars(select(Registration)).one()
    assert (row.came_by, row.state, row.country) == ("walk_in", "registered", "FI")
    assert len(attendances()) == 1
