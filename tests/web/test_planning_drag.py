"""A stop of a proposed programme is dragged along its day; the form beside it holds what becomes of it."""

from playwright.sync_api import Page

from tests.support.clock import NOW
from tests.support.planned import a_request, planned
from tests.support.staff import a_signed_in_client


def test_a_stop_is_dragged_or_moved_by_keys_and_the_form_says_so(app, web_server, page: Page):
    app.extensions["clock"] = lambda: NOW
    client = a_signed_in_client(app)
    with app.app_context():
        run = planned(a_request())
    cookies = [(cookie.key, cookie.value) for cookie in client._cookies.values()]
    page.context.add_cookies(
        [{"name": name, "value": value, "url": web_server.url} for name, value in cookies]
    )
    page.goto(f"{web_server.url}/staff/visits/{run.reference}/programmes")
    first = page.locator("li[data-clock]").first
    clock = first.locator("input[type=time]")
    before = clock.input_value()

    first.locator(".drag-handle").press("ArrowDown")

    hours, minutes = map(int, before.split(":"))
    later = hours * 60 + minutes + 15
    assert clock.input_value() == f"{later // 60:02}:{later % 60:02}"
    assert first.locator("input[value=time]").is_checked()
    handle = first.locator(".drag-handle").bounding_box()
    assert handle is not None
    page.mouse.move(handle["x"] + 5, handle["y"] + 5)
    page.mouse.down()
    page.mouse.move(handle["x"] + 5, handle["y"] + 5 + 12 * 4, steps=4)
    page.mouse.up()
    assert clock.input_value() == f"{(later + 60) // 60:02}:{(later + 60) % 60:02}"
