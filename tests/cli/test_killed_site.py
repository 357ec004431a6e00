"""`kill -9` of the whole site while visitors book: what was thanked for is there, once, with its mail."""

import os
import re
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from http.client import HTTPException
from random import Random
from threading import Condition, Thread

import pytest
from sqlalchemy import func, select, update

from bookings.db import read_session, transaction
from bookings.domain.time import next_weekday
from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from bookings.models.outbox import OutboxMessage
from bookings.models.visits import VisitRequest
from bookings.queries.health import find_damage
from tests.support.booking import Answers, all_visits, answers
from tests.support.browsing import Person
from tests.support.builders import a_directory
from tests.support.mails import message_ids
from tests.support.ports import free_port
from tests.support.processes import PATIENCE, start_command, wait_for_answer

KILLS = int(os.environ.get("BOOKINGS_TEST_SITE_KILLS", "3"))
VISITORS = 6
_ROUNDS = 20
_MANY = {
    f"BOOKINGS_LIMITS_{name}": "100000"
    for name in ("REQUESTS_PER_CLIENT_HOUR", "REQUESTS_PER_NETWORK_HOUR", "REQUESTS_PER_MAILBOX_DAY")
}
pytestmark = pytest.mark.slow


@dataclass
class Crowd:
    """Visitors who book one visit after the other, and press the button again when nobody answers."""

    port: int
    thanked: list[str] = field(default_factory=list)
    pressed_again: int = 0
    is_open: bool = True
    _news: Condition = field(default_factory=Condition)

    def wait_for(self, more: int) -> None:
        """Until so many more have read the page of thanks."""
        with self._news:
            wanted = len(self.thanked) + more
            assert self._news.wait_for(lambda: len(self.thanked) >= wanted, PATIENCE), "nobody gets on"

    def book(self, number: int) -> None:
        """One visitor, until the site closes."""
        visit = 0
        while self.is_open:
            visit += 1
            address = f"mari{number}-{visit}@towns.example"
            person = Person(f"http://127.0.0.1:{self.port}")
            self._insist(person, partial(person.open, "/book"))
            for step in steps(address).values():
                self._insist(person, partial(person.send, "", **step))
            assert re.search(r"KV-\d{4}-\d{4,}", person.page), f"{person.status} {person.here}"
            with self._news:
                self.thanked.append(address)
                self._news.notify_all()

    def _insist(self, person: Person, act: Callable[[], object]) -> None:
        """Whoever gets no answer waits until the site is back, goes back to the form and sends it again."""
        here, page, has_answer = person.here, person.page, False
        while not has_answer:
            try:
                act()
                has_answer = True
            except (OSError, HTTPException):
                self.pressed_again += 1
                person.here, person.page = here, page
                wait_for_answer(self.port, "/healthz")


def steps(address: str) -> Answers:
    """Right answers, on days ahead of the machine's own clock."""
    monday = next_weekday(datetime.now(UTC).date() + timedelta(days=60), 0)
    days = {"first-earliest_on": f"{monday}", "first-latest_on": f"{monday + timedelta(days=4)}"}
    return answers(email=address, **days)


@contextmanager
def booking(port: int) -> Iterator[Crowd]:
    crowd = Crowd(port)
    threads = [Thread(target=crowd.book, args=(number,)) for number in range(VISITORS)]
    for thread in threads:
        thread.start()
    try:
        yield crowd
    finally:
        crowd.is_open = False
        for thread in threads:
            thread.join(PATIENCE)


def start_site(settings, port: int) -> subprocess.Popen[bytes]:
    minimum = {"BOOKINGS_LIMITS_FORM_MINIMUM_SECONDS": "0"}
    process = start_command(settings, "serve", "--port", str(port), **_MANY, **minimum)
    wait_for_answer(port, "/healthz")
    return process


def test_killed_under_load_the_site_has_each_request_that_it_thanked_for_once_with_its_mail(
    app, settings, smtp_sink
):
    chance, port = Random(KILLS), free_port()
    with app.app_context():
        a_directory()
    site = start_site(settings, port)

    with booking(port) as crowd:
        for _ in range(KILLS):
            crowd.wait_for(chance.randint(1, VISITORS))
            site.kill()
            site.wait()
            site = start_site(settings, port)
        crowd.wait_for(VISITORS)
    site.kill()
    site.wait()
    send_the_rest(app)

    visits = all_visits(app)
    print(f"{len(crowd.thanked)} thanked, {len(visits)} stored, {crowd.pressed_again} pressed again")
    assert crowd.pressed_again >= KILLS
    assert Counter(visit.contact_email for visit in visits) == Counter(crowd.thanked)
    assert [visit.reference for visit in visits if is_half(visit)] == []
    with app.app_context():
        stored = read_session().execute(
            select(VisitRequest.contact_email, func.count(OutboxMessage.id), func.min(OutboxMessage.state))
            .outerjoin(OutboxMessage, OutboxMessage.visit_id == VisitRequest.id)
            .group_by(VisitRequest.contact_email)
        )
        assert {tuple(row) for row in stored} == {(address, 1, "sent") for address in crowd.thanked}
        assert find_damage(read_session()) == []
    check_mails(app, smtp_sink, crowd)


def is_half(visit: VisitRequest) -> bool:
    return not (visit.delegation and visit.interests and visit.date_windows and visit.agreement)


def send_the_rest(app) -> None:
    """The leases of killed workers end, and one more sends what waits.

    PostgreSQL may still be committing the last words of a killed one: so again, while something is under way.
    """
    worker = Worker(app, schedule=Schedule(jobs=()))
    for _ in range(_ROUNDS):
        with app.app_context(), transaction() as session:
            past = datetime.now(UTC) - timedelta(days=1)
            leased = update(OutboxMessage).where(OutboxMessage.leased_until.is_not(None))
            session.execute(leased.values(leased_until=past))
        while worker.work_once():
            pass
        with app.app_context(), transaction() as session:
            if not session.scalar(select(func.count()).where(OutboxMessage.state != "sent")):
                return


def check_mails(app, sink, crowd: Crowd) -> None:
    """To each visitor one mail; a kill repeats one at most, under the same Message-ID."""
    arrived = message_ids(sink.received)
    with app.app_context():
        assert set(arrived) == set(read_session().scalars(select(OutboxMessage.message_id)))
    assert len(arrived) == len(crowd.thanked)
    assert sum(arrived.values()) - len(arrived) <= KILLS + 1
