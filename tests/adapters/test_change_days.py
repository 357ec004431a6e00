"""Each quarter hour of every change day: what staff type is the instant that foreign calendars show.

Wall clock → instant → entry → mail → calendar part → two foreign readers; a time that is missing names the
two nearest ones, one that comes twice is asked for. A third reader shows what went through form and database
(tests/web/test_change_days.py).
"""

from datetime import datetime, timedelta
from email import message_from_bytes

import pytest
import vobject

from bookings.adapters.ical.build import build_request
from bookings.adapters.mail.compose import CalendarPart, build_mail
from bookings.domain.errors import TimeDoesNotExistError, TimeIsAmbiguousError
from bookings.domain.time import to_local, wall_to_instant
from tests.adapters.calendar_entries import an_entry
from tests.adapters.mail_contents import a_mail
from tests.support.foreign_ical_js import Chromium, find_node, read_calendars

ZONES = ("Europe/Stockholm", "Europe/Helsinki")
YEARS = range(2026, 2038)
QUARTER = timedelta(minutes=15)
HOUR = timedelta(hours=1)


def change_days() -> list[datetime]:
    """The days on which clocks change there: the last Sundays of March and October."""
    last_days = [datetime(year, month, 31) for year in YEARS for month in (3, 10)]  # noqa: DTZ001
    return [day - timedelta(days=(day.weekday() + 1) % 7) for day in last_days]


WALLS = [day + QUARTER * number for day in change_days() for number in range(96)]


def instants(wall: datetime, zone: str) -> list[datetime]:
    """What the form makes of a typed time: one instant, two to choose from, or none and the nearest two."""
    try:
        return [wall_to_instant(wall, zone)]
    except TimeIsAmbiguousError as error:
        ambiguous = error
    except TimeDoesNotExistError as error:
        nearest = [to_local(one, zone).replace(tzinfo=None) for one in error.nearest]
        last_before = wall.replace(minute=0) - timedelta(minutes=1)
        assert nearest == [last_before, wall.replace(minute=0) + HOUR]
        return []
    chosen = [wall_to_instant(wall, zone, fold=fold) for fold in (0, 1)]
    assert list(ambiguous.candidates) == chosen
    return chosen


def mailed(entries) -> list[bytes]:
    """The calendar part of a mail for each entry, as its reader's program takes it out."""
    found = []
    for entry in entries:
        content = build_request(entry)
        raw = build_mail(a_mail(calendar=CalendarPart(method="REQUEST", content=content)))
        part = message_from_bytes(raw).get_payload()[0].get_payload()[2]
        found.append(part.get_payload(decode=True))
    return found


@pytest.fixture(scope="module", params=ZONES)
def sent(request) -> list[tuple[datetime, bytes]]:
    """Every instant of every change day of a zone with its invitation."""
    zone = request.param
    found = [one for wall in WALLS for one in instants(wall, zone)]
    entries = [an_entry(starts_at=one, ends_at=one + HOUR, time_zone=zone) for one in found]
    return list(zip(found, mailed(entries), strict=True))


def test_a_spring_day_has_92_quarters_and_an_autumn_day_100(sent):
    assert len(sent) == len(YEARS) * (92 + 100)
    assert len({instant for instant, _ in sent}) == len(sent)


def test_vobject_shows_the_same_instants(sent):
    # It reads the zones anew for each mail, slowly: some quarters of each day.
    for instant, content in sent[::23]:
        event = vobject.readOne(content.decode()).vevent

        assert (event.dtstart.value, event.dtend.value) == (instant, instant + HOUR)


def test_ical_js_shows_the_same_instants(sent, request):
    engine = find_node() or Chromium(request.getfixturevalue("browser"))

    calendars = read_calendars(engine, [content for _, content in sent])

    shown = [(one.events[0].starts_at, one.events[0].ends_at) for one in calendars]
    assert shown == [(instant, instant + HOUR) for instant, _ in sent]
