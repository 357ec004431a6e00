"""Stops moved and released in a real browser: by hand, by keyboard alone, and without scripts."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.domain.events import EventKind
from tests.support.browsers import accessibility_faults
from tests.support.clicking import Clicker
from tests.support.clock import NOW
from tests.support.events import an_event
from tests.support.keyboard import Typist
from tests.support.moves import WEEK, an_announced_stop, reference_of, time_of, told, words_of
from tests.support.reading import Complaints
from tests.support.staff import PASSWORD, an_account

BEFORE = datetime(2027, 3, 16, 8, tzinfo=UTC)
IS_FOCUSED = "id => document.activeElement.closest('[data-entry]')?.dataset.entry === id"


def a_signed_in_page(app, web_server, page):
    app.extensions["clock"] = lambda: NOW
    an_account(app)
    page.set_viewport_size({"width": 1300, "height": 1200})
    page.set_default_timeout(30_000)
    page.goto(f"{web_server.url}/staff/sign-in")
    page.get_by_label("E-mail").fill("coordinator@staff.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.locator("main button[type=submit]").click()
    return page


def release(page, stop: str):
    """From the stop to its visit, to the mails, and out with them."""
    page.locator(stop).first.click()
    page.get_by_role("link", name="Release: see the mails first").click()
    page.get_by_role("button", name="Release and send 1 mail").click()
    page.get_by_role("heading", name="Next step").wait_for()


def drag(page, start, end):
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 4, start[1] + 12, steps=3)
    page.mouse.move(*end, steps=8)
    page.mouse.up()


@pytest.mark.sqlite_only
def test_a_stop_is_dragged_released_and_made_longer_and_a_host_is_dropped_on_a_day(app, web_server, page):
    slot_id = an_announced_stop(app)
    page = a_signed_in_page(app, web_server, page)
    refused = []
    page.on("console", lambda one: refused.append(one.text) if one.type == "error" else None)

    page.goto(web_server.url + WEEK)
    entry = page.locator(f".board [data-entry='{slot_id}']")
    box = entry.bounding_box()
    day = page.locator(".board .ec-day").first.bounding_box()
    hour = box["height"] / 1.5
    drag(page, (box["x"] + 20, box["y"] + 40), (box["x"] + 20 + day["width"], box["y"] + 40 + hour))
    page.wait_for_url("**/move?**")
    preview = words_of(page.content())
    faults = accessibility_faults(page)
    page.get_by_role("button", name="Plan this move").click()
    page.wait_for_url("**moved=**")
    page.wait_for_function(IS_FOCUSED, arg=str(slot_id))
    planned, told_by_then, seen = time_of(app, slot_id), told(app, slot_id), accessibility_faults(page)
    release(page, f".board [data-entry='{slot_id}'] a")
    released = time_of(app, slot_id)

    page.goto(web_server.url + WEEK)
    box = page.locator(f".board .ec-event:has([data-entry='{slot_id}'])").bounding_box()
    bottom = box["y"] + box["height"]
    drag(page, (box["x"] + 20, bottom - 2), (box["x"] + 20, bottom - 2 + hour / 2))
    page.wait_for_url("**until=**")
    longer = words_of(page.content())

    page.goto(f"{web_server.url}/staff/calendar?visit={reference_of(app, slot_id)}&date=2027-03-16")
    page.drag_and_drop("[data-host=stormossen] h3", "[data-day='2027-03-18']")
    page.wait_for_url("**/slots/new?host=stormossen**")

    assert "Wednesday 17 March 2027 10:00–11:30 CET" in preview
    assert (planned[0], told_by_then) == (BEFORE, [("REQUEST", 0)])
    assert released == (datetime(2027, 3, 17, 9, tzinfo=UTC), datetime(2027, 3, 17, 10, 30, tzinfo=UTC))
    assert told(app, slot_id) == [("REQUEST", 0), ("REQUEST", 1)]
    assert "10:00–12:00 CET" in longer
    assert "starts=2027-03-18" in page.url
    assert (faults, seen, refused) == ([], [], [])


@pytest.mark.sqlite_only
def test_words_that_a_short_stop_has_no_room_for_show_under_the_mouse_and_with_the_focus(
    app, web_server, page
):
    slot_id = an_announced_stop(app, hours=0.5)
    page = a_signed_in_page(app, web_server, page)
    page.goto(web_server.url + WEEK)
    entry = page.locator(f".board [data-entry='{slot_id}']").first
    entry.wait_for()
    hidden = """one => [one, ...one.children].some((box) =>
        box.scrollHeight > box.clientHeight + 1 && getComputedStyle(box).overflowY === "hidden")"""

    assert entry.evaluate(hidden)

    entry.hover()
    assert not entry.evaluate(hidden)

    page.mouse.move(0, 0)
    entry.locator("a").first.focus()
    assert not entry.evaluate(hidden)


@pytest.mark.sqlite_only
def test_what_nobody_may_move_is_not_dragged_and_what_goes_on_through_the_nights_is_as_wide_as_its_days(
    app, web_server, page
):
    slot_id = an_announced_stop(app)
    with app.app_context():
        an_event(kind=EventKind.FAIR, starts_at=BEFORE, ends_at=BEFORE + timedelta(days=2))
    page = a_signed_in_page(app, web_server, page)

    page.goto(web_server.url + WEEK)
    fair = page.locator(".board .is-event").bounding_box()
    day = page.locator(".board .ec-day").first.bounding_box()
    entries = "all => all.map(one => one.dataset.entry)"

    assert page.eval_on_selector_all(".board .ec-draggable [data-entry]", entries) == [str(slot_id)]
    assert round(fair["width"] / day["width"]) == 3


@pytest.mark.sqlite_only
def test_a_stop_is_moved_and_released_by_the_keyboard_alone(app, web_server, browser):
    slot_id = an_announced_stop(app)
    app.extensions["clock"] = lambda: NOW
    an_account(app)
    person = Typist(browser, web_server.url, viewport={"width": 1300, "height": 1200})
    person.sign_in("coordinator@staff.example")

    person.open(WEEK).go_to(f".board [data-entry='{slot_id}'] a:not(.entry-move)")
    for key in ("m", "ArrowRight", "ArrowDown", "ArrowDown"):
        person.page.keyboard.press(key)
        person.page.wait_for_timeout(80)
    said = person.page.locator(".board-head [role=status]").inner_text()
    person.page.keyboard.press("Enter")
    person.page.wait_for_url("**/move?**")
    person.enter(".move-preview button")
    person.page.wait_for_url("**moved=**")
    person.page.wait_for_function(IS_FOCUSED, arg=str(slot_id))
    with person.page.expect_navigation():
        person.page.keyboard.press("Enter")
    person.enter("a[href$='/release']")
    person.enter("form:has([name=basis]) button")
    person.context.close()

    assert said == "Wed 17 Mar, 09:30 to 11:00"
    assert time_of(app, slot_id)[0] == datetime(2027, 3, 17, 8, 30, tzinfo=UTC)
    assert told(app, slot_id) == [("REQUEST", 0), ("REQUEST", 1)]
    assert person.faults == []


@pytest.mark.sqlite_only
def test_a_stop_is_moved_and_released_in_a_browser_without_scripts(app, web_server, browser):
    slot_id = an_announced_stop(app)
    app.extensions["clock"] = lambda: NOW
    an_account(app)
    person = Clicker(browser, web_server.url, Complaints(), java_script_enabled=False)
    person.sign_in("coordinator@staff.example").open(WEEK)

    person.follow("Move Vakin")
    person.page.locator("[name=starts]").fill("14:15")
    person.press("Show what it would do")
    person.press("Plan this move")
    person.sees("Planned: 16 Mar 14:15 CET")
    person.page.locator(f"#slot-{slot_id}").click()
    person.follow("Release: see the mails first")
    person.press("Release and send 1 mail")
    person.sees("Next step")
    person.context.close()

    assert time_of(app, slot_id)[0] == datetime(2027, 3, 16, 13, 15, tzinfo=UTC)
    assert told(app, slot_id) == [("REQUEST", 0), ("REQUEST", 1)]
