"""A part at a host on the other shore is told on the clocks of its place, wherever it stands."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.models.calendar import CalendarEntry
from bookings.models.directory import Site
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import Registration
from bookings.queries.doors import find_door_event
from bookings.queries.papers import list_programme
from bookings.services.papers.files import describe_event
from tests.support.builders import a_directory
from tests.support.events import STARTS_AT, a_part, an_event
from tests.support.registrations import a_person, an_application, page_token, registered
from tests.support.staff import a_signed_in_client

WHEN, WHERE = "09:30–10:30 CEST", "Vakin visitor centre"


@pytest.fixture
def slug(app) -> str:
    """A seminar in Vaasa (EEST) with a tour in Umeå (CEST), on which Anna Berg comes."""
    with app.app_context():
        host = a_directory()["vakin"]
        site = read_session().scalars(select(Site.id).where(Site.organisation_id == host.id)).one()
        tour = a_part("Tour", starts_at=STARTS_AT + timedelta(minutes=30), site_id=site)
        event = an_event(parts=[tour])
        person = a_person("Anna Berg", email="anna@town.example", part_ids=(event.parts[0].id,))
        registered(event, an_application(event, leader=person))
        return event.slug


def test_the_form_names_time_and_place_of_the_part(client, slug):
    page = client.get(f"/events/{slug}/register").text

    assert WHEN in page
    assert WHERE in page
    assert "10:30–11:30 EEST" not in page


def test_so_do_the_own_page_the_mail_and_the_calendar(app, client, slug):
    with app.app_context():
        token = page_token("anna@town.example")
        raw = read_session().scalars(select(OutboxMessage.raw).order_by(OutboxMessage.id.desc())).first()
        mail = message_from_bytes(raw, policy=default).get_body(("plain",)).get_content()
        entry = read_session().scalars(select(CalendarEntry.description)).one()

    for told in (client.get(f"/registrations/{token}").text, mail, entry):
        assert WHEN in told
        assert WHERE in told


def test_so_does_the_page_of_staff(app, slug):
    with app.app_context():
        code = read_session().scalars(select(Registration.reference)).one()
    page = a_signed_in_client(app).get(f"/staff/events/{slug}/registrations/{code}").text

    assert WHEN in page
    assert WHERE in page


def test_and_the_programme_on_paper(app, slug):
    with app.app_context():
        event = find_door_event(read_session(), slug=slug)
        programme = list_programme(read_session(), event)
        told = describe_event(read_session(), event, programme)["programme"]

    assert [(part["time"], part["where"]) for part in told] == [(WHEN, WHERE)]
