"""Random walks over two visits that want the same hosts: after each step the design holds."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from sqlalchemy import select

from bookings.db import database
from bookings.domain.errors import BookingError
from bookings.models.tasks import VisitTask
from bookings.services import slots, visits
from bookings.services.ticking import tick_task
from tests.support.builders import a_directory, a_visit, comes_on_behalf
from tests.support.clock import NOW
from tests.support.stories import DAY, STAFF, plan, visitor_token
from tests.support.walks import clear_visits, find_faults, read_world

HOSTS = ("stormossen", "westenergy", "vakin")
MANY = st.integers(0, 11)
GROUPS = st.sampled_from([None, 1, 2])
HOURS = st.sampled_from([8, 9, 10.5, 13])
JOBS = (slots.expire_slots, slots.remind_hosts, visits.expire_visits, visits.complete_visits)


@pytest.mark.slow
def test_random_walks_keep_the_invariants(app):
    with app.app_context():
        a_directory()
        run_state_machine_as_test(
            Walk,
            settings=settings(
                max_examples=6,
                stateful_step_count=30,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


class Walk(RuleBasedStateMachine):
    """Staff, hosts, visitors and the worker act in any order; a refusal changes nothing."""

    def __init__(self) -> None:
        super().__init__()
        clear_visits()
        self.now = NOW
        in_groups = a_visit(agreed_beforehand=True, parallel_groups=2)
        comes_on_behalf(in_groups)
        self.references = [a_visit().reference, in_groups.reference]
        self.visitor_tokens = [visitor_token(reference) for reference in self.references]
        self.world = read_world()

    @initialize(hosts=st.permutations(HOSTS), is_released=st.booleans())
    def begin(self, hosts, is_released):
        """A programme of two stops for each visit, so that there is something to walk about on."""
        for reference, day in zip(self.references, (0, 1), strict=True):
            for host, hour in zip(hosts, (6, 13.5), strict=False):
                self.act(slots.add_slot, reference, plan(host, hour + 24 * day), who=STAFF)
            if is_released:
                self.act(visits.release_visit, reference, who=STAFF)

    def act(self, use_case, *args, **named) -> bool:
        """Did it go through? Whatever is refused leaves no trace; what goes through keeps the design."""
        self.now += timedelta(minutes=1)
        before = self.world
        try:
            use_case(*args, now=self.now, **named)
        except BookingError:
            assert read_world() == before
            return False
        self.world = read_world()
        assert find_faults(before, self.world) == []
        return True

    def repeat(self, use_case, *args) -> None:
        """What went through goes through again and changes nothing."""
        told = self.world
        assert self.act(use_case, *args)
        assert self.world == told

    def slot_id(self, number: int) -> int:
        ids = sorted(self.world.slots)
        return ids[number % len(ids)] if ids else 0

    @rule(
        visit=st.integers(0, 1), host=st.sampled_from(HOSTS), hour=HOURS, is_required=st.booleans(),
        group=GROUPS,
    )  # fmt: skip
    def add(self, visit, host, hour, is_required, group):
        wish = plan(host, hour, is_required=is_required, group=group)
        self.act(slots.add_slot, self.references[visit], wish, who=STAFF)

    @rule(visit=st.integers(0, 1))
    def release(self, visit):
        self.act(visits.release_visit, self.references[visit], who=STAFF)

    @rule(number=MANY, hour=HOURS, is_required=st.booleans(), group=GROUPS)
    def change(self, number, hour, is_required, group):
        if slot := self.world.slots.get(self.slot_id(number)):
            wish = plan(slot.host, hour, is_required=is_required, group=group)
            self.act(slots.change_slot, slot.id, wish, version=slot.version, who=STAFF)

    @rule(number=MANY, host=st.sampled_from(HOSTS), hour=HOURS)
    def replace(self, number, host, hour):
        self.act(slots.replace_slot, self.slot_id(number), plan(host, hour), who=STAFF)

    @rule(
        number=MANY,
        use_case=st.sampled_from(
            [slots.remove_slot, slots.withdraw_slot, slots.reopen_slot, slots.refuse_proposal]
        ),
    )
    def end_or_reopen(self, number, use_case):
        self.act(use_case, self.slot_id(number), who=STAFF)

    @rule(number=MANY)
    def take_proposal(self, number):
        if slot := self.world.slots.get(self.slot_id(number)):
            offered = slot.offered[0] if slot.offered else 0
            self.act(slots.take_proposal, slot.id, offered, who=STAFF)

    @rule(number=MANY, answer=st.sampled_from([slots.accept_slot, slots.decline_slot, slots.answer_maybe]))
    def answer(self, number, answer):
        """By the newest link mostly; saying it again changes nothing."""
        if links := self.world.newest_links():
            token = links[number % len(links)]
            if self.act(answer, token):
                self.repeat(answer, token)

    @rule()
    def all_hosts_accept(self):
        for token in self.world.newest_links():
            self.act(slots.accept_slot, token)

    @rule(number=MANY, hour=HOURS)
    def offer_other_times(self, number, hour):
        if links := self.world.newest_links():
            start = DAY + timedelta(days=1, hours=hour)
            times = [(start, start + timedelta(hours=1)), (start, start + timedelta(hours=2))]
            self.act(slots.propose_times, links[number % len(links)], times=times)

    @rule(number=MANY)
    def press_the_button_of_an_old_mail(self, number):
        if old := self.world.old_links():
            assert not self.act(slots.accept_slot, old[number % len(old)])

    @rule(
        visit=st.integers(0, 1),
        use_case=st.sampled_from([visits.propose_programme, visits.reopen_visit, visits.start_planning]),
    )
    def staff_decide(self, visit, use_case):
        self.act(use_case, self.references[visit], who=STAFF)

    @rule(visit=st.integers(0, 1), luck=st.integers(0, 9))
    def call_it_off(self, visit, luck):
        """Seldom: an end leaves little to walk about on."""
        if luck == 0:
            self.act(visits.cancel_visit_by_staff, self.references[visit], "Too many", who=STAFF)
        elif luck == 1:
            self.act(visits.refuse_visit, self.references[visit], "Too many", who=STAFF)
        elif luck == 2:
            self.act(visits.cancel_visit_by_visitor, self.visitor_tokens[visit], "We are ill")
        elif luck == 3:
            self.act(visits.ask_visitor, self.references[visit], "How many are you?", who=STAFF)
            self.act(visits.answer_question, self.visitor_tokens[visit], f"Ten, at {self.now}")

    @rule(visit=st.integers(0, 1))
    def visitor_accepts(self, visit):
        if self.act(visits.accept_programme, self.visitor_tokens[visit]):
            self.repeat(visits.accept_programme, self.visitor_tokens[visit])

    @rule()
    def the_letter_comes(self):
        for task_id in database.session.scalars(select(VisitTask.id).where(VisitTask.kind == "letter")).all():
            database.session.rollback()
            self.act(tick_task, task_id, who=STAFF)

    @rule(visit=st.integers(0, 1))
    def visitor_wishes(self, visit):
        self.act(visits.wish_change, self.visitor_tokens[visit], f"Later, please ({self.now})")

    @rule(days=st.sampled_from([1, 3, 7, 20]))
    def time_passes(self, days):
        self.now += timedelta(days=days)
        for job in JOBS:
            self.act(job)
        assert self.world.overdue(self.now) == []

    def teardown(self):
        database.session.rollback()
