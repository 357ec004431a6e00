"""The demo's mailbox: everybody's mails, their parts and links, and nothing of it outside the demo."""

from datetime import datetime
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from tests.support.doors import a_door_event, a_registration
from tests.support.mails import a_calendar, a_mail, add_test_template, queue

in_the_demo = pytest.mark.settings(app={"demo": True}, mail={"transport": "folder"})
CALENDAR = (
    b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:one@kvarken.example\r\nSEQUENCE:2\r\n"
    b"DTSTART;TZID=Europe/Helsinki:20270316T093000\r\nDTEND:20270316T090000Z\r\n"
    b"SUMMARY:Biogas\\, from waste\r\nLOCATION:A very long addre\r\n ss in Vaasa\r\n"
    b"ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:host@plant.example\r\n"
    b"BEGIN:VALARM\r\nDESCRIPTION:never shown\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def send(app: Flask, now: datetime):
    """Queue a mail and let the worker put it into the folder."""
    add_test_template(app)

    def send_mail(**changes: object) -> None:
        with app.app_context():
            queue(a_mail(str(changes.pop("cause", "test:1")), **changes), now=now)
        worker = Worker(app, schedule=Schedule(jobs=()), clock=lambda: now)
        while worker.work_once():
            pass

    return send_mail


def open_newest(client: FlaskClient, recipient: str = "host@plant.example") -> str:
    """The address of the newest mail of a recipient."""
    page = client.get(f"/mailbox/{quote(recipient)}").text
    return page.split('href="/mailbox/message/')[1].split('"')[0]


@pytest.mark.sqlite_only
def test_outside_the_demo_there_is_no_mailbox(client: FlaskClient):
    assert client.get("/mailbox").status_code == 404


@in_the_demo
@pytest.mark.sqlite_only
def test_an_empty_mailbox_says_what_to_do(client: FlaskClient):
    assert "No mail yet" in client.get("/mailbox").text


@in_the_demo
def test_mails_are_grouped_by_their_readers(client: FlaskClient, send):
    send(cause="a")
    send(cause="b")
    send(cause="c", recipient="visitor@delegation.example")

    page = client.get("/mailbox").text
    box = client.get("/mailbox/host@plant.example").text

    assert page.index("visitor@delegation.example") < page.index("host@plant.example")
    assert ("About a" in box, "About b" in box, "About c" in box) == (True, True, False)


@in_the_demo
def test_who_registered_is_named_there(app: Flask, client: FlaskClient, send):
    with app.app_context():
        a_registration(
            a_door_event(), name="Elli Niemi", email="elli@town.example", organisation_name="Vakin"
        )
    send(recipient="elli@town.example")

    page = client.get("/mailbox").text

    assert "Elli Niemi</a>" in page
    assert "Participant" in page
    assert "Vakin, elli@town.example" in page


@in_the_demo
@pytest.mark.sqlite_only
def test_a_mail_shows_its_text_links_headers_and_calendar(client: FlaskClient, send):
    words = "Answer here: http://127.0.0.1:8000/slots/t0k3n"
    send(
        context={"subject_words": "Can you?", "words": words},
        calendar=a_calendar(content=CALENDAR),
    )

    page = client.get(f"/mailbox/message/{open_newest(client)}").text

    assert '<a href="http://127.0.0.1:8000/slots/t0k3n">' in page
    assert "Message-ID: " in page
    assert "Tuesday 16 March 2027 09:30 EET" in page
    assert "Tuesday 16 March 2027 09:00 UTC" in page
    assert "Biogas, from waste" in page
    assert "A very long address in Vaasa" in page
    assert "host@plant.example (NEEDS-ACTION)" in page
    assert "REQUEST: asks for an answer" in page


@in_the_demo
@pytest.mark.sqlite_only
def test_the_html_of_a_mail_is_shown_in_a_frame_that_runs_nothing(client: FlaskClient, send):
    send()
    key = open_newest(client)

    frame = client.get(f"/mailbox/message/{key}/html")
    page = client.get(f"/mailbox/message/{key}")

    assert "<p>Welcome</p>" in frame.text
    policy = frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]


@in_the_demo
@pytest.mark.sqlite_only
def test_the_calendar_part_can_be_taken_home(client: FlaskClient, send):
    send(calendar=a_calendar(content=CALENDAR))

    file = client.get(f"/mailbox/message/{open_newest(client)}/invite.ics")

    assert file.mimetype == "text/calendar"
    assert file.data == CALENDAR


@in_the_demo
@pytest.mark.sqlite_only
@pytest.mark.parametrize("path", ["nobody@nowhere.example", "message/unknown", "message/..%2f..%2fsecret"])
def test_what_is_not_there_is_not_found(client: FlaskClient, path: str):
    assert client.get(f"/mailbox/{path}").status_code == 404


@in_the_demo
@pytest.mark.sqlite_only
def test_a_mail_without_calendar_has_no_file(client: FlaskClient, send):
    send()

    assert client.get(f"/mailbox/message/{open_newest(client)}/invite.ics").status_code == 404
