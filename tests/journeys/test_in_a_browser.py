"""The golden journey by clicking in a real browser: the Estonian visit of 2017, repaired and confirmed."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import vobject
from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.time import next_weekday
from bookings.models.directory import Organisation
from bookings.services.directory import load_demo_directory
from tests.domain.demo_files import load_delegations
from tests.support.booking import answers_of
from tests.support.clicking import Clicker
from tests.support.clock import NOW
from tests.support.mailbox import SMTPSink
from tests.support.reading import Complaints
from tests.support.servers import WebServer
from tests.support.staff import an_account
from tests.support.told_visits import Story, address_of, link_in, working

pytestmark = [pytest.mark.sqlite_only, pytest.mark.slow]

VISITOR = "2017-ee-west-estonia@delegation.example"
HELSINKI, STOCKHOLM = "Europe/Helsinki", "Europe/Stockholm"
# host: (day of the visit, wall clock at the place, minutes)
PLAN = {
    "stormossen": (0, "09:00", 90),
    "westenergy": (0, "12:00", 60),
    "vakin": (1, "09:00", 60),
    "umea-energi": (1, "13:00", 120),
    "skelleftea-kraft": (2, "09:30", 90),
    "skelleftea-kommun": (2, "13:00", 90),
}
DECLINES, PROPOSES, SILENT = "vakin", "westenergy", "skelleftea-kommun"
REPLACEMENTS = {DECLINES: "bio4energy", SILENT: "node-pole"}


class Cast:
    """Everybody in the story with a browser of their own; what any of them hears from the console is kept."""

    def __init__(self, story: Story, browser: Browser) -> None:
        self.story, self.browser = story, browser
        self.complaints = Complaints()
        self.people: list[Clicker] = []
        with story.app.app_context():
            rows = read_session().scalars(select(Organisation))
            self.names = {row.slug: row.name for row in rows}

    def person(self) -> Clicker:
        self.people.append(Clicker(self.browser, self.story.server.url, self.complaints))
        return self.people[-1]

    def staff(self) -> Clicker:
        """A coordinator who has just signed in: days pass in this story, and sign-ins end."""
        return self.person().sign_in("coordinator@staff.example")

    def host(self, slug: str) -> Clicker:
        mail = self.story.newest_mail(address_of(slug), "BEGIN:VCALENDAR")
        return self.person().open(link_in(mail, "/slots/"))

    def visitor(self, subject: str) -> Clicker:
        return self.person().open(link_in(self.story.newest_mail(VISITOR, subject), "/visits/"))


@pytest.fixture
def cast(app: Flask, web_server: WebServer, smtp_sink: SMTPSink, browser: Browser) -> Iterator[Cast]:
    with app.app_context():
        load_demo_directory(now=NOW)
    an_account(app)
    story = Story(app, web_server, smtp_sink)
    cast = Cast(story, browser)
    with working(story):
        yield cast
    for person in cast.people:
        person.context.close()


def test_the_estonian_visit_by_clicking(cast: Cast, tmp_path: Path) -> None:
    first_day = _send_request(cast)
    reference = _prove_address(cast)

    _plan_and_release(cast, reference, first_day)
    _hosts_answer(cast, first_day)
    _take_proposal(cast, reference)
    for _day in range(9):
        cast.story.pass_time(days=1)
    _repair(cast, reference)
    _visitor_accepts(cast)

    _check_calendar(cast, first_day, tmp_path / "programme.ics")
    assert cast.complaints.said == []


def _send_request(cast: Cast) -> date:
    delegation = next(d for d in load_delegations() if d["slug"] == "2017-ee-west-estonia")
    visitor = cast.person().open("/")
    visitor.follow("Book a visit")
    for step, values in answers_of(delegation, today=NOW.date()).items():
        visitor.page.wait_for_url("**/book" if step == "interests" else f"**/{step}")
        visitor.fill_in(**values)
        visitor.press("Send request" if step == "check" else "Continue")
    visitor.sees("The visit is not confirmed yet")
    window = delegation["windows"][0]
    return next_weekday(NOW.date() + timedelta(days=window["days_ahead"]), window["weekday"])


def _prove_address(cast: Cast) -> str:
    visitor = cast.person().open(link_in(cast.story.newest_mail(VISITOR), "/book/verify/"))
    visitor.press("Yes, I sent it")
    visitor.sees("Your address is confirmed")
    found = re.search(r"KV-\d{4}-\d{4}", cast.story.newest_mail(VISITOR, "We have your request").subject)
    assert found
    return found[0]


def _plan_and_release(cast: Cast, reference: str, first_day: date) -> None:
    staff = cast.staff()
    staff.page.locator(f'a[href$="{reference}"]').first.click()
    staff.follow("Start planning")
    staff.press("Start planning")
    for slug, (day, clock, minutes) in PLAN.items():
        staff.follow("Add a stop")
        _choose_host(staff, slug, cast.names[slug])
        staff.fill_in(day=(first_day + timedelta(days=day)).isoformat(), starts=clock, minutes=str(minutes))
        staff.press("Save the draft")
        staff.sees("The draft is in the programme")
    staff.follow("Release: see the mails first")
    for slug in PLAN:
        staff.sees(f"To {address_of(slug)}")
    staff.press("Release and send")
    staff.sees("Released: the mails are on their way.")


def _choose_host(staff: Clicker, slug: str, name: str) -> None:
    staff.fill_in(text=name)
    staff.press("Search")
    staff.page.locator(f'ul.found a[href*="host={slug}"]').click()


def _hosts_answer(cast: Cast, first_day: date) -> None:
    cast.story.pass_time(hours=3)
    for slug in PLAN:
        if slug not in (DECLINES, PROPOSES, SILENT):
            host = cast.host(slug)
            host.press("Yes, we receive them")
            host.sees("In your calendar")
    declining = cast.host(DECLINES)
    declining.unfold("No, we cannot")
    declining.fill_in(reason="The plant stands still that week.")
    declining.press("Decline")
    declining.sees("You have declined")
    proposing = cast.host(PROPOSES)
    proposing.unfold("Propose other times")
    rows = proposing.page.locator("#propose [name$=day]").first.get_attribute("name") or ""
    prefix = rows.removesuffix("day")
    values = {"day": first_day.isoformat(), "starts": "15:00", "ends": "16:00"}
    proposing.fill_in(**{prefix + name: value for name, value in values.items()})
    proposing.press("Propose these times")
    proposing.sees("You have proposed other times")


def _take_proposal(cast: Cast, reference: str) -> None:
    staff = cast.staff().open(f"/staff/visits/{reference}")
    staff.follow("Take this time")
    staff.press("Take this time")
    cast.story.newest_mail(address_of(PROPOSES), "SEQUENCE:1")


def _repair(cast: Cast, reference: str) -> None:
    """The silent host's time has run out; others are put in for both lost ones and say yes."""
    cast.story.newest_mail(address_of(SILENT), "METHOD:CANCEL")
    staff = cast.staff().open(f"/staff/visits/{reference}")
    for lost, instead in REPLACEMENTS.items():
        folded = staff.page.locator("details:not([open]) > summary", has_text="fell out")
        if folded.count():
            folded.click()
        stop = staff.page.locator("li.gone", has_text=cast.names[lost])
        staff.follow("Replace by another host", within=stop)
        _choose_host(staff, instead, cast.names[instead])
        staff.fill_in(minutes=str(PLAN[lost][2]))
        staff.press("Save the draft")
        staff.sees("The draft is in the programme")
    staff.follow("Release: see the mails first")
    staff.press("Release and send")
    staff.sees("Released: the mails are on their way.")
    cast.story.pass_time(hours=2)
    for slug in REPLACEMENTS.values():
        cast.host(slug).press("Yes, we receive them")


def _visitor_accepts(cast: Cast) -> None:
    visitor = cast.visitor("please say yes")
    visitor.press("Accept the programme")
    visitor.sees("Your visit is confirmed")


def _check_calendar(cast: Cast, first_day: date, file: Path) -> None:
    """The file behind the button, read by a foreign parser, has every stop at its instant and in its zone."""
    visitor = cast.visitor("is confirmed")
    with visitor.page.expect_download() as download:
        visitor.follow("Download the calendar file (.ics)")
    download.value.save_as(file)
    text = file.read_text(encoding="utf-8")
    events = vobject.readOne(text).vevent_list

    stops = {(event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC)) for event in events}
    expected = {_times(first_day, *PLAN[slug]) for slug in PLAN if slug != PROPOSES}
    assert stops == expected | {_times(first_day, 0, "15:00", 60)}
    assert set(re.findall("DTSTART;TZID=([^:]+):", text)) == {HELSINKI, STOCKHOLM}


def _times(first_day: date, day: int, clock: str, minutes: int) -> tuple[datetime, datetime]:
    zone = ZoneInfo(STOCKHOLM if day else HELSINKI)
    start = datetime.combine(first_day + timedelta(days=day), clock_time.fromisoformat(clock), zone)
    return start.astimezone(UTC), start.astimezone(UTC) + timedelta(minutes=minutes)
