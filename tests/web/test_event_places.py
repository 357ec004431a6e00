"""An event at a host's site is told with house, street, town and clocks of that site, wherever it stands."""

from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from sqlalchemy import select, update

from bookings.db import database, read_session
from bookings.domain.event_errors import EventNotUsableError
from bookings.domain.event_places import EventPlace
from bookings.domain.events import EventKind, Presence
from bookings.models.calendar import CalendarEntry
from bookings.models.directory import Site
from bookings.models.outbox import OutboxMessage
from bookings.queries.doors import find_door_event
from bookings.services.events import create_event
from bookings.services.papers.files import describe_event
from tests.support.builders import a_directory
from tests.support.clock import NOW
from tests.support.events import STAFF, a_plan, a_town, an_event
from tests.support.registrations import a_person, an_application, page_token, registered
from tests.support.staff import a_signed_in_client, csrf_of

STREET = "Övägen 37"
WHERE = f"Vakin visitor centre, {STREET}, Umeå"


@pytest.fixture
def site(app) -> int:
    """The id of a host's site in Umeå, with its street."""
    with app.app_context():
        host = a_directory()["vakin"]
        database.session.execute(update(Site).where(Site.organisation_id == host.id).values(address=STREET))
        database.session.commit()
        return read_session().scalars(select(Site.id).where(Site.organisation_id == host.id)).one()


@pytest.fixture
def slug(app, site) -> str:
    """An open day that staff laid at that site, and wrote nothing else about the place. Anna Berg comes."""
    with app.app_context():
        event = an_event(
            venue="", address="", site_id=site, time_zone="Europe/Stockholm",
            kind=EventKind.OPEN_VISIT_DAY,
        )  # fmt: skip
        registered(event, an_application(event, leader=a_person("Anna Berg", email="anna@town.example")))
        return event.slug


def test_the_mail_and_the_calendar_name_the_house(app, slug):
    with app.app_context():
        raw = read_session().scalars(select(OutboxMessage.raw).order_by(OutboxMessage.id.desc())).first()
        mail = message_from_bytes(raw, policy=default).get_body(("plain",)).get_content()
        [location] = read_session().scalars(select(CalendarEntry.location))

    assert f"Where: {WHERE}" in mail
    assert location == WHERE


def test_so_do_the_pages_of_everybody(app, client, slug):
    with app.app_context():
        token = page_token("anna@town.example")

    for page in (f"/events/{slug}", f"/events/{slug}/register", f"/events/{slug}/event.ics"):
        told = client.get(page).text.replace("\r\n ", "").replace("\\,", ",")
        assert WHERE in told, page
    own = client.get(f"/registrations/{token}").text
    assert [line in own for line in WHERE.split(", ")] == [True, True, True]
    assert f'"streetAddress": "{STREET}"' in client.get(f"/events/{slug}").text


def test_and_what_is_printed(app, slug):
    with app.app_context():
        event = find_door_event(read_session(), slug=slug)
        assert describe_event(read_session(), event, [])["place"] == WHERE


def test_times_on_other_clocks_than_those_of_the_place_are_refused(app, site):
    with app.app_context():
        vaasa = a_town()
        for columns in ({"site_id": site}, {"place_id": vaasa, "time_zone": "Europe/Stockholm"}):
            with pytest.raises(EventNotUsableError) as refusal:
                create_event(a_plan(**columns), who=STAFF, now=NOW)
            assert (refusal.value.code, refusal.value.field) == ("clocks", "zone")
        afar = a_plan(place_id=vaasa, time_zone="Europe/Stockholm", presence=Presence.ONLINE)
        assert create_event(afar, who=STAFF, now=NOW)


def test_staff_read_beside_the_zone_which_clocks_are_meant(app):
    with app.app_context():
        vaasa = a_town()
    client = a_signed_in_client(app)
    first = (NOW + timedelta(days=30)).date().isoformat()
    fields = {
        "kind": "seminar", "title_en": "Wind", "presence": "on_site", "place": str(vaasa), "site": "0",
        "zone": "Europe/Stockholm", "starts_on": first, "starts_at": "10:00", "ends_on": first,
        "ends_at": "12:00", "largest_group": "5", "umbrella": "0",
    }  # fmt: skip
    token = csrf_of(client.get("/staff/events/new").text)
    page = client.post("/staff/events/new", data={"csrf_token": token, **fields})

    assert page.status_code == 422
    assert 'href="#zone"' in page.text
    assert "show another time" in page.text


@pytest.mark.parametrize(
    ("place", "told"),
    [
        (EventPlace(venue="City hall", town={"en": "Vaasa"}), "City hall, Vaasa"),
        (EventPlace(venue="City hall of Vaasa", town={"en": "Vaasa"}), "City hall of Vaasa"),
        (EventPlace(venue="Vaasan kaupungintalo", town={"en": "Vaasa"}), "Vaasan kaupungintalo, Vaasa"),
        (EventPlace(venue="Hall 2", host="Vakin", address="Övägen 37"), "Hall 2, Vakin, Övägen 37"),
        (EventPlace(venue="Vakin, hall 2", host="Vakin"), "Vakin, hall 2"),
        (EventPlace(), ""),
    ],
)
def test_nothing_is_told_twice_and_nothing_left_out(place, told):
    assert place.tell("en") == told
