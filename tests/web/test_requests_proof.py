"""After the form was sent: the first mail, the proof of the address, and what is held back."""

from datetime import timedelta

import pytest

from tests.support.booking import (
    Visitor,
    all_visits,
    answers,
    hidden_fields,
    link_in,
    queued_mails,
    text_of,
)
from tests.support.builders import a_directory
from tests.support.clock import NOW


@pytest.fixture
def visitor(app, client):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        a_directory()
    return Visitor(client)


def test_the_first_mail_holds_nothing_that_was_typed(app, visitor):
    visitor.fill_in(answers(newsletter="y"))

    (mail,) = queued_mails(app)
    typed = [v for step in answers().values() for v in step.values() if isinstance(v, str) and len(v) > 3]
    assert mail["To"] == "mari@towns.example"
    said = text_of(mail).replace("mari@towns.example", "")
    assert [text for text in typed if text in said] == []
    assert visitor.reference in said


def test_confirming_the_address_leads_to_the_visits_page(app, visitor):
    visitor.fill_in(answers(newsletter="y"))
    (first,) = queued_mails(app)

    page = visitor.open(link_in(first, "/book/verify/"))
    assert all_visits(app)[0].state == "unverified"
    answer = visitor.client.post(visitor.here, data=hidden_fields(page.text))

    (visit,) = all_visits(app)
    assert visit.state == "submitted"
    assert answer.location.startswith("/visits/")
    assert [mail["Subject"] for mail in queued_mails(app)][1:] == [
        f"We have your request {visit.reference}",
        "Do you want our newsletter?",
    ]
    assert answer.location in text_of(queued_mails(app)[1])


def test_confirming_twice_is_harmless(app, visitor):
    visitor.fill_in(answers())
    path = link_in(queued_mails(app)[0], "/book/verify/")
    values = hidden_fields(visitor.open(path).text)

    visitor.client.post(path, data=values)
    again = visitor.client.post(path, data=values)

    assert (again.status_code, again.location) == (303, path)
    assert visitor.open(path).status_code == 200
    assert len(queued_mails(app)) == 2


def test_a_late_link_offers_a_new_one(app, visitor):
    visitor.fill_in(answers())
    path = link_in(queued_mails(app)[0], "/book/verify/")
    app.extensions["clock"] = lambda: NOW + timedelta(hours=49)

    page = visitor.open(path)
    visitor.client.post(path, data=hidden_fields(page.text))
    assert all_visits(app)[0].state == "unverified"
    visitor.send({}, to=f"{path}/again")

    assert page.status_code == 410
    fresh = link_in(queued_mails(app)[1], "/book/verify/")
    assert "Did you send this request?" in visitor.open(fresh).text


def test_the_first_mail_can_be_sent_again_a_few_times(app, visitor):
    visitor.fill_in(answers())
    for minute in range(1, 12):
        app.extensions["clock"] = lambda minute=minute: NOW + timedelta(minutes=minute)
        answer = visitor.send({}, to=visitor.here.replace("sent", "resend"))
        assert answer.status_code == 303

    # One with the request, then as many as the limit of the mailbox lets through.
    assert len(queued_mails(app)) == 7


def test_this_was_not_me_cancels_and_stops_further_mail(app, visitor):
    visitor.fill_in(answers(newsletter="y"))
    path = link_in(queued_mails(app)[0], "/book/not-me/")
    page = visitor.open(path)
    assert all_visits(app)[0].state == "unverified"

    visitor.send({})
    again = visitor.client.post(path, data=hidden_fields(page.text))
    visitor.fill_in(answers(email="Mari+other@towns.example"))

    first, second = all_visits(app)
    assert (first.state, first.closed_reason) == ("cancelled", "not_me")
    assert again.status_code == 303
    assert visitor.here.endswith("/sent")
    assert (second.state, second.is_held_for_moderation) == ("unverified", True)
    assert len(queued_mails(app)) == 1


@pytest.mark.parametrize(
    "path", ["/book/verify/nothing", "/book/not-me/nothing", "/book/nothing/visit", "/book/nothing/sent"]
)
def test_a_wrong_link_gives_a_plain_page(visitor, path):
    assert visitor.open(path).status_code == 404


def test_a_link_for_one_purpose_serves_no_other(app, visitor):
    visitor.fill_in(answers())
    verify = link_in(queued_mails(app)[0], "/book/verify/").rsplit("/", 1)[1]
    draft = visitor.here.split("/")[2]

    for path in (
        f"/book/not-me/{verify}",
        f"/book/verify/{draft}",
        f"/book/{verify}/visit",
        f"/visits/{verify}",
    ):
        assert visitor.open(path).status_code == 404, path


def test_the_fourth_request_of_a_mailbox_is_thanked_and_held(app, visitor):
    for number in range(4):
        alias = f"Mari+{number}@towns.example"
        visitor.open("/book?new=1")
        visitor.fill_in(answers(email=alias))
        assert "Thank you" in visitor.page

    assert [visit.is_held_for_moderation for visit in all_visits(app)] == [False, False, False, True]
    assert len(queued_mails(app)) == 3


def test_whoever_fills_in_the_trap_is_thanked_and_held(app, visitor):
    visitor.fill_in(answers(nickname="Robby"))

    assert "Thank you" in visitor.page
    assert all_visits(app)[0].is_held_for_moderation
    assert queued_mails(app) == []


@pytest.mark.settings(limits={"form_minimum_seconds": 3})
def test_whoever_is_faster_than_reading_is_thanked_and_held(app, visitor):
    visitor.fill_in(answers())

    assert "Thank you" in visitor.page
    assert all_visits(app)[0].is_held_for_moderation


@pytest.mark.settings(limits={"form_minimum_seconds": 3})
def test_whoever_takes_their_time_is_not_held(app, visitor):
    visitor.open("/book")
    app.extensions["clock"] = lambda: NOW + timedelta(seconds=4)
    visitor.send(answers()["interests"])
    for step in ("visit", "contact", "check"):
        visitor.send(answers()[step])

    assert not all_visits(app)[0].is_held_for_moderation


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/book/verify/nothing", "It confirms the e-mail address of a request"),
        ("/book/not-me/nothing", "It says that somebody else used your address"),
    ],
)
def test_a_wrong_link_of_the_first_mail_speaks_of_that_mail_and_not_of_a_form(visitor, path, words):
    text = visitor.open(path).text

    assert words in text
    assert "form cannot be found" not in text


def test_the_links_of_a_mail_lead_to_pages_in_its_language(app, visitor):
    visitor.client.set_cookie("language", "sv")
    visitor.fill_in(answers())
    (mail,) = queued_mails(app)

    page = app.test_client().get(f"{link_in(mail, '/book/verify/')}?hl=sv")

    assert f"{link_in(mail, '/book/verify/')}?hl=sv" in text_of(mail)
    assert '<html lang="sv">' in page.text


def test_a_clause_that_changed_while_the_page_was_open_is_told_and_agreed_to_anew(app, visitor):
    visitor.fill_in(answers(), until="check")

    answer = visitor.send({"accepts_costs": "y", "clause_version": "2025-9"})

    assert answer.status_code == 422
    assert "The text about the costs has changed since you opened this page." in answer.text
    boxes = [line for line in answer.text.splitlines() if 'type="checkbox"' in line]
    assert "checked" not in boxes[0]
    assert 'name="clause_version" value="2026-1"' in answer.text
