"""Staff plan slots: the form in the zone of the site, free times, replacements, times that hosts offer."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bookings.db import database
from bookings.models.directory import Interest, Site
from bookings.models.slots import ProposedTime, Slot
from bookings.services.slots import add_slot, decline_slot, propose_times
from bookings.services.visits import release_visit, start_planning
from tests.support.browsers import accessibility_faults
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.staff import PASSWORD, a_signed_in_client, an_account
from tests.support.stories import STAFF, host_token, kinds, mails, plan

DAY = date(2027, 3, 16)


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.fixture
def visit(app, staff):
    """A visit in planning."""
    with app.app_context():
        a_directory()
        reference = a_visit().reference
        start_planning(reference, who=STAFF, now=NOW)
    return reference


def a_form(app, slug="vakin", **changes) -> dict[str, str]:
    with app.app_context():
        known = plan(slug)
    values = {
        "site": str(known.site_id),
        "contact": str(known.host_contact_id),
        "title": "How waste is sorted",
        "day": DAY.isoformat(),
        "starts": "10:00",
        "minutes": "90",
        "message": "",
        "is_required": "y",
    }
    return {**values, **changes}


def slots(app) -> list[tuple[str, datetime, datetime, str]]:
    with app.app_context():
        rows = database.session.scalars(select(Slot).order_by(Slot.id)).all()
        return [(row.state, row.starts_at, row.ends_at, row.title) for row in rows]


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(DAY.year, DAY.month, DAY.day, hour, minute, tzinfo=UTC)


def a_released_slot(app, reference: str, slug: str = "vakin", hour: float = 9) -> int:
    with app.app_context():
        slot_id = add_slot(reference, plan(slug, hour), who=STAFF, now=NOW)
        release_visit(reference, who=STAFF, now=NOW)
        return slot_id


@pytest.mark.parametrize(("slug", "starts"), [("vakin", at(9)), ("stormossen", at(8))])
def test_a_draft_stands_at_the_clock_of_its_site(app, staff, visit, slug, starts):
    answer = submit(staff, f"/staff/visits/{visit}/slots/new?host={slug}", a_form(app, slug))

    assert answer.status_code == 303
    assert slots(app) == [("draft", starts, starts + timedelta(minutes=90), "How waste is sorted")]
    with app.app_context():
        assert kinds() == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "Say what happens here"),
        ({"title": "a\x07b"}, "Remove the invisible control characters"),
        ({"title": "x" * 201}, "Use at most 200 characters."),
        ({"day": "2027-02-31"}, "Write a day that exists"),
        ({"day": "2026-03-16"}, "Choose a day in the future"),
        ({"day": "2999-12-31"}, "Choose a day in the future"),
        ({"day": "0001-01-01", "starts": "00:30"}, "Write a day that exists"),
        ({"day": "9999-12-31", "starts": "23:30"}, "Write a day that exists"),
        ({"starts": "25:00"}, "Write a time of the day"),
        ({"minutes": "3"}, "Type a length between 15 minutes and 12 hours."),
        ({"minutes": "x"}, "Write the length as a whole number"),
        ({"contact": "999"}, "Choose one of the list."),
        ({"contact": "nobody"}, "Choose one of the list."),
        ({"message": "x" * 2001}, "Use at most 2000 characters."),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_the_rest_is_kept(app, staff, visit, changes, sentence):
    fields = a_form(app, **{"message": "Bring boots", **changes})

    answer = submit(staff, f"/staff/visits/{visit}/slots/new?host=vakin", fields)

    assert answer.status_code == 422
    assert sentence in answer.text
    assert fields["message"][:11] in answer.text
    assert slots(app) == []


def test_a_time_that_the_clocks_jump_over_is_refused_with_the_two_nearest(app, staff, visit):
    fields = a_form(app, day="2027-03-28", starts="02:30")

    answer = submit(staff, f"/staff/visits/{visit}/slots/new?host=vakin", fields)

    assert answer.status_code == 422
    assert "01:59 CET" in answer.text
    assert "03:00 CEST" in answer.text
    assert slots(app) == []


def test_a_time_that_comes_twice_is_asked_for(app, staff, visit):
    address = f"/staff/visits/{visit}/slots/new?host=vakin"
    fields = a_form(app, day="2027-10-31", starts="02:30")

    asked = submit(staff, address, fields)
    chosen = submit(staff, address, {**fields, "fold": "1"})

    assert (asked.status_code, chosen.status_code) == (422, 303)
    assert 'name="fold"' in asked.text
    assert [slot[1] for slot in slots(app)] == [datetime(2027, 10, 31, 1, 30, tzinfo=UTC)]


def test_the_form_offers_times_at_which_host_and_delegation_are_free(app, staff, visit):
    a_released_slot(app, visit, "vakin", hour=9)

    page = staff.get(f"/staff/visits/{visit}/slots/new?host=vakin").text

    assert "starts=2027-03-16T08:00:00%2B00:00" not in page
    assert "starts=2027-03-16T11:00:00%2B00:00" in page


def test_free_times_keep_to_the_hours_of_the_site(app, staff, visit):
    with app.app_context():
        database.session.execute(update(Site).values(opens_at="12:00", closes_at="14:00"))
        database.session.commit()

    page = staff.get(f"/staff/visits/{visit}/slots/new?host=vakin").text

    assert "starts=2027-03-16T10:00:00%2B00:00" not in page
    assert "starts=2027-03-16T11:00:00%2B00:00" in page
    assert "starts=2027-03-16T12:00:00%2B00:00" not in page


def test_a_stop_that_stands_in_for_another_begins_with_its_length(app, staff, visit):
    with app.app_context():
        other = add_slot(visit, plan("vakin", 9, hours=0.75, is_required=False), who=STAFF, now=NOW)

    page = staff.get(f"/staff/visits/{visit}/slots/new?host=stormossen&replaces={other}").text

    assert re.search(r'name="minutes"[^>]*value="45"', page)
    assert not re.search(r'name="is_required"[^>]*checked', page)


def test_a_link_to_a_free_time_fills_the_form(app, staff, visit):
    page = staff.get(f"/staff/visits/{visit}/slots/new?host=vakin&starts=2027-03-16T12:00:00%2B00:00").text

    assert 'value="2027-03-16"' in page
    assert 'value="13:00"' in page


@pytest.mark.sqlite_only
def test_a_time_that_no_clock_can_show_fills_nothing(staff, visit):
    page = staff.get(f"/staff/visits/{visit}/slots/new?host=vakin&starts=9999-12-31T23:59:59")

    assert page.status_code == 200
    assert "9999" not in page.text.partition("</form>")[0].partition('name="day"')[2][:60]


@pytest.mark.parametrize("query", ["host=nobody", "host=vakin&replaces=999", "host=%00", ""])
def test_hosts_and_slots_that_are_not_there_are_not_found(staff, visit, query):
    assert staff.get(f"/staff/visits/{visit}/slots/new?{query}").status_code == 404


def test_a_moved_stop_is_planned_first_and_asks_its_host_again_at_once_where_it_is_urgent(app, staff, visit):
    slot_id = a_released_slot(app, visit)
    address, wish = f"/staff/slots/{slot_id}/edit", a_form(app, starts="13:00")

    answer = submit(staff, address, {**wish, "version": "2"})
    planned = slots(app)[0]
    with app.app_context():
        told = len(kinds())
    page = staff.get(f"/staff/visits/{visit}").text
    at_once = submit(staff, address, {**wish, "version": "3", "tell": "now"})

    moved = slots(app)[0]
    assert (answer.status_code, planned[0], planned[1], told) == (303, "pending", at(9), 1)
    assert "Planned: another time or place" in page
    assert (at_once.status_code, moved[0], moved[1]) == (303, "pending", at(12))
    with app.app_context():
        assert len(kinds()) == 2


def test_somebody_elses_change_in_between_is_not_overwritten(app, staff, visit):
    slot_id = a_released_slot(app, visit)

    answer = submit(staff, f"/staff/slots/{slot_id}/edit", {**a_form(app, starts="13:00"), "version": "1"})

    assert answer.status_code == 409
    assert slots(app)[0][1] == at(9)


@pytest.mark.parametrize(("name", "left"), [("remove", []), ("withdraw", None)])
def test_a_draft_is_removed_and_a_released_stop_withdrawn(app, staff, visit, name, left):
    if name == "remove":
        with app.app_context():
            slot_id = add_slot(visit, plan("vakin"), who=STAFF, now=NOW)
    else:
        slot_id = a_released_slot(app, visit)

    answer = submit(staff, f"/staff/slots/{slot_id}/{name}", {"tell": "now"})

    assert answer.status_code == 303
    assert [slot[0] for slot in slots(app)] == (["withdrawn"] if left is None else left)


@pytest.mark.sqlite_only
def test_why_a_stop_is_withdrawn_stands_in_the_mail_and_in_the_history(app, staff, visit):
    address, why = f"/staff/slots/{a_released_slot(app, visit)}/withdraw", "The road is closed."
    release = f"/staff/visits/{visit}/release"

    unclean = submit(staff, address, {"reason": "a\x07b"})
    planned = submit(staff, address, {"reason": why})
    foreseen = staff.get(release).text
    submit(staff, release)

    assert (unclean.status_code, "Why it changes" in unclean.text, planned.status_code) == (422, True, 303)
    assert f"Why: {why}" in foreseen
    with app.app_context():
        assert f"Why: {why}" in mails()[-1].text
    assert staff.get(f"/staff/visits/{visit}/history").text.count(f"Why: {why}") == 2


def test_a_host_that_declines_is_replaced_by_the_next_best(app, staff, visit):
    slot_id = a_released_slot(app, visit)
    with app.app_context():
        decline_slot(host_token(slot_id), reason="Closed that week", now=NOW)

    visit_page = staff.get(f"/staff/visits/{visit}").text
    choice = staff.get(f"/staff/slots/{slot_id}/replace").text
    address = f"/staff/visits/{visit}/slots/new?host=stormossen&replaces={slot_id}"
    form = staff.get(address).text
    answer = submit(staff, address, a_form(app, "stormossen"))

    assert "Closed that week" in visit_page
    assert "Who instead of Vakin?" in choice
    assert "Stormossen instead of Vakin" in form
    assert 'value="11:00"' in form
    assert answer.status_code == 303
    with app.app_context():
        assert database.session.scalars(select(Slot.replaces_id).order_by(Slot.id)).all() == [None, slot_id]


@pytest.mark.sqlite_only
def test_who_is_on_this_shore_and_not_asked_yet_is_the_first_to_replace_a_host(app, staff):
    with app.app_context():
        a_directory()
        area = database.session.scalars(select(Interest).where(Interest.slug == "waste-circular")).one()
        reference = a_visit(interests=[area]).reference
        start_planning(reference, who=STAFF, now=NOW)
    a_released_slot(app, reference, "stormossen", 6)
    lost = a_released_slot(app, reference, "skelleftea-kraft", 30)

    choice = staff.get(f"/staff/slots/{lost}/replace").text

    found = [choice.index(f"host={slug}") for slug in ("vakin", "westenergy", "stormossen")]
    assert found == sorted(found)


def test_a_time_that_the_host_offers_is_taken(app, staff, visit):
    slot_id = a_released_slot(app, visit)
    with app.app_context():
        propose_times(host_token(slot_id), times=[(at(12), at(13, 30))], comment="Board meeting", now=NOW)
        time_id = database.session.scalars(select(ProposedTime.id)).one()

    page = staff.get(f"/staff/visits/{visit}").text
    taken = submit(staff, f"/staff/slots/{slot_id}/proposals/{time_id}")
    again = staff.get(f"/staff/slots/{slot_id}/proposals/{time_id}")

    assert "A host proposes another time: take it or refuse it." in page
    assert "Tuesday 16 March 2027 13:00–14:30 CET" in page
    assert (taken.status_code, again.status_code) == (303, 404)
    assert slots(app)[0][:2] == ("accepted", at(12))


def test_the_first_time_can_be_kept(app, staff, visit):
    slot_id = a_released_slot(app, visit)
    with app.app_context():
        propose_times(host_token(slot_id), times=[(at(12), at(13))], comment="", now=NOW)

    answer = submit(staff, f"/staff/slots/{slot_id}/refuse-proposal")

    assert (answer.status_code, slots(app)[0][:2]) == (303, ("pending", at(9)))


def test_the_whole_directory_can_be_searched(staff, visit):
    page = staff.get(f"/staff/visits/{visit}/hosts?text=skell").text

    assert "Skellefteå Kraft" in page
    assert f"/staff/visits/{visit}/slots/new?host=skelleftea-kraft" in page


@pytest.mark.sqlite_only
@pytest.mark.parametrize("width", [320, 1280])
def test_the_planning_pages_are_accessible_and_fit_the_screen(app, web_server, page, width):
    app.extensions["clock"] = lambda: NOW
    an_account(app)
    with app.app_context():
        a_directory()
        reference = a_visit().reference
        start_planning(reference, who=STAFF, now=NOW)
    slot_id = a_released_slot(app, reference)
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{web_server.url}/staff/sign-in")
    page.get_by_label("E-mail").fill("coordinator@staff.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()

    faults = {}
    addresses = (
        f"visits/{reference}/slots/new?host=stormossen",
        f"visits/{reference}/hosts?text=a",
        f"slots/{slot_id}/edit",
        f"slots/{slot_id}/withdraw",
    )
    for path in addresses:
        page.goto(f"{web_server.url}/staff/{path}")
        wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
        faults[path] = [*accessibility_faults(page), *(["wider than the screen"] if wide else [])]

    assert {path: found for path, found in faults.items() if found} == {}


@pytest.mark.sqlite_only
def test_the_visitors_own_time_names_the_day_where_it_is_another_one(app, staff):
    with app.app_context():
        a_directory()
        reference = a_visit(contact_time_zone="Asia/Tokyo").reference
        add_slot(reference, plan("stormossen", 7.0), who=STAFF, now=NOW)
        add_slot(reference, plan("vakin", 15.5), who=STAFF, now=NOW)

    text = staff.get(f"/staff/visits/{reference}").text

    assert "visitor: 16:00–17:30 JST" in text
    assert "visitor: Wednesday 17 March 00:30–02:00 JST" in text


@pytest.mark.sqlite_only
def test_the_repeated_hour_says_when_it_matters(app, staff, visit):
    address = f"/staff/visits/{visit}/slots/new?host=vakin"

    answer = submit(staff, address, a_form(app, day="2027-10-31", starts="02:30"), page=address)

    assert answer.status_code == 422
    question = answer.text.split("The clocks are put back that night, so this time comes twice.")[1]
    assert "(optional)" not in question.split("</legend>")[0]


@pytest.mark.sqlite_only
def test_a_visit_that_is_held_back_refuses_a_new_stop_before_anything_is_typed(app, staff):
    with app.app_context():
        a_directory()
        reference = a_visit(is_held_for_moderation=True).reference

    answer = staff.get(f"/staff/visits/{reference}/slots/new?host=vakin")

    assert answer.status_code == 409
    assert 'name="starts"' not in answer.text


@pytest.mark.sqlite_only
def test_a_stop_is_for_one_of_the_groups_and_the_programme_says_which(app, staff):
    with app.app_context():
        a_directory()
        reference = a_visit(parallel_groups=3).reference
    address = f"/staff/visits/{reference}/slots/new?host=vakin"

    answer = submit(staff, address, a_form(app, group="2"), page=address)

    assert answer.status_code == 303
    assert "Group 2 of 3, " in staff.get(f"/staff/visits/{reference}").text
