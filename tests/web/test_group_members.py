"""Who comes along with somebody else: the form of a group, each member's page, the proof of its address."""

import re

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.questions import Option, QuestionPlan
from bookings.domain.registrations import QuestionKind
from bookings.models.events import Event
from bookings.services.events import change_event
from bookings.services.registrations import bring_entries_in_line
from tests.support.clock import NOW
from tests.support.events import STAFF, a_plan
from tests.support.staff import csrf_of
from tests.web.registering import errors_of, last_link, list_texts, make, own_page, people, prove, register

_MAILED = "/registrations/(?!verify)(?!not-me)"


@pytest.fixture(autouse=True)
def stopped_clock(app):
    app.extensions["clock"] = lambda: NOW


def a_group(app, client, *, name="", email=""):
    """Anna comes with one more person: her own page, and the link for that person which stands there."""
    slug, _parts, _tickets = make(app)
    page = register(client, slug, add="y").text
    register(client, slug, form=page, **{"member-0-name": name, "member-0-email": email})
    own = own_page(app, client)
    return own, passed_on(client, own)[0]


def passed_on(client, own):
    """The links that a page shows to be passed on."""
    return re.findall(r'value="https?://[^/]+(/registrations/[\w-]+)" readonly', client.get(own).text)


def move_event(app):
    """Everybody gets a mail with a new link."""
    with app.app_context():
        [event] = read_session().scalars(select(Event))
        change_event(event.slug, a_plan(place_id=event.place_id, venue="Other hall"), who=STAFF, now=NOW)
        bring_entries_in_line(now=NOW)


def say(client, page, *, email="bo@town.example", **fields):
    token = csrf_of(client.get(f"{page}/change").text)
    return client.post(
        f"{page}/change", data={"csrf_token": token, "name": "Bo Ek", "email": email, **fields}
    )


def test_a_group_is_registered_by_one_person_and_each_gets_a_page(app, client):
    slug, _parts, _tickets = make(app, capacity=3)

    more = register(client, slug, add="y")
    sent = register(
        client, slug, form=more.text, **{"member-0-name": "Bo", "member-0-email": "bo@town.example"}
    )
    own = prove(app, client)
    member = re.search(r'value="https?://[^/]+(/registrations/[\w-]+)" readonly', own.text)[1]
    completed = client.get(member)

    assert more.status_code == 200
    assert 'name="member-0-name"' in more.text
    assert sent.status_code == 200
    assert [(one.name, one.leader_id is None) for one in people(app)] == [("Anna Berg", True), ("Bo", False)]
    assert completed.status_code == 200
    assert "Bo" in completed.text


def test_two_of_a_group_with_one_address_are_told(app, client):
    slug, _parts, _tickets = make(app)
    page = register(client, slug, add="y").text

    answer = register(
        client, slug, form=page, **{"member-0-name": "Bo", "member-0-email": "Anna@town.example"}
    )

    assert "member-0-email" in errors_of(answer.text)


def test_a_member_says_who_it_is_and_is_known_from_then_on(app, client):
    slug, _parts, _tickets = make(app)
    page = register(client, slug, add="y").text
    register(client, slug, form=page, **{"member-0-name": "", "member-0-email": ""})
    own = prove(app, client)
    member = re.search(r'value="https?://[^/]+(/registrations/[\w-]+)" readonly', own.text)[1]
    before = client.get(member).text
    token = csrf_of(client.get(f"{member}/change").text)

    said = client.post(
        f"{member}/change", data={"csrf_token": token, "name": "Bo Ek", "email": "bo@town.example"}
    )

    assert "Say who you are" in before
    assert said.status_code == 303
    assert [(one.name, one.email) for one in people(app)][1] == ("Bo Ek", "bo@town.example")


def test_whoever_types_an_address_goes_on_with_a_page_that_says_where_the_mail_went(app, client):
    _own, member = a_group(app, client)

    page = client.get(say(client, member).location)

    assert page.status_code == 200
    assert "We have written to bo@town.example. Open the link in that mail" in page.text
    assert [one.verified_at for one in people(app)][1] is None


def test_an_address_with_a_slip_can_be_written_again_until_one_is_proved(app, client):
    _own, member = a_group(app, client)

    wrong = say(client, member, email="bo@twon.example").location
    right = say(client, wrong).location
    mailed = last_link(app, "bo@town.example", _MAILED)
    say(client, mailed)

    assert client.get(last_link(app, "bo@twon.example", _MAILED)).status_code == 404
    assert "You are registered" in client.get(mailed).text
    assert client.get(right).status_code == 404  # it proved nothing, so it ends with the proof
    assert [one.email for one in people(app) if one.verified_at] == ["anna@town.example", "bo@town.example"]


def test_the_link_that_was_passed_on_shows_nothing_of_what_its_person_then_writes(app, client):
    own, member = a_group(app, client)

    say(client, member, role="Engineer")
    shown = client.get(own).text

    assert client.get(member).status_code == 404
    assert passed_on(client, own) == []
    assert "A mail of ours waits for this person" in shown
    assert "bo@town.example" not in shown


def test_nor_does_a_link_on_the_page_of_a_later_mail(app, client):
    _own, member = a_group(app, client)
    page = say(client, member, role="Engineer").location

    move_event(app)

    later = last_link(app, "anna@town.example", _MAILED)
    assert passed_on(client, later) == []
    assert "A mail of ours waits for this person" in client.get(later).text
    assert "Engineer" in client.get(f"{page}/change").text


def test_a_member_whose_address_is_known_is_led_to_the_mail_by_the_link_that_was_passed_on(app, client):
    own, member = a_group(app, client, name="Bo", email="bo@town.example")
    before = last_link(app, "bo@town.example", _MAILED)

    say(client, member)
    told = client.get(member).text
    again = last_link(app, "bo@town.example", _MAILED)
    shown = client.get(own).text
    say(client, again)
    proved = client.get(own).text

    assert "We have written to bo@town.example." in told
    assert before != again
    assert "not confirmed yet" in shown
    assert "not confirmed yet" not in proved
    assert passed_on(client, own) == []


@pytest.mark.settings(limits={"registrations_per_mailbox_day": 2})
def test_mails_to_prove_an_address_end_before_they_flood_a_mailbox(app, client):
    _own, member = a_group(app, client)
    page = say(client, member).location
    page = say(client, say(client, page, email="other@town.example").location).location

    flooded = say(client, say(client, page, email="third@town.example").location)

    assert flooded.status_code == 422
    assert "often today" in flooded.text
    assert "bo@town.example" in flooded.text


def test_the_keyboard_goes_on_where_a_person_was_added_or_taken_away(app, client):
    slug, _parts, _tickets = make(app)

    added = register(client, slug, add="y").text
    dropped = register(client, slug, form=added, drop="0", **{"member-0-name": "", "member-0-email": ""}).text

    assert re.findall(r'name="([\w-]+)"[^>]* autofocus', added) == ["member-0-name"]
    assert re.findall(r'name="([\w-]+)"[^>]* autofocus', dropped) == ["add"]


def test_the_list_of_problems_names_the_questions_that_it_means(app, client):
    sector = QuestionPlan(
        key="sector",
        kind=QuestionKind.CHOICE,
        label={"en": "Which sector?"},
        is_required=True,
        options=(Option("wind", {"en": "Wind"}), Option("sun", {"en": "Sun"})),
    )
    why = QuestionPlan(key="why", kind=QuestionKind.TEXT, label={"en": "Why you come"}, is_required=True)
    slug, _parts, _tickets = make(app, sector, why)

    page = register(client, slug).text

    summary = re.search(r'<div class="error-summary".*?</div>', page, re.DOTALL)[0]
    assert re.findall(r'<a href="#([\w-]+)">(.*?)</a>', summary) == [
        ("q-sector", "Which sector? This has to be answered."),
        ("q-why", "Why you come: This has to be answered."),
    ]
    assert set(errors_of(page).values()) == {"This has to be answered."}


def test_who_cancels_for_the_group_reads_how_many_still_come(app, client):
    slug, _parts, _tickets = make(app)
    page = register(client, slug, add="y").text
    page = register(client, slug, form=page, add="y", **{"member-0-name": "", "member-0-email": ""}).text
    nobody = {f"member-{number}-{what}": "" for number in range(2) for what in ("name", "email")}
    register(client, slug, form=page, **nobody)
    own = own_page(app, client)
    member = passed_on(client, own)[0]

    before = client.get(f"{own}/cancel").text
    client.post(f"{member}/cancel", data={"csrf_token": csrf_of(client.get(f"{member}/cancel").text)})
    after = client.get(f"{own}/cancel").text

    assert "Cancel for the 2 people who come with you, too" in before
    assert "Cancel for the 1 person who comes with you, too" in after


def test_a_group_in_the_queue_reads_of_places_for_all_of_it(app, client):
    slug, _parts, _tickets = make(app, capacity=2)
    first = register(client, slug, email="first@town.example", add="y").text
    register(
        client, slug, form=first, email="first@town.example", **{"member-0-name": "", "member-0-email": ""}
    )
    ours = own_page(app, client, "first@town.example")
    page = register(client, slug, add="y").text
    register(client, slug, form=page, joins_queue="y", **{"member-0-name": "", "member-0-email": ""})
    own = own_page(app, client)
    token = csrf_of(client.get(f"{ours}/cancel").text)

    client.post(f"{ours}/cancel", data={"csrf_token": token, "with_group": "y"})

    offer = last_link(app, "anna@town.example", _MAILED)
    assert "There are places for all of you" in client.get(own).text
    assert "There are places for all of you" in client.get(offer).text
    assert "There are places for all of your group now" in list_texts(app, "anna@town.example")[0]


def test_the_links_to_pass_on_stand_on_the_page_of_every_later_mail_too(app, client):
    own, _member = a_group(app, client)
    move_event(app)

    later = last_link(app, "anna@town.example", _MAILED)

    assert later != own
    assert len(passed_on(client, later)) == 1
    assert client.get(passed_on(client, later)[0]).status_code == 200
    assert "A mail of ours waits" not in client.get(later).text
