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


def free(visit, **group) -> list[str]:
    """Local starts of an hour at Stormossen, from the day of the tests on."""
    session = read_session()
    session.rollback()
    company = load_directory(session).companies["stormossen"]
    starts = list_free_starts(
        session, company, company.sites[0], visitors=VisitorsTime(visit.id, **group),
        length=timedelta(hours=1), after=DAY,
    )  # fmt: skip
    return [f"{to_local(start, company.sites[0].time_zone):%a %d %H:%M}" for start in starts]


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

    one, other, whole = (free(visit, groups=2, group=number) for number in (1, 2, None))

    assert "Tue 16 11:00" in other
    assert "Tue 16 11:00" not in one
    assert "Tue 16 11:00" not in whole
