"""A person's own feeds, of an event and of everything: made, read, followed, stopped."""

import re
from datetime import timedelta

import pytest

from bookings.services.feeds import reading
from bookings.services.registrations import cancel_registration, hand_over
from tests.support.clock import NOW
from tests.support.events import STARTS_AT, a_part, an_event
from tests.support.forms import submit
from tests.support.registrations import a_person, an_application, page_token, registered

pytestmark = pytest.mark.sqlite_only
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def stopped_clock(app):
    app.extensions["clock"] = lambda: NOW


@pytest.fixture
def page(app):
    """The own page of somebody who comes on two days."""
    with app.app_context():
        parts = [a_part("Opening"), a_part("Tour", starts_at=STARTS_AT + DAY)]
        event = an_event(parts=parts, ends_at=STARTS_AT + 2 * DAY)
        person = a_person(
            "Anna Berg", email="anna@town.example", part_ids=tuple(part.id for part in event.parts)
        )
        registered(event, an_application(event, leader=person))
        return f"/registrations/{page_token('anna@town.example')}"


def make_feed(client, page, way="calendar") -> str:
    """The path of a new address."""
    shown = submit(client, f"{page}/{way}", page=f"{page}/calendar").text
    return re.search(r"https?://[^/\"]+(/calendar/[\w-]+\.ics)", shown)[1]


def test_the_feed_holds_each_day_and_names_nobody_who_could_answer(client, page):
    feed = make_feed(client, page)

    answer = client.get(feed)
    known = client.get(feed, headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.text.count("BEGIN:VEVENT") == 2
    assert "METHOD:PUBLISH" in answer.text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H" in answer.text
    assert not any(word in answer.text for word in ("ORGANIZER", "ATTENDEE", "anna@town.example"))
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert known.status_code == 304
    assert "There is an address since" in client.get(f"{page}/calendar").text


def test_what_is_cancelled_goes_from_the_feed(app, client, page):
    feed = make_feed(client, page)
    before = client.get(feed).headers["ETag"]

    with app.app_context():
        cancel_registration(page.rpartition("/")[2], now=NOW)
    after = client.get(feed, headers={"If-None-Match": before})

    assert after.status_code == 200
    assert "VEVENT" not in after.text


def test_a_new_address_ends_the_one_before_and_stopping_ends_both(client, page):
    first, second = (make_feed(client, page) for _time in range(2))
    works = [client.get(one).status_code for one in (first, second)]

    stopped = submit(client, f"{page}/calendar/stop", page=f"{page}/calendar")

    assert works == [404, 200]
    assert stopped.status_code == 303
    assert client.get(second).status_code == 404
    assert "There is no address yet" in client.get(f"{page}/calendar").text


def test_whoever_hands_the_place_over_follows_it_no_longer(app, client, page):
    feed = make_feed(client, page)

    with app.app_context():
        hand_over(page.rpartition("/")[2], name="Bo Ek", email="bo@town.example", now=NOW)

    assert client.get(feed).status_code == 404


def test_the_feed_of_everything_is_told_as_known_without_being_written_again(client, page, monkeypatch):
    feed = make_feed(client, page, "calendar/all")
    answer = client.get(feed)

    monkeypatch.setattr(reading, "build_person_file", None)
    known = client.get(feed, headers={"If-None-Match": answer.headers["ETag"]})

    assert answer.text.count("BEGIN:VEVENT") == 2
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert (known.status_code, known.data) == (304, b"")


def test_both_addresses_stand_beside_each_other_and_end_by_themselves(client, page):
    of_event, of_all = make_feed(client, page), make_feed(client, page, "calendar/all")
    titles = re.findall(r"<h2>([^<]+)</h2>", client.get(f"{page}/calendar").text)

    stopped = submit(client, f"{page}/calendar/all/stop", page=f"{page}/calendar")

    assert titles == ["All that you are registered for", "This event only"]
    assert stopped.status_code == 303
    assert [client.get(one).status_code for one in (of_event, of_all)] == [200, 404]


def test_an_address_of_everything_is_only_for_whom_it_was_proved(app, client, page):
    with app.app_context():
        hand_over(page.rpartition("/")[2], name="Bo Ek", email="bo@town.example", now=NOW)
        newcomer = f"/registrations/{page_token('bo@town.example')}"

    shown = client.get(f"{newcomer}/calendar").text
    refused = submit(client, f"{newcomer}/calendar/all", page=f"{newcomer}/calendar")

    assert "All that you are registered for" not in shown
    assert refused.status_code == 409
