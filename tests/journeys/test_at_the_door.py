"""Two telephones at the doors of an event, without a network: in the end each person is in once."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page
from sqlalchemy import func, select

from bookings.adapters.qr import draw_qr_address
from bookings.db import read_session
from bookings.models.registrations import Attendance, CheckIn
from bookings.queries.doors import find_door_event, list_doors
from bookings.services.doors import close_door, open_door
from tests.support.browsers import accessibility_faults
from tests.support.clock import NOW
from tests.support.doors import a_door_event, a_registration
from tests.support.own_pages import at
from tests.support.ports import free_port
from tests.support.reading import Complaints, width_faults
from tests.support.servers import running
from tests.support.stories import STAFF

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]
TEN_YEARS_MS, HALF_AN_HOUR_MS = 10 * 365 * 86_400_000, 1_800_000


@contextmanager
def telephone(browser: Browser, address: str, complaints: Complaints | None = None) -> Iterator[Page]:
    """A telephone of the other shore with the door's page open, and all of it kept on the device."""
    context = browser.new_context(
        locale="en-GB", timezone_id="Europe/Stockholm", viewport={"width": 360, "height": 640}
    )
    page = context.new_page()
    if complaints:
        complaints.listen_to(page)
    page.set_default_timeout(15_000)
    page.goto(address)
    page.locator("#door-page[data-kept=yes]").wait_for(state="attached")
    yield page
    context.close()


def scan(page: Page, code: str) -> None:
    """What a scanner types."""
    page.fill("#badge-code", code)
    page.press("#badge-code", "Enter")


def clock_of(minutes_ago: int) -> str:
    """The time on the clocks of Vaasa, named as on the day of the event."""
    now = datetime.now(ZoneInfo("Europe/Helsinki")) - timedelta(minutes=minutes_ago)
    return f"{now:%H:%M} EET"


def waits(page: Page, number: int) -> None:
    page.locator(f'[data-state][data-waiting="{number}"]').wait_for(state="attached")


def count(app: Flask, model: type) -> int:
    with app.app_context():
        return read_session().scalar(select(func.count()).select_from(model)) or 0


@pytest.fixture
def day(app: Flask) -> tuple[Any, list[str], str]:
    """An event, the badges of 75 people, and the way to its door."""
    app.extensions["clock"] = at(NOW)
    with app.app_context():
        event = a_door_event()
        codes = [a_registration(event).badge_code for _ in range(75)]
        return event.slug, codes, f"/doors/{open_door(event.slug, who=STAFF, now=NOW)}"


def test_fifty_scans_on_two_devices_without_a_network_let_each_person_in_once(
    app: Flask, browser: Browser, day: tuple[Any, list[str], str]
) -> None:
    _slug, codes, door = day
    port = free_port()
    with ExitStack() as open_pages:
        with running(app, port=port) as server:
            one, other = (open_pages.enter_context(telephone(browser, server.url + door)) for _ in range(2))
        # The network is cut, and nobody would answer anyway.
        for page in (one, other):
            page.context.set_offline(True)
        for number in range(25):
            scan(one, codes[number])
            scan(one, codes[25 + number])
            scan(other, codes[25 + number])
            scan(other, codes[50 + number])
        for page in (one, other):
            waits(page, 50)
        one.reload()
        waits(one, 50)
        one.get_by_text("50 of 75 are in").wait_for()
        assert count(app, CheckIn) == 0

        with running(app, port=port):
            for page in (one, other):
                page.context.set_offline(False)
            for page in (one, other):
                waits(page, 0)

            assert count(app, CheckIn) == 100
            assert count(app, Attendance) == 75
            for page in (one, other):
                page.evaluate("dispatchEvent(new Event('online'))")
                page.get_by_text("75 of 75 are in").wait_for()


def test_by_name_undo_and_the_end_of_the_link(
    app: Flask, browser: Browser, day: tuple[Any, list[str], str]
) -> None:
    slug, codes, door = day
    heard = Complaints()
    with running(app, port=free_port()) as server, telephone(browser, server.url + door, heard) as page:
        assert accessibility_faults(page) == []
        page.set_viewport_size({"width": 320, "height": 640})
        page.fill("#text", "wasa wind")
        page.get_by_role("button", name="Let in").nth(3).click()
        page.get_by_text("1 of 75 are in").wait_for()
        waits(page, 0)
        assert count(app, Attendance) == 1
        assert accessibility_faults(page) == []
        assert width_faults(page) == []
        clocks = {clock_of(minutes) for minutes in (0, 1)}
        page.locator("summary", has_text="This door").click()
        assert page.locator("[data-log] li span").first.inner_text()[: len("12:00 EET")] in clocks

        page.get_by_role("button", name="Undo").click()
        page.get_by_text("0 of 75 are in").wait_for()
        scan(page, "of-another-event")
        page.locator("[data-told]", has_text="No badge of this event").wait_for()
        waits(page, 0)
        assert count(app, Attendance) == 0
        assert heard.take() == []

        assert kept_names(page) == 75
        with app.app_context():
            [link] = list_doors(read_session(), find_door_event(read_session(), slug=slug).id, now=NOW)
            read_session().rollback()
            close_door(slug, link.id, who=STAFF, now=NOW)
        scan(page, codes[0])
        page.get_by_text("This link has ended").wait_for()
        page.get_by_text("Scans that could not be sent: 1").wait_for()
        assert kept_names(page) == 0
        assert page.evaluate("caches.has('doors')") is False


def test_a_camera_reads_badges_without_a_network_also_where_the_browser_cannot(
    app: Flask, browser: Browser, day: tuple[Any, list[str], str]
) -> None:
    _slug, codes, door = day
    with ExitStack() as open_pages:
        with running(app, port=free_port()) as server:
            page = open_pages.enter_context(telephone(browser, server.url + door))
            page.add_init_script("delete window.BarcodeDetector")  # as on an iPhone
            page.reload()
            page.locator("#door-page[data-kept=yes]").wait_for(state="attached")
        page.context.set_offline(True)
        page.reload()

        hold_before_camera(page, draw_qr_address(codes[7]))
        page.get_by_role("button", name="Scan with the camera").click()

        page.get_by_text("1 of 75 are in").wait_for()
        waits(page, 1)
        page.get_by_role("button", name="Stop the camera").click()
        assert page.locator("video").is_hidden()


def hold_before_camera(page: Page, picture: str) -> None:
    """What the camera of this telephone sees from now on: a badge in a hand, a little askew."""
    page.evaluate(
        """async picture => {
          const badge = new Image()
          badge.src = picture
          await badge.decode()
          const canvas = Object.assign(document.createElement("canvas"), {width: 640, height: 480})
          const pen = canvas.getContext("2d")
          setInterval(() => {
            pen.setTransform(1, 0, 0, 1, 0, 0)
            pen.fillStyle = "#998"
            pen.fillRect(0, 0, 640, 480)
            pen.setTransform(1, 0.12, -0.05, 0.95, 200, 90)
            pen.drawImage(badge, 0, 0, 240, 240)
          }, 50)
          navigator.mediaDevices.getUserMedia = async () => canvas.captureStream()
        }""",
        picture,
    )


def test_a_list_has_an_end_on_the_device_itself(
    app: Flask, browser: Browser, day: tuple[Any, list[str], str]
) -> None:
    _slug, _codes, door = day
    with running(app, port=free_port()) as server:
        page = browser.new_page()
        page.clock.install()
        page.goto(server.url + door)
        page.locator("#door-page[data-kept=yes]").wait_for(state="attached")
        kept = kept_names(page)
        ends = page.evaluate("(async () => (await navigator.storageBuckets.open('door-1')).expires())()")
        last = page.evaluate("async () => (await (await fetch(location.pathname + '/people')).json()).ends")
        page.context.set_offline(True)

        # Nobody closes the page, and nobody comes to it: when its time is over the names go.
        page.clock.fast_forward(TEN_YEARS_MS)
        page.get_by_text("This link has ended").wait_for()

        assert kept == 75
        assert abs(ends - last) < HALF_AN_HOUR_MS
        assert kept_names(page) == 0
        page.context.close()


def test_signing_out_takes_the_lists_off_the_device(
    app: Flask, browser: Browser, day: tuple[Any, list[str], str]
) -> None:
    _slug, _codes, door = day
    with running(app, port=free_port()) as server, telephone(browser, server.url + door) as page:
        assert kept_names(page) == 75

        page.evaluate(
            """script => {
              const form = document.createElement("form")
              form.action = "/sign-out"
              form.submit = () => document.body.dataset.out = "yes"
              document.body.append(form)
              window.goOut = () => form.requestSubmit()
              return import(script).then(window.goOut)
            }""",
            static_file(app, "doors/forget.js"),
        )
        page.locator("body[data-out=yes]").wait_for(state="attached")

        assert kept_names(page) == 0


def static_file(app: Flask, name: str) -> str:
    with app.test_request_context():
        address: str = app.jinja_env.globals["static_url"](name)
        return address


def kept_names(page: Page) -> int:
    """People in the lists that the device keeps."""
    found: int = page.evaluate(
        """async () => {
          const names = (await navigator.storageBuckets.keys()).filter(name => name.startsWith("door-"))
          const shelves = await Promise.all(names.map(name => navigator.storageBuckets.open(name)))
          const counts = [indexedDB, ...shelves.map(one => one.indexedDB)].map(shelf => new Promise(done => {
            const asked = shelf.open("doors", 1)
            asked.onsuccess = () => {
              const all = asked.result.transaction("lists").objectStore("lists").getAll()
              all.onsuccess = () => {
                asked.result.close()
                done(all.result.reduce((sum, list) => sum + list.people.length, 0))
              }
            }
          }))
          return (await Promise.all(counts)).reduce((sum, one) => sum + one, 0)
        }"""
    )
    return found
