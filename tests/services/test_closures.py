"""A site is closed: every stop on it after that instant is moved, given to another host or cancelled."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from bookings.db import database, read_session
from bookings.domain.slots import LIVE_STATES
from bookings.models.directory import Interest, Site
from bookings.queries.closures import find_ways_out, list_touched
from bookings.queries.directory import load_directory
from bookings.queries.planning import build_programme, list_planned_slots
from bookings.services.closures import Choice, close_sites, decide_stops, tell_of_closing
from bookings.services.hosts import ClosurePlan, StaffDoor
from bookings.services.slots import accept_slot, add_slot, plan_change
from bookings.services.visits import accept_programme, release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.own_pages import everything_stored
from tests.support.stories import STAFF, host_token, mails, plan, slot_row, visit_row, visitor_token

pytestmark = pytest.mark.usefixtures("app_context")
THURSDAY = datetime(2020, 3, 12, 6, tzinfo=UTC)
CLOSING = ClosurePlan(starts_at=datetime(2020, 3, 13, 5, tzinfo=UTC), reason="Only workers may come in.")
"""Friday 13 March 2020, 07:00 by the clocks of the place, until further notice."""


def a_stop(reference: str, slug: str, day: int, hour: float) -> int:
    starts_at = datetime(2020, 3, day, tzinfo=UTC) + timedelta(hours=hour)
    wish = plan(slug, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1.5))
    return add_slot(reference, wish, who=STAFF, now=THURSDAY)


def a_confirmed_visit(*stops: tuple[str, int, float]) -> tuple[str, list[int]]:
    reference = a_visit(contact_email=f"visitor-{stops[0][1]}@example.org").reference
    ids = [a_stop(reference, *stop) for stop in stops]
    release_visit(reference, who=STAFF, now=THURSDAY)
    for slot_id in ids:
        accept_slot(host_token(slot_id), now=THURSDAY)
    accept_programme(visitor_token(reference), now=THURSDAY)
    assert visit_row(reference).state == "confirmed"
    return reference, ids


def close(now: datetime = THURSDAY) -> None:
    site_id = plan("stormossen").site_id
    close_sites(StaffDoor("stormossen", STAFF), [site_id], CLOSING, now=now)


def touched():
    session = read_session()
    session.rollback()
    return list_touched(session, load_directory(session).companies["stormossen"], now=THURSDAY)


def choose_the_usual() -> list[Choice]:
    stops = touched()
    ways = find_ways_out(read_session(), stops, now=THURSDAY)
    plans = {
        stop.slot.id: {"move": ways[stop.slot.id].move, "other": ways[stop.slot.id].other}.get(
            ways[stop.slot.id].usual
        )
        for stop in stops
    }
    return [
        Choice(
            slot_id=stop.slot.id,
            version=stop.slot.version,
            closure_id=stop.closed.id,
            plan=plans[stop.slot.id],
        )
        for stop in stops
    ]


def test_kip_closed_on_13_march_2020_at_7_every_later_stop_is_moved_or_cancelled_with_one_message_each(
    app_context,
):
    a_directory()
    before_closing, (early,) = a_confirmed_visit(("stormossen", 12, 12))
    on_friday, (friday,) = a_confirmed_visit(("stormossen", 13, 8))
    later, (monday, other) = a_confirmed_visit(("stormossen", 16, 8), ("westenergy", 17, 8))
    drafted = a_visit().reference
    draft = a_stop(drafted, "stormossen", 18, 9)
    sent = len(mails())

    close()
    assert len(mails()) == sent
    assert [stop.slot.id for stop in touched()] == [friday, monday, draft]
    outcome = decide_stops(choose_the_usual(), who=STAFF, now=THURSDAY)
    assert (outcome.done, outcome.refused, len(mails())) == (3, (), sent)
    assert all(stop.is_decided for stop in touched())
    told = tell_of_closing("stormossen", who=STAFF, now=THURSDAY)

    assert (told.done, told.refused) == (2, ())
    assert touched() == []
    assert slot_row(early).state == slot_row(other).state == "accepted"
    assert visit_row(before_closing).state == "confirmed"
    news = [mail for mail in mails()[sent:] if not mail.kind.startswith("staff_")]
    visitors = [mail.recipient for mail in news if mail.kind == "programme_reopened"]
    assert len(visitors) == len(set(visitors)) == 2
    assert [mail.kind for mail in news].count("invitation_cancelled") == 2
    assert "The site is closed at that time" in next(
        mail.text for mail in news if mail.kind == "invitation_cancelled"
    )
    for reference in (on_friday, later):
        live = [slot for slot in list_planned_slots(read_session(), visit_row(reference).id) if slot.is_live]
        assert not [
            slot for slot in live if slot.host_slug == "stormossen" and slot.starts_at > CLOSING.starts_at
        ]
    stored = everything_stored()
    tell_of_closing("stormossen", who=STAFF, now=THURSDAY)
    close()
    assert everything_stored()["outbox_message"] == stored["outbox_message"]
    assert everything_stored()["site_closure"] == stored["site_closure"]


@pytest.mark.sqlite_only
def test_another_host_has_in_common_what_the_visitors_asked_for_and_then_the_most(app_context):
    hosts = a_directory()
    here = update(Site).values(place_id=hosts["stormossen"].place_id, time_zone="Europe/Helsinki")
    database.session.execute(here)
    database.session.commit()
    gas = database.session.scalars(select(Interest).where(Interest.slug == "bioeconomy")).all()
    for wishes in (gas, ()):
        a_stop(a_visit(interests=wishes).reference, "stormossen", 16, 8)
    close()

    ways = find_ways_out(read_session(), touched(), now=THURSDAY)

    assert [(way.other_host, way.in_common) for way in ways.values()] == [
        ("Skellefteå Kraft", ("bioeconomy",)),
        ("Vakin", ("waste-circular/recycling",)),
    ]


def test_what_was_planned_for_another_reason_is_not_told_with_a_closing(app_context):
    a_directory()
    _reference, (early, friday) = a_confirmed_visit(("stormossen", 12, 12), ("stormossen", 13, 8))
    later = plan("stormossen", starts_at=THURSDAY + timedelta(hours=8), ends_at=THURSDAY + timedelta(hours=9))
    plan_change(early, later, version=slot_row(early).version, who=STAFF, now=THURSDAY)
    close()
    decide_stops(choose_the_usual(), who=STAFF, now=THURSDAY)

    told = tell_of_closing("stormossen", who=STAFF, now=THURSDAY)

    assert (told.done, slot_row(friday).state, slot_row(early).state) == (1, "withdrawn", "accepted")


def test_a_closing_is_known_to_warnings_and_leaves_what_is_left_for_the_next_press(app_context):
    a_directory()
    reference, (friday,) = a_confirmed_visit(("stormossen", 13, 8))
    close()

    slots = list_planned_slots(read_session(), visit_row(reference).id)
    warnings = [warning.code for warning in build_programme(read_session(), slots).warnings]
    stale = [
        Choice(slot_id=friday, version=slots[0].version - 1, closure_id=touched()[0].closed.id, plan=None)
    ]
    refused = decide_stops(stale, who=STAFF, now=THURSDAY)

    assert "site_closed" in warnings
    assert (refused.done, [one for one, _ in refused.refused]) == (0, [reference])
    assert slot_row(friday).state in LIVE_STATES
    assert not touched()[0].is_decided
