"""Calendar files and feeds, read by a foreign parser."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import vobject

from bookings.db import database
from bookings.domain.audit import FEED_READ
from bookings.domain.links import build_feed_token
from bookings.models.staff import StaffUser
from bookings.queries.feeds import list_staff_feeds
from bookings.services.feeds import create_staff_feed, revoke_staff_feed
from tests.support.clock import NOW
from tests.support.own_pages import a_proposed_visit, a_released_visit, at, everything_stored, press
from tests.support.staff import an_account
from tests.support.stories import STAFF, entry_row

PUBLISHED = (
    "METHOD:PUBLISH",
    "NAME:Visit KV-",
    "X-WR-CALNAME:Visit KV-",
    "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    "X-PUBLISHED-TTL:PT1H",
    "SEQUENCE:",
    "LAST-MODIFIED:",
    "BEGIN:VTIMEZONE",
)


@pytest.fixture(autouse=True)
def _clock(app):
    app.extensions["clock"] = at(NOW)


def test_the_programme_file_holds_every_stop_at_the_right_instant_and_zone(client, app_context):
    own, _hosts = a_proposed_visit()
    press(client, f"{own}/accept")

    answer = client.get(f"{own}/programme.ics?download=1")

    assert answer.content_type == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="KV-2027-')
    first, second = events_in(answer.text)
    assert first.dtstart.value == datetime(2027, 3, 16, 7, 0, tzinfo=UTC)
    assert first.dtstart.value.utcoffset() == timedelta(hours=2)
    assert first.dtend.value == datetime(2027, 3, 16, 8, 30, tzinfo=UTC)
    assert second.dtstart.value == datetime(2027, 3, 16, 14, 0, tzinfo=UTC)
    assert second.dtstart.value.utcoffset() == timedelta(hours=1)
    assert [event.summary.value for event in (first, second)] == ["Stormossen", "Vakin"]
    assert [event.status.value for event in (first, second)] == ["CONFIRMED", "CONFIRMED"]
    assert first.uid.value == entry_row(1).uid


def test_what_is_not_confirmed_stands_as_tentative(client, app_context):
    own, _hosts = a_proposed_visit()

    events = events_in(client.get(f"{own}/programme.ics").text)

    assert {event.status.value for event in events} == {"TENTATIVE"}


@pytest.mark.sqlite_only
def test_a_file_is_published_with_a_name_and_nobody_in_it(client, app_context):
    own, _hosts = a_proposed_visit()

    text = client.get(f"{own}/programme.ics").text

    for line in PUBLISHED:
        assert line in text
    for word in ("ORGANIZER", "ATTENDEE", "@visitor.example", own.rpartition("/")[2]):
        assert word not in text


def test_an_unchanged_file_is_answered_with_304(client, app_context):
    own, _hosts = a_proposed_visit()
    first = client.get(f"{own}/programme.ics")

    again = client.get(f"{own}/programme.ics", headers={"If-None-Match": first.headers["ETag"]})
    press(client, f"{own}/accept")
    changed = client.get(f"{own}/programme.ics", headers={"If-None-Match": first.headers["ETag"]})

    assert first.headers["Cache-Control"].startswith("private")
    assert (again.status_code, again.data) == (304, b"")
    assert changed.status_code == 200


def test_a_host_gets_one_stop_only(client, app_context):
    _own, hosts = a_proposed_visit()

    events = events_in(client.get(f"{hosts[1]}/visit.ics").text)

    assert [event.summary.value for event in events] == ["Visit of West Estonian delegation"]
    assert events[0].dtstart.value == datetime(2027, 3, 16, 14, 0, tzinfo=UTC)


def test_the_feed_of_staff_holds_the_stops_of_all_visits(app, client, app_context):
    a_released_visit()
    token = create_staff_feed(an_account(app), who=STAFF, now=NOW)

    events = events_in(client.get(f"/calendar/{token}.ics").text)

    assert [event.dtstart.value.astimezone(UTC).hour for event in events] == [7, 14]
    assert all("West Estonian delegation" in event.summary.value for event in events)


def test_a_new_address_ends_the_old_one_and_an_address_can_be_revoked(app, client, app_context):
    staff = an_account(app)
    old = create_staff_feed(staff, who=STAFF, now=NOW)
    new = create_staff_feed(staff, who=STAFF, now=NOW)
    opened = [client.get(f"/calendar/{token}.ics").status_code for token in (old, new)]

    revoke_staff_feed(staff, who=STAFF, now=NOW)
    revoke_staff_feed(staff, who=STAFF, now=NOW)

    assert opened == [404, 200]
    assert client.get(f"/calendar/{new}.ics").status_code == 404
    assert list_staff_feeds(database.session, staff) == ()


def test_the_feed_of_an_account_that_is_off_is_gone(app, client, app_context):
    staff = an_account(app)
    token = create_staff_feed(staff, who=STAFF, now=NOW)
    database.session.get_one(StaffUser, staff).active = False
    database.session.commit()

    answer = client.get(f"/calendar/{token}.ics")

    assert answer.status_code == 404


@pytest.mark.sqlite_only
def test_a_link_for_something_else_is_no_feed(client, app_context):
    own, hosts = a_released_visit()

    statuses = {
        client.get(f"/calendar/{address.rpartition('/')[2]}.ics").status_code for address in (own, *hosts)
    }

    assert statuses == {404}


def test_reading_a_feed_changes_nothing_and_leaves_one_line_in_the_trail(app, client, app_context):
    a_released_visit()
    token = create_staff_feed(an_account(app), who=STAFF, now=NOW)
    before = everything_stored()

    client.get(f"/calendar/{token}.ics")
    client.head(f"/calendar/{token}.ics")
    client.get(f"/calendar/{token}.ics")

    after = everything_stored()
    trail = [row for row in after.pop("audit_entry") if row not in before["audit_entry"]]
    del before["audit_entry"]
    assert after == before
    assert [FEED_READ in row for row in trail] == [True]


def events_in(text):
    """What a foreign parser reads, in order of time."""
    found = list(vobject.readOne(StringIO(text)).contents.get("vevent", []))
    return sorted(found, key=lambda event: event.dtstart.value)


def test_the_visitors_feed_shows_the_programme_and_opens_nothing_else(client, app_context):
    own, _hosts = a_proposed_visit()
    token = own.removeprefix("/visits/")
    address = f"/calendar/{build_feed_token(token)}.ics"

    page = client.get(own).text
    feed = client.get(address)

    assert address in page
    assert f"{own}/programme.ics" not in page.replace("programme.ics?download=1", "")
    assert [event.summary.value for event in events_in(feed.text)] == ["Stormossen", "Vakin"]
    assert client.get(f"/visits/{build_feed_token(token)}").status_code == 404
    assert client.get(f"/calendar/{token}.ics").status_code == 404
