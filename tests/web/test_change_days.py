"""Days on which the clocks change, from the form of staff to the host's calendar.

One quarter of an hour of each such day goes by the pages and their use cases. Every quarter goes by the same
form, database, mail and foreign parser; there all share one transaction.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from zoneinfo import ZoneInfo

import icalendar
import pytest
from sqlalchemy import select

from bookings.db import database, transaction
from bookings.domain.slots import SlotPlan
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.planning import HostToPlan, load_host_to_plan
from bookings.queries.slots import list_slots_of_visit
from bookings.services.calendar import Told, build_entry, build_host_mail
from bookings.services.invitations import build_question
from bookings.services.outbox import queue_mail
from bookings.services.slots.drafts import find_site_and_contact, write_plan
from bookings.services.visits import release_visit, start_planning
from bookings.web.slots.staff_forms import SlotForm
from tests.adapters.test_change_days import QUARTER, WALLS, change_days
from tests.support.builders import a_directory, a_visit
from tests.support.forms import submit
from tests.support.staff import an_account, sign_in
from tests.support.stories import STAFF

HOSTS = {"vakin": "Europe/Stockholm", "stormossen": "Europe/Helsinki"}
NEAREST = {"Europe/Stockholm": ("01:59 CET", "03:00 CEST"), "Europe/Helsinki": ("02:59 EET", "04:00 EEST")}


def form_for(host: HostToPlan, wall: datetime) -> dict[str, str]:
    return {
        "site": str(host.company.sites[0].id), "contact": str(host.contacts[0].id), "offer": "0",
        "group": "0", "title": "How waste is sorted", "message": "", "is_required": "y",
        "day": f"{wall:%Y-%m-%d}", "starts": f"{wall:%H:%M}", "minutes": "15",
    }  # fmt: skip


def type_time(app, staff, place: str, wall: datetime, *, fold: int) -> datetime | None:
    """What somebody does who means this time; None when it does not exist, as the page says."""
    slug = place.rpartition("=")[2]
    zone, address = HOSTS[slug], f"/staff/visits/{place}"
    one, other = (wall.replace(tzinfo=ZoneInfo(zone), fold=each).astimezone(UTC) for each in (0, 1))
    with app.app_context():
        fields = form_for(load_host_to_plan(database.session, slug), wall)
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


def shown_to_hosts(reference: str) -> Iterator[list[tuple[datetime, datetime]]]:
    """Of each invitation start and end in the database, and as a foreign parser reads them from the mail."""
    sent = database.session.execute(
        select(Slot.starts_at, Slot.ends_at, OutboxMessage.raw)
        .join(OutboxMessage, OutboxMessage.slot_id == Slot.id)
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .where(VisitRequest.reference == reference, OutboxMessage.calendar_uid.is_not(None))
        .order_by(Slot.id)
    )
    for starts_at, ends_at, raw in sent:
        part = message_from_bytes(raw).get_payload()[0].get_payload()[2]
        event = icalendar.Calendar.from_ical(part.get_payload(decode=True)).events[0]
        yield [(starts_at, ends_at), (event.start.astimezone(UTC), event.end.astimezone(UTC))]


def a_visit_in_planning(app, now: datetime) -> str:
    app.extensions["clock"] = lambda: now
    with app.app_context():
        reference = a_visit().reference
        start_planning(reference, who=STAFF, now=now)
        return reference


@pytest.mark.sqlite_only
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
                assert list(shown_to_hosts(reference)) == [[(meant, meant + QUARTER)] * 2]

    assert tally == {
        (zone, exists): 9 if exists else 3 for zone in HOSTS.values() for exists in (True, False)
    }


def read_form(app, host: HostToPlan, wall: datetime, **more: str) -> SlotForm:
    """The form as the page reads it, two months before that day."""
    with app.test_request_context(method="POST", data=form_for(host, wall) | more):
        form = SlotForm.for_host(host)
        form.offer_groups(10, 1)
        form.is_right(now=wall.replace(tzinfo=UTC) - timedelta(days=60))
        return form


def read_plans(app, host: HostToPlan, wall: datetime, *, zone: str) -> list[SlotPlan]:
    """What the form makes of a time: a plan, or two to choose from, or none and the two nearest times."""
    one, other = (wall.replace(tzinfo=ZoneInfo(zone), fold=each).astimezone(UTC) for each in (0, 1))
    form = read_form(app, host, wall)
    if one > other:
        assert [clock for clock in NEAREST[zone] if clock not in form.starts.errors[0]] == []
        return []
    if one == other:
        assert not form.errors
        plans = [form.build_plan()]
    else:
        assert list(form.errors) == ["fold"]
        plans = [read_form(app, host, wall, fold=choice).build_plan() for choice, _label in form.fold.choices]
    assert [plan.starts_at for plan in plans] == sorted({one, other})
    return plans


def write_down(visit_id: int, plans: Sequence[SlotPlan], *, now: datetime) -> None:
    """A stop for each plan, all of one visit."""
    with transaction() as session:
        homes = {plan.site_id: find_site_and_contact(session, plan) for plan in plans}
        for plan in plans:
            site, contact = homes[plan.site_id]
            told = Told(plan.starts_at, plan.ends_at, site.time_zone, site.name)
            entry = build_entry(contact, told, summary=plan.title, now=now)
            slot = Slot(
                visit_id=visit_id, organisation_id=site.organisation_id, host_contact_id=contact.id,
                calendar_entry=entry, state="draft", created_at=now,
            )  # fmt: skip
            write_plan(slot, plan, site)
            session.add(slot)


def ask_hosts(visit_id: int, *, now: datetime) -> None:
    """The invitation to each stop, made of what the database holds."""
    with transaction() as session:
        for slot in list_slots_of_visit(session, visit_id):
            queue_mail(session, build_host_mail(slot, build_question(None), token="x"), now=now)


def test_each_quarter_of_each_change_day_goes_the_whole_way_or_names_the_nearest_times(app, now):
    walls = WALLS if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else WALLS[: 2 * 96]
    with app.app_context():
        a_directory()
        visit = a_visit()
        visit_id, reference = visit.id, visit.reference
        hosts = {zone: load_host_to_plan(database.session, slug) for slug, zone in HOSTS.items()}
    plans = [
        plan
        for zone, host in hosts.items()
        for wall in walls
        for plan in read_plans(app, host, wall, zone=zone)
    ]
    with app.app_context():
        write_down(visit_id, plans, now=now)
    with app.app_context():
        ask_hosts(visit_id, now=now)

    with app.app_context():
        shown = list(shown_to_hosts(reference))

    # Of 96 quarters a spring day lacks four, and an autumn day has four twice.
    assert len(shown) == len(walls) * len(HOSTS)
    assert shown == [[(plan.starts_at, plan.ends_at)] * 2 for plan in plans]
