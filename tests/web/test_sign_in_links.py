"""Signing in by a link in a mail: off unless wanted, one use, the same answer to everybody."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import read_session, transaction
from bookings.models.staff import StaffPasskey, StaffUser
from tests.support.clock import NOW
from tests.support.staff import an_account, csrf_of
from tests.support.stories import mails

pytestmark = [pytest.mark.sqlite_only, pytest.mark.settings(session={"sign_in_links": True})]
ASK = "/staff/sign-in/link"
EMAIL = "coordinator@staff.example"


@pytest.fixture(autouse=True)
def clock(app):
    moment = [NOW]
    app.extensions["clock"] = lambda: moment[0]

    def move(**distance):
        moment[0] += timedelta(**distance)

    return move


def ask(client, email=EMAIL):
    return client.post(ASK, data={"csrf_token": csrf_of(client.get(ASK).text), "email": email})


def links(app):
    with app.app_context():
        found = [mail for mail in mails() if mail.kind == "staff_sign_in"]
        return [re.search(r"http://[^/]+(/staff/sign-in/link/\S+)", mail.text)[1] for mail in found]


def press(client, way):
    return client.post(way, data={"csrf_token": csrf_of(client.get(way).text)})


def test_a_link_signs_in_once_and_looking_at_it_uses_nothing(app, client):
    an_account(app)

    ask(client)
    (way,) = links(app)
    looked = [client.get(way).status_code for _ in range(3)]
    entered = press(client, way)
    again = app.test_client().get(way)

    assert looked == [200] * 3
    assert (entered.status_code, entered.location) == (303, "/staff")
    assert client.get("/staff/account").status_code == 200
    assert again.status_code == 404


def test_whether_the_address_is_known_nobody_learns(app, client):
    an_account(app)

    known, unknown, empty = ask(client), ask(client, "nobody@staff.example"), ask(client, "")

    assert known.status_code == unknown.status_code == empty.status_code == 200
    assert known.text == unknown.text == empty.text
    assert len(links(app)) == 1


def test_a_link_ends_after_its_minutes_and_with_the_next_one(app, client, clock):
    an_account(app)

    ask(client)
    clock(minutes=1)
    ask(client)
    first, second = links(app)
    replaced = client.get(first).status_code
    clock(minutes=15)

    assert replaced == 404
    assert client.get(second).status_code == 410


def test_asking_is_limited_like_signing_in(app, client):
    assert [ask(client).status_code for _ in range(11)] == [200] * 10 + [429]


def test_a_second_factor_is_asked_for_all_the_same(app, client):
    an_account(app)
    with app.app_context(), transaction() as session:
        owner = session.scalar(select(StaffUser.id))
        session.add(
            StaffPasskey(
                staff_user_id=owner, name="phone", credential_id=b"id", credential=b"key", sign_count=0,
                created_at=NOW,
            )
        )  # fmt: skip

    ask(client)
    entered = press(client, links(app)[0])

    assert entered.location == "/staff/sign-in/passkey"
    assert client.get("/staff/account").status_code == 302


def test_a_closed_account_gets_nothing(app, client):
    an_account(app)
    with app.app_context():
        read_session().scalars(select(StaffUser)).unique().one().active = False
        read_session().commit()

    ask(client)

    assert links(app) == []


@pytest.mark.settings(session={"sign_in_links": False})
def test_where_it_is_not_wanted_there_is_no_such_page(client):
    assert client.get(ASK).status_code == 404
    assert "Sign in by mail" not in client.get("/staff/sign-in").text
