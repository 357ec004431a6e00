"""The palette and the shortcuts of the staff pages, by keyboard in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.support.browsers import accessibility_faults
from tests.support.builders import a_visit
from tests.support.clock import NOW
from tests.support.staff import PASSWORD, a_signed_in_client, an_account


@pytest.fixture
def staff_page(app, web_server, page: Page) -> Page:
    """What waits today, for somebody who has signed in."""
    app.extensions["clock"] = lambda: NOW
    an_account(app)
    page.set_default_timeout(30_000)
    page.goto(f"{web_server.url}/staff/sign-in")
    page.get_by_label("E-mail").fill("coordinator@staff.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url("**/staff/**")
    return page


@pytest.mark.sqlite_only
def test_palette_and_shortcuts_by_keyboard_alone(app, staff_page: Page):
    page = staff_page
    with app.app_context():
        reference = a_visit(organisation="City of Gdynia").reference

    # Another visit is found by a few letters and opened by Enter.
    page.locator("[data-palette]").focus()
    page.keyboard.press("Control+k")
    combobox = page.get_by_role("combobox")
    expect(combobox).to_be_focused()
    assert accessibility_faults(page) == []
    page.keyboard.type("gdy")
    expect(page.get_by_role("option").first).to_contain_text("City of Gdynia")
    expect(combobox).to_have_attribute("aria-activedescendant", "palette-0")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/staff/visits/{reference}")

    # Escape gives the focus back to where it was.
    page.locator("[data-palette]").focus()
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("[data-palette]")).to_be_focused()

    # One key goes to the note; within it, letters are letters.
    page.keyboard.press("n")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("not now")
    expect(page.locator("#text")).to_have_value("not now")

    # The list of shortcuts names them, and switches single keys off.
    page.locator("[data-palette]").focus()
    page.keyboard.press("?")
    listed = page.get_by_role("dialog")
    expect(listed).to_contain_text("Write a note")
    assert accessibility_faults(page) == []
    page.get_by_role("checkbox", name="Single keys are shortcuts").press("Space")
    page.keyboard.press("Escape")
    expect(page.locator("[data-palette]")).to_be_focused()
    page.keyboard.press("n")
    expect(page.locator("[data-palette]")).to_be_focused()


@pytest.mark.sqlite_only
def test_the_links_of_staff_are_folded_on_a_narrow_screen_and_open_by_keyboard(staff_page: Page):
    page = staff_page
    menu = page.locator(".staff-menu summary")
    requests = page.locator(".staff-nav").get_by_role("link", name="Requests")

    page.set_viewport_size({"width": 320, "height": 800})
    expect(page.locator("[data-palette] kbd")).to_be_visible()
    expect(requests).to_be_hidden()
    menu.press("Enter")
    expect(requests).to_be_visible()
    assert accessibility_faults(page) == []

    page.set_viewport_size({"width": 1280, "height": 800})
    page.reload()
    expect(menu).to_be_hidden()
    expect(requests).to_be_visible()


@pytest.mark.sqlite_only
def test_no_page_names_a_key_before_its_script_listens(app):
    page = a_signed_in_client(app).get("/staff/").text

    assert ("<kbd hidden>Ctrl K</kbd>" in page, "aria-keyshortcuts" in page) == (True, False)
