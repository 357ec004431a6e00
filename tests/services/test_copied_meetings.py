"""A matchmaking day once more: what staff laid comes along, what people said does not."""

from datetime import UTC, date, datetime, timedelta

import pytest

from bookings.db import database, read_session
from bookings.domain.meetings import MatchMode
from bookings.models.meetings import Matchmaking
from bookings.queries.meetings.day import load_day_by_slug
from bookings.queries.meetings.wishes import list_wishes
from bookings.services.events import copy_event
from tests.support.clock import NOW
from tests.support.events import STAFF
from tests.support.meetings import a_match_day, guests, wish

pytestmark = pytest.mark.usefixtures("app_context")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_a_copy_has_the_times_tables_and_rules_of_its_day_and_nobodys_wishes():
    """From winter into summer: the clocks in Vaasa show the same times."""
    plan = {"most_meetings": 4, "gap_minutes": 10, "wishes_by": datetime(2027, 3, 15, 10, tzinfo=UTC)}
    day = {
        "starts_at": datetime(2027, 3, 22, 7, tzinfo=UTC),
        "ends_at": datetime(2027, 3, 22, 15, tzinfo=UTC),
    }
    event = a_match_day(mode=MatchMode.ASK, tables=2, plan=plan, **day)
    one, other = guests(event, 2)
    wish(one, other)

    slug = copy_event(event.slug, date(2027, 3, 29), who=STAFF, now=NOW)

    old, new = (load_day_by_slug(read_session(), each) for each in (event.slug, slug))
    assert [slot.starts_at for slot in new.slots] == [slot.starts_at + 7 * DAY - HOUR for slot in old.slots]
    assert [table.number for table in new.tables] == [1, 2]
    rules = database.session.get(Matchmaking, new.view.event_id)
    assert (rules.mode, rules.phase, rules.most_meetings, rules.gap_minutes) == ("ask", "open", 4, 10)
    assert rules.wishes_by == plan["wishes_by"] + 7 * DAY  # still winter
    assert list_wishes(read_session(), new.view.event_id) == []
