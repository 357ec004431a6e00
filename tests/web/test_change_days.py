"""Days on which the clocks change, from the form of staff to the host's calendar.

Each quarter of an hour of each such day is tested below the form (tests/adapters/test_change_days.py); here
one of each day goes the whole way: the form's page, the database, the mail, a foreign parser.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from zoneinfo import ZoneInfo

import icalendar
import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.services.visits import release_visit, start_planning
from tests.adapters.test_change_days import QUARTER, change_days
from tests.support.builders import a_directory, a_visit
from tests.support.forms import submit
from tests.support.staff import an_account, sign_in
from tests.support.stories import STAFF

pytestmark = pytest.mark.sqlite_only
HOSTS = {"vakin": "Europe/Stockholm", "stormossen": "Europe/Helsinki"}
NEAREST = {"Europe/Stockholm": ("01:59 CET", "03:00 CEST"), "Europe/Helsinki": ("02:59 EET", "04:00 EEST")}


def form_for(slug: str, wall: datetime) -> dict[str, str]:
    site, contact = database.session.execute(
        select(Site.id, HostContact.id)
        .join(Organisation, Organisation.id == Site.organisation_id)
        .join(HostContact, HostContact.organisation_id == Organisation.id)
        .where(Organisation.slug == slug)
    ).first()
    return {
        "site": str(site), "contact": str(contact), "title": "How waste is sorted", "message": "",
        "day": f"{wall:%Y-%m-%d}", "starts": f"{wall:%H:%M}", "minutes": "15", "is_required": "y",
    }  # fmt: skip


def type_time(app, staff, place: str, wall: datetime, *, fold: int) -> datetime | None:
    """What somebody does who means this time; None when it does not exist, as the page says."""
    slug = place.rpartition("=")[2]
    zone, address = HOSTS[slug], f"/staff/visits/{place}"
    one, other = (wall.replace(tzinfo=ZoneInfo(zone), fold=each).astimezone(UTC) for each in (0, 1))
    with app.app_context():
        fields = form_for(slug, wall)
    answer = submit(staff, address, fields)
    if one < other:
        assert (answer.status_code, 'name="fold"' in answer.text) == (422, True)
        answer = submit(staff, address, {**fields, "fold": str(fold)})
    if one > other:
        assert answer.status_code == 422
        assert [clock for clock in NEAREST[zone] if clock not in answer.text] == []
        return None
    assert answer.status_code == 303, answer.text
    return (one, other)[fold]


def shown_to_host(reference: str) -> list[tuple[datetime, datetime]]:
    """Start and end in the database, and as a foreign parser reads them from the mail."""
    starts_at, ends_at, raw = database.session.execute(
        select(Slot.starts_at, Slot.ends_at, OutboxMessage.raw)
        .join(OutboxMessage, OutboxMessage.slot_id == Slot.id)
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .where(VisitRequest.reference == reference, OutboxMessage.calendar_uid.is_not(None))
    ).one()
    parts = message_from_bytes(raw, policy=default).walk()
    content = next(part for part in parts if part.get_content_type() == "text/calendar").get_content()
    event = icalendar.Calendar.from_ical(content).events[0]
    return [(starts_at, ends_at), (event.start.astimezone(UTC), event.end.astimezone(UTC))]


def a_visit_in_planning(app, now: datetime) -> str:
    app.extensions["clock"] = lambda: now
    with app.app_context():
        reference = a_visit().reference
        start_planning(reference, who=STAFF, now=now)
        return reference


def test_what_staff_type_on_a_change_day_is_what_the_hosts_calendar_shows(app):
    with app.app_context():
        a_directory()
    an_account(app)
    tally = Counter()
    for number, day in enumerate(change_days()):
        slug, at_change = (("vakin", 2), ("stormossen", 3))[number // 2 % 2]
        wall = day + timedelta(hours=at_change) + QUARTER * (number * 3 % 8 - 1)
        now = day.replace(tzinfo=UTC) - timedelta(days=60)
        reference = a_visit_in_planning(app, now)
        staff = app.test_client()
        sign_in(staff, "coordinator@staff.example")

        meant = type_time(app, staff, f"{reference}/slots/new?host={slug}", wall, fold=number // 4 % 2)

        tally[(HOSTS[slug], meant is not None)] += 1
        with app.app_context():
            if meant is not None:
                release_visit(reference, who=STAFF, now=now)
                assert shown_to_host(reference) == [(meant, meant + QUARTER)] * 2

    assert tally == {
        (zone, exists): 9 if exists else 3 for zone in HOSTS.values() for exists in (True, False)
    }
