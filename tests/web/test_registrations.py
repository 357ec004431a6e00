"""Registering for an event by its pages, as a person without JavaScript does; the person's own page."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.events import Presence
from bookings.domain.questions import Option, QuestionPlan
from bookings.domain.registrations import QuestionKind
from bookings.models.registrations import RegistrationConsent
from tests.support.clock import NOW
from tests.support.events import a_part, a_ticket
from tests.support.staff import csrf_of
from tests.web.registering import (
    PERSON,
    errors_of,
    last_link,
    make,
    own_page,
    people,
    prove,
    register,
)


@pytest.fixture(autouse=True)
def stopped_clock(app):
    app.extensions["clock"] = lambda: NOW


def test_four_requests_lead_from_the_form_to_ones_own_page(app, client):
    slug, _parts, _tickets = make(app)

    thanks = register(client, slug)
    own = prove(app, client)

    assert (thanks.status_code, own.status_code) == (200, 200)
    assert "look into your mail" in thanks.text
    assert "You are registered" in own.text
    assert "data:image/svg+xml;base64," in own.text
    assert [one.state for one in people(app)] == ["registered"]


def test_the_same_form_sent_twice_is_one_registration(app, client):
    slug, _parts, _tickets = make(app)
    page = client.get(f"/events/{slug}/register").text

    first, second = (register(client, slug, form=page) for _ in range(2))

    assert first.text == second.text
    assert len(people(app)) == 1


def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(app, client):
    need = QuestionPlan(kind=QuestionKind.TEXT, label={"en": "Badge name"}, is_required=True)
    slug, _parts, _tickets = make(app, need)

    answer = register(
        client, slug, name="", email="no address", organisation="Kokkola\x07 town", country="ZZZ"
    )

    assert answer.status_code == 422
    assert errors_of(answer.text).keys() == {"name", "email", "organisation", "country", "q-badge-name"}
    assert 'value="no address"' in answer.text
    assert 'value="Kokkola town"' in answer.text
    assert answer.text.count('href="#q-badge-name"') == 1
    assert people(app) == []


def test_a_question_is_asked_of_whom_it_concerns_and_answers_are_kept(app, client):
    meal = QuestionPlan(
        kind=QuestionKind.CHOICE, label={"en": "Lunch"}, is_required=True,
        options=(Option("", {"en": "Yes"}), Option("", {"en": "No"})),
    )  # fmt: skip
    diet = QuestionPlan(
        kind=QuestionKind.TEXT, label={"en": "Diet"}, is_sensitive=True, shown_if_key="lunch",
        shown_if_values=("yes",),
    )  # fmt: skip
    slug, _parts, _tickets = make(app, meal, diet)

    page = client.get(f"/events/{slug}/register").text
    without = register(client, slug, **{"q-lunch": "yes", "q-diet": "vegan"})
    hidden = register(client, slug, **{"q-lunch": "no", "q-diet": "vegan"}, email="bo@town.example")
    agreed = register(client, slug, **{"q-lunch": "yes", "q-diet": "vegan", "q-diet-agreed": "yes"})

    assert "Only if you choose “Yes” under “Lunch”" in page
    assert (without.status_code, hidden.status_code, agreed.status_code) == (422, 200, 200)
    assert [one.answers for one in people(app)] == [{"lunch": "no"}, {"lunch": "yes", "diet": "vegan"}]
    with app.app_context():
        consent = read_session().scalars(select(RegistrationConsent)).one()
    assert consent.question_key == "diet"
    assert consent.text.startswith("Diet: You may keep this answer")


def test_parts_at_the_same_time_and_full_parts_are_refused_in_words(app, client):
    slug, (one, other, full), _tickets = make(
        app,
        parts=[a_part("Wind"), a_part("Biogas", hours=0.5), a_part("Waste", hours=2, capacity=0)],
        has_waiting_list=False,
    )

    clash = register(client, slug, parts=[one, other])
    no_place = register(client, slug, parts=[one, full])
    right = register(client, slug, parts=[one])

    assert errors_of(clash.text)["parts"] == "“Wind” and “Biogas” are at the same time. Choose one of them."
    assert errors_of(no_place.text)["parts"] == "All places are taken: Waste. Choose without it."
    assert right.status_code == 200


def test_a_full_event_offers_its_queue_and_the_page_says_the_place(app, client):
    slug, _parts, _tickets = make(app, capacity=1)
    register(client, slug, email="first@town.example")

    form = client.get(f"/events/{slug}/register").text
    sent = register(client, slug, form=form)
    own = prove(app, client)

    assert "All places are taken" in form
    assert sent.status_code == 200
    assert "You are number 1 in the queue." in own.text


def test_whoever_is_too_late_for_the_last_place_is_asked_whether_to_wait(app, client):
    slug, _parts, _tickets = make(app, capacity=1)
    form = client.get(f"/events/{slug}/register").text
    register(client, slug, email="first@town.example")

    answer = register(client, slug, form=form)
    waits = register(client, slug, form=answer.text, joins_queue="y")

    assert answer.status_code == 422
    assert 'href="#joins_queue"' in answer.text
    assert waits.status_code == 200


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"opens_at": NOW + timedelta(days=1)}, "has not opened yet"),
        (
            {"closes_at": NOW - timedelta(minutes=1), "opens_at": NOW - timedelta(days=1)},
            "Registration is closed",
        ),
        ({"capacity": 0, "has_waiting_list": False}, "All places are taken"),
    ],
)
def test_a_form_that_is_closed_says_why(app, client, columns, words):
    event_columns = {"now": NOW - timedelta(days=2), **columns}
    slug, _parts, _tickets = make(app, **event_columns)

    answer = client.get(f"/events/{slug}/register")

    assert words in answer.text
    assert '<form method="post"' not in answer.text


def test_a_code_opens_its_ticket(app, client):
    slug, _parts, (open_ticket, secret) = make(
        app, tickets=[a_ticket(), a_ticket("Partner", access_code="Kvark", capacity=5, is_partner=True)]
    )

    plain = client.get(f"/events/{slug}/register").text
    wrong = register(client, slug, code="guess")
    opened = register(client, slug, code=" kvark ")
    sent = register(client, slug, form=opened.text, code="kvark", ticket=str(secret))

    assert "Partner" not in plain
    assert "code" in errors_of(wrong.text)
    assert "Partner" in opened.text
    assert sent.status_code == 200
    assert [one.ticket_id for one in people(app)] == [secret]
    assert open_ticket != secret


def test_what_is_set_aside_without_a_code_is_not_on_the_form(app, client):
    slug, _parts, (_open, _other, aside) = make(
        app, tickets=[a_ticket(), a_ticket("Online"), a_ticket("Partner", capacity=5, is_partner=True)]
    )

    plain = client.get(f"/events/{slug}/register").text
    forced = register(client, slug, ticket=str(aside), code="")

    assert "Partner" not in plain
    assert forced.status_code == 422
    assert people(app) == []


def test_a_robot_is_asked_once_more_and_a_person_gets_through(app, client):
    slug, _parts, _tickets = make(app)

    trapped = register(client, slug, nickname="Robo")
    again = register(client, slug, form=trapped.text)

    assert trapped.status_code == 422
    assert 'value="Anna Berg"' in trapped.text
    assert again.status_code == 200


def test_costs_are_agreed_to_in_so_many_words(app, client):
    slug, _parts, _tickets = make(app, asks_costs=True)

    refused = register(client, slug)
    agreed = register(client, slug, accepts_costs="yes")

    assert "accepts_costs" in errors_of(refused.text)
    assert agreed.status_code == 200


def test_the_page_changes_hands_over_and_cancels(app, client):
    slug, (wind, waste), _tickets = make(app, parts=[a_part("Wind"), a_part("Waste", hours=2)])
    register(client, slug, parts=[wind])
    own = own_page(app, client)
    change = client.get(f"{own}/change").text

    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', change))
    fields = {**hidden, **PERSON, "name": "Anna B", "parts": [wind, waste]}
    changed = client.post(f"{own}/change", data=fields)
    outdated = client.post(f"{own}/change", data=fields)
    ics = client.get(f"{own}/days.ics")
    cancelled = client.post(f"{own}/cancel", data={"csrf_token": hidden["csrf_token"], "reason": "Ill"})

    assert (changed.status_code, outdated.status_code, cancelled.status_code) == (303, 409, 303)
    assert ics.data.count(b"BEGIN:VEVENT") == 1
    assert [(one.name, one.state) for one in people(app)] == [("Anna B", "cancelled")]
    assert "This registration is cancelled" in client.get(own).text


def test_somebody_else_comes_instead(app, client):
    slug, _parts, _tickets = make(app)
    register(client, slug)
    own = own_page(app, client)
    token = csrf_of(client.get(f"{own}/hand-over").text)

    wrong = client.post(f"{own}/hand-over", data={"csrf_token": token, "name": "Bo", "email": "?"})
    given = client.post(
        f"{own}/hand-over", data={"csrf_token": token, "name": "Bo", "email": "bo@town.example"}
    )

    assert (wrong.status_code, given.status_code) == (422, 200)
    assert client.get(own).status_code == 404
    assert [(one.name, one.email) for one in people(app)] == [("Bo", "bo@town.example")]


def test_an_online_ticket_reads_the_time_of_the_own_zone_and_the_place(app, client):
    slug, _parts, _tickets = make(app, presence=Presence.ONLINE, online_url="https://meet.example/x")
    register(client, slug, zone="America/New_York")

    own = prove(app, client)

    assert "Your own time" in own.text
    assert "https://meet.example/x" in own.text


def test_the_first_mail_can_say_that_it_was_somebody_else(app, client):
    slug, _parts, _tickets = make(app)
    register(client, slug)
    way = last_link(app, "anna@town.example", "/registrations/not-me/")

    client.post(way, data={"csrf_token": csrf_of(client.get(way).text)})

    assert [one.state for one in people(app)] == ["cancelled"]
    assert "The registration is cancelled" in client.get(way).text


@pytest.mark.settings(limits={"wrong_codes_per_client_hour": 3})
def test_codes_cannot_be_found_by_trying(app, client):
    slug, _parts, (_open, secret) = make(app, tickets=[a_ticket(), a_ticket("Press", access_code="Kvark")])
    other, _parts, _tickets = make(
        app, title="Another day", tickets=[a_ticket(), a_ticket("Press", access_code="Kvark")]
    )
    for _time in range(4):  # a code that is right takes nothing away
        assert "Press" in register(client, slug, code="kvark", apply="y").text

    guesses = [register(client, slug, code=f"guess{number}", apply="y") for number in range(2)]
    guesses.append(register(client, slug, code="guess"))
    refused = register(client, slug, code="kvark", apply="y")
    sent = register(client, slug, code="kvark", shown_code="y", ticket=str(secret))
    elsewhere = register(client, other, code="kvark", apply="y")
    without = register(client, slug)
    app.extensions["clock"] = lambda: NOW + timedelta(minutes=61)
    later = register(client, slug, code="kvark", apply="y")

    assert not any("many codes" in guess.text for guess in guesses)
    assert all("code" in errors_of(guess.text) for guess in guesses)
    assert "Wait for 60 minutes" in refused.text
    assert "Press" not in refused.text
    assert 'value="kvark"' in refused.text
    assert sent.status_code == 422
    assert "code" in errors_of(sent.text)
    assert "Press" in elsewhere.text
    assert without.status_code == 200
    assert "Press" in later.text


@pytest.mark.settings(limits={"wrong_codes_per_client_hour": 3})
def test_whoever_opens_a_link_with_a_code_has_tried_nothing_yet(app, client):
    slug, _parts, (_open, secret) = make(app, tickets=[a_ticket(), a_ticket("Press", access_code="Kvark")])

    for number in range(6):  # as programs do that look at each link of a mail
        client.get(f"/events/{slug}/register?code=guess{number}")
    page = client.get(f"/events/{slug}/register?code=kvark").text
    opened = register(client, slug, form=page, code="kvark", apply="y", name="Bo Ek")
    sent = register(client, slug, form=opened.text, code="kvark", ticket=str(secret))

    assert 'value="kvark"' in page
    assert "Press" not in page
    assert "Press" in opened.text
    assert 'value="Bo Ek"' in opened.text
    assert sent.status_code == 200
