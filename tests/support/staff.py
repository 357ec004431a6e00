"""Staff accounts and signed-in browsers for tests."""

import re
from datetime import datetime

from flask import Flask
from flask.testing import FlaskClient

from bookings.domain.audit import SYSTEM
from bookings.domain.staff import StaffRole
from bookings.services.staff import NewStaff, add_staff
from tests.support.clock import NOW

PASSWORD = "seventeen herons over Replot"


def an_account(
    app: Flask, role: StaffRole = StaffRole.COORDINATOR, *, email: str = "", now: datetime = NOW
) -> int:
    """An account with PASSWORD; the address is `<role>@staff.example` unless another is given."""
    email = email or f"{role}@staff.example"
    new = NewStaff(email=email, name=f"Test {role.title()}", role=role, town="vaasa", password=PASSWORD)
    with app.app_context():
        return add_staff(new, who=SYSTEM, now=now)


def csrf_of(page: str) -> str:
    """The token in the first form of a page."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "no form on this page"
    return found[1]


def sign_in(client: FlaskClient, email: str, password: str = PASSWORD) -> None:
    """Sign in by the page, as people do."""
    answer = send_sign_in(client, email, password)
    assert answer.status_code == 302, answer.text


def send_sign_in(client: FlaskClient, email: str, password: str = PASSWORD):  # type: ignore[no-untyped-def]
    """Fill in the sign-in page and answer what comes back."""
    token = csrf_of(client.get("/staff/sign-in").text)
    return client.post("/staff/sign-in", data={"email": email, "password": password, "csrf_token": token})


def a_signed_in_client(app: Flask, role: StaffRole = StaffRole.COORDINATOR) -> FlaskClient:
    """A browser in which somebody of this role has just signed in."""
    an_account(app, role)
    client = app.test_client()
    sign_in(client, f"{role}@staff.example")
    return client
