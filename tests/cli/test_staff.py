"""`bookings staff add`, as it is typed."""

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from bookings.cli.staff import staff
from tests.support.staff import PASSWORD, sign_in

pytestmark = pytest.mark.sqlite_only
ANNA = ("anna@vaasa.example", "--name", "Anna Ö", "--role", "admin", "--town", "vaasa")


def add(app: Flask, *arguments: str, typed: str) -> Result:
    return CliRunner().invoke(staff, ["add", *arguments], input=typed, obj=app)


def test_an_account_is_made_with_a_password_from_standard_input(app, client):
    result = add(app, *ANNA, "--password-stdin", typed=f"{PASSWORD}\n")

    sign_in(client, "anna@vaasa.example")
    assert (result.exit_code, result.stdout) == (0, "anna@vaasa.example can sign in now, as admin.\n")


def test_the_password_is_asked_for_twice_and_never_shown(app, client):
    result = add(app, *ANNA, typed=f"{PASSWORD}\n{PASSWORD}\n")

    sign_in(client, "anna@vaasa.example")
    assert result.exit_code == 0
    assert PASSWORD not in result.output


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("short\n", "use at least 15 characters"),
        ("password password\n", "made of common words"),
        ("\n", "use at least 15 characters"),
        ("", "use at least 15 characters"),
    ],
)
def test_a_weak_password_is_refused_with_the_reason(app, typed, told):
    result = add(app, *ANNA, "--password-stdin", typed=typed)

    assert result.exit_code == 1
    assert told in result.stderr


def test_a_second_account_for_one_address_is_refused(app):
    add(app, *ANNA, "--password-stdin", typed=f"{PASSWORD}\n")

    result = add(app, *ANNA, "--password-stdin", typed=f"{PASSWORD}\n")

    assert (result.exit_code, result.stderr) == (1, "Error: anna@vaasa.example has an account already.\n")


def test_an_unknown_role_or_town_is_refused(app):
    strange = [("--role", "king"), ("--town", "oslo")]

    results = [
        add(app, "a@b.example", "--name", "A", *pair, "--password-stdin", typed="x\n") for pair in strange
    ]

    assert [result.exit_code for result in results] == [2, 2]


def test_a_forgotten_password_is_replaced_and_old_sign_ins_end(app, client):
    add(app, *ANNA, "--password-stdin", typed=f"{PASSWORD}\n")
    sign_in(client, "anna@vaasa.example")
    new = "eleven cranes beyond Holmön"

    result = CliRunner().invoke(
        staff, ["password", "Anna@vaasa.example", "--password-stdin"], input=f"{new}\n", obj=app
    )

    assert result.exit_code == 0
    assert client.get("/staff/account").status_code == 302
    sign_in(app.test_client(), "anna@vaasa.example", new)


def test_nobody_gets_a_password_without_an_account(app):
    arguments = ["password", "nobody@vaasa.example", "--password-stdin"]

    result = CliRunner().invoke(staff, arguments, input=f"{PASSWORD}\n", obj=app)

    assert (result.exit_code, result.stderr) == (1, "Error: nobody@vaasa.example has no account.\n")
