"""Filling in the forms of pages, as a browser without scripts does."""

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.support.staff import csrf_of


def submit(
    client: FlaskClient, address: str, fields: dict[str, Any] | None = None, *, page: str | None = None
) -> TestResponse:
    """Send a form with the token of its page (`page`, where the form stands on another one)."""
    token = csrf_of(client.get(page or address).text)
    return client.post(address, data={"csrf_token": token, **(fields or {})})


def button_fields(page: str, label: str) -> dict[str, str]:
    """The fields of the one form whose markup holds this label, as pressing its button sends them."""
    [form] = [form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if label in form]
    return dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
