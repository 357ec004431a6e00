"""Random walks over one event with a queue, beside a small model of the rule: after each step both agree.

The model shares no code with the product. It knows two pools (the event, and one part of it), groups, offers
with their times, and the rule of the queue; the product has to have the same people in the same places.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.event_errors import EventNotUsableError, OfferLapsedError
from bookings.domain.registrations import Outcome
from bookings.models.events import Event
from bookings.models.registrations import Registration, WaitingListEntry
from bookings.queries.events import find_event
from bookings.services.events import change_event, plan_of
from bookings.services.registrations import (
    accept_offer,
    cancel_registration,
    decline_offer,
    expire_registrations,
    promote_waiting,
    register,
    verify_registration,
)
from tests.support.clock import NOW
from tests.support.events import STAFF, STARTS_AT, a_part, an_event
from tests.support.registrations import a_group, a_person, count_seats

HOUR = timedelta(hours=1)
PART_SEATS = 3
SIZES, MANY = st.integers(1, 3), st.integers(0, 30)
JUMPS = st.sampled_from([timedelta(minutes=20), 2 * HOUR, 30 * HOUR])


@pytest.mark.slow
def test_whatever_happens_the_queue_moves_in_order_and_no_seat_is_lost_or_given_twice(app):
    with app.app_context():
        run_state_machine_as_test(
            Queue,
            settings=settings(
                max_examples=15,
                stateful_step_count=30,
                deadline=None,
                # A walk is short enough to be read, and to make it shorter takes minutes.
                phases=(Phase.explicit, Phase.reuse, Phase.generate),
                suppress_health_check=list(HealthCheck),
            ),
        )


@dataclass
class Party:
    """One person or a group in the model."""

    outcome: Outcome
    size: int
    has_part: bool
    state: str
    until: datetime | None = None
    passed: int = 0

    @property
    def pools(self) -> set[str]:
        return {"event", "part"} if self.has_part else {"event"}


@dataclass
class Model:
    """The rule, as it is told to people."""

    capacity: int
    smaller_pass: bool
    parties: list[Party] = field(default_factory=list)
    """In the order in which they began; `queue` holds those who wait in the order of joining."""
    queue: list[Party] = field(default_factory=list)

    def free(self, pool: str) -> int:
        capacity = self.capacity if pool == "event" else PART_SEATS
        return capacity - sum(
            one.size
            for one in self.parties
            if one.state in ("held", "offered", "registered") and pool in one.pools
        )

    def walk(self, queue: list[Party]) -> list[Party]:
        """Who of the queue could have seats now."""
        left = {pool: self.free(pool) for pool in ("event", "part")}
        behind: set[str] = set()
        lucky = []
        for one in queue:
            if not one.pools & behind and all(left[pool] >= one.size for pool in one.pools):
                lucky.append(one)
                for pool in one.pools:
                    left[pool] -= one.size
            elif not self.smaller_pass:
                behind |= one.pools
        return lucky

    def lets_in(self, party: Party) -> bool:
        return party in self.walk([*self.queue, party])

    def promote(self, now: datetime) -> None:
        left = STARTS_AT - now
        if left < HOUR:
            return
        lucky = self.walk(self.queue)
        for one in lucky:
            one.state, one.until = "offered", now + max(HOUR, min(24 * HOUR, left / 4))
            for earlier in self.queue[: self.queue.index(one)]:
                if earlier not in lucky and earlier.pools & one.pools:
                    earlier.passed += 1
        self.queue = [one for one in self.queue if one not in lucky]

    def expire(self, now: datetime) -> None:
        """The oldest first; whoever is offered a seat by it may not be late as well."""
        for state, end in (("held", "expired"), ("unseated", "expired"), ("offered", "expired")):
            late = [one for one in self.parties if one.state == state and one.until and one.until <= now]
            for one in sorted(late, key=lambda one: (one.until, one.outcome.registration_id)):
                one.state = end
                self.promote(now)


class Queue(RuleBasedStateMachine):
    """People register, prove, cancel, take and refuse offers; staff raise and lower; time goes by."""

    @initialize(capacity=st.integers(2, 5), smaller_pass=st.booleans())
    def begin(self, capacity, smaller_pass):
        self.now = NOW
        self.event: Event = an_event(
            capacity=capacity, lets_smaller_pass=smaller_pass, parts=[a_part(capacity=PART_SEATS)]
        )
        self.model = Model(capacity, smaller_pass)

    @rule(size=SIZES, has_part=st.booleans(), proves=st.booleans())
    def join(self, size, has_part, proves):
        part_ids = (self.event.parts[0].id,) if has_part else ()
        form = a_group(self.event, size, leader=a_person(part_ids=part_ids), joins_waiting_list=True)
        form = replace(form, members=tuple(replace(one, part_ids=part_ids) for one in form.members))
        party = Party(register(form, now=self.now), size, has_part, "unseated", self.now + HOUR)
        is_in = self.model.lets_in(party)
        self.model.parties.append(party)
        party.state = "held" if is_in else "unseated"
        if proves:
            self._prove(party)

    @rule(number=MANY)
    def prove(self, number):
        waiting = [one for one in self.model.parties if one.state in ("held", "unseated", "expired")]
        waiting = [one for one in waiting if one.state != "expired" or one.outcome.state == "unverified"]
        waiting = [one for one in waiting if self.now < NOW + 48 * HOUR]
        if waiting:
            self._prove(waiting[number % len(waiting)])

    def _prove(self, party: Party) -> None:
        has_seat, is_in = party.state == "held", self.model.lets_in(party)
        party.outcome = verify_registration(party.outcome.token, now=self.now)
        if has_seat or is_in:
            party.state, party.until = "registered", None
        else:
            party.state, party.until = "waiting", None
            self.model.queue.append(party)

    @rule(number=MANY, whole=st.booleans())
    def cancel(self, number, whole):
        there = [one for one in self.model.parties if one.state in ("registered", "waiting", "offered")]
        there = [one for one in there if one.outcome.reference]
        if not there:
            return
        party = there[number % len(there)]
        cancel_registration(party.outcome.token, with_group=whole, now=self.now)
        if party.state == "registered" and party.size > 1 and not whole:
            # The others come without the one who registered them, whose own link gives nothing back any more.
            party.size -= 1
            party.state = "registered"
            self.model.parties.append(replace(party, outcome=Outcome("", party.outcome.state)))
            party.state = "left"
        else:
            party.state = "left"
            self.model.queue = [one for one in self.model.queue if one is not party]
        self.model.promote(self.now)

    @rule(number=MANY, takes=st.booleans())
    def answer(self, number, takes):
        asked = [one for one in self.model.parties if one.state == "offered"]
        if not asked:
            return
        party = asked[number % len(asked)]
        if party.until <= self.now:
            with pytest.raises(OfferLapsedError):
                accept_offer(party.outcome.token, now=self.now)
        elif takes:
            accept_offer(party.outcome.token, now=self.now)
            party.state = "registered"
        else:
            decline_offer(party.outcome.token, now=self.now)
            party.state = "left"
            self.model.promote(self.now)

    @rule(capacity=st.integers(0, 9))
    def resize(self, capacity):
        session = read_session()
        session.rollback()
        plan = replace(plan_of(find_event(session, self.event.slug)), capacity=capacity)
        taken = self.model.capacity - self.model.free("event")
        if capacity < taken:
            with pytest.raises(EventNotUsableError):
                change_event(self.event.slug, plan, who=STAFF, now=self.now)
            return
        change_event(self.event.slug, plan, who=STAFF, now=self.now)
        self.model.capacity = capacity
        promote_waiting(self.event.id, now=self.now)
        self.model.promote(self.now)

    @rule(jump=JUMPS, runs=st.booleans())
    def wait(self, jump, runs):
        self.now = min(self.now + jump, STARTS_AT - HOUR / 4)
        if runs:
            expire_registrations(now=self.now)
            self.model.expire(self.now)

    @rule()
    def near_the_day(self):
        self.now = max(self.now, STARTS_AT - 5 * HOUR)

    @invariant()
    def seats_are_counted(self):
        if not hasattr(self, "event"):
            return
        pools = count_seats(self.event)
        assert [taken for _capacity, taken, _there in pools] == [there for *_both, there in pools]
        assert all(capacity is None or taken <= capacity for capacity, taken, _there in pools)
        left = [capacity - taken for capacity, taken, _there in pools if capacity is not None]
        assert sorted(left) == sorted([self.model.free("event"), self.model.free("part")])

    @invariant()
    def everybody_stands_where_the_rule_says(self):
        if not hasattr(self, "event"):
            return
        known = [one for one in self.model.parties if one.outcome.reference]
        assert {one.outcome.reference: _STATES[one.state] for one in known if one.state != "left"} == {
            reference: state
            for reference, state in self._rows()
            if reference in {one.outcome.reference for one in known if one.state != "left"}
        }
        assert [(row.registration_id, row.people, row.passed_over) for row in self._queue()] == [
            (one.outcome.registration_id, one.size, one.passed) for one in self.model.queue
        ]

    def _rows(self) -> list[tuple[str, str]]:
        session = read_session()
        session.rollback()
        found = select(Registration.reference, Registration.state)
        return [tuple(row) for row in session.execute(found.where(Registration.event_id == self.event.id))]

    def _queue(self) -> list[WaitingListEntry]:
        """Those who wait without an offer."""
        session = read_session()
        session.rollback()
        found = (
            select(WaitingListEntry)
            .join(Registration, Registration.id == WaitingListEntry.registration_id)
            .where(
                WaitingListEntry.event_id == self.event.id,
                WaitingListEntry.left_at.is_(None),
                Registration.state == "waiting",
            )
            .order_by(WaitingListEntry.id)
            .execution_options(populate_existing=True)
        )
        return list(session.scalars(found))


_STATES = {
    "held": "unverified",
    "unseated": "unverified",
    "waiting": "waiting",
    "offered": "offered",
    "registered": "registered",
    "expired": "expired",
}
