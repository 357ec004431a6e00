"""The form "Book a visit", as a browser without JavaScript meets it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.models.visits import VisitDraft
from bookings.services.directory import load_demo_directory
from bookings.settings import asset_folder
from tests.support.booking import (
    Visitor,
    all_visits,
    answers,
    answers_of,
    count_rows,
    errors_in,
    hidden_fields,
    queued_mails,
)
from tests.support.builders import a_directory
from tests.support.clock import NOW
from tests.support.statements import recorded_statements

DELEGATIONS = json.loads((asset_folder("config") / "demo" / "delegations.json").read_text(encoding="utf-8"))


@pytest.fixture
def visitor(app, client):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        a_directory()
    return Visitor(client)


def test_a_request_arrives_as_it_was_filled_in(app, visitor):
    visitor.fill_in(answers(newsletter="y"))

    (visit,) = all_visits(app)
    assert visitor.here.endswith("/sent")
    assert visitor.reference == visit.reference == "KV-2027-0001"
    assert "mari@towns.example" in visitor.page
    assert visit.state == "unverified"
    assert visit.interest_other == "Small plants for farms"
    assert [term.slug for term in visit.interests] == ["waste-circular", "bioeconomy/biogas"]
    assert [place.place_slug for place in visit.places] == ["umea", "vaasa"]
    assert (visit.places_suggested, visit.is_online) == (False, False)
    assert [
        (w.earliest_on.isoformat(), w.latest_on.isoformat(), w.half_days) for w in visit.date_windows
    ] == [("2027-04-12", "2027-04-16", 6)]
    assert visit.delegation.website == "https://www.towns.example"
    assert visit.delegation.organisation_key == "west estonian towns"
    assert visit.contact_phone == "+37251234567"
    assert visit.contact_time_zone == "Europe/Tallinn"


@pytest.mark.sqlite_only
@pytest.mark.settings(limits={"requests_per_client_hour": 100})
def test_every_real_delegation_goes_through_the_form(app, client):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        load_demo_directory(now=NOW)

    for delegation in DELEGATIONS:
        Visitor(client).fill_in(answers_of(delegation, today=NOW.date()))

    visits = all_visits(app)
    assert len(visits) == len(DELEGATIONS) == 13
    for delegation, visit in zip(DELEGATIONS, visits, strict=True):
        assert arrived(visit) == wished(delegation), delegation["slug"]
        assert not visit.is_held_for_moderation


def arrived(visit):
    return {
        "interests": {term.slug for term in visit.interests},
        "group_size": visit.delegation.group_size,
        "organisation": visit.delegation.organisation_name,
        "organisation_kind": visit.delegation.organisation_kind,
        "country": visit.delegation.organisation_country,
        "languages": set(visit.visit_languages),
        "purpose": visit.purpose,
        "half_days": [window.half_days for window in visit.date_windows],
        "length_days": [(w.latest_on - w.earliest_on).days + 1 for w in visit.date_windows],
        "email": visit.contact_email,
    }


def wished(delegation):
    as_they_are = ("group_size", "organisation", "organisation_kind", "country", "purpose")
    return {
        **{name: delegation[name] for name in as_they_are},
        "interests": set(delegation["interests"]),
        "languages": set(delegation["languages"]),
        "half_days": [window["half_days"] for window in delegation["windows"]],
        "length_days": [window["length_days"] for window in delegation["windows"]],
        "email": f"{delegation['slug']}@delegation.example",
    }


def test_twelve_inputs_are_required(visitor):
    visitor.open("/book")
    empty_about = visitor.send({})
    about = errors_in(empty_about.text)
    visitor.fill_in(answers(), until="visit")
    when = errors_in(visitor.send({"group_size": ""}).text)
    visitor.open("/book?new=1")
    visitor.fill_in(answers(), until="contact")
    who = errors_in(visitor.send({}).text)
    visitor.open("/book?new=1")
    visitor.fill_in(answers(), until="check")
    agreement = errors_in(visitor.send({}).text)

    assert empty_about.status_code == 422
    assert list(about) == ["interests", "visit_kind", "purpose"]
    # One window of days counts as one input.
    assert list(when) == [
        "first-earliest_on", "first-latest_on", "first-half_days", "group_size", "languages",
    ]  # fmt: skip
    assert list(who) == ["organisation", "country", "organisation_kind", "contact_name", "email"]
    assert list(agreement) == ["accepts_costs"]


def test_the_boxes_for_costs_and_newsletter_are_not_ticked(visitor):
    visitor.fill_in(answers(), until="check")

    boxes = [line for line in visitor.page.splitlines() if 'type="checkbox"' in line]
    assert len(boxes) == 2
    assert not any("checked" in box for box in boxes)


def test_looking_writes_nothing(app, visitor):
    visitor.fill_in(answers(), until="check")
    token = visitor.here.split("/")[2]
    with app.app_context():
        before = count_rows()

    for path in (
        "/book",
        "/book?new=1",
        *(f"/book/{token}/{s}" for s in ("interests", "visit", "contact", "check")),
    ):
        assert visitor.client.get(path, follow_redirects=True).status_code == 200

    with app.app_context():
        assert count_rows() == before


def test_pressing_send_twice_makes_one_request(app, visitor):
    visitor.fill_in(answers(), until="check")
    here, values = visitor.here, {**hidden_fields(visitor.page), "accepts_costs": "y"}

    first = visitor.client.post(here, data=values)
    second = visitor.client.post(here, data=values)

    assert first.location == second.location
    assert len(all_visits(app)) == 1
    assert len(queued_mails(app)) == 1


def test_a_form_goes_on_in_another_browser_by_its_link(app, visitor):
    visitor.fill_in(answers(), until="contact")
    token = visitor.here.split("/")[2]
    elsewhere = Visitor(app.test_client())

    elsewhere.open(f"/book/{token}/visit")

    assert 'value="2027-04-12"' in elsewhere.page
    assert elsewhere.send(answers()["visit"]).location.endswith("/contact")


def test_back_keeps_what_is_half_done(visitor):
    visitor.fill_in(answers(), until="contact")

    visitor.send({"contact_name": "Mari", "email": "not yet", "go": "back"})
    assert visitor.here.endswith("/visit")
    visitor.open(visitor.here.replace("visit", "contact"))

    assert 'value="Mari"' in visitor.page
    assert 'value="not yet"' in visitor.page


def test_the_browsers_back_to_the_first_page_finds_the_answers(visitor):
    visitor.fill_in(answers(), until="visit")

    visitor.open("/book")

    assert visitor.here.endswith("/interests")
    assert "See how biogas is made" in visitor.page
    assert 'value="bioeconomy/biogas" checked' in visitor.page


def test_a_change_from_the_check_page_leads_back_to_it(visitor):
    visitor.fill_in(answers(), until="check")
    visitor.open(visitor.here.replace("check", "visit"))

    visitor.send({**answers()["visit"], "group_size": "12"})

    assert visitor.here.endswith("/check")
    assert "12" in visitor.page


def test_the_check_page_is_closed_until_every_step_is_right(visitor):
    visitor.fill_in(answers(), until="contact")

    visitor.open(visitor.here.replace("contact", "check"))

    assert visitor.here.endswith("/contact")


def test_days_that_have_passed_since_the_draft_was_made_are_asked_again(app, visitor):
    visitor.fill_in(
        answers(**{"first-earliest_on": "2027-02-02", "first-latest_on": "2027-02-05"}), until="check"
    )
    app.extensions["clock"] = lambda: NOW + timedelta(days=3)

    visitor.open(visitor.here)

    assert visitor.here.endswith("/visit")
    assert list(errors_in(visitor.page)) == ["first-earliest_on"]


BAD = {
    "interests": [
        ("purpose", "a\x00b bbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"),
        ("purpose", "x" * 1501),
        ("purpose", "too short"),
        ("interest_other", "\u202eevil"),
        ("visit_kind", "party"),
    ],
    "visit": [
        ("first-earliest_on", "2027-02-30"),
        ("first-earliest_on", "2020-01-01"),
        ("first-earliest_on", "tomorrow"),
        ("first-latest_on", "2027-04-01"),
        ("first-latest_on", "2099-01-01"),
        ("first-half_days", "28"),
        ("first-half_days", "0.5"),
        ("group_size", "0"),
        ("group_size", "201"),
        ("group_size", "ten"),
        ("group_size", "١٠"),
        ("other_language", "klingon"),
    ],
    "contact": [
        ("organisation", "A\r\nBcc: all@example.org"),
        ("organisation", "x" * 201),
        ("country", "XX"),
        ("contact_name", "x" * 101),
        ("contact_name", "a\u2028b"),
        ("email", "nobody"),
        ("email", "a@b@c.example"),
        ("email", "a@towns.example\r\nBcc: b@towns.example"),
        ("email", "ä@towns.example"),
        ("phone", "call me"),
        ("website", "javascript://alert(1)"),
        ("website", "no address"),
    ],
}
KEPT = {
    "interests": ["Small plants for farms", 'value="bioeconomy/biogas" checked'],
    "visit": ['value="vaasa" checked', 'value="en" checked'],
    "contact": ["https://www.towns.example", "Adviser", 'value="public" checked'],
}


@pytest.mark.sqlite_only
@pytest.mark.parametrize("step", BAD)
def test_bad_input_is_told_beside_its_field_and_the_rest_is_kept(visitor, step):
    visitor.fill_in(answers(), until=step)
    here, hidden = visitor.here, hidden_fields(visitor.page)

    for field, value in BAD[step]:
        page = visitor.client.post(here, data={**hidden, **answers()[step], field: value})

        assert (page.status_code, list(errors_in(page.text))) == (422, [field]), (field, value)
        assert "<title>Error:" in page.text
        assert f'href="#{field}"' in page.text
        kept = [
            text for text in KEPT[step] if field not in ("interest_other", "website") or text != KEPT[step][0]
        ]
        assert [text for text in kept if text not in page.text] == [], (field, value)


@pytest.mark.sqlite_only
@pytest.mark.parametrize("language", ["sv", "fi"])
def test_the_page_speaks_the_readers_language(visitor, language):
    page = visitor.open(f"/book?lang={language}")

    assert f'<html lang="{language}">' in page.text


def test_a_form_without_its_token_keeps_what_was_typed(app, visitor):
    visitor.open("/book")

    response = visitor.client.post("/book", data=answers()["interests"])

    assert response.status_code == 422
    assert "See how biogas is made" in response.text
    with app.app_context():
        assert count_rows()["visit_draft"] == 0


def test_an_old_draft_says_what_to_do(app, visitor):
    visitor.fill_in(answers(), until="visit")
    here = visitor.here
    app.extensions["clock"] = lambda: NOW + timedelta(days=31)

    page = visitor.open(here)

    assert page.status_code == 410
    assert "30 days" in page.text
    assert visitor.open("/book").status_code == 200


def test_the_answers_leave_the_draft_when_the_request_is_sent(app, visitor):
    visitor.fill_in(answers())

    with app.app_context():
        (draft,) = read_session().scalars(select(VisitDraft)).all()
        assert draft.answers == {}


def test_hosts_of_the_visit_plan_come_ticked_and_arrive(app, visitor):
    visitor.client.set_cookie("plan", "stormossen.vakin.nobody-here")
    visitor.open("/book")
    assert 'value="stormossen" checked' in visitor.page

    visitor.send({**answers()["interests"], "wanted_hosts": ["stormossen"]})
    visitor.open(visitor.here.replace("visit", "interests"))
    assert 'value="stormossen" checked' in visitor.page
    assert 'value="vakin" checked' not in visitor.page
    visitor.fill_in(answers(wanted_hosts=["stormossen"]))

    assert [host.slug for host in all_visits(app)[0].wanted_hosts] == ["stormossen"]
    assert visitor.client.get_cookie("plan") is None or visitor.client.get_cookie("plan").value == ""


def test_advice_is_shown_and_is_no_wall(app, visitor):
    days = {"first-earliest_on": "2027-02-12", "first-latest_on": "2027-02-14", "first-half_days": "5"}
    visitor.fill_in(answers(**days), until="check")

    assert "less than 28 days away" in visitor.page
    assert "These days are a weekend: Saturday 13 February, Sunday 14 February" in visitor.page
    visitor.send({"accepts_costs": "y"})
    assert len(all_visits(app)) == 1


@pytest.mark.settings(visits={"screening_countries": ["EE"]})
@pytest.mark.sqlite_only
def test_what_is_for_staff_is_never_shown_to_the_visitor(visitor):
    visitor.fill_in(answers(), until="check")

    assert "xport" not in visitor.page


MOST_STATEMENTS = {
    "GET /book": 2,
    "POST interests": 2,
    "GET visit": 3,
    "POST visit": 5,
    "GET contact": 3,
    "POST contact": 5,
    "GET check": 3,
    "POST check": 26,
    "GET sent": 2,
}


@pytest.mark.sqlite_only
def test_each_step_needs_few_statements(visitor):
    visitor.open("/book")  # the directory is read once
    needed = {}

    def counted(name, act):
        with recorded_statements() as statements:
            result = act()
        needed[name] = len([s for s in statements if not s.startswith(("BEGIN", "PRAGMA"))])
        return result

    counted("GET /book", lambda: visitor.open("/book"))
    for step, values in answers().items():
        data = {**hidden_fields(visitor.page), **values}
        sent = counted(f"POST {step}", lambda data=data: visitor.client.post(visitor.here, data=data))
        counted(f"GET {sent.location.rsplit('/', 1)[1]}", lambda sent=sent: visitor.open(sent.location))

    assert {name: number for name, number in needed.items() if number > MOST_STATEMENTS[name]} == {}
