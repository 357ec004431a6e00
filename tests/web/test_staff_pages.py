"""The sign-in and account pages in a real browser: keyboard, axe, narrow and wide, light and dark."""

import re

import pytest

from tests.support.browsers import accessibility_faults
from tests.support.staff import PASSWORD, an_account

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]
PAGES = ("", "/password", "/second-factor", "/second-factor/off")
SIZES = ((320, 640), (1280, 800))


def sign_in_by_keyboard(page, address):
    page.goto(f"{address}/staff/sign-in")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type("coordinator@staff.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/staff/(\?.*)?$"))


def faults_of(page, address):
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            found += [f"{address} {scheme} {width}: {fault}" for fault in accessibility_faults(page)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                found.append(f"{address} {width}: wider than the window")
    return found


def test_the_sign_in_page_has_no_faults_with_errors_either(app, web_server, page):
    an_account(app)

    page.goto(f"{web_server.url}/staff/sign-in")
    clean = faults_of(page, "sign-in")
    page.get_by_label("E-mail address").fill("coordinator@staff.example")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector("#error-summary-title")

    assert clean == []
    assert page.title().startswith("Error: ")
    assert faults_of(page, "sign-in with an error") == []


def test_the_account_pages_have_no_faults(app, web_server, page):
    an_account(app)
    sign_in_by_keyboard(page, web_server.url)

    faults = []
    for name in PAGES:
        page.goto(f"{web_server.url}/staff/account{name}")
        assert page.url == f"{web_server.url}/staff/account{name}"
        faults += faults_of(page, name)

    assert faults == []
