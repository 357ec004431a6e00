"""The newsletter: asked for twice, ended with one click."""

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.limits import hash_mailbox
from bookings.models.newsletter import Consent, NewsletterSubscription, StopListEntry
from tests.support.booking import Visitor, answers, count_rows, hidden_fields, link_in, queued_mails
from tests.support.builders import a_directory
from tests.support.clock import NOW


@pytest.fixture
def visitor(app, client):
    """Somebody who ticked the box and confirmed the address."""
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        a_directory()
    visitor = Visitor(client)
    visitor.fill_in(answers(newsletter="y"))
    path = link_in(queued_mails(app)[0], "/book/verify/")
    visitor.client.post(path, data=hidden_fields(visitor.open(path).text))
    return visitor


def consents(app):
    with app.app_context():
        return list(read_session().scalars(select(Consent)))


def addresses(app):
    with app.app_context():
        return list(read_session().scalars(select(NewsletterSubscription.email)))


def subscribe(app, visitor):
    path = link_in(queued_mails(app)[2], "/newsletter/confirm/")
    visitor.client.post(path, data=hidden_fields(visitor.open(path).text))
    return path


def test_the_box_alone_subscribes_nobody(app, visitor):
    (consent,) = consents(app)

    assert consent.wording == "Send me the newsletter about visits and events, a few times a year"
    assert (consent.language, consent.source) == ("en", "request:KV-2027-0001")
    assert consent.network_address == "127.0.0.0/24"
    assert (consent.given_at, consent.confirmed_at) == (NOW, None)


def test_looking_at_the_link_confirms_nothing(app, visitor):
    path = link_in(queued_mails(app)[2], "/newsletter/confirm/")
    with app.app_context():
        before = count_rows()

    assert visitor.open(path).status_code == 200

    with app.app_context():
        assert count_rows() == before
    assert consents(app)[0].confirmed_at is None


def test_the_second_yes_subscribes_and_twice_is_harmless(app, visitor):
    path = subscribe(app, visitor)
    visitor.client.post(path, data=hidden_fields(visitor.open(path).text))

    assert consents(app)[0].confirmed_at == NOW
    assert len(queued_mails(app)) == 4
    welcome = queued_mails(app)[3]
    leave = link_in(welcome, "/newsletter/unsubscribe/")
    assert welcome["List-Unsubscribe"] == f"<http://127.0.0.1:8000{leave}>"
    assert welcome["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "You get the newsletter" in visitor.open(path).text


def test_one_click_of_a_mail_program_ends_it(app, visitor):
    subscribe(app, visitor)
    path = link_in(queued_mails(app)[3], "/newsletter/unsubscribe/")
    program = app.test_client()
    foreign = {"Sec-Fetch-Site": "cross-site"}

    assert "Stop the newsletter?" in program.get(path).text
    assert addresses(app) == ["mari@towns.example"]
    answers = [
        program.post(path, data={"List-Unsubscribe": "One-Click"}, headers=foreign).status_code
        for _ in range(2)
    ]

    assert answers == [204, 204]
    assert addresses(app) == ["left:1"]
    assert consents(app)[0].withdrawn_at == NOW
    with app.app_context():
        (entry,) = read_session().scalars(select(StopListEntry)).all()
        assert (entry.email_hash, entry.reason) == (hash_mailbox("mari@towns.example"), "unsubscribed")
    assert "You get no newsletter" in program.get(path).text


def test_whoever_left_can_still_book_and_come_back(app, visitor):
    subscribe(app, visitor)
    visitor.client.post(link_in(queued_mails(app)[3], "/newsletter/unsubscribe/"))

    visitor.fill_in(answers(newsletter="y"))
    path = link_in(queued_mails(app)[4], "/book/verify/")
    visitor.client.post(path, data=hidden_fields(visitor.open(path).text))
    path = link_in(queued_mails(app)[6], "/newsletter/confirm/")
    visitor.client.post(path, data=hidden_fields(visitor.open(path).text))

    assert sorted(addresses(app)) == ["left:1", "mari@towns.example"]
    with app.app_context():
        assert read_session().scalars(select(StopListEntry)).all() == []


@pytest.mark.parametrize("page", ["confirm", "unsubscribe"])
def test_a_wrong_link_gives_a_plain_page(app, client, page):
    assert client.get(f"/newsletter/{page}/nothing").status_code == 404
    assert client.post(f"/newsletter/{page}/nothing").status_code in (400, 404)
