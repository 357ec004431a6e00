"""A fair of forty parts that hundreds register for through the web server: all counts agree."""

import os

import pytest

from tests.support.fairs import a_fair, come_all, find_wrong_calendars, read_counts

PEOPLE = int(os.environ.get("BOOKINGS_TEST_FAIR", "300"))
"""2,000 takes some minutes: asked for by hand."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.sqlite_only,
    pytest.mark.settings(
        limits={"registrations_per_client_hour": 100_000, "registrations_per_network_hour": 100_000}
    ),
]


def test_everybody_comes_or_waits_nobody_is_too_many_and_calendars_are_right(app, web_server, settings):
    with app.app_context():
        fair = a_fair(PEOPLE)

    pages = come_all(app, settings.web.port, fair, PEOPLE, seed=26)

    with app.app_context():
        counts = read_counts(fair)
        assert find_wrong_calendars(fair) == []
    in_, waiting = counts["states"]["registered"], counts["states"]["waiting"]
    assert (in_ + waiting, len(pages)) == (PEOPLE, PEOPLE)
    assert sum("You are registered" in page for page in pages) == in_
    assert counts["people_with_seats"] == in_
    assert all(taken == there for _capacity, taken, there in counts["pools"])
    assert all(capacity is None or taken <= capacity for capacity, taken, _there in counts["pools"])
    assert counts["pools"][0][1] == in_
    seats = counts["pools"][1][0]
    # What somebody waits for is nobody else's.
    assert counts["left_on_page"] == {
        part.id: 0 if part.id in counts["waited_for"] else seats - counts["chosen"].get(part.id, 0)
        for part in fair.parts
    }
