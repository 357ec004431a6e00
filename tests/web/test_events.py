"""Events by page: everybody's list and programme, and what staff write, publish and call off."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from bookings.db import read_session
from bookings.domain.events import EventKind, Presence, SpeakerPlan
from bookings.domain.staff import StaffRole
from bookings.queries.directory import load_directory
from bookings.queries.events import load_event
from bookings.services import events
from tests.support.builders import a_directory
from tests.support.clock import NOW
from tests.support.events import STAFF, STARTS_AT, a_part, a_plan, a_ticket, again, an_event, texts
from tests.support.fair import a_fair
from tests.support.forms import submit
from tests.support.staff import a_signed_in_client
from tests.support.statements import recorded_statements

pytestmark = pytest.mark.sqlite_only
HERE = "/staff/events"
STATEMENTS = 12


@pytest.fixture
def at_noon(app):
    app.extensions["clock"] = lambda: NOW
    return app


@pytest.fixture
def staff(at_noon):
    return a_signed_in_client(at_noon)


def sent(**changes: str) -> dict[str, str]:
    """What the form of a new event sends."""
    usual = {
        "kind": "seminar", "title_en": "Battery day", "summary_en": "Batteries.", "presence": "on_site",
        "place": "0", "site": "0", "venue": "Hall", "zone": "Europe/Helsinki", "starts_on": "2027-03-18",
        "starts_at": "09:00", "ends_on": "2027-03-18", "ends_at": "12:00", "largest_group": "5",
        "umbrella": "0", "has_waiting_list": "y",
    }  # fmt: skip
    return {**usual, **changes}


def test_the_list_shows_what_is_to_come_and_each_filter_narrows_it(at_noon, client):
    with at_noon.app_context():
        a_directory()
        an_event("Seminar of energy")
        an_event("Webinar of hydrogen", kind=EventKind.WEBINAR, presence=Presence.ONLINE)
        an_event("Early bird", starts_at=STARTS_AT - timedelta(hours=2))
        an_event("Draft", is_published=False)
        month = STARTS_AT.strftime("%Y-%m")

    def titles(query: str) -> list[str]:
        page = client.get(f"/events{query}")
        assert page.status_code == 200
        return re.findall(r'/events/([a-z-]+)"', page.text)

    assert titles("") == ["early-bird", "seminar-of-energy", "webinar-of-hydrogen"]
    assert titles("?kind=webinar") == ["webinar-of-hydrogen"]
    assert titles("?town=vaasa&q=SEMINAR") == ["seminar-of-energy"]
    assert sorted(set(titles(f"?view=month&month={month}"))) == [
        "early-bird", "seminar-of-energy", "webinar-of-hydrogen",
    ]  # fmt: skip
    assert titles("?view=month&month=2031-01") == []
    assert titles("?umbrella=nothing") == titles("?past=1") == []
    assert "No event fits" in client.get("/events?q=zzz").text
    assert titles("?kind=%00&month=9999-99&town=x&view=y&lang_of=zz") == titles("")


def test_a_draft_is_nobodys_page_and_a_cancelled_event_says_why(at_noon, client):
    with at_noon.app_context():
        draft = an_event("Draft", is_published=False).slug
        gone = an_event("Gone").slug
        events.cancel_event(gone, reason="The hall burnt down.", who=STAFF, now=NOW)

    page = client.get(f"/events/{gone}")

    assert [client.get(f"/events/{draft}{end}").status_code for end in ("", "/event.ics")] == [404, 404]
    assert "The hall burnt down." in page.text
    assert "STATUS:CANCELLED" in client.get(f"/events/{gone}/event.ics").text
    assert "/register" not in page.text


def test_the_page_has_the_programme_on_both_clocks_places_and_data_for_search_engines(at_noon, client):
    evil = "</script><script>alert(1)</script>"
    with at_noon.app_context():
        a_directory()
        company = load_directory(read_session()).companies["vakin"]
        site = company.sites[0].id
        slug = an_event(
            "Both shores",
            summary=texts(evil),
            parts=[a_part("Tour", hours=1, capacity=3), a_part("Plant", hours=2, site_id=site)],
            tickets=[a_ticket(), a_ticket("Secret", access_code="42", capacity=7)],
            capacity=5,
            minimum=2,
            decides_at=NOW + timedelta(days=9),
        ).slug

    page = client.get(f"/events/{slug}?zone=Europe/Stockholm").text
    plain = client.get(f"/events/{slug}").text
    data = json.loads(re.findall(r'ld\+json">(.*?)</script>', page, re.DOTALL)[0])

    assert "11:00–12:00" in page
    assert "10:00–11:00 Stockholm" in page
    assert "Only 5 places left" in page
    assert "Places left: 3" in page
    assert "Secret" not in page
    assert "<script>alert" not in page
    assert re.search(r"11:00–12:00</time></b>\s*<span>Vakin visitor centre \(CEST\)", plain)
    assert "12:00–13:00 Helsinki" in plain
    assert data["startDate"].endswith("+03:00")
    assert data["remainingAttendeeCapacity"] == 5
    assert data["description"] == evil
    assert client.get(f"/events/{slug}?zone=../etc/passwd").status_code == 200


def test_registration_is_offered_when_it_is_open_and_only_then(at_noon, client):
    with at_noon.app_context():
        slugs = {
            "open": an_event("Open").slug,
            "soon": an_event("Soon", opens_at=NOW + timedelta(days=1)).slug,
            "closed": an_event("Closed", closes_at=NOW + timedelta(minutes=1)).slug,
            "full": an_event("Full", capacity=0, has_waiting_list=False).slug,
            "waiting": an_event("Waiting", capacity=0).slug,
        }
    at_noon.extensions["clock"] = lambda: NOW + timedelta(minutes=2)

    offered = {
        name: f"/events/{slug}/register" in client.get(f"/events/{slug}").text for name, slug in slugs.items()
    }

    assert offered == {"open": True, "soon": False, "closed": False, "full": False, "waiting": True}


def test_the_calendar_of_all_events_can_be_subscribed_to(at_noon, client):
    with at_noon.app_context():
        an_event("One", starts_at=datetime(2027, 3, 18, 7, tzinfo=UTC))

    answer = client.get("/events.ics")
    again_ = client.get("/events.ics", headers={"If-None-Match": answer.headers["ETag"]})

    assert "DTSTART;TZID=Europe/Helsinki:20270318T090000" in answer.text
    assert "ATTENDEE" not in answer.text
    assert (answer.content_type, again_.status_code) == ("text/calendar; charset=utf-8", 304)


def test_staff_make_an_event_in_a_few_forms_and_publish_it(at_noon, staff, client):
    with at_noon.app_context():
        town = str(a_directory()["stormossen"].place_id)

    wrong = submit(staff, f"{HERE}/new", sent(ends_at="08:00"))
    gap = submit(staff, f"{HERE}/new", sent(starts_on="2027-03-28", ends_on="2027-03-28", starts_at="03:30"))
    made = submit(staff, f"{HERE}/new", sent(place=town, capacity="40", ends_on=""))
    event = f"{HERE}/battery-day"
    part = submit(
        staff, f"{event}/parts/new",
        {"version": "1", "title_en": "Lab", "starts_on": "2027-03-18", "starts_at": "10:00",
         "ends_at": "11:00", "presence": "on_site", "site": "0", "is_chosen": "y", "capacity": "8"},
    )  # fmt: skip
    ticket = submit(
        staff, f"{event}/tickets/new",
        {"version": "2", "name_en": "Partner", "presence": "on_site", "capacity": "10", "is_partner": "y",
         "valid_on": ""},
    )  # fmt: skip
    speaker = submit(
        staff, f"{event}/speakers/new",
        {"version": "3", "name": "Eva Ek", "organisation_name": "stormossen oy", "part": "0"},
    )  # fmt: skip
    published = submit(staff, f"{event}/publish", {"version": "4"}, page=event)
    with at_noon.app_context():
        view = load_event(read_session(), "battery-day")

    assert [one.status_code for one in (wrong, gap)] == [422, 422]
    assert "The end has to be after the start." in wrong.text
    assert "03:30" in gap.text
    assert [one.status_code for one in (made, part, ticket, speaker, published)] == [303] * 5
    assert (view.event.state, view.seats.capacity, view.parts[0].seats.capacity) == ("published", 30, 8)
    # Without a last day it ends on the first one.
    assert view.event.ends_at - view.event.starts_at == timedelta(hours=3)
    assert view.speakers[0].organisation_id
    assert "Eva Ek" in client.get("/events/battery-day").text


@pytest.mark.parametrize(
    ("kind", "shown", "fields"),
    [
        ("part", "Lab", {"title_en": "New words", "starts_on": "2027-04-02", "starts_at": "10:00",
                         "ends_at": "11:00", "presence": "on_site", "site": "0"}),
        ("ticket", "Partner", {"name_en": "New words", "presence": "on_site", "valid_on": ""}),
        ("speaker", "Eva Ek", {"name": "New words", "part": "0"}),
    ],
)  # fmt: skip
def test_what_an_event_has_several_of_is_shown_changed_and_removed_by_its_form(
    at_noon, staff, kind, shown, fields
):
    with at_noon.app_context():
        slug = an_event("Seminar", parts=[a_part("Lab")], tickets=[a_ticket(), a_ticket("Partner")]).slug
        events.add_speaker(slug, SpeakerPlan(name="Eva Ek"), who=STAFF, now=NOW)
        seen = load_event(read_session(), slug)
    rows = {"part": seen.parts[0].part, "ticket": seen.tickets[1].ticket, "speaker": seen.speakers[0]}
    way = f"{HERE}/{slug}/{kind}s/{rows[kind].id}"

    before = staff.get(way).text
    changed = submit(staff, way, {**fields, "version": str(seen.event.version)})
    after = staff.get(way).text
    removed = submit(staff, f"{way}/remove", {"version": str(seen.event.version + 1)}, page=way)

    assert f'value="{shown}"' in before
    assert [changed.status_code, removed.status_code] == [303, 303]
    assert 'value="New words"' in after
    assert staff.get(way).status_code == 404


def test_whoever_saves_later_reads_what_the_other_did_and_keeps_what_was_typed(at_noon, staff):
    with at_noon.app_context():
        event = an_event("Seminar")
        events.change_event(event.slug, a_plan("Other title", place_id=event.place_id), who=STAFF, now=NOW)
    typed = sent(title_en="My title", version=str(event.version))

    answer = submit(staff, f"{HERE}/{event.slug}/edit", typed)
    hidden = re.findall(r'name="version" value="(\d+)"', answer.text)[0]
    once_more = submit(staff, f"{HERE}/{event.slug}/edit", {**typed, "version": hidden})

    assert (answer.status_code, once_more.status_code) == (409, 303)
    assert "Maria Lind: Changed the event" in answer.text
    assert 'value="My title"' in answer.text
    with at_noon.app_context():
        assert again(event.slug).title["en"] == "My title"


def test_an_event_that_is_not_ready_says_what_it_lacks(at_noon, staff):
    with at_noon.app_context():
        slug = events.create_event(a_plan(venue="", description={"en": "x"}), who=STAFF, now=NOW)

    page = staff.get(f"{HERE}/{slug}").text
    answer = submit(staff, f"{HERE}/{slug}/publish", {"version": "1"}, page=f"{HERE}/new")

    assert "The town is missing." in page
    assert "There is no description in Swedish and Finnish." in page
    assert answer.status_code == 409
    assert "The town is missing." in answer.text


def test_staff_decide_cancel_copy_and_repeat(at_noon, staff):
    with at_noon.app_context():
        event = an_event("Visit day", minimum=4, decides_at=NOW + timedelta(days=30))
    here = f"{HERE}/{event.slug}"

    no_reason = submit(staff, f"{here}/no-go", {"version": "2", "reason": ""})
    copied = submit(staff, f"{here}/copy", {"first_on": "2027-05-03"})
    many = submit(staff, f"{here}/series", {"every_days": "7", "count": "999"})
    repeated = submit(staff, f"{here}/series", {"every_days": "14", "count": "3"})
    cancelled = submit(staff, f"{here}/no-go", {"version": "3", "reason": "Too few."})

    assert [one.status_code for one in (no_reason, copied, many, repeated, cancelled)] == [
        422, 303, 422, 303, 303,
    ]  # fmt: skip
    drafts = staff.get(f"{HERE}?show=draft").text
    assert drafts.count("Visit day") == 3
    with at_noon.app_context():
        assert again(event.slug).cancelled_reason == "Too few."


def test_readers_read_and_change_nothing(at_noon):
    reader = a_signed_in_client(at_noon, StaffRole.READER)
    with at_noon.app_context():
        slug = an_event("Seminar").slug

    assert reader.get(HERE).status_code == reader.get(f"{HERE}/{slug}").status_code == 200
    assert "/edit" not in reader.get(f"{HERE}/{slug}").text
    assert reader.get(f"{HERE}/{slug}/edit").status_code == 403


def test_no_page_costs_more_statements_with_more_events(at_noon, staff):
    with at_noon.app_context():
        a_directory()
        slug = a_fair(now=NOW).slug
        for number in range(12):
            an_event(f"Seminar {number}")
    pages = (
        "/events",
        "/events?view=month",
        f"/events/{slug}",
        HERE,
        f"{HERE}/{slug}",
        f"{HERE}/{slug}/edit",
    )
    counts = {}
    for page in pages:
        staff.get(page)
        with recorded_statements() as statements:
            assert staff.get(page).status_code == 200
        counts[page] = len([one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))])

    assert {page: count for page, count in counts.items() if count > STATEMENTS} == {}
