"""Free times of the slot form: when an offer of the site is open, or in the hours of the site."""

from datetime import timedelta

import pytest

from bookings.db import read_session
from bookings.domain.time import to_local
from bookings.models.hosts import HostBlackout
from bookings.queries.directory import load_directory
from bookings.queries.planning import VisitorsTime, list_free_starts
from bookings.services.slots import add_slot
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit, save
from tests.support.offers import an_offer, hours
from tests.support.stories import DAY, STAFF, plan

pytestmark = pytest.mark.usefixtures("app_context")


def free(visit, company: str = "stormossen", **group) -> list[str]:
    """Local starts of an hour at the company's first site, from the day of the tests on."""
    session = read_session()
    session.rollback()
    host = load_directory(session).companies[company]
    starts = list_free_starts(
        session, host, host.sites[0], visitors=VisitorsTime(visit.id, **group), length=timedelta(hours=1),
        after=DAY,
    )  # fmt: skip
    return [f"{to_local(start, host.sites[0].time_zone):%a %d %H:%M}" for start in starts]


def test_an_offer_says_on_which_days_and_at_which_hours(app_context):
    host, visit = a_directory()["stormossen"], a_visit()
    assert free(visit)[0].startswith("Tue 16")

    an_offer(host, hours("4", "13:00", "15:00"))
    save(HostBlackout(organisation_id=host.id, first_on=DAY.date() + timedelta(days=8),
                      last_on=DAY.date() + timedelta(days=10)))  # fmt: skip

    assert free(visit)[:4] == ["Thu 18 13:00", "Thu 18 13:30", "Thu 18 14:00", "Thu 01 13:00"]


def test_a_group_is_free_while_another_one_is_elsewhere(app_context, now):
    a_directory()
    visit = a_visit(parallel_groups=2)
    add_slot(visit.reference, plan("westenergy", 9, group=1), who=STAFF, now=now)
    release_visit(visit.reference, who=STAFF, now=now)

    one, other, whole = (free(visit, group=number) for number in (1, 2, None))

    assert "Tue 16 11:00" in other
    assert "Tue 16 11:00" not in one
    assert "Tue 16 11:00" not in whole


def test_the_way_from_and_to_the_other_stops_takes_its_time(app_context, now):
    a_directory()
    visit = a_visit()
    add_slot(visit.reference, plan("vakin", 9), who=STAFF, now=now)  # Umeå, 10:00–11:30 CET
    release_visit(visit.reference, who=STAFF, now=now)

    starts = free(visit)

    # Vaasa is five hours away: not that day any more, and the day after from the morning on.
    assert not [one for one in starts if one.startswith("Tue 16")]
    assert starts[0] == "Wed 17 08:00"


def test_drafts_of_the_same_visit_are_stops_too(app_context, now):
    a_directory()
    visit = a_visit()
    add_slot(visit.reference, plan("westenergy", 8, hours=1), who=STAFF, now=now)  # 10:00–11:00 EET

    starts = free(visit)

    assert not {"Tue 16 09:30", "Tue 16 10:00", "Tue 16 10:30"} & set(starts)
    assert "Tue 16 12:00" in starts


def test_a_stop_between_two_others_fits_where_both_ways_fit(app_context, now):
    """The hold of the later stop keeps the way from the stop before it; that way is another one now."""
    a_directory()
    visit = a_visit()
    for slug, moment in (("vakin", DAY), ("stormossen", DAY + timedelta(days=1, hours=6))):
        starts_at = moment + timedelta(hours=8)
        wish = plan(slug, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
        add_slot(visit.reference, wish, who=STAFF, now=now)  # Umeå 09:00 CET, then Vaasa 16:00 EET
    release_visit(visit.reference, who=STAFF, now=now)

    starts = free(visit, company="westenergy")

    assert "Wed 17 10:00" in starts
    assert "Wed 17 16:00" not in starts


def test_a_stop_that_moves_does_not_stand_in_its_own_way(app_context, now):
    a_directory()
    visit = a_visit()
    slot_id = add_slot(visit.reference, plan("stormossen", 9, hours=1), who=STAFF, now=now)
    release_visit(visit.reference, who=STAFF, now=now)

    assert "Tue 16 11:00" not in free(visit)
    assert "Tue 16 11:00" in free(visit, slot_id=slot_id)


@pytest.mark.settings(visits={"host_buffer_minutes": 30})
def test_the_host_has_its_buffer_before_the_next_visit(app_context, now):
    a_directory()
    other, visit = a_visit(), a_visit()
    add_slot(other.reference, plan("stormossen", 9, hours=1), who=STAFF, now=now)  # 11:00–12:00 EET
    release_visit(other.reference, who=STAFF, now=now)

    starts = free(visit)

    assert "Tue 16 12:00" not in starts
    assert "Tue 16 12:30" in starts
