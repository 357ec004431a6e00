"""Staff's calendar page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.staff import StaffRole
from bookings.models.directory import Interest
from bookings.models.events import Event
from tests.support.browsers import accessibility_faults
from tests.support.builders import a_directory, a_slot, a_visit
from tests.support.clock import NOW
from tests.support.events import PartPlan, an_event
from tests.support.forms import submit
from tests.support.staff import PASSWORD, a_signed_in_client, an_account
from tests.support.statements import recorded_statements

FAIR = datetime(2027, 3, 16, 6, tzinfo=UTC)
VIEWS = ("month", "week", "day", "list", "rows")


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app, StaffRole.READER)


def stops_by_day(page: str) -> dict[str, list[str]]:
    """Day → the times of its entries, as the table shows them."""
    cells = re.findall(r'<td [^>]*data-day="([\d-]+)">(.*?)</td>', page, re.DOTALL)
    times = {day: re.findall(r'class="entry-time">([^<]+)<', cell) for day, cell in cells}
    return {day: found for day, found in times.items() if found}


def test_every_stop_stands_at_the_clock_of_its_place(app, staff):
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="confirmed")
        a_slot(visit, hosts["stormossen"], starts_at=datetime(2027, 3, 16, 8, tzinfo=UTC), state="accepted")
        a_slot(visit, hosts["vakin"], starts_at=datetime(2027, 3, 17, 8, tzinfo=UTC), state="accepted")

    month = staff.get("/staff/calendar?date=2027-03-01").text
    helsinki = staff.get("/staff/calendar?view=week&date=2027-03-17&zone=Europe/Helsinki").text

    assert stops_by_day(month) == {"2027-03-16": ["10:00–11:30 EET"], "2027-03-17": ["09:00–10:30 CET"]}
    assert stops_by_day(helsinki) == {"2027-03-16": ["10:00–11:30 EET"], "2027-03-17": ["10:00–11:30 EET"]}
    assert "Umeå, 09:00–10:30 CET" in helsinki
    assert '<time datetime="2027-03-01">1 March</time>' in month


def test_the_week_in_which_the_clocks_change_is_right(app, staff):
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="confirmed")
        for day in (27, 28, 29):
            a_slot(visit, hosts["vakin"], starts_at=datetime(2027, 3, day, 22, 30, tzinfo=UTC), minutes=30)

    page = staff.get("/staff/calendar?view=week&date=2027-03-28").text

    # Sunday has 23 hours: 22:30 UTC is late on Saturday before the change, and the next night after it.
    assert stops_by_day(page) == {"2027-03-27": ["23:30–00:00 CET"]}
    assert stops_by_day(staff.get("/staff/calendar?view=week&date=2027-03-29").text) == {
        "2027-03-29": ["00:30–01:00 CEST"],
        "2027-03-30": ["00:30–01:00 CEST"],
    }


def test_after_midnight_it_is_the_new_day_though_not_yet_in_utc(app):
    app.extensions["clock"] = lambda: datetime(2027, 2, 1, 23, 30, tzinfo=UTC)
    staff = a_signed_in_client(app, StaffRole.READER)

    page = staff.get("/staff/calendar").text

    assert re.findall(r'today" data-day="([\d-]+)"', page) == ["2027-02-02"]


@pytest.mark.parametrize("view", VIEWS)
def test_on_empty_days_the_nearest_with_something_on_it_are_one_press_away(app, staff, view):
    with app.app_context():
        visit = a_visit(state="confirmed")
        # Half past eleven in the evening UTC: in Umeå it is the next day.
        late = datetime(2027, 6, 15, 23, 30, tzinfo=UTC)
        a_slot(visit, a_directory()["vakin"], starts_at=late, minutes=30, state="accepted")
        an_event("Fair", starts_at=FAIR, now=NOW)

    page = staff.get(f"/staff/calendar?view={view}&date=2027-04-28").text
    of_visits = staff.get(f"/staff/calendar?view={view}&date=2027-04-28&kind=visits").text

    nearest = re.findall(r">(Last before|Next): ([^<]+)<", page)
    assert nearest == [("Last before", "Tuesday 16 March 2027"), ("Next", "Wednesday 16 June 2027")]
    assert "date=2027-06-16" in page
    assert re.findall(r">(Last before|Next): ", of_visits) == ["Next"]
    assert ">Next: " not in staff.get(f"/staff/calendar?view={view}&date=2027-03-16").text


def test_the_list_shows_the_stops_of_one_town(app, staff):
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="confirmed")
        a_slot(visit, hosts["stormossen"], starts_at=datetime(2027, 3, 16, 8, tzinfo=UTC), state="accepted")
        a_slot(visit, hosts["vakin"], starts_at=datetime(2027, 3, 17, 8, tzinfo=UTC), state="declined")

    vaasa = staff.get("/staff/calendar?view=list&date=2027-03-10&town=vaasa").text
    umea = staff.get("/staff/calendar?view=list&date=2027-03-10&town=umea").text

    assert "Stormossen" in vaasa
    assert "Nothing in these weeks" in umea


def test_events_and_advisory_days_stand_in_the_cells_of_each_view(app, staff):
    with app.app_context():
        visit = a_visit(state="confirmed")
        a_slot(visit, a_directory()["vakin"], starts_at=FAIR + timedelta(hours=2), state="accepted")
        an_event("Fair week", kind="fair", starts_at=FAIR, ends_at=FAIR + timedelta(days=2))
        an_event("Advice on customs", kind="advisory_day", starts_at=FAIR, is_published=False)

    views = {view: staff.get(f"/staff/calendar?view={view}&date=2027-03-16").text for view in VIEWS}
    cells = stops_by_day(views["month"])

    assert cells["2027-03-16"] == ["08:00–18 Mar 08:00 EET", "08:00–12:00 EET", "09:00–10:30 CET"]
    assert cells["2027-03-17"] == cells["2027-03-18"][:1] == ["08:00–18 Mar 08:00 EET"]
    for view, page in views.items():
        assert 'href="/staff/events/fair-week' in page, view
        assert "Advisory day" in page, view
        assert "Draft" in page, view
    assert 'data-row="0"' in views["rows"], "what is at no host has a row, too"


@pytest.mark.sqlite_only
def test_a_fair_of_several_days_stands_on_each_with_the_hours_of_its_parts_or_the_usual_ones(app, staff):
    evening = PartPlan(
        title={"en": "Dinner"}, starts_at=FAIR + timedelta(days=1, hours=2),
        ends_at=FAIR + timedelta(days=1, hours=12),
    )  # fmt: skip
    with app.app_context():
        a_directory()
        an_event(
            "Fair week",
            kind="fair",
            starts_at=FAIR,
            ends_at=FAIR + timedelta(days=2, hours=8),
            parts=[evening],
        )

    pages = {view: staff.get(f"/staff/calendar?view={view}&date=2027-03-16").text for view in VIEWS}
    next_day = staff.get("/staff/calendar?view=day&date=2027-03-17").text

    for view in ("month", "week", "rows"):
        assert stops_by_day(pages[view]) == {
            "2027-03-16": ["08:00–16:00 EET"],
            "2027-03-17": ["10:00–20:00 EET"],
            "2027-03-18": ["08:00–16:00 EET"],
        }, view
    assert len(set(re.findall(r'data-slot="(event-[^"]+)"', pages["rows"]))) == 3
    assert re.findall(r'class="clock">([^<]+)<', next_day) == ["09:00 CET", "10:00 EET"]


@pytest.mark.sqlite_only
def test_filters_mean_for_events_what_they_mean_for_stops(app, staff):
    owner = an_account(app, email="owner@staff.example")
    with app.app_context():
        a_directory()
        event = an_event("Fair week", kind="fair", starts_at=FAIR)
        database.session.get_one(Event, event.id).owner_id = owner
        database.session.commit()
        an_event("Planned", starts_at=FAIR, is_published=False)
    shown = {}
    for query in (
        "kind=events", "kind=visits", "town=vaasa", "town=umea", f"owner={owner}", "owner=none",
        "state=draft", "state=accepted", "state=asked", "state=done", "interest=bioeconomy",
    ):  # fmt: skip
        page = staff.get(f"/staff/calendar?view=day&date=2027-03-16&{query}").text
        shown[query.replace(str(owner), "1")] = ("fair-week" in page, "/planned" in page)
    with app.app_context():
        row = database.session.get_one(Event, event.id)
        row.starts_at, row.ends_at = NOW - timedelta(hours=3), NOW - timedelta(hours=1)
        database.session.commit()
    past = staff.get(f"/staff/calendar?view=day&date={NOW.date()}&state=done").text

    assert shown == {
        "kind=events": (True, True), "kind=visits": (False, False), "town=vaasa": (True, False),
        "town=umea": (False, False), "owner=1": (True, False), "owner=none": (False, True),
        "state=draft": (False, True), "state=accepted": (True, False), "state=asked": (False, False),
        "state=done": (False, False), "interest=bioeconomy": (False, False),
    }  # fmt: skip
    assert "fair-week" in past
    assert "Over" in past


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    "query", ["date=2027-13-45", "date=0001-01-01", "date=9999-12-31", "view=year&zone=Mars&town=%00"]
)
def test_an_address_that_makes_no_sense_shows_this_month(staff, query):
    answer = staff.get(f"/staff/calendar?{query}")

    assert answer.status_code == 200
    assert "February 2027" in answer.text


@pytest.mark.sqlite_only
def test_holidays_of_both_countries_stand_in_the_calendar(staff):
    page = staff.get("/staff/calendar?date=2027-03-01").text

    assert "SE: Good Friday" in page
    assert "FI: Good Friday" in page


@pytest.mark.sqlite_only
def test_the_calendar_costs_the_same_for_1_3_and_300_stops_and_stays_small(app):
    app.extensions["clock"] = lambda: NOW
    staff = a_signed_in_client(app, StaffRole.COORDINATOR)
    views = {view: f"view={view}" for view in ("month", "week", "day", "list", "rows")}
    counts = {view: set() for view in [*views, "visit"]}
    with app.app_context():
        hosts = a_directory()
        visit = a_visit(state="confirmed")
        views["visit"] = f"visit={visit.reference}"
        first = datetime(2027, 3, 1, 6, tzinfo=UTC)
        for more in (1, 2, 297):
            for number in range(more):
                a_slot(visit, hosts["vakin"], starts_at=first + timedelta(hours=2 * number), state="accepted")
            for view, query in views.items():
                staff.get(f"/staff/calendar?{query}&date=2027-03-01")
                with recorded_statements() as statements:
                    page = staff.get(f"/staff/calendar?{query}&date=2027-03-01")
                assert page.status_code == 200
                counts[view].add(len([one for one in statements if one.startswith("SELECT")]))
    month = staff.get("/staff/calendar?date=2027-03-01").data

    assert {view: len(found) for view, found in counts.items()} == dict.fromkeys(counts, 1)
    assert max(max(found) for found in counts.values()) <= 12
    assert len(month) < 100_000
    assert b"+10 more" in month


@pytest.mark.sqlite_only
def test_stops_are_filtered_and_the_filters_stay_in_every_address(app, staff):
    owner = an_account(app, email="owner@staff.example")
    with app.app_context():
        hosts = a_directory()
        biogas = database.session.scalars(select(Interest).where(Interest.slug == "bioeconomy/biogas")).all()
        ours = a_visit(state="confirmed", interests=biogas, owner_id=owner, organisation="Ours")
        reference = ours.reference
        others = a_visit(state="confirmed", organisation="Theirs")
        a_slot(ours, hosts["vakin"], starts_at=datetime(2027, 3, 16, 8, tzinfo=UTC), state="accepted")
        a_slot(others, hosts["stormossen"], starts_at=datetime(2027, 3, 17, 8, tzinfo=UTC))
    shown = {}
    for query in (
        "town=umea", f"owner={owner}", "state=accepted", "interest=bioeconomy", "interest=bioeconomy/biogas",
        "owner=none", "state=draft", "town=vaasa", f"visit={reference}", "owner=4711&town=x&state=%00",
    ):  # fmt: skip
        page = staff.get(f"/staff/calendar?view=list&date=2027-03-10&{query}").text
        shown[query.partition("=")[0], "Ours" in page, "Theirs" in page] = query
    page = staff.get(f"/staff/calendar?view=week&date=2027-03-17&town=umea&owner={owner}&zone=UTC").text
    kept = set(re.findall(r'href="(/staff/calendar\?[^"]*)"', page.partition('id="feed"')[0]))

    assert sorted(shown) == [
        ("interest", True, False),
        ("owner", False, True),
        ("owner", True, False),
        ("owner", True, True),
        ("state", False, True),
        ("state", True, False),
        ("town", False, True),
        ("town", True, False),
        ("visit", True, False),
    ]
    addresses = [one for one in kept if "lang=" not in one and "visit" not in one and "date=" in one]
    assert len(addresses) > 8
    unfiltered = [one for one in addresses if f"town=umea&amp;owner={owner}" not in one]
    assert len(unfiltered) == 1, "only the way to show all leaves the filters"
    assert all("zone=UTC" in one for one in addresses)


@pytest.mark.sqlite_only
def test_hosts_sites_and_coordinators_have_rows_of_their_own(app, staff):
    owner = an_account(app, email="owner@staff.example")
    with app.app_context():
        hosts = a_directory()
        for host, who in (("vakin", owner), ("stormossen", None)):
            visit = a_visit(state="confirmed", owner_id=who)
            a_slot(visit, hosts[host], starts_at=datetime(2027, 3, 16, 8, tzinfo=UTC), state="accepted")

    rows = {
        kind: re.findall(
            r'<th scope="row" class="row-name"><span>([^<]+)<',
            staff.get(f"/staff/calendar?view=rows&date=2027-03-16&rows={kind}").text,
        )
        for kind in ("host", "site", "owner")
    }

    assert rows == {
        "host": ["Stormossen", "Vakin"],
        "site": ["Stormossen visitor centre", "Vakin visitor centre"],
        "owner": ["Test Coordinator", "Nobody yet"],
    }


def test_the_address_of_ones_own_calendar_is_shown_once_and_can_be_stopped(app, staff):
    made = submit(staff, "/staff/calendar/address", page="/staff/calendar")
    address = re.search(r'value="(http[^"]+\.ics)"', made.text)[1]
    path = address[address.index("/calendar/") :]
    works = app.test_client().get(path)
    submit(staff, "/staff/calendar/address/stop", page="/staff/calendar")

    assert works.status_code == 200
    assert works.text.startswith("BEGIN:VCALENDAR")
    assert path not in staff.get("/staff/calendar").text
    assert app.test_client().get(path).status_code == 404


@pytest.mark.sqlite_only
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_calendar_is_accessible_and_fits_the_screen(app, web_server, page, width, scheme):
    app.extensions["clock"] = lambda: NOW
    an_account(app)
    with app.app_context():
        hosts = a_directory()
        a_slot(a_visit(), hosts["vakin"], starts_at=datetime(2027, 3, 17, 8, tzinfo=UTC))
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    page.goto(f"{web_server.url}/staff/sign-in")
    page.get_by_label("E-mail").fill("coordinator@staff.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()

    faults = {}
    for view in ("month", "week", "day", "list", "rows"):
        page.goto(f"{web_server.url}/staff/calendar?view={view}&date=2027-03-17")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        faults[view] = [*accessibility_faults(page), *(["wider than the screen"] if wide else [])]

    assert {view: found for view, found in faults.items() if found} == {}
