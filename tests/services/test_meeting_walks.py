"""Requests at random: whatever is asked and forgotten, only meetings take time, and nothing stays open."""

from datetime import timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from bookings.db import database
from bookings.domain.errors import BookingError
from bookings.domain.meetings import MatchMode
from bookings.models.holds import Hold
from bookings.models.meetings import Meeting, MeetingRequest
from bookings.services.meetings import (
    accept_request,
    ask_for_meeting,
    cancel_meeting,
    decline_request,
    expire_requests,
    withdraw_request,
)
from tests.support.meetings import a_match_day, guests, meetings_of, row_of

pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.sqlite_only]
STEPS = 60


@pytest.mark.parametrize("seed", [1, 2])
def test_requests_take_nobodys_time_and_none_stays_open_for_ever(now, seed):
    draw, event = Random(seed), a_match_day(mode=MatchMode.ASK, tables=2)
    people = guests(event, 5)
    references = {token: row_of(token).reference for token in people}
    tokens = {row_of(token).id: token for token in people}

    for _ in range(STEPS):
        now += timedelta(hours=draw.randrange(12))
        one, other = draw.sample(people, 2)
        try:
            if draw.random() < 0.5:
                ask_for_meeting(one, references[other], now=now)
            else:
                act_at_random(draw, tokens, now)
        except BookingError:
            pass
        expire_requests(now=now)
        standing = [meeting for meeting in meetings_of(event) if meeting.state == "agreed"]
        assert count(select(Hold).where(Hold.meeting_id.is_not(None))) == 3 * len(standing)

    expire_requests(now=now + timedelta(hours=72))
    assert count(select(MeetingRequest).where(MeetingRequest.state == "open")) == 0
    assert meetings_of(event)


def act_at_random(draw: Random, tokens: dict[int, str], now) -> None:
    """Somebody answers, takes back or calls off, in time or not."""
    meetings = list(database.session.scalars(select(Meeting)))
    if meetings and draw.random() < 0.3:
        meeting = draw.choice(meetings)
        cancel_meeting(tokens[draw.choice((meeting.first_id, meeting.second_id))], meeting.id, now=now)
        return
    requests = list(database.session.scalars(select(MeetingRequest).order_by(MeetingRequest.id)))[-6:]
    if requests:
        request, act = draw.choice(requests), draw.choice((accept_request, decline_request, withdraw_request))
        person = request.asker_id if act is withdraw_request else request.asked_id
        act(tokens[person], request.id, now=now)


def count(query) -> int:
    database.session.rollback()
    return database.session.scalar(select(func.count()).select_from(query.subquery()))
