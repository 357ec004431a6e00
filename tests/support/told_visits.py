"""A visit told from the form to the calendars: its people, the clock they live by, the mails between them."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Thread

from flask import Flask
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.outbox import SETTLED_STATES
from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from bookings.models.outbox import OutboxMessage
from tests.support.browsing import Person
from tests.support.clock import NOW
from tests.support.mailbox import Received, SMTPSink
from tests.support.servers import WebServer
from tests.support.staff import PASSWORD


class Story:
    """The people of the visit, each with a browser, and the clock they live by."""

    def __init__(self, app: Flask, server: WebServer, sink: SMTPSink) -> None:
        self.app, self.server, self.sink = app, server, sink
        self.now = NOW
        self.seen = 0
        app.extensions["clock"] = lambda: self.now

    def person(self) -> Person:
        return Person(self.server.url)

    def staff(self) -> Person:
        """A coordinator who has just signed in: days pass in this story, and sign-ins end."""
        person = self.person().open("/staff/sign-in")
        person.send("/staff/sign-in", email="coordinator@staff.example", password=PASSWORD)
        assert "Test Coordinator" in person.page, person.page
        return person

    def pass_time(self, **length: float) -> None:
        """Let time pass, the regular jobs run and the mails leave: a late reminder isn't sent at all."""
        self.now += timedelta(**length)
        with self.app.app_context():
            Schedule().run_due(now=self.now)
            deadline = time.monotonic() + 30
            while read_session().scalar(
                select(OutboxMessage.id).where(OutboxMessage.state.not_in(SETTLED_STATES))
            ):
                read_session().rollback()
                assert time.monotonic() < deadline, "mails stay in the outbox"
                time.sleep(0.05)

    def newest_mail(self, recipient: str, containing: str = "") -> Received:
        """Wait for the newest mail to somebody."""
        self.sink.wait_for(
            lambda mails: any(self._is(mail, recipient, containing) for mail in mails), seconds=30
        )
        return [mail for mail in self.sink.to(recipient) if self._is(mail, recipient, containing)][-1]

    @staticmethod
    def _is(mail: Received, recipient: str, containing: str) -> bool:
        return recipient in mail.recipients and containing in mail.subject + mail.calendar

    def host_page(self, host: str) -> Person:
        """The host opens the link of the newest mail."""
        return self.person().open(link_in(self.newest_mail(address_of(host), "BEGIN:VCALENDAR"), "/slots/"))


def address_of(host: str) -> str:
    return f"visits@{host}.example"


def link_in(mail: Received, start: str) -> str:
    found = re.search(rf"https?://[^/\s]+({re.escape(start)}[A-Za-z0-9_-]+)", mail.text)
    assert found, mail.text
    return found[1]


@contextmanager
def working(story: Story) -> Iterator[None]:
    """A real worker in a thread, by the clock of the story."""
    worker = Worker(story.app, clock=lambda: story.now)
    thread = Thread(target=worker.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(10)
