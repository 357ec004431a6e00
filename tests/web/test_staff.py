"""Signing in, staying signed in, and the account page."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.staff import StaffRole
from bookings.models.staff import StaffSession, StaffUser
from tests.support.clock import NOW
from tests.support.staff import PASSWORD, a_signed_in_client, an_account, csrf_of, send_sign_in, sign_in
from tests.support.statements import recorded_statements

pytestmark = pytest.mark.sqlite_only
EMAIL = "coordinator@staff.example"
ACCOUNT = "/staff/account"


@pytest.fixture(autouse=True)
def clock(app):
    moment = [NOW]
    app.extensions["clock"] = lambda: moment[0]

    def move(**distance):
        moment[0] += timedelta(**distance)

    return move


def post(client, path, **fields):
    token = csrf_of(client.get(path).text)
    return client.post(path, data={"csrf_token": token, **fields})


def test_the_right_password_leads_to_the_page_that_asked_for_it(app, client):
    an_account(app)

    asked = client.get(ACCOUNT)
    answer = send_sign_in(client, EMAIL)
    start = client.get(answer.location)

    assert (asked.status_code, asked.location) == (302, "/staff/sign-in")
    assert (answer.status_code, answer.location) == (302, "/staff")
    assert (start.status_code, start.location) == (302, ACCOUNT)
    assert client.get(ACCOUNT).status_code == 200


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "not the password at all"),
        ("nobody@staff.example", PASSWORD),
        (EMAIL, "x" * 129),
        (EMAIL, "nul \0 byte"),
        (EMAIL, ""),
        ("", PASSWORD),
        ("not an address", PASSWORD),
        ("a\0b@staff.example", PASSWORD),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(app, client, email, password):
    an_account(app)

    answer = send_sign_in(client, email, password)

    assert answer.status_code == 422
    assert answer.text.count("The e-mail address or the password is not right.") == 1
    assert "<title>Error: " in answer.text


def test_a_wrong_password_keeps_the_address_and_not_the_password(app, client):
    an_account(app)

    page = send_sign_in(client, EMAIL, "not the password").text

    assert f'value="{EMAIL}"' in page
    assert "not the password" not in page


def test_the_page_speaks_the_language_of_the_reader(client):
    answer = client.get("/staff/sign-in?lang=sv")

    assert '<html lang="sv">' in answer.text


def test_a_closed_account_cannot_sign_in_and_is_signed_out_at_once(app):
    client = a_signed_in_client(app)

    with app.app_context():
        session = read_session()
        session.scalars(select(StaffUser)).unique().one().active = False
        session.commit()

    assert client.get(ACCOUNT).status_code == 302
    assert send_sign_in(app.test_client(), EMAIL).status_code == 422


def test_ten_tries_at_one_account_are_enough_for_a_quarter_of_an_hour(app, client, clock):
    an_account(app)

    answers = [send_sign_in(client, EMAIL, "a wrong password").status_code for _ in range(11)]
    locked = send_sign_in(client, EMAIL)
    clock(minutes=15)

    assert answers == [422] * 10 + [429]
    assert locked.status_code == 429
    assert "Wait 15 minutes" in locked.text
    assert locked.headers["Retry-After"]
    assert send_sign_in(client, EMAIL).status_code == 302


def test_unknown_accounts_have_the_same_limit(client):
    answers = [send_sign_in(client, "nobody@staff.example").status_code for _ in range(11)]

    assert answers == [422] * 10 + [429]


def test_thirty_tries_from_one_address_are_enough_for_an_hour(client, clock):
    answers = [send_sign_in(client, f"nobody{number}@staff.example").status_code for number in range(31)]

    assert answers == [422] * 30 + [429]


def test_signing_in_clears_the_own_slips(app, client):
    an_account(app)

    for _ in range(3):
        for _ in range(9):
            send_sign_in(client, EMAIL, "a wrong password")
        sign_in(client, EMAIL)
        client.post("/staff/sign-out", data={"csrf_token": csrf_of(client.get(ACCOUNT).text)})

    assert send_sign_in(client, EMAIL).status_code == 302


def test_a_sign_in_ends_after_three_hours_without_a_click(app, clock):
    client = a_signed_in_client(app)

    clock(hours=2, minutes=59)
    still = client.get(ACCOUNT).status_code
    clock(hours=2, minutes=59)
    touched = client.get(ACCOUNT).status_code
    clock(hours=3)
    ended = client.get(ACCOUNT, follow_redirects=True)

    assert (still, touched) == (200, 200)
    assert "Your sign-in has ended. Please sign in again." in ended.text


def test_a_sign_in_ends_after_twelve_hours_in_any_case(app, clock):
    client = a_signed_in_client(app)

    statuses = []
    for _ in range(12):
        statuses.append(client.get(ACCOUNT).status_code)
        clock(hours=1)
    statuses.append(client.get(ACCOUNT).status_code)

    assert statuses == [200] * 12 + [302]


def test_signing_out_makes_the_old_cookie_worthless(app):
    client = a_signed_in_client(app)
    cookie = client.get_cookie("session").value

    answer = client.post("/staff/sign-out", data={"csrf_token": csrf_of(client.get(ACCOUNT).text)})
    client.set_cookie("session", cookie)

    assert (answer.status_code, answer.location) == (302, "/")
    assert client.get(ACCOUNT).status_code == 302


def test_each_sign_in_has_a_new_row_and_only_its_hash_is_stored(app, client):
    an_account(app)

    sign_in(client, EMAIL)
    sign_in(app.test_client(), EMAIL)

    with app.app_context():
        hashes = read_session().scalars(select(StaffSession.token_hash)).all()
    with client.session_transaction() as session:
        token = session["staff_session"]
    assert len(set(hashes)) == 2
    assert token.encode() not in hashes


def test_the_account_page_lists_devices_and_signs_them_out(app, client):
    an_account(app)
    sign_in(client, EMAIL)
    other = app.test_client()
    sign_in(other, EMAIL)

    page = client.get(ACCOUNT).text
    path = page.split('action="')[2:]
    end = next(part.split('"')[0] for part in path if "/sign-ins/" in part)
    answer = client.post(end, data={"csrf_token": csrf_of(page)})

    assert answer.status_code == 303
    assert other.get(ACCOUNT).status_code == 302
    assert client.get(ACCOUNT).status_code == 200


def test_somebody_elses_device_cannot_be_signed_out(app):
    client = a_signed_in_client(app)
    other = a_signed_in_client(app, StaffRole.ADMIN)
    token = csrf_of(client.get(ACCOUNT).text)

    answer = client.post(f"{ACCOUNT}/sign-ins/2/end", data={"csrf_token": token})

    assert answer.status_code == 404
    assert other.get(ACCOUNT).status_code == 200


def test_who_is_signed_in_costs_one_statement(app):
    client = a_signed_in_client(app)

    with recorded_statements() as statements:
        client.get(f"{ACCOUNT}/password")

    assert len([sql for sql in statements if sql.startswith("SELECT")]) == 1


def test_name_and_language_can_be_changed(app):
    client = a_signed_in_client(app)

    answer = post(client, ACCOUNT, name="Åsa Öst", language="sv")
    page = client.get(answer.location).text

    assert answer.status_code == 303
    assert 'value="Åsa Öst"' in page
    assert '<html lang="sv">' in page


def test_a_name_with_control_characters_is_refused_beside_the_field(app):
    answer = post(a_signed_in_client(app), ACCOUNT, name="A\x07b", language="en")

    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text


def test_a_new_password_signs_out_the_other_devices(app):
    client, other = a_signed_in_client(app), app.test_client()
    sign_in(other, EMAIL)
    new = "eleven cranes beyond Holmön"

    answer = post(client, f"{ACCOUNT}/password", password=PASSWORD, new=new, again=new)

    assert answer.status_code == 303
    assert client.get(ACCOUNT).status_code == 200
    assert other.get(ACCOUNT).status_code == 302
    assert send_sign_in(app.test_client(), EMAIL, new).status_code == 302
    assert send_sign_in(app.test_client(), EMAIL).status_code == 422


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"password": "a wrong password"}, "This is not your current password."),
        ({"new": "short", "again": "short"}, "Use at least 15 characters."),
        ({"new": "x" * 129, "again": "x" * 129}, "Use at most 128 characters."),
        ({"new": "Password-2026-12345"}, "easy to guess"),
        ({"again": "something else altogether"}, "The two new passwords differ."),
        ({"new": PASSWORD, "again": PASSWORD}, "differs from the one you have now"),
    ],
)
def test_a_bad_new_password_is_refused_beside_its_field(app, fields, message):
    client = a_signed_in_client(app)
    good = {
        "password": PASSWORD,
        "new": "eleven cranes beyond Holmön",
        "again": "eleven cranes beyond Holmön",
    }
    if "new" in fields:
        fields = {"again": fields["new"], **fields}

    answer = post(client, f"{ACCOUNT}/password", **{**good, **fields})

    assert answer.status_code == 422
    assert message in answer.text


def test_a_device_left_open_allows_ten_guesses(app):
    client = a_signed_in_client(app)

    statuses = [
        post(client, f"{ACCOUNT}/second-factor/off", password="a guess").status_code for _ in range(11)
    ]

    assert statuses == [422] * 10 + [429]


@pytest.mark.parametrize("page", ["sign-in", "sign-in/code", "sign-in/recovery"])
def test_nobody_else_says_where_a_sign_in_leads_to(client, page):
    asked = client.get(f"/staff/{page}?next=https://evil.example/")
    token = csrf_of(client.get("/staff/sign-in").text)
    sent = client.post(f"/staff/{page}", data={"next": "https://evil.example/", "csrf_token": token})

    assert (asked.status_code, asked.location) == (302, f"/staff/{page}")
    assert sent.status_code == 400


def test_mails_about_visits_can_be_switched_off_and_on(app, client):
    an_account(app)
    sign_in(client, "coordinator@staff.example")
    values = {"name": "Test Coordinator", "language": "en"}

    ticked = []
    for wish in ({}, {"wants_mails": "y"}):
        token = csrf_of(client.get(ACCOUNT).text)
        assert client.post(ACCOUNT, data={**values, **wish, "csrf_token": token}).status_code == 303
        box = next(line for line in client.get(ACCOUNT).text.splitlines() if 'name="wants_mails"' in line)
        ticked.append("checked" in box)

    assert ticked == [False, True]
