"""The front page and the standing pages."""

import gzip
import re

import pytest

from bookings.db import database
from tests.support.browsers import accessibility_faults
from tests.support.builders import a_directory
from tests.support.own_pages import everything_stored
from tests.support.statements import recorded_statements

PAGES = ("/", "/privacy", "/accessibility")
KIBIBYTE = 1024


def test_the_front_page_says_how_much_there_is_to_see_and_leads_to_the_form(client, app_context):
    a_directory()

    text = client.get("/").text

    assert re.findall(r"<b>(\d+)</b>", text) == ["4", "4", "3", "2"]
    assert 'href="/companies?interest=bioeconomy"' in text
    assert 'href="/companies?town=vaasa"' in text
    assert 'href="/book"' in text


@pytest.mark.sqlite_only
def test_an_empty_directory_still_leads_to_the_form(client):
    text = client.get("/").text

    assert "The directory is being filled" in text
    assert 'href="/book"' in text


@pytest.mark.sqlite_only
def test_the_front_page_reads_the_directory_once(client, app_context):
    a_directory()
    client.get("/")
    database.session.rollback()  # as between two requests

    with recorded_statements() as statements:
        client.get("/")

    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 1


@pytest.mark.sqlite_only
def test_the_first_view_weighs_at_most_60_kibibytes(client, app_context):
    a_directory()
    page = client.get("/")
    assets = re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text)

    weights = [weight(client, address) for address in dict.fromkeys(assets)]

    assert len(assets) >= 4
    assert len(gzip.compress(page.data)) + sum(weights) <= 60 * KIBIBYTE


@pytest.mark.sqlite_only
@pytest.mark.settings(retention={"contact_months": 17}, mail={"contact_address": "hello@towns.example"})
def test_the_privacy_page_tells_the_figures_and_the_address_of_the_settings(client):
    text = client.get("/privacy").text

    assert "17 months after the visit is closed" in text
    assert 'href="mailto:hello@towns.example"' in text
    assert "imy.se" in text
    assert "tietosuoja.fi" in text


@pytest.mark.sqlite_only
def test_the_accessibility_statement_names_standard_limits_feedback_and_authorities(client):
    text = client.get("/accessibility").text

    for needed in ("EN 301 549", "partially compliant", "mailto:", "DIGG", "saavutettavuusvaatimukset.fi"):
        assert needed in text


@pytest.mark.sqlite_only
@pytest.mark.parametrize("language", ["en", "sv", "fi"])
@pytest.mark.parametrize("address", PAGES)
def test_a_standing_page_opens_in_each_language(client, address, language):
    answer = client.get(f"{address}?lang={language}")

    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text


def test_looking_at_standing_pages_changes_nothing(client, app_context):
    a_directory()
    before = everything_stored()

    for address in PAGES:
        client.get(address)

    assert everything_stored() == before


@pytest.mark.sqlite_only
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_on_the_standing_pages(web_server, app_context, page, width, scheme):
    a_directory()
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)

    for address in PAGES:
        page.goto(web_server.url + address)

        assert accessibility_faults(page) == []
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")


def weight(client, address):
    with client.get(address) as answer:
        return len(gzip.compress(answer.data))
