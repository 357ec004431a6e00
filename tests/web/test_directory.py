"""The directory and the visit plan, as visitors and staff meet them."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask

from bookings.db import database
from bookings.models.directory import Organisation
from bookings.services.directory import load_demo_directory
from tests.support.browsers import accessibility_faults
from tests.support.builders import a_directory
from tests.web.directory_pages import add_organisations, found_on, names_on, statements_of, text_of

SCREENS = [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")]


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


def test_the_list_shows_everybody_by_name(some, client):
    html = text_of(client, "/companies")

    assert names_on(html) == ["Skellefteå Kraft", "Stormossen", "Vakin", "Westenergy"]
    assert "4 organisations" in html


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=STORM", ["Stormossen"]),
        ("q=skelleftea+kraft", ["Skellefteå Kraft"]),
        ("q=vasa+biogas", ["Stormossen"]),
        ("q=vaasa", ["Stormossen", "Westenergy"]),
        ("interest=waste-circular", ["Stormossen", "Vakin", "Westenergy"]),
        ("interest=waste-circular/recycling", ["Stormossen", "Vakin"]),
        ("town=vaasa&kind=company&language=sv&interest=bioeconomy", ["Stormossen"]),
        ("kind=public", ["Vakin"]),
        ("town=atlantis&kind=shop&interest=wine&language=xx&page=no", None),
        ("q=%00%1f&page=99999", None),
        ("q=nothing-like-it", []),
    ],
)
def test_words_and_filters_narrow_the_list(some, client, query, names):
    everybody = ["Skellefteå Kraft", "Stormossen", "Vakin", "Westenergy"]

    assert found_on(client, query) == (everybody if names is None else names)


def test_each_choice_says_how_many_it_leads_to(some, client):
    html = text_of(client, "/companies?kind=company")

    links = re.findall(r'<a href="(/companies[^"]*)"[^>]*><span>([^<]+)</span> <span class="n">(\d+)', html)
    for url, label, count in links:
        assert len(found_on(client, urlsplit(unescape(url)).query)) == int(count) or "kind" not in url, label
    assert ("/companies?town=vaasa&amp;kind=company", "Vaasa", "2") in links
    assert ("/companies", "Company", "3") in links
    assert ("/companies?kind=public", "Public body or utility", "1") in links


def test_names_of_towns_are_in_the_readers_language(some, client):
    assert "Vasa" in text_of(client, "/companies?lang=sv")
    assert "Uumaja" in text_of(client, "/companies?lang=fi")


def test_an_empty_list_says_what_to_do(some, client):
    html = text_of(client, "/companies?q=nothing-like-it")

    assert "No organisation fits" in html
    assert 'href="/companies"' in html
    assert 'href="/book"' in html


def test_an_empty_directory_shows_a_page(client):
    assert "No organisation fits" in text_of(client, "/companies")


def test_the_real_directory_comes_in_pages(real, client):
    pages = [names_on(text_of(client, f"/companies?page={number}")) for number in range(1, 9)]

    assert [len(page) for page in pages] == [24] * 7 + [1]
    assert len({name for page in pages for name in page}) == 169


def test_the_page_of_an_organisation_says_what_it_is(some, client):
    html = text_of(client, "/companies/stormossen")

    assert "<h1>Stormossen</h1>" in html
    assert 'href="/companies?interest=bioeconomy/biogas"' in html
    assert "Local time: EET" in html
    assert "Europe/Helsinki" in html
    assert "English · Swedish" in html


def test_a_website_is_a_link_that_tells_nothing_of_us(real, client):
    html = text_of(client, "/companies/arctic-aviation-hub")

    assert (
        '<a href="https://arcticaviationhub.com" rel="noopener noreferrer external">arcticaviationhub.com</a>'
        in html
    )


@pytest.mark.parametrize("slug", ["unknown", "vakin", "%00", "a" * 500])
def test_an_unknown_or_hidden_organisation_is_a_page_that_says_so(some, client, slug):
    with some.app_context():
        database.session.query(Organisation).filter_by(slug="vakin").update({"status": "hidden"})
        database.session.commit()

    answer = client.get(f"/companies/{slug}")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert "Vakin" not in text_of(client, "/companies")


@pytest.mark.parametrize("url", ["/companies", "/companies/org-0", "/plan"])
def test_a_page_costs_the_same_for_one_for_three_and_for_300(app, url):
    counts = []
    for total in (1, 3, 300):
        with app.app_context():
            add_organisations(total)
        client = app.test_client()
        client.set_cookie("plan", ".".join(f"org-{number}" for number in range(min(total, 20))))
        counts.append((statements_of(client, url), statements_of(client, url)))

    assert counts[0] == counts[1] == counts[2]
    assert counts[0][1] <= 2


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("width", "colours"), SCREENS)
def test_the_pages_can_be_used_by_everybody(real, web_server, page, width, colours):
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=colours)
    faults = {}

    for url in (
        "/companies",
        "/companies?interest=water&q=va",
        "/companies/stormossen",
        "/plan?hosts=stormossen,vakin",
    ):
        page.goto(web_server.url + url)
        faults[url] = accessibility_faults(page) + overflows(page)
    page.get_by_role("button", name="Use this plan").click()
    faults["/plan"] = accessibility_faults(page) + overflows(page)

    assert {url: found for url, found in faults.items() if found} == {}


def overflows(page) -> list[str]:
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{wide} px too wide"] if wide > 0 else []


@pytest.mark.sqlite_only
def test_filters_fold_on_a_small_screen_and_stand_open_on_a_wide_one(real, web_server, page):
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"{web_server.url}/companies")
    link = page.get_by_role("link", name=re.compile("^Hydrogen and electrofuels"))
    folded = link.is_visible()
    page.get_by_text("Filters", exact=True).click()
    unfolded = link.is_visible()

    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"{web_server.url}/companies")

    assert (folded, unfolded, link.is_visible()) == (False, True, True)
