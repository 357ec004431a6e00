"""The golden journey: the real Estonian visit of 2017, through the real web server, worker and SMTP.

Ten people, three days: Vaasa, by ferry to Umeå, on to Skellefteå. Eight hosts are asked; one declines, one
proposes another time, one never answers; the programme is repaired and confirmed.
"""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from zoneinfo import ZoneInfo

import pytest
import vobject
from flask import Flask

from bookings.domain.time import next_weekday
from bookings.services.directory import load_demo_directory
from tests.domain.demo_files import load_delegations
from tests.support.booking import answers_of, errors_in
from tests.support.browsing import Person
from tests.support.clock import NOW
from tests.support.mailbox import SMTPSink
from tests.support.servers import WebServer
from tests.support.staff import an_account
from tests.support.told_visits import Story, address_of, link_in, working

HELSINKI, STOCKHOLM = ZoneInfo("Europe/Helsinki"), ZoneInfo("Europe/Stockholm")
VISITOR = "2017-ee-west-estonia@delegation.example"

# host: (day of the visit, wall clock at the place, minutes)
PLAN = {
    "stormossen": (0, "09:00", 90),
    "westenergy": (0, "11:00", 60),
    "vaasan-vesi": (0, "13:00", 90),
    "biofuel-region": (1, "09:00", 90),
    "vakin": (1, "11:00", 60),
    "umea-energi": (1, "13:00", 120),
    "skelleftea-kraft": (2, "09:30", 90),
    "skelleftea-kommun": (2, "13:00", 90),
}
DECLINES, PROPOSES, SILENT = "vakin", "westenergy", "skelleftea-kommun"
REPLACEMENTS = {DECLINES: "bio4energy", SILENT: "node-pole"}
NAMES = {DECLINES: "Who instead of Vakin", SILENT: "Who instead of Skellefteå kommun"}


@pytest.fixture
def story(app: Flask, web_server: WebServer, smtp_sink: SMTPSink) -> Iterator[Story]:
    with app.app_context():
        load_demo_directory(now=NOW)
    an_account(app)
    story = Story(app, web_server, smtp_sink)
    with working(story):
        yield story


def test_the_estonian_visit_from_the_form_to_everybodys_calendar(story: Story) -> None:
    first_day = _send_request(story)
    reference = _prove_address(story)

    _plan_and_release(story, reference, first_day)
    _hosts_answer(story, first_day)
    _take_proposal(story, reference)
    _silent_host_runs_out(story, reference)
    _repair(story, reference)
    _visitor_accepts(story)

    _check_calendar(story, first_day)


def _send_request(story: Story) -> date:
    """The visitor fills in the form; nothing is confirmed by that."""
    delegation = next(d for d in load_delegations() if d["slug"] == "2017-ee-west-estonia")
    visitor = story.person().open("/book")

    for values in answers_of(delegation, today=NOW.date()).values():
        visitor.send("", **values)
        assert visitor.status == 200, visitor.page

    assert "not confirmed yet" in visitor.page
    window = delegation["windows"][0]
    return next_weekday(NOW.date() + timedelta(days=window["days_ahead"]), window["weekday"])


def _prove_address(story: Story) -> str:
    """The first mail carries nothing that was typed; pressing its button puts the request before staff."""
    mail = story.newest_mail(VISITOR)
    assert "Estonia" not in mail.text + mail.html

    story.person().open(link_in(mail, "/book/verify/")).send("")

    received = story.newest_mail(VISITOR, "We have your request")
    found = re.search(r"KV-\d{4}-\d{4}", received.subject)
    assert found
    return found[0]


def _plan_and_release(story: Story, reference: str, first_day: date) -> None:
    """Staff read the request, plan eight stops and see every mail before it goes."""
    staff = story.staff()
    queue = staff.open("/staff/visits").page
    assert reference in queue

    staff.open(f"/staff/visits/{reference}/plan").send("")
    for host, (day, clock, minutes) in PLAN.items():
        _add_stop(staff, reference, host, day=first_day + timedelta(days=day), clock=clock, minutes=minutes)

    preview = staff.open(f"/staff/visits/{reference}/release").page
    assert [host for host in PLAN if address_of(host) not in preview] == [], preview
    assert story.sink.to(address_of("stormossen")) == []
    staff.send("/release")
    for host in PLAN:
        assert "METHOD:REQUEST" in story.newest_mail(address_of(host)).calendar


def _add_stop(
    staff: Person, reference: str, host: str, *, day: date, clock: str, minutes: int, replaces: str = ""
) -> None:
    staff.open(f"/staff/visits/{reference}/slots/new?host={host}{replaces}")
    staff.send("", title=f"What {host} does", day=day.isoformat(), starts=clock, minutes=str(minutes))
    assert "/slots/new" not in staff.here, (staff.status, errors_in(staff.page))


def _hosts_answer(story: Story, first_day: date) -> None:
    """Five say yes, one no, one offers the afternoon instead; one never answers."""
    story.pass_time(hours=3)
    for host in PLAN:
        if host in (DECLINES, PROPOSES, SILENT):
            continue
        page = story.host_page(host).send("/accept")
        assert "You have accepted" in page.page or "You receive" in page.page, page.page

    declining = story.host_page(DECLINES).send("/decline", reason="The plant stands still that week.")
    assert "declined" in declining.page
    proposing = story.host_page(PROPOSES)
    rows = [name for name, _ in proposing.form("/propose").fields if name.endswith("day")]
    prefix = rows[0].removesuffix("day")
    proposing.send(
        "/propose",
        **{f"{prefix}day": first_day.isoformat(), f"{prefix}starts": "15:00", f"{prefix}ends": "16:00"},
    )
    assert "You have proposed other times" in proposing.page, proposing.page


def _take_proposal(story: Story, reference: str) -> None:
    """Staff see the offered time beside the programme and take it: SEQUENCE + 1, the yes counts."""
    staff = story.staff().open(f"/staff/visits/{reference}")
    take = re.search(r"/staff/slots/\d+/proposals/\d+", staff.page)
    assert take, staff.page
    staff.open(take[0]).send("")
    moved = story.newest_mail(address_of(PROPOSES), "SEQUENCE:1")
    assert "METHOD:REQUEST" in moved.calendar


def _silent_host_runs_out(story: Story, reference: str) -> None:
    """Reminded twice, then the time is let go and the entry leaves the silent host's calendar."""
    for _day in range(9):
        story.pass_time(days=1)

    cancel = story.newest_mail(address_of(SILENT), "METHOD:CANCEL")
    reminders = [mail for mail in story.sink.to(address_of(SILENT)) if mail.subject.startswith("Påminnelse")]
    assert len(reminders) == 2
    assert "STATUS:CANCELLED" in cancel.calendar
    assert "No answer in time" in story.staff().open(f"/staff/visits/{reference}").page


def _repair(story: Story, reference: str) -> None:
    """Staff put another host in for each lost one, release, and both say yes."""
    staff = story.staff()
    for lost, instead in REPLACEMENTS.items():
        _replace(staff.open(f"/staff/visits/{reference}"), lost, instead)
    staff.open(f"/staff/visits/{reference}/release").send("/release")
    assert staff.status == 200, staff.page

    story.pass_time(hours=2)
    for host in REPLACEMENTS.values():
        story.host_page(host).send("/accept")


def _replace(staff: Person, lost: str, instead: str) -> None:
    """Another host at the time of the lost one, found from the page that suggests who fits."""
    visit_page = staff.here
    for path in dict.fromkeys(re.findall(r"/staff/slots/\d+/replace", staff.page)):
        choice = Person(staff.base, cookies=staff.cookies).open(f"{path}?text={instead[:4]}")
        link = re.search(rf'href="([^"]*slots/new\?[^"]*host={instead}[^"]*)"', choice.page)
        if link and NAMES[lost] in choice.page:
            staff.open(link[1].replace("&amp;", "&")).send("", minutes=str(PLAN[lost][2]))
            assert staff.here == visit_page, (staff.status, errors_in(staff.page))
            return
    raise AssertionError(f"nothing to replace {lost} with")


def _visitor_accepts(story: Story) -> None:
    """Every host has said yes: the programme and the cost terms are with the visitor, who says yes too."""
    mail = story.newest_mail(VISITOR, "please say yes")
    assert "We pay all costs of our visit ourselves" in mail.text

    visitor = story.person().open(link_in(mail, "/visits/"))
    visitor.send("/accept")

    assert "Your visit is confirmed" in visitor.page
    assert "is confirmed" in story.newest_mail(VISITOR, "is confirmed").subject
    for host in ("stormossen", PROPOSES, "skelleftea-kraft"):
        assert "STATUS:CONFIRMED" in story.newest_mail(address_of(host), "STATUS:CONFIRMED").calendar


def _check_calendar(story: Story, first_day: date) -> None:
    """A foreign parser finds each stop in the visitor's file at the right instant and in its place's zone."""
    page = story.person().open(link_in(story.newest_mail(VISITOR, "is confirmed"), "/visits/"))
    file = page.open(f"{page.here}/programme.ics").page
    calendar = vobject.readOne(file)

    stops = {
        (event.dtstart.value.astimezone(UTC), event.dtend.value.astimezone(UTC))
        for event in calendar.vevent_list
    }
    expected = {_times(first_day, *PLAN[host]) for host in PLAN if host != PROPOSES}
    expected.add(_times(first_day, 0, "15:00", 60))
    assert stops == expected
    assert set(re.findall("DTSTART;TZID=([^:]+):", file)) == {"Europe/Helsinki", "Europe/Stockholm"}
    assert str(calendar.method.value) == "PUBLISH"


def _times(first_day: date, day: int, clock: str, minutes: int) -> tuple[datetime, datetime]:
    zone = HELSINKI if day == 0 else STOCKHOLM
    wall = datetime.combine(first_day + timedelta(days=day), clock_time.fromisoformat(clock), zone)
    start = wall.astimezone(UTC)
    return start, start + timedelta(minutes=minutes)
