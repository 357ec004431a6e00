"""Hosts' own calendars: read by the worker, kept as busy times, a hint for staff and for nobody else."""

import json
import logging
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from bookings.adapters.busy_reader import CalendarUnreadableError, read_busy_times
from bookings.db import database
from bookings.domain.busy import merge_times, wait_after
from bookings.domain.errors import CalendarAddressNotUsableError, NotFoundError
from bookings.domain.hosts import ContactPlan
from bookings.domain.time import Interval
from bookings.jobs.busy import read_calendars
from bookings.models.busy import HostBusyTime
from bookings.models.directory import HostContact, Organisation
from bookings.planner.plan import PlannedStop
from bookings.queries.busy import list_own_busy_times, list_own_calendars
from bookings.queries.directory import load_directory
from bookings.queries.planning import build_programme, list_planned_slots
from bookings.queries.planning.contacts import read_busy_times as read_busy_hosts
from bookings.queries.planning.slot_plans import build_slot_plan
from bookings.services.busy import remove_own_calendar, set_own_calendar
from bookings.services.hosts import StaffDoor, add_contact
from tests.support.builders import a_directory, a_slot, a_visit
from tests.support.calendar_server import calendar_server, content, status
from tests.support.clock import NOW
from tests.support.stories import STAFF

SPAN = Interval(NOW, NOW + timedelta(days=180))


def event(start, end="", *more, uid="x@elsewhere.example"):
    lines = [
        f"UID:{uid}",
        "DTSTAMP:20270101T000000Z",
        f"DTSTART{start}",
        *([f"DTEND{end}"] if end else []),
        *more,
    ]
    return "\r\n".join(["BEGIN:VEVENT", *lines, "END:VEVENT"])


def calendar(*parts):
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//x//x//EN"]
    return "\r\n".join([*head, *parts, "END:VCALENDAR", ""]).encode()


ONE = event(":20270316T080000Z", ":20270316T093000Z", "SUMMARY:Secret meeting")

EACH_SECOND = calendar(
    event(
        ":19000101T080000Z", "", "DURATION:PT1S",
        "RRULE:FREQ=DAILY;BYHOUR=" + ",".join(map(str, range(24)))
        + ";BYMINUTE=" + ",".join(map(str, range(60)))
        + ";BYSECOND=" + ",".join(map(str, range(60))),
    )
)  # fmt: skip


def busy_in(body, zone="Europe/Helsinki"):
    return [
        f"{time.start:%m-%d %H:%M}/{time.end:%m-%d %H:%M}"
        for time in read_busy_times(body, zone=zone, span=SPAN, own_domain="visits.example")
    ]


@pytest.fixture
def server(tmp_path):
    with calendar_server(tmp_path) as server:
        server.answer = content(calendar(ONE), ETag='"one"')
        yield server


@pytest.fixture
def contact(app_context):
    a_directory()
    return database.session.scalars(
        select(HostContact.id).where(HostContact.email.like("%stormossen%"))
    ).one()


def stored(contact):
    database.session.rollback()
    return [f"{time.start:%m-%d %H:%M}" for time in list_own_busy_times(database.session(), [contact], SPAN)]


def state(contact):
    database.session.rollback()
    return list_own_calendars(database.session(), [contact]).get(contact)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (calendar(), []),
        (calendar(ONE), ["03-16 08:00/03-16 09:30"]),
        (calendar(event(":20270316T100000", ":20270316T110000")), ["03-16 08:00/03-16 09:00"]),
        (calendar(event(";VALUE=DATE:20270316", ";VALUE=DATE:20270317")), ["03-15 22:00/03-16 22:00"]),
        (calendar(event(":20270316T080000Z", ":20270316T090000Z", "TRANSP:TRANSPARENT")), []),
        (calendar(event(":20270316T080000Z", ":20270316T090000Z", "STATUS:CANCELLED")), []),
        (calendar(event(":20270316T080000Z", ":20270316T090000Z", "X-MICROSOFT-CDO-BUSYSTATUS:FREE")), []),
        (calendar(event(":20270316T080000Z", ":20270316T090000Z", uid="a@visits.example")), []),
        (calendar(event(":20200316T080000Z", ":20200316T090000Z")), []),
        (calendar(event(":20290316T080000Z", ":20290316T090000Z")), []),
        (
            calendar(
                event(
                    ";TZID=Europe/Helsinki:20270324T100000", "", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=2"
                )
            ),
            ["03-24 08:00/03-24 09:00", "03-31 07:00/03-31 08:00"],
        ),
        (
            calendar(
                "BEGIN:VFREEBUSY\r\nUID:f\r\nDTSTAMP:20270101T000000Z\r\n"
                "FREEBUSY;FBTYPE=BUSY:20270316T080000Z/20270316T090000Z,20270317T080000Z/PT30M\r\n"
                "FREEBUSY;FBTYPE=FREE:20270318T080000Z/20270318T090000Z\r\nEND:VFREEBUSY"
            ),
            ["03-16 08:00/03-16 09:00", "03-17 08:00/03-17 08:30"],
        ),
    ],
)
def test_what_counts_as_busy(body, expected):
    assert busy_in(body) == expected


@pytest.mark.parametrize(
    ("body", "codes"),
    [
        (b"<!doctype html><title>Sign in</title>", {"no_calendar"}),
        (b"", {"no_calendar"}),
        (calendar(ONE)[:-20], {"unreadable"}),
        (calendar(event(":20270316T080000Z", "", "RRULE:FREQ=SECONDLY")), {"too_often"}),
        (calendar(event(":20270316T080000Z", "", "RRULE:INTERVAL=1;freq=minu\r\n tely")), {"too_often"}),
        (calendar("BEGIN:VTODO\r\nEND:VTODO\r\n" * 20_001), {"too_many"}),
        (
            calendar(
                event(
                    ":20270101T080000Z", "", "DURATION:PT1M",
                    "RRULE:FREQ=HOURLY;BYMINUTE=" + ",".join(map(str, range(60))),
                )
            ),
            {"too_many", "too_hard"},
        ),
        (EACH_SECOND, {"too_many", "too_hard"}),
    ],
)  # fmt: skip
def test_bombs_and_what_is_no_calendar_end_with_a_code(body, codes):
    with pytest.raises(CalendarUnreadableError) as refused:
        busy_in(body)

    assert str(refused.value) in codes


def test_a_bomb_that_fills_the_memory_before_its_time_is_up_ends_with_the_same_code():
    """Which bound a bomb meets first depends on the machine; here there is little memory and much time."""
    asked = {
        "zone": "UTC", "start": SPAN.start.isoformat(), "end": SPAN.end.isoformat(), "own_domain": "x",
    }  # fmt: skip
    little = (
        "from bookings.adapters.ical import busy;"
        "busy.MEMORY_OCTETS, busy.CPU_SECONDS = 256 * 1024 * 1024, 600; busy.run_child()"
    )

    child = subprocess.run(
        [sys.executable, "-c", little],
        input=json.dumps(asked).encode() + b"\n" + EACH_SECOND,
        stdout=subprocess.PIPE,
        check=True,
    )

    assert json.loads(child.stdout) == {"fault": "too_hard"}


def test_busy_times_are_merged_so_that_nobody_can_count_meetings():
    hours = [
        Interval(NOW + timedelta(hours=a), NOW + timedelta(hours=b))
        for a, b in ((5, 6), (1, 2), (2, 4), (1, 3))
    ]

    assert merge_times(hours) == [
        Interval(NOW + timedelta(hours=1), NOW + timedelta(hours=4)), hours[0],
    ]  # fmt: skip


def test_a_calendar_is_read_by_the_worker_and_its_times_replace_those_before(contact, server):
    set_own_calendar(contact, server.url, who=STAFF, now=NOW)
    assert read_calendars(now=NOW, network=server.network()) == 1
    first = stored(contact)

    server.answer = content(calendar(event(":20270320T080000Z", ":20270320T090000Z")))
    assert read_calendars(now=NOW + timedelta(minutes=30), network=server.network()) == 0
    read_calendars(now=NOW + timedelta(hours=2), network=server.network())

    assert (first, stored(contact)) == (["03-16 08:00"], ["03-20 08:00"])
    assert server.seen[1]["if-none-match"] == '"one"'
    assert state(contact).read_at == NOW + timedelta(hours=2)
    assert "Secret" not in repr(database.session.scalars(select(HostBusyTime)).all()[0].__dict__)


def test_an_unchanged_calendar_keeps_its_times_and_is_read_in_full_once_a_day(contact, server):
    set_own_calendar(contact, server.url, who=STAFF, now=NOW)
    read_calendars(now=NOW, network=server.network())
    server.answer = status(304)

    read_calendars(now=NOW + timedelta(hours=2), network=server.network())
    read_calendars(now=NOW + timedelta(days=1), network=server.network())

    assert stored(contact) == ["03-16 08:00"]
    assert ["if-none-match" in seen for seen in server.seen] == [False, True, False]


def test_a_fault_is_kept_for_staff_with_longer_and_longer_waits_and_the_times_stay(contact, server, caplog):
    caplog.set_level(logging.DEBUG)
    set_own_calendar(contact, f"{server.url}?secret=key", who=STAFF, now=NOW)
    read_calendars(now=NOW, network=server.network())
    server.answer = status(500)

    moment, waits = NOW, []
    for _ in range(3):
        moment = state(contact).next_read_at
        read_calendars(now=moment, network=server.network())
        waits.append(state(contact).next_read_at - moment)

    assert (state(contact).fault, state(contact).read_at) == ("http_500", NOW)
    assert waits == [timedelta(minutes=15), timedelta(minutes=30), timedelta(hours=1)]
    assert wait_after(100) == timedelta(days=1)
    assert stored(contact) == ["03-16 08:00"]
    assert "secret=key" not in caplog.text

    server.answer = content(calendar(ONE))
    read_calendars(now=state(contact).next_read_at, network=server.network())
    assert state(contact).fault == ""


def test_in_production_a_calendar_on_loopback_is_never_called(contact, server):
    set_own_calendar(contact, server.url, who=STAFF, now=NOW)

    read_calendars(now=NOW)

    assert state(contact).fault in ("no_such_name", "not_public", "too_slow")
    assert server.seen == []


def test_a_deleted_address_takes_its_busy_times_along(contact, server):
    set_own_calendar(contact, server.url, who=STAFF, now=NOW)
    read_calendars(now=NOW, network=server.network())

    remove_own_calendar(contact, who=STAFF, now=NOW)
    remove_own_calendar(contact, who=STAFF, now=NOW)

    assert (stored(contact), state(contact)) == ([], None)


def test_what_comes_from_an_address_that_was_changed_meanwhile_is_not_kept(app, contact, server):
    set_own_calendar(contact, server.url, who=STAFF, now=NOW)

    def resolve(_host, _port):
        with app.app_context():
            set_own_calendar(contact, "https://new.example/", who=STAFF, now=NOW)
        return ["127.0.0.1"]

    read_calendars(now=NOW, network=server.network(resolve=resolve))

    assert stored(contact) == []
    assert state(contact).place == "new.example"


def test_only_addresses_that_can_be_read_and_people_who_exist_get_a_calendar(contact):
    with pytest.raises(CalendarAddressNotUsableError):
        set_own_calendar(contact, "https://10.0.0.1/c.ics", who=STAFF, now=NOW)
    with pytest.raises(NotFoundError):
        set_own_calendar(999_999, "https://host.example/c.ics", who=STAFF, now=NOW)


def test_staff_are_told_of_a_stop_in_a_busy_time_and_may_plan_it_all_the_same(contact, server):
    set_own_calendar(contact, server.url, who=STAFF, now=NOW)
    read_calendars(now=NOW, network=server.network())
    visit = a_visit(state="planning")
    own = database.session.scalars(select(Organisation).where(Organisation.slug == "stormossen")).one()
    starts = [datetime(2027, 3, 16, hour, 30, tzinfo=UTC) for hour in (9, 8)]
    slots = [a_slot(visit, own, starts_at=start, minutes=30) for start in starts]

    programme = build_programme(database.session(), list_planned_slots(database.session(), visit.id))

    busy = [warning.stop_keys for warning in programme.warnings if warning.code == "host_busy"]
    assert busy == [(str(slots[1].id),)]


def test_while_a_contact_is_away_who_stands_in_is_asked_and_the_host_stays_open(contact, server):
    set_own_calendar(contact, server.url, who=STAFF, now=NOW)
    read_calendars(now=NOW, network=server.network())
    own = load_directory(database.session()).companies["stormossen"]

    def asked(hour):
        database.session.rollback()
        start = datetime(2027, 3, 16, hour, 30, tzinfo=UTC)
        stop = PlannedStop(
            f"site-{own.sites[0].id}",
            own.slug,
            "",
            "UTC",
            start,
            start + timedelta(minutes=30),
            date(2027, 3, 16),
        )
        return build_slot_plan(database.session(), stop).host_contact_id

    alone = asked(8), read_busy_hosts(database.session(), [own.id], SPAN)[own.id]
    plan = ContactPlan(name="Liisa", email="liisa@stormossen.example", stands_in_for=(contact,))
    stand_in = add_contact(StaffDoor("stormossen", STAFF), plan, now=NOW)

    assert (alone[0], len(alone[1])) == (contact, 1)
    assert (asked(8), asked(9)) == (stand_in, contact)
    assert read_busy_hosts(database.session(), [own.id], SPAN)[own.id] == []
