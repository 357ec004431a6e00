"""Staff write down what a delegation asks for by now, with the questions that the visitor once answered."""

import re
from datetime import timedelta

import pytest
from werkzeug.datastructures import MultiDict

from bookings.db import database
from bookings.domain.planning import Journey
from bookings.models.directory import Organisation
from bookings.models.offers import SlotOffer
from bookings.models.visits import DateWindow
from bookings.queries.visits import load_visit_file
from bookings.services.planning import save_journey
from bookings.services.slots import add_slot
from bookings.services.visits import wish_change
from tests.support.builders import a_directory, a_visit, save
from tests.support.clock import NOW
from tests.support.forms import submit
from tests.support.offers import an_offer
from tests.support.staff import a_signed_in_client
from tests.support.stages import confirmed
from tests.support.stories import STAFF, mails, plan, slot_row, visit_row, visitor_token

pytestmark = pytest.mark.sqlite_only


@pytest.fixture
def staff(app):
    app.extensions["clock"] = lambda: NOW
    return a_signed_in_client(app)


@pytest.fixture
def reference(app, staff):
    with app.app_context():
        a_directory()
        return a_visit(visit_languages=["en", "de"], interest_other="Biogas").reference


def page_of(reference: str) -> str:
    return f"/staff/visits/{reference}/request"


def as_shown(page: str) -> MultiDict[str, str]:
    """What a browser without scripts would send when nothing is touched."""
    [form] = re.findall(r"<form[^>]*novalidate.*?</form>", page, re.DOTALL)
    fields: MultiDict[str, str] = MultiDict()
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {word}="([^"]*)"', tag) for word in ("name", "value"))
        is_off = re.search(r'type="(checkbox|radio)"', tag) and " checked" not in tag
        if name and not is_off:
            fields.add(name[1], value[1] if value else "")
    for name, text in re.findall(r'<textarea[^>]* name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL):
        fields.add(name, text)
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        fields.add(name, chosen[1] if chosen else "")
    return fields


def send(staff, reference, **differently):
    fields = as_shown(staff.get(page_of(reference)).text)
    for name, value in differently.items():
        fields[name] = value
    return staff.post(page_of(reference), data=fields)


def test_the_page_shows_the_request_as_it_stands(staff, reference):
    fields = as_shown(staff.get(page_of(reference)).text)

    assert fields["group_size"] == "10"
    assert fields.getlist("places") == ["umea", "vaasa"]
    assert (fields.getlist("languages"), fields["other_language"]) == (["en"], "de")
    assert fields["organisation"] == "West Estonian delegation"
    assert fields["first-half_days"] == "6"


def test_sending_it_untouched_changes_nothing_and_tells_nobody(app, staff, reference):
    with app.app_context():
        version = visit_row(reference).version

    assert send(staff, reference).status_code == 303

    with app.app_context():
        assert (visit_row(reference).version, mails()) == (version, [])


def test_what_is_saved_stands_on_the_page_of_the_visit(app, staff, reference):
    answered = send(staff, reference, group_size="14", organisation="East Estonian delegation")

    assert answered.location.endswith(f"/staff/visits/{reference}#request")
    page = staff.get(f"/staff/visits/{reference}").text
    assert "14 people" in page
    assert "East Estonian delegation" in page
    assert "Changed what the delegation asks for" in page
    history = staff.get(f"/staff/visits/{reference}/history").text
    assert "How many" in history
    assert re.search(r"10\b.*?14\b", history[history.index("Changed what the delegation") :], re.DOTALL)


def test_a_slip_is_told_beside_its_field_and_nothing_typed_is_lost(app, staff, reference):
    answered = send(staff, reference, group_size="many", purpose="Too short", website="no address")

    assert answered.status_code == 422
    assert "Write a whole number from 1 to 200." in answered.text
    assert "This is no web address." in answered.text
    assert 'href="#group_size"' in answered.text
    kept = as_shown(answered.text)
    assert (kept["group_size"], kept["purpose"], kept["website"]) == ("many", "Too short", "no address")
    with app.app_context():
        assert mails() == []


def test_too_few_people_for_the_groups_is_told_beside_the_number(app, staff, reference):
    with app.app_context():
        save_journey(reference, Journey(groups=3), who=STAFF, now=NOW)

    answered = send(staff, reference, group_size="2")

    assert answered.status_code == 422
    assert 'href="#group_size"' in answered.text
    assert "The delegation goes in 3 groups" in answered.text


def test_days_that_have_begun_stay_and_new_ones_lie_ahead(app, staff, reference):
    with app.app_context():
        visit_id = visit_row(reference).id
        window = database.session.query(DateWindow).filter_by(visit_id=visit_id).one()
        window.earliest_on = NOW.date() - timedelta(days=2)
        database.session.commit()
        latest = window.latest_on

    assert send(staff, reference, group_size="14").status_code == 303
    earlier = (NOW.date() - timedelta(days=1)).isoformat()
    assert send(staff, reference, **{"first-earliest_on": earlier}).status_code == 422
    with app.app_context():
        [kept] = load_visit_file(database.session, reference).wishes.windows
        assert kept.latest == latest


def test_stops_on_days_that_are_not_wished_any_more_stand_among_the_warnings(app, staff, reference):
    with app.app_context():
        add_slot(reference, plan("stormossen", 9), who=STAFF, now=NOW)
    sentence = "Tuesday 16 March 2027 is not among the days that the visitor asked for."
    assert sentence not in staff.get(f"/staff/visits/{reference}").text

    days = {"first-earliest_on": "2027-04-12", "first-latest_on": "2027-04-16"}
    assert send(staff, reference, **days).status_code == 303

    assert sentence in staff.get(f"/staff/visits/{reference}").text


@pytest.mark.parametrize(("offer_max", "people", "most"), [(None, 26, 25), (12, 14, 12)])
def test_a_host_for_whom_the_group_has_grown_too_large_stands_among_the_warnings(
    app, staff, reference, offer_max, people, most
):
    """The site receives 25; an offer has a limit of its own."""
    with app.app_context():
        slot_id = add_slot(reference, plan("stormossen", 9), who=STAFF, now=NOW)
        if offer_max:
            host = database.session.get(Organisation, slot_row(slot_id).organisation_id)
            offer = an_offer(host, group_max=offer_max)
            save(SlotOffer(slot_id=slot_id, visit_offer_id=offer.id))
    assert "More people come" not in staff.get(f"/staff/visits/{reference}").text

    send(staff, reference, group_size=str(people))

    sentence = f"More people come than this host receives at a time: {people} instead of at most {most}."
    assert sentence in staff.get(f"/staff/visits/{reference}").text


def test_two_colleagues_at_once_the_later_one_reads_what_is_new(app, staff, reference):
    early = as_shown(staff.get(page_of(reference)).text)
    send(staff, reference, group_size="14")

    early["group_size"] = "20"
    answered = staff.post(page_of(reference), data=early)

    assert answered.status_code == 409
    assert "Changed what the delegation asks for" in answered.text
    assert as_shown(answered.text)["group_size"] == "20"
    with app.app_context():
        assert load_visit_file(database.session, reference).delegation.group_size == 14


def test_what_staff_put_into_a_visit_plan_of_their_own_is_nothing_the_visitor_wanted(staff, reference):
    added = submit(staff, "/plan", {"add": "stormossen", "origin": "company"}, page="/companies/stormossen")

    assert added.status_code == 303
    assert "stormossen" in staff.get("/plan").text

    assert as_shown(staff.get(page_of(reference)).text).getlist("wanted_hosts") == []


def test_who_reads_a_wish_of_the_visitor_finds_the_way_to_the_request(app, staff, reference):
    next_step = re.compile(r'<section class="next-step.*?</section>', re.DOTALL)
    assert "/request" not in next_step.search(staff.get(f"/staff/visits/{reference}").text)[0]
    with app.app_context():
        confirmed(reference, now=NOW)
        wish_change(visitor_token(reference), "We are fourteen now.", now=NOW)

    assert page_of(reference) in next_step.search(staff.get(f"/staff/visits/{reference}").text)[0]


def test_a_closed_request_offers_no_change(app, staff):
    with app.app_context():
        reference = a_visit(state="declined", interest_other="Biogas").reference

    assert "/request" not in staff.get(f"/staff/visits/{reference}").text
    assert staff.get(page_of(reference)).status_code == 200
    assert send(staff, reference, group_size="14").status_code == 409
