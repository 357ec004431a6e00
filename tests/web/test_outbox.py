"""The outbox page of staff: what waits since when and why; try again, drop."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from bookings.db import read_session, transaction
from bookings.domain.staff import StaffRole
from bookings.models.calendar import Attendee
from bookings.queries.planning import find_planned_slot
from bookings.services import outbox
from tests.support.inbox import an_invited_host
from tests.support.mails import a_mail, add_test_template, outbox_row, queue, states_by_cause
from tests.support.staff import a_signed_in_client, csrf_of
from tests.support.statements import recorded_statements


@pytest.fixture(autouse=True)
def clock(app: Flask, now: datetime) -> None:
    add_test_template(app)
    app.extensions["clock"] = lambda: now


@pytest.fixture
def staff(app: Flask) -> FlaskClient:
    return a_signed_in_client(app)


def a_refused_mail(app: Flask, now: datetime) -> int:
    with app.app_context():
        queue(a_mail(), now=now)
        (mail,) = outbox.claim_mails("w", limit=1, now=now)
        outbox.record_failure(
            mail.id, "w", cause="recipient", reason="550 no such person", is_final=True, now=now
        )
        return mail.id


def states(app: Flask) -> dict[str, str]:
    with app.app_context():
        return states_by_cause()


def test_nothing_to_send_says_so(staff: FlaskClient):
    page = staff.get("/staff/outbox")

    assert page.status_code == 200
    assert "Everything has left" in page.text


def test_staff_see_how_many_mails_wait_since_when_and_why(app: Flask, staff: FlaskClient, now: datetime):
    with app.app_context():
        queue(a_mail("a"), a_mail("b"), now=now - timedelta(hours=1))
        ids = [mail.id for mail in outbox.claim_mails("w", limit=5, now=now)]
        outbox.record_relay_failure(ids, "w", cause="connection", reason="Connection refused", now=now)

    page = staff.get("/staff/outbox").text

    assert "2 mails wait, the oldest since Monday 1 February 2027 09:00 EET" in page
    assert "The mail server cannot be reached" in page
    assert "Connection refused" in page
    assert "About a" in page


def test_a_worker_that_is_silent_is_told_to_staff(app: Flask, staff: FlaskClient, now: datetime):
    with app.app_context():
        outbox.record_heartbeat("w", now=now - timedelta(minutes=3))

    assert "was last seen on Monday 1 February 2027 09:57 EET" in staff.get("/staff/outbox").text


def test_a_refused_mail_stands_under_its_tab_and_can_be_tried_again(
    app: Flask, staff: FlaskClient, now: datetime
):
    mail_id = a_refused_mail(app, now)

    page = staff.get("/staff/outbox?state=failed").text
    answer = staff.post(f"/staff/outbox/{mail_id}/retry", data={"csrf_token": csrf_of(page)})

    assert "550 no such person" in page
    assert (answer.status_code, answer.location) == (303, "/staff/outbox")
    assert states(app) == {"test:1": "waiting"}


def test_a_mail_can_be_dropped_and_dropping_it_twice_is_no_fault(
    app: Flask, staff: FlaskClient, now: datetime
):
    mail_id = a_refused_mail(app, now)
    token = csrf_of(staff.get("/staff/outbox?state=failed").text)

    first = staff.post(f"/staff/outbox/{mail_id}/drop", data={"csrf_token": token})
    second = staff.post(f"/staff/outbox/{mail_id}/drop", data={"csrf_token": token})

    assert (first.status_code, second.status_code) == (303, 409)
    assert states(app) == {"test:1": "dropped"}


def test_readers_look_and_decide_nothing(app: Flask, now: datetime):
    mail_id = a_refused_mail(app, now)
    reader = a_signed_in_client(app, StaffRole.READER)
    page = reader.get("/staff/outbox?state=failed").text
    token = csrf_of(reader.get("/staff/account").text)

    answer = reader.post(f"/staff/outbox/{mail_id}/drop", data={"csrf_token": token})

    assert "550 no such person" in page
    assert "Do not send" not in page
    assert answer.status_code == 403


@pytest.mark.parametrize("query", ["page=999", "page=x", "page=-1", "state=nonsense", "state=sent&page=²"])
def test_a_strange_address_shows_a_page(staff: FlaskClient, query: str):
    assert staff.get(f"/staff/outbox?{query}").status_code == 200


def test_any_number_of_mails_costs_the_same_statements(app: Flask, staff: FlaskClient, now: datetime):
    counts = []
    for first, last in ((0, 1), (1, 3), (3, 60)):
        with app.app_context():
            queue(*(a_mail(f"test:{n}") for n in range(first, last)), now=now)
        with recorded_statements() as statements:
            assert staff.get("/staff/outbox").status_code == 200
        counts.append(len(statements))

    assert len(set(counts)) == 1, counts
    with app.app_context():
        assert outbox_row("test:59").state == "waiting"


def test_a_mail_that_did_not_reach_a_host_is_shown_beside_the_slot_and_can_be_sent_again(
    app: Flask, staff: FlaskClient, now: datetime
):
    with app.app_context():
        (host,) = an_invited_host()
        reference = find_planned_slot(read_session(), host.slot_id).reference
        with transaction() as session:
            lost = update(Attendee).where(Attendee.email == host.email).values(undeliverable_at=now)
            session.execute(lost)

    beside = staff.get(f"/staff/visits/{reference}").text
    listed = staff.get("/staff/outbox").text
    address = f"/staff/slots/{host.slot_id}/resend"
    sent = staff.post(address, data={"csrf_token": csrf_of(staff.get(address).text)})
    after = staff.get(f"/staff/visits/{reference}").text

    assert "A mail did not reach this host" in beside
    assert f'href="{address}"' in beside
    assert "Mails to these hosts came back" in listed
    assert f"/staff/visits/{reference}#slot-{host.slot_id}" in listed
    assert sent.status_code == 303
    assert "A mail did not reach this host" not in after
