"""What releases leave to the worker: entries for calendars and schedules by mail, once, while they help."""

from itertools import combinations

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.models.audit import AuditEntry
from bookings.services.events import cancel_event
from bookings.services.meetings import (
    announce_meetings,
    apply_match,
    applying,
    release_final,
    release_provisional,
)
from tests.services.test_meetings import solve
from tests.support.events import STAFF
from tests.support.meetings import a_match_day, guests, mails_about, row_of, standing, wish

pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.sqlite_only]


def a_final_day(*, people, now):
    """Everybody has wished for everybody, and the schedule is released."""
    event = a_match_day(tables=3)
    everybody = guests(event, people)
    for one, other in combinations(everybody, 2):
        wish(one, other)
    apply_match(solve(event), who=STAFF, now=now)
    release_final(event.slug, who=STAFF, now=now)
    return event, everybody


def test_what_a_release_leaves_to_the_worker_reaches_every_calendar_once(now, monkeypatch):
    monkeypatch.setattr(applying, "AT_ONCE", 1)
    event, people = a_final_day(people=4, now=now)
    assert len(mails_about("meeting_agreed")) == 2
    assert len(mails_about("meetings_final")) == 1

    announce_meetings(now=now)
    announce_meetings(now=now)

    assert len(mails_about("meeting_agreed")) == 2 * len(standing(event)) == 12
    assert len(mails_about("meetings_final")) == len(people)


def test_a_meeting_with_somebody_who_has_just_left_waits_and_holds_up_no_other(now, monkeypatch):
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    _event, people = a_final_day(people=3, now=now)
    row_of(people[0]).state = "cancelled"
    database.session.commit()

    announce_meetings(now=now)

    told = [mail.recipient for mail in mails_about("meeting_agreed")]
    assert sorted(told) == sorted(row_of(one).email for one in people[1:])
    assert len(mails_about("meetings_final")) == 2


def test_of_a_day_that_is_called_off_nothing_is_announced_or_released_any_more(now, monkeypatch):
    event = a_match_day()
    one, other = guests(event, 2)
    wish(one, other)
    apply_match(solve(event), who=STAFF, now=now)
    monkeypatch.setattr(applying, "AT_ONCE", 0)
    release_final(event.slug, who=STAFF, now=now)
    off = a_match_day(slug="another-day")
    for slug in (event.slug, off.slug):
        cancel_event(slug, reason="Storm", who=STAFF, now=now)

    announce_meetings(now=now)

    assert (mails_about("meeting_agreed"), mails_about("meetings_final")) == ([], [])
    with pytest.raises(MeetingNotPossibleError, match="past"):
        release_provisional(off.slug, who=STAFF, now=now)


def test_a_schedule_that_no_mail_told_before_the_end_is_dropped_and_the_history_says_so(now, monkeypatch):
    event = a_match_day()
    one, other = guests(event, 2)
    wish(one, other)
    apply_match(solve(event), who=STAFF, now=now)
    monkeypatch.setattr(applying, "AT_ONCE", 1)
    release_final(event.slug, who=STAFF, now=now)

    for _round in range(2):
        announce_meetings(now=event.ends_at)

    assert len(mails_about("meetings_final")) == 1
    assert mails_about("meetings_final")[0].expires_at == event.ends_at
    query = select(AuditEntry).where(AuditEntry.action == "drop_schedules")
    (entry,) = database.session.scalars(query)
    assert (entry.subject_id, entry.detail) == (event.id, {"dropped": 1})
