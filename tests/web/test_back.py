"""Back to the answer to a form: what was typed, or the form anew, never an error of the browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support.builders import a_visit
from tests.support.clock import NOW
from tests.support.own_pages import an_own_page, press
from tests.support.staff import PASSWORD, a_signed_in_client, an_account, csrf_of

pytestmark = pytest.mark.sqlite_only


def test_the_answer_to_a_form_behind_a_link_stays_with_the_browser_alone(client, app_context):
    own = an_own_page(state="confirmed")

    refused = press(client, f"{own}/wish", wish="")

    assert refused.status_code == 422
    assert refused.headers["Cache-Control"] == "private, no-cache"
    assert refused.headers["Referrer-Policy"] == "no-referrer"
    assert "Vary" not in refused.headers
    assert client.get(own).headers["Cache-Control"] == "no-store"


def test_of_the_answer_to_a_form_of_staff_nothing_stays(app):
    app.extensions["clock"] = lambda: NOW
    with app.app_context():
        reference = a_visit().reference
    client = a_signed_in_client(app)
    token = csrf_of(client.get("/staff/account").text)

    refused = client.post(f"/staff/visits/{reference}/ask", data={"csrf_token": token, "question": ""})

    assert refused.status_code == 422
    assert refused.headers["Cache-Control"] == "no-store"


def test_back_finds_what_was_typed_without_scripts(web_server, browser):
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(f"{web_server.url}/book")
    page.locator("[name=purpose]").fill("See how biogas is made")
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Error: What the visit is about – Book a visit – Kvarken Visits")

    page.locator("footer a").first.click()
    page.go_back()

    expect(page.locator("[name=purpose]")).to_have_value("See how biogas is made")
    context.close()


def test_back_opens_a_form_of_staff_anew(app, web_server, page: Page):
    app.extensions["clock"] = lambda: NOW
    an_account(app)
    with app.app_context():
        reference = a_visit().reference
    page.goto(f"{web_server.url}/staff/sign-in")
    page.get_by_label("E-mail").fill("coordinator@staff.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/staff/**")
    page.goto(f"{web_server.url}/staff/visits/{reference}/ask")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(".error-summary")).to_be_visible()

    page.goto(f"{web_server.url}/staff/visits/{reference}")
    page.go_back()

    expect(page.get_by_label("Your question")).to_be_visible()
    expect(page.locator(".error-summary")).to_have_count(0)


def test_another_language_of_a_refused_form_is_the_page_of_the_form(client, app_context):
    own = an_own_page(state="confirmed")

    refused = press(client, f"{own}/wish", wish="")

    assert f'<a href="{own}?lang=sv"' in refused.text


@pytest.mark.parametrize("address", ["//evil.example/x", "/visits/%22%3E/wish", "/nothing/here"])
def test_no_address_leads_the_languages_away_from_here(client, address):
    answer = client.post(address)

    links = re.findall(r'<a href="([^"]+)" lang="\w\w"', answer.text)
    assert links
    assert all(link.startswith("/") and not link.startswith("//") for link in links)
