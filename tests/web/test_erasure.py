"""Admins erase a person's data and keep evidence: the pages, their refusals, and who may use them."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bookings.db import database, read_session
from bookings.domain.staff import StaffRole
from bookings.models.visits import VisitRequest
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.remembered import a_cancelled_visit
from tests.support.staff import a_signed_in_client, csrf_of

pytestmark = pytest.mark.sqlite_only
ERASURE = "/staff/erasure"


@pytest.fixture(autouse=True)
def clock(app):
    app.extensions["clock"] = lambda: NOW + timedelta(days=1)


@pytest.fixture
def admin(app):
    return a_signed_in_client(app, StaffRole.ADMIN)


def press(client, path, **fields):
    return client.post(ERASURE + path, data={"csrf_token": csrf_of(client.get(ERASURE).text), **fields})


def contact(app):
    with app.app_context():
        return read_session().scalars(select(VisitRequest.contact_email)).one()


def test_an_admin_sees_what_is_known_and_erases_it(app, admin):
    with app.app_context():
        reference = a_cancelled_visit()
    address = contact(app)

    found = press(admin, "/found", email=f" {address.upper()} ")
    done = press(admin, "/erase", email=address, is_sure="y")

    assert reference in found.text
    assert "Can be erased" in found.text
    assert (done.status_code, done.location) == (303, ERASURE)
    assert "Nothing is known of this address" in press(admin, "/found", email=address).text
    assert contact(app) == ""


def test_without_the_tick_nothing_goes_and_the_page_says_so(app, admin):
    with app.app_context():
        a_cancelled_visit()
    address = contact(app)

    answer = press(admin, "/erase", email=address)

    assert answer.status_code == 422
    assert "Tick this box when you have checked it." in answer.text
    assert contact(app) == address


@pytest.mark.parametrize("typed", ["", "nobody", "a\x00b@example.org", "x" * 300 + "@example.org"])
def test_what_is_no_address_is_told_beside_the_field(admin, typed):
    answer = press(admin, "/found", email=typed)

    assert answer.status_code == 422
    assert 'id="email-error"' in answer.text


def test_evidence_is_shown_where_the_visit_is_and_where_it_would_be_erased(app, admin):
    with app.app_context():
        reference = a_cancelled_visit()

    kept = press(admin, "/hold", subject=reference, reason="Interreg Aurora", until="2029-12-31")
    visit = admin.get(f"/staff/visits/{reference}").text
    found = press(admin, "/found", email=contact(app)).text
    listed = admin.get(ERASURE).text

    assert kept.status_code == 303
    assert all("Interreg Aurora" in page for page in (visit, found, listed))
    assert "Kept as evidence" in found
    assert press(admin, "/hold/1/lift").status_code == 303
    assert "Interreg Aurora" not in admin.get(ERASURE).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"subject": "KV-1999-9999"}, "There is no request and no event of this name."),
        ({"reason": ""}, "Write why it has to be kept."),
        ({"until": "2020-01-01"}, "This day is over."),
        ({"until": "2199-01-01"}, "15 years at most"),
        ({"until": "31 February"}, "Write a day that exists"),
    ],
)
def test_a_hold_that_cannot_be_is_told_beside_its_field_and_what_was_typed_stays(
    app, admin, changes, sentence
):
    with app.app_context():
        a_directory()
        reference = a_visit().reference
    typed = {"subject": reference, "reason": "Interreg Aurora", "until": "2029-12-31", **changes}

    answer = press(admin, "/hold", **typed)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert typed["subject"] in answer.text


def test_a_hold_that_is_gone_is_not_found(admin):
    assert press(admin, "/hold/77/lift").status_code == 404


def test_a_visit_in_progress_is_shown_as_such_and_cannot_be_erased(app, admin):
    with app.app_context():
        a_directory()
        a_visit()

    page = press(admin, "/found", email=contact(app)).text

    assert "Still to come: end it first" in page
    assert "Erase for good" not in page


def test_addresses_in_any_spelling_are_one_person(app, admin):
    with app.app_context():
        reference = a_cancelled_visit()
        database.session.execute(update(VisitRequest).values(contact_email="Kadri.Tamm@Visitor.Example"))
        database.session.commit()

    assert reference in press(admin, "/found", email="kadri.tamm@visitor.example").text
