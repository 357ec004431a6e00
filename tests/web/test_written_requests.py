"""A request by telephone or mail: staff write it down, and its visitor reads, agrees and sends."""

from datetime import timedelta

import pytest

from bookings.db import database, transaction
from bookings.domain.newsletter import StopReason
from bookings.domain.staff import StaffRole
from bookings.queries.requests import find_draft
from bookings.services.newsletter import stop_mailbox
from tests.support.booking import Visitor, all_visits, answers, link_in, queued_mails, text_of
from tests.support.builders import a_directory
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.staff import a_signed_in_client, sign_in

DAY = timedelta(days=1)


@pytest.fixture
def written(app):
    """What a coordinator has written down so far, and the address of the page that hands it over."""
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        a_directory()
    staff = Visitor(a_signed_in_client(app))
    staff.fill_in(answers(), until="check")
    return staff, staff.here.replace("/book/", "/staff/drafts/").removesuffix("/check")


def hand_over(staff, address, language="fi"):
    return submit(staff.client, address, {"language": language}, page=address)


def test_the_visitor_gets_the_form_by_mail_agrees_and_sends_it(app, written, client):
    staff, address = written
    assert "Do not agree in the place of the visitor" in staff.page
    assert "mari@towns.example" in staff.client.get(address).text

    answer = hand_over(staff, address)
    (mail,) = queued_mails(app)
    visitor = Visitor(client)
    visitor.open(link_in(mail, "/book/") + "?hl=fi")
    before = all_visits(app)
    visitor.send({"accepts_costs": "y"})

    assert answer.status_code == 303
    assert before == []
    assert mail["To"].addresses[0].addr_spec == "mari@towns.example"
    assert "Vierailupyyntönne" in mail["Subject"]
    assert "Nothing has been sent" not in text_of(mail)
    (visit,) = all_visits(app)
    assert (visit.state, visit.language, visit.contact_name) == ("unverified", "fi", "Mari Tamm")
    assert visit.agreement.language == "fi"
    assert staff.client.get("/book").status_code == 200  # the next one begins with an empty form


def test_what_was_written_is_kept_for_the_whole_time_from_then_on(app, written):
    staff, address = written
    app.extensions["clock"] = lambda: NOW + 29 * DAY
    sign_in(staff.client, "coordinator@staff.example")

    hand_over(staff, address)

    with app.app_context():
        token = address.rpartition("/")[2]
        assert find_draft(database.session, token, now=NOW + 58 * DAY).visit_id is None


def test_a_mailbox_that_wants_no_mails_gets_none_and_staff_are_told(app, written):
    staff, address = written
    with app.app_context(), transaction() as session:
        stop_mailbox(session, "mari@towns.example", StopReason.NOT_ME, now=NOW)

    answer = hand_over(staff, address)

    assert queued_mails(app) == []
    assert "this mailbox wants no mails from us" in staff.client.get(answer.location).text


def test_a_form_with_open_steps_or_one_that_was_sent_leads_back_to_it(app, written):
    staff, address = written
    half = Visitor(app.test_client())
    half.fill_in(answers(), until="visit")
    half_address = half.here.replace("/book/", "/staff/drafts/").removesuffix("/visit")
    staff.send({"accepts_costs": "y"})

    for where in (half_address, address):
        assert staff.client.get(where).location.endswith("/check")
        assert staff.client.get(f"{where}?language=en").status_code == 303
    assert [mail["To"].addresses[0].addr_spec for mail in queued_mails(app)] == ["mari@towns.example"]


@pytest.mark.sqlite_only
def test_only_coordinators_hand_over_and_visitors_read_nothing_of_it(app, written, client):
    _staff, address = written
    check = address.replace("/staff/drafts/", "/book/") + "/check"

    reader = a_signed_in_client(app, StaffRole.READER)

    assert reader.get(address).status_code == 403
    assert "signed in as staff" not in reader.get(check).text
    assert client.get(address).status_code in (302, 303)
    assert "signed in as staff" not in client.get(check).text
