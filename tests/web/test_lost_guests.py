"""A mail to somebody who registered comes back: staff read it beside the registration and on the outbox."""

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.models.calendar import Attendee
from bookings.models.outbox import OutboxMessage
from bookings.services.inbox import receive_mail
from bookings.services.registrations import change_by_staff, register
from tests.support.clock import NOW
from tests.support.events import STAFF, an_event
from tests.support.registrations import a_person, an_application, registered, row_of
from tests.support.staff import a_signed_in_client

pytestmark = pytest.mark.sqlite_only
WORDS = "Mail does not arrive"


@pytest.fixture(autouse=True)
def stopped_clock(app):
    app.extensions["clock"] = lambda: NOW


@pytest.fixture
def staff(app):
    return a_signed_in_client(app)


def test_a_mail_of_the_calendar_that_comes_back_stands_beside_the_registration(app, staff):
    with app.app_context():
        event = an_event()
        outcome = registered(
            event, an_application(event, leader=a_person("Anna Berg", email="anna@x.example"))
        )
        token = read_session().scalars(select(Attendee.organizer_token)).one()
        pages = pages_of(event, outcome)
        before = [staff.get(page).text for page in pages]
        for number in (1, 2):
            receive_mail(a_report("anna@x.example", to=f"visits+{token}@example.org", number=number), now=NOW)

    assert not any(WORDS in text or "came back" in text for text in before)
    own, listed, outbox = (staff.get(page).text for page in pages)
    assert WORDS in own
    assert WORDS in listed
    assert own.count("A mail to the address came back") == 1
    assert "anna@x.example" in outbox[: outbox.index("</main>")]
    assert f"/registrations/{outcome.reference}" in outbox


def test_another_address_begins_anew(app, staff):
    with app.app_context():
        event = an_event()
        application = an_application(event, leader=a_person("Anna Berg", email="anna@x.example"))
        outcome = register(application, now=NOW)
        first = read_session().scalars(select(OutboxMessage.message_id)).one()
        report = a_report("anna@x.example", references=first)
        receive_mail(report, now=NOW)
        row = row_of(outcome)
        lost_at = row.undeliverable_at
        person = a_person("Anna Berg", email="anna.berg@x.example")
        change_by_staff(row.id, person, version=row.version, who=STAFF, now=NOW)
        receive_mail(a_report("anna@x.example", references=first, number=2), now=NOW)
        page = f"/staff/events/{event.slug}/registrations/{row.reference}"

    assert lost_at == NOW
    assert WORDS not in staff.get(page).text
    assert "came back" not in staff.get("/staff/outbox").text


def pages_of(event, outcome) -> list[str]:
    people = f"/staff/events/{event.slug}/registrations"
    return [f"{people}/{outcome.reference}", people, "/staff/outbox"]


def a_report(email: str, *, to: str = "visits@example.org", references: str = "", number: int = 1) -> bytes:
    """What a mail server says of a mail that it could not deliver."""
    answered = f"In-Reply-To: {references}\r\n" if references else ""
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {to}\r\nMessage-ID: <bounce-{number}@mx>\r\n{answered}"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n'
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; {email}\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
    ).encode()
