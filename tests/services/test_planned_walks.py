"""Random walks over planned changes, answers, releases and drops: nobody hears of a plan, and a release sends
what was foreseen."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from bookings.db import database, read_session
from bookings.domain.errors import BookingError
from bookings.domain.planned import PlannedKind
from bookings.queries.planned import list_planned_changes
from bookings.queries.planning import list_planned_slots
from bookings.services import slots, visits
from bookings.services.visits.letters import hold_back
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.stories import STAFF, mails, plan, visit_row, visitor_token
from tests.support.walks import clear_visits, find_faults, read_world

HOSTS = ("stormossen", "westenergy")
HOURS = st.sampled_from([6, 8, 10.5, 13])
MANY = st.integers(0, 5)
RISES = {PlannedKind.MOVE: 1, PlannedKind.WITHDRAW: 1, PlannedKind.REPLACE: 1, PlannedKind.WORDS: 0}


@pytest.mark.slow
def test_nothing_leaves_before_a_release_and_then_exactly_what_was_foreseen(app):
    with app.app_context():
        a_directory()
        run_state_machine_as_test(
            Walk,
            settings=settings(
                max_examples=4,
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


class Walk(RuleBasedStateMachine):
    """A visit that was confirmed once; staff plan, hosts answer, and now and then it is released."""

    def __init__(self) -> None:
        super().__init__()
        clear_visits()
        self.now = NOW
        self.reference = a_visit().reference
        for host, hour in zip(HOSTS, (6, 10.5), strict=True):
            slots.add_slot(self.reference, plan(host, hour), who=STAFF, now=self.now)
        visits.release_visit(self.reference, who=STAFF, now=self.now)
        for token in read_world().newest_links():
            slots.accept_slot(token, now=self.now)
        visits.accept_programme(visitor_token(self.reference), now=self.now)
        self.world = read_world()

    def act(self, use_case, *args, **named) -> bool:
        """Did it go through? Whatever is refused leaves no trace."""
        self.now += timedelta(minutes=1)
        before = self.world
        try:
            use_case(*args, now=self.now, **named)
        except BookingError:
            assert read_world() == before
            return False
        self.world = read_world()
        # A planned time warns by soft holds; all other rules of the walks hold.
        faults = [fault for fault in find_faults(before, self.world) if not fault.startswith("soft holds")]
        assert faults == []
        return True

    def in_silence(self, use_case, *args, **named) -> None:
        """Nobody is told."""
        sent = self.world.mails
        self.act(use_case, *args, who=STAFF, **named)
        assert self.world.mails == sent

    def slot(self, number: int):
        ids = sorted(self.world.slots)
        return self.world.slots[ids[number % len(ids)]]

    def planned(self):
        read_session().rollback()
        found = list_planned_slots(read_session(), visit_row(self.reference).id)
        return list_planned_changes(read_session(), found)

    @rule(number=MANY, hour=HOURS)
    def plan_move(self, number, hour):
        slot = self.slot(number)
        wish = plan(slot.host, hour)
        self.in_silence(slots.plan_change, slot.id, wish, version=slot.version)

    @rule(number=MANY, hour=HOURS, host=st.sampled_from(HOSTS))
    def plan_another_host(self, number, hour, host):
        slot = self.slot(number)
        self.in_silence(slots.plan_change, slot.id, plan(host, hour), version=slot.version)

    @rule(number=MANY)
    def plan_other_words(self, number):
        slot = self.slot(number)
        view = next(
            one
            for one in list_planned_slots(read_session(), visit_row(self.reference).id)
            if one.id == slot.id
        )
        wish = plan(slot.host, starts_at=view.starts_at, ends_at=view.ends_at, title=f"At {self.now}")
        self.in_silence(slots.plan_change, slot.id, wish, version=slot.version)

    @rule(number=MANY)
    def plan_withdrawal(self, number):
        slot = self.slot(number)
        self.in_silence(slots.plan_withdrawal, slot.id, version=slot.version)

    @rule(number=MANY)
    def drop(self, number):
        self.in_silence(slots.drop_planned_change, self.slot(number).id)

    @rule(number=MANY, is_held=st.booleans())
    def hold(self, number, is_held):
        self.in_silence(hold_back, self.reference, self.slot(number).id, is_held=is_held)

    @rule(host=st.sampled_from(HOSTS), hour=HOURS)
    def add(self, host, hour):
        self.in_silence(slots.add_slot, self.reference, plan(host, hour))

    @rule(number=MANY, answer=st.sampled_from([slots.accept_slot, slots.decline_slot, slots.answer_maybe]))
    def answer(self, number, answer):
        """An answer that changes anything makes what was planned stale."""
        if not (links := self.world.newest_links()):
            return
        before = {slot_id: slot.version for slot_id, slot in self.world.slots.items()}
        self.act(answer, links[number % len(links)])
        for slot_id, view in self.planned().items():
            assert view.is_stale or self.world.slots[slot_id].version == before[slot_id]

    @rule(twice=st.booleans())
    def release(self, twice):
        seen = visits.foresee_release(self.reference, now=self.now + timedelta(minutes=1))
        due = {one.slot_id: one.kind for one in seen.waiting if not (one.is_held or one.is_stale)}
        before, sent = self.world, len(mails())
        if not self.act(visits.release_visit, self.reference, basis=seen.basis, who=STAFF):
            return
        told = [mail for mail in mails()[sent:] if not mail.kind.startswith("staff_")]
        assert [(one.kind, one.recipient, one.subject) for one in told] == [
            (one.template, one.recipient, one.subject) for one in seen.mails
        ]
        for slot_id, slot in before.slots.items():
            rise = RISES[due[slot_id]] if due.get(slot_id) else 0
            assert self.world.slots[slot_id].sequence == slot.sequence + rise
        about = [(mail.recipient, mail.slot_id) for mail in self.world.mails[len(before.mails) :]]
        assert len(about) == len(set(about))
        assert not set(due) & set(self.planned())
        if twice:
            quiet = self.world
            assert self.act(visits.release_visit, self.reference, basis=seen.basis, who=STAFF)
            assert self.world == quiet

    def teardown(self):
        database.session.rollback()
