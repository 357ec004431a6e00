"""Hosts for a visit, with their load, read in a constant number of statements."""

from datetime import timedelta

from bookings.db import read_session
from bookings.queries.planning import (
    build_programme,
    list_planned_slots,
    load_host_profiles,
    suggest_for_visit,
)
from bookings.queries.visits import load_visit_file
from bookings.services.slots import add_slot
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_slot, a_visit
from tests.support.clock import NOW
from tests.support.statements import recorded_statements
from tests.support.stories import STAFF, plan, visit_row


def test_the_load_of_a_host_is_that_of_the_last_12_months(app_context):
    hosts = a_directory()
    visit = a_visit(state="completed")
    for days, state in ((30, "completed"), (200, "accepted"), (400, "completed"), (10, "declined")):
        a_slot(visit, hosts["vakin"], starts_at=NOW - timedelta(days=days), minutes=120, state=state)

    profiles = {profile.slug: profile for profile in load_host_profiles(read_session(), now=NOW)}

    vakin = profiles["vakin"]
    assert (vakin.visits_last_year, vakin.hours_last_year, vakin.days_since_asked) == (2, 4.0, 1)
    assert (profiles["stormossen"].visits_last_year, profiles["stormossen"].days_since_asked) == (0, None)
    assert (vakin.group_min, vakin.group_max, vakin.place) == (2, 25, "umea")


def test_hosts_that_receive_nobody_are_not_suggested(app_context):
    hosts = a_directory()
    hosts["vakin"].hosts_visits = "no"
    hosts["stormossen"].status = "hidden"
    read_session().commit()

    slugs = {profile.slug for profile in load_host_profiles(read_session(), now=NOW)}

    assert slugs == {"westenergy", "skelleftea-kraft"}


def test_suggestions_cost_the_same_however_often_hosts_were_asked(app_context):
    hosts = a_directory()
    visit = a_visit()
    file = _loaded(visit.reference)
    counts = []
    for more in (1, 20):
        for number in range(more):
            a_slot(visit, hosts["vakin"], starts_at=NOW - timedelta(days=number + 1), state="completed")
        file = _loaded(visit.reference)
        suggest_for_visit(read_session(), file.visit, file.wishes, now=NOW)
        with recorded_statements() as statements:
            suggest_for_visit(read_session(), file.visit, file.wishes, now=NOW)
        counts.append(len(statements))

    assert counts[0] == counts[1]


def test_staff_are_warned_of_other_visits_with_the_same_host_at_the_same_time(app_context):
    a_directory()
    drafted, released, own = (a_visit().reference for _ in range(3))
    add_slot(drafted, plan("vakin", 9), who=STAFF, now=NOW)
    add_slot(released, plan("vakin", 10), who=STAFF, now=NOW)
    release_visit(released, who=STAFF, now=NOW)
    add_slot(drafted, plan("vakin", 14), who=STAFF, now=NOW)
    slot_id = add_slot(own, plan("vakin", 9.5), who=STAFF, now=NOW)

    slots = list_planned_slots(read_session(), visit_row(own).id)
    warnings = build_programme(read_session(), slots).warnings

    assert [(one.code, one.stop_keys, one.params["reference"]) for one in warnings] == [
        ("host_taken", (str(slot_id),), released),
        ("host_wanted", (str(slot_id),), drafted),
    ]


def _loaded(reference: str):
    return load_visit_file(read_session(), reference)
