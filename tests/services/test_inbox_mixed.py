"""Answers by page and by calendar, mixed at random: both ends are the same, and each decision is one mail."""

from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bookings.db import database
from bookings.domain.audit import Who
from bookings.domain.visits import Actor
from bookings.models.outbox import OutboxMessage
from bookings.services.inbox import receive_mail
from bookings.services.slots import accept_slot, add_slot, answer_maybe, decline_slot, propose_times
from bookings.services.visits import cancel_visit_by_staff, release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.inbox import Invited, answer, invited, situation
from tests.support.stories import STAFF, calendar_messages, holds_of, host_token, plan

ANSWERS = ("ACCEPTED", "DECLINED", "TENTATIVE", "COUNTER")
PRESS = {"ACCEPTED": accept_slot, "DECLINED": decline_slot, "TENTATIVE": answer_maybe}
DAY = timedelta(days=1)

# What is answered, by which way, and how many times the same mail or press comes.
steps = st.lists(
    st.tuples(st.sampled_from(ANSWERS), st.sampled_from(("page", "mail")), st.integers(1, 2)),
    min_size=1,
    max_size=6,
)


@pytest.fixture
def directory(app_context):
    return a_directory()


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(given_steps=steps)
def test_page_and_calendar_end_equal_and_no_decision_is_told_twice(directory, given_steps):
    one, other = a_released_slot("stormossen"), a_released_slot("westenergy")

    for number, (said, way, times) in enumerate(given_steps):
        at = NOW + timedelta(minutes=number)
        for _ in range(times):
            say(one, said, way, at=at)
        say(other, said, "page" if way == "mail" else "mail", at=at)
        assert outcome(one) == outcome(other)

    for slot_id in (one, other):
        assert twice_told(slot_id) == {}
    for slot_id in (one, other):
        release(slot_id)


def a_released_slot(slug: str) -> int:
    reference = a_visit().reference
    slot_id = add_slot(reference, plan(slug), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    _references[slot_id] = reference
    return slot_id


_references: dict[int, str] = {}


def release(slot_id: int) -> None:
    """The time is free for the next example."""
    cancel_visit_by_staff(_references.pop(slot_id), "", who=Who(Actor.STAFF, "x"), now=NOW)


def say(slot_id: int, said: str, way: str, *, at: datetime) -> None:
    host = invited(slot_id)
    if way == "mail":
        receive_mail(_mail(host, said, at=at), now=at)
    elif said == "COUNTER":
        times = [(host.starts_at + DAY, host.ends_at + DAY)]
        propose_times(host_token(slot_id), times=times, comment="", now=at)
    else:
        PRESS[said](host_token(slot_id), now=at)


def _mail(host: Invited, said: str, *, at: datetime) -> bytes:
    if said != "COUNTER":
        return answer(host, said, at=at)
    times = f"DTSTART:{host.starts_at + DAY:%Y%m%dT%H%M%SZ}\nDTEND:{host.ends_at + DAY:%Y%m%dT%H%M%SZ}"
    return answer(host, "TENTATIVE", method="COUNTER", times=times, at=at)


def outcome(slot_id: int) -> tuple[object, ...]:
    return situation(slot_id), holds_of(slot_id), calendar_messages(slot_id), Counter(told(slot_id))


def told(slot_id: int) -> list[str]:
    query = select(OutboxMessage.kind).where(OutboxMessage.slot_id == slot_id)
    return list(database.session.scalars(query))


def twice_told(slot_id: int) -> dict[str, int]:
    """Causes of which one person got more than one mail."""
    query = (
        select(OutboxMessage.cause, func.count())
        .where(OutboxMessage.slot_id == slot_id)
        .group_by(OutboxMessage.cause, OutboxMessage.recipient)
        .having(func.count() > 1)
    )
    return dict(database.session.execute(query).all())
