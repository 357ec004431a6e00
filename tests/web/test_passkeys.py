"""Passkeys in a real browser with a virtual authenticator, and what they do to signing in."""

import json

import pytest
from sqlalchemy import select

from bookings.db import read_session, transaction
from bookings.models.staff import StaffPasskey, StaffUser
from tests.support.clock import NOW
from tests.support.staff import PASSWORD, a_signed_in_client, an_account, csrf_of, send_sign_in

pytestmark = pytest.mark.sqlite_only
PASSKEYS = "/staff/account/passkeys"
SIGN_IN = "/staff/sign-in/passkey"


def give_passkey(app):
    with app.app_context(), transaction() as session:
        owner = session.scalar(select(StaffUser.id))
        session.add(
            StaffPasskey(
                staff_user_id=owner,
                name="phone",
                credential_id=b"id",
                credential=b"key",
                sign_count=0,
                created_at=NOW,
            )
        )


def press(page, name):
    """Press a button, and be on the page that it leads to: until then the old one is there to be read."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).first.click()


def test_somebody_adds_names_uses_and_removes_a_passkey(app, web_server, page):
    an_account(app)
    site = web_server.url.replace("127.0.0.1", "localhost")
    authenticator = page.context.new_cdp_session(page)
    authenticator.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    authenticator.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    page.goto(f"{site}/staff/sign-in")
    page.get_by_label("E-mail address").fill("coordinator@staff.example")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")

    page.goto(f"{site}{PASSKEYS}")
    page.get_by_label("Name of the passkey").fill("My phone")
    page.get_by_label("Current password").fill(PASSWORD)
    press(page, "Add a passkey")
    # The codes themselves: the menu of staff is a list inside main, too, and stands there before them.
    codes = page.locator("main li code").count()
    page.goto(f"{site}{PASSKEYS}")
    page.get_by_label("New name of My phone").fill("Work phone")
    press(page, "Rename")
    renamed = page.locator("strong", has_text="Work phone").count()
    press(page, "Sign out")
    page.goto(f"{site}{SIGN_IN}")
    press(page, "Use my passkey")
    page.goto(f"{site}{PASSKEYS}")
    used = page.get_by_text("last used").count()
    press(page, "Remove Work phone")
    left = page.get_by_text("You have none yet.").count()

    assert codes >= 10
    assert (renamed, used, left) == (1, 1, 1)


def test_a_password_alone_does_not_open_an_account_with_a_passkey(app, client):
    an_account(app)
    give_passkey(app)

    asked = send_sign_in(client, "coordinator@staff.example")

    assert (asked.status_code, asked.location) == (302, SIGN_IN)
    assert client.get("/staff/account").status_code == 302
    assert "use a recovery code" in client.get(SIGN_IN).text


@pytest.mark.parametrize("answer", ["", "{}", "[]", "not json", json.dumps({"id": "aWQ", "rawId": "aWQ"})])
def test_what_proves_nothing_opens_nothing(app, client, answer):
    an_account(app)
    give_passkey(app)

    token = csrf_of(client.get(SIGN_IN).text)
    found = client.post(SIGN_IN, data={"csrf_token": token, "credential": answer})

    assert found.status_code == 422
    assert "This passkey" in found.text or "Try once more" in found.text
    assert client.get("/staff/account").status_code == 302


def test_a_key_of_somebody_else_is_not_found(app):
    an_account(app, email="other@staff.example")
    give_passkey(app)
    client = a_signed_in_client(app)
    token = csrf_of(client.get("/staff/account").text)

    found = [
        client.post(f"{PASSKEYS}/1/{act}", data={"csrf_token": token, "name": "mine"}).status_code
        for act in ("rename", "remove")
    ]

    assert found == [404, 404]
    with app.app_context():
        assert read_session().scalars(select(StaffPasskey.name)).all() == ["phone"]


def test_without_the_devices_answer_nothing_is_added_and_the_page_says_what_else_there_is(app):
    client = a_signed_in_client(app)
    page = client.get(PASSKEYS)

    found = client.post(
        PASSKEYS,
        data={"csrf_token": csrf_of(page.text), "name": "phone", "password": PASSWORD, "credential": ""},
    )

    assert "Connect an authenticator app instead" in page.text
    assert found.status_code == 422
    assert "The browser made no passkey." in found.text


def test_tries_that_name_nobody_do_not_use_up_one_anothers(app):
    """Ten people with passkeys in a quarter of an hour are not one account."""
    answers = []
    for number in range(12):
        client = app.test_client()
        token = csrf_of(client.get(SIGN_IN).text)
        other = {"REMOTE_ADDR": f"192.0.2.{number}"}
        data = {"csrf_token": token, "credential": "{}"}
        answers.append(client.post(SIGN_IN, data=data, environ_base=other).status_code)

    assert answers == [422] * 12
