"""The visit plan: chosen, counted, shared and taken over without an account."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from bookings.db import database
from bookings.models.directory import Organisation
from bookings.services.directory import load_demo_directory
from tests.support.builders import a_directory
from tests.web.directory_pages import plan_of, press, text_of


@pytest.fixture
def some(app: Flask) -> Flask:
    with app.app_context():
        a_directory()
    return app


@pytest.fixture
def real(app: Flask, now) -> Flask:
    with app.app_context():
        load_demo_directory(now=now)
    return app


def test_the_button_adds_and_then_takes_off(some, client):
    added = press(client, "/plan", add="stormossen", origin="company")
    page = text_of(client, "/companies/stormossen")
    removed = press(client, "/plan", remove="stormossen", origin="company")

    assert (added.status_code, added.location) == (303, "/companies/stormossen")
    assert 'name="remove" value="stormossen"' in page
    assert "Added to your visit plan: Stormossen" in page
    assert (removed.status_code, plan_of(client)) == (303, "")


def test_the_way_back_is_the_same_list_at_the_same_card(some, client):
    answer = press(client, "/plan", add="vakin", origin="list", q="va", kind="public", page="1")

    assert answer.location == "/companies?q=va&kind=public#vakin"


@pytest.mark.parametrize("origin", ["https://evil.example", "//evil.example", ""])
def test_the_way_back_never_leaves_the_site(some, client, origin):
    assert press(client, "/plan", add="vakin", origin=origin).location == "/plan"


def test_the_header_counts_the_plan(some, client):
    press(client, "/plan", add="stormossen")
    press(client, "/plan", add="vakin")

    html = text_of(client, "/companies")

    assert '<span class="sr">Chosen: </span>2</span>' in html
    assert html.index('value="vakin"') > html.index('name="remove" value="stormossen"')


def test_a_plan_is_full_at_twenty(real, client):
    with real.app_context():
        slugs = [
            slug
            for (slug,) in database.session.query(Organisation.slug).order_by(Organisation.slug).limit(21)
        ]
    for slug in slugs:
        press(client, "/plan", add=slug)

    html = text_of(client, "/plan")

    assert plan_of(client).split(".") == slugs[:20]
    assert "A visit plan holds 20 organisations at most" in html


def test_a_cookie_that_somebody_made_up_is_no_fault(some, client):
    for value in [
        "",
        "..",
        "x" * 4000,
        "<script>.stormossen",
        "stormossen.unknown." + ".".join("abcdefghijklmnopqrstuvwxyz"),
    ]:
        client.set_cookie("plan", value)

        assert client.get("/plan").status_code == 200
        assert client.get("/companies").status_code == 200


def test_a_plan_is_shared_as_a_link_and_taken_over(some, client):
    press(client, "/plan", add="stormossen")
    press(client, "/plan", add="vakin")
    link = re.search(r'value="(http[^"]+/plan\?hosts=[^"]+)"', text_of(client, "/plan"))
    other = some.test_client()
    press(other, "/plan", add="westenergy")

    shared = text_of(other, f"/plan?{urlsplit(unescape(link[1])).query},gone")
    hosts = re.search(r'name="hosts" value="([^"]+)"', shared)
    answer = press(other, "/plan/use", hosts=hosts[1])

    assert parse_qs(urlsplit(unescape(link[1])).query) == {"hosts": ["stormossen,vakin"]}
    assert "1 organisation of this plan is not in the directory any more" in shared
    assert (answer.status_code, answer.location) == (303, "/plan")
    assert plan_of(other) == "westenergy.stormossen.vakin"


def test_looking_at_a_shared_plan_changes_nothing(some, client):
    text_of(client, "/plan?hosts=stormossen,vakin")

    assert plan_of(client) == ""


def test_an_empty_plan_says_what_to_do(some, client):
    html = text_of(client, "/plan")

    assert "Your visit plan is empty" in html
    assert 'href="/companies"' in html


def test_a_post_without_its_key_does_nothing(some, client):
    answer = client.post("/plan", data={"add": "vakin"})

    assert answer.status_code in (400, 403, 409, 422)
    assert plan_of(client) == ""
