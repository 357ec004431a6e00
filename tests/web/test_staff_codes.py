"""Signing in with a code of an app, or with a recovery code."""

import pytest
from flask import Flask
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.staff import StaffRole
from bookings.extensions import security
from bookings.models.staff import StaffUser
from tests.support.staff import PASSWORD, a_signed_in_client, csrf_of, send_sign_in

pytestmark = pytest.mark.sqlite_only
EMAIL = "coordinator@staff.example"
ACCOUNT = "/staff/account"


def post(client, path, **fields):
    token = csrf_of(client.get(path).text)
    return client.post(path, data={"csrf_token": token, **fields})


def code_of(secret):
    return security.totp_factory.generate_totp_password(secret)


def secret_of(app: Flask):
    with app.app_context():
        return read_session().scalars(select(StaffUser.tf_totp_secret)).one()


def connect_app(app, client):
    page = client.get(f"{ACCOUNT}/second-factor").text
    hidden = page.split('name="secret" value="')[1].split('"')[0]
    with app.app_context():
        secret = security.tf_setup_serializer.loads(hidden)[1]
        code = code_of(secret)
    fields = {"secret": hidden, "code": code, "password": PASSWORD, "csrf_token": csrf_of(page)}
    return client.post(f"{ACCOUNT}/second-factor", data=fields), code


def test_with_an_app_connected_signing_in_asks_for_a_code_that_works_once(app):
    client = a_signed_in_client(app)
    connected, used = connect_app(app, client)

    again = app.test_client()
    answer = send_sign_in(again, EMAIL)
    step = again.get(answer.location)
    step = again.get(step.location)
    closed = again.get(ACCOUNT)
    refused = again.post("/staff/sign-in/code", data={"code": used, "csrf_token": csrf_of(step.text)})

    assert connected.text.count("<code>") == 10
    assert answer.location.startswith("/staff/sign-in/code")
    assert closed.status_code == 302
    assert refused.status_code == 422
    assert "This code is wrong or too old." in refused.text


def test_the_next_code_of_the_app_signs_in(app):
    client = a_signed_in_client(app)
    connect_app(app, client)
    with app.app_context():
        session = read_session()
        session.scalars(select(StaffUser)).unique().one().tf_last_counter = None
        session.commit()

    again = app.test_client()
    send_sign_in(again, EMAIL)
    token = csrf_of(again.get("/staff/sign-in/code").text)
    with app.app_context():
        code = code_of(secret_of(app))
    answer = again.post("/staff/sign-in/code", data={"code": code, "csrf_token": token})

    assert (answer.status_code, answer.location) == (302, "/staff")
    assert again.get(ACCOUNT).status_code == 200


def test_a_recovery_code_signs_in_once(app):
    client = a_signed_in_client(app)
    recovery = connect_app(app, client)[0].text.split("<code>")[1].split("</code>")[0]

    answers = []
    for _ in range(2):
        again = app.test_client()
        send_sign_in(again, EMAIL)
        token = csrf_of(again.get("/staff/sign-in/recovery").text)
        answers.append(
            again.post("/staff/sign-in/recovery", data={"code": recovery, "csrf_token": token}).status_code
        )

    assert answers == [302, 422]
    assert "9 recovery codes are left." in client.get(ACCOUNT).text


def test_codes_cannot_be_guessed_either(app):
    client = a_signed_in_client(app)
    connect_app(app, client)
    again = app.test_client()
    send_sign_in(again, EMAIL)
    token = csrf_of(again.get("/staff/sign-in/code").text)

    statuses = [
        again.post("/staff/sign-in/code", data={"code": "000000", "csrf_token": token}).status_code
        for _ in range(11)
    ]

    assert statuses == [422] * 10 + [429]


def test_secrets_are_not_stored_in_the_clear(app):
    client = a_signed_in_client(app)
    recovery = connect_app(app, client)[0].text.split("<code>")[1].split("</code>")[0]

    with app.app_context():
        user = read_session().scalars(select(StaffUser)).unique().one()

    assert user.password.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert len(user.tf_totp_secret) <= 254
    assert '"enckey"' in user.tf_totp_secret
    assert all(recovery not in code for code in user.mf_recovery_codes)


def test_the_code_can_be_switched_off_with_the_password(app):
    client = a_signed_in_client(app)
    connect_app(app, client)

    answer = post(client, f"{ACCOUNT}/second-factor/off", password=PASSWORD)

    assert answer.status_code == 303
    assert send_sign_in(app.test_client(), EMAIL).location == "/staff"


@pytest.mark.settings(session={"admins_need_second_factor": True})
def test_an_admin_connects_an_app_before_anything_else(app):
    client = a_signed_in_client(app, StaffRole.ADMIN)

    led = client.get("/staff/visits")
    refused = client.post("/staff/account", data={"csrf_token": csrf_of(client.get(led.location).text)})
    connect_app(app, client)

    assert (led.status_code, led.location) == (303, f"{ACCOUNT}/second-factor")
    assert (refused.status_code, refused.location) == (303, f"{ACCOUNT}/second-factor")
    assert client.get("/staff/visits").status_code == 200


@pytest.mark.settings(session={"admins_need_second_factor": True})
def test_an_admin_without_an_app_can_still_sign_out(app):
    client = a_signed_in_client(app, StaffRole.ADMIN)
    page = client.get(f"{ACCOUNT}/second-factor").text

    client.post("/staff/sign-out", data={"csrf_token": csrf_of(page)})

    assert client.get("/staff/visits").status_code == 302


@pytest.mark.settings(session={"admins_need_second_factor": True})
def test_coordinators_may_do_without_an_app(app):
    assert a_signed_in_client(app).get("/staff/visits").status_code == 200
