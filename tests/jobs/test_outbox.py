"""Sending: a real mail server that refuses, hangs, breaks off or is away; nothing lost, nothing twice."""

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask

from bookings.db import read_session
from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from bookings.queries.outbox import load_backlog
from tests.support.mailbox import SMTPSink
from tests.support.mails import a_calendar, a_mail, add_test_template, outbox_row, queue, states_by_cause
from tests.support.ports import free_port

pytestmark = pytest.mark.settings(outbox={"jitter": 0.0})
Work = Callable[[datetime], None]


@pytest.fixture
def work(app: Flask, now: datetime) -> Work:
    """Let a worker without periodic jobs work at an instant until nothing is left to do then."""
    add_test_template(app)
    clock = [now]
    worker = Worker(app, schedule=Schedule(jobs=()), clock=lambda: clock[0])

    def work_at(now: datetime) -> None:
        clock[0] = now
        while worker.work_once():
            pass

    return work_at


@pytest.fixture(autouse=True)
def in_app(work: Work, app_context: Flask) -> None:
    """Queue and look inside the application."""


def test_a_mail_arrives_as_it_was_queued(work: Work, smtp_sink: SMTPSink, now: datetime):
    queue(a_mail(calendar=a_calendar(), reply_to="answer+t0k3n@kvarken.example"), now=now)

    work(now)

    (mail,) = smtp_sink.to("host@plant.example")
    assert (mail.subject, mail.sender) == ("About test:1", "answer+t0k3n@kvarken.example")
    assert "METHOD:REQUEST" in mail.calendar
    assert mail.message["Message-ID"] == outbox_row("test:1").message_id
    assert (outbox_row("test:1").state, outbox_row("test:1").sent_at) == ("sent", now)


def test_mails_leave_oldest_first_and_those_about_one_entry_in_order(
    work: Work, smtp_sink: SMTPSink, now: datetime
):
    queue(
        a_mail("request", calendar=a_calendar()),
        a_mail("second", calendar=a_calendar(sequence=1)),
        a_mail("cancel", calendar=a_calendar("CANCEL", sequence=2)),
        now=now,
    )

    work(now)

    subjects = [mail.subject for mail in smtp_sink.received]
    assert subjects == ["About request", "About second", "About cancel"]


def test_one_refused_address_of_twenty_stops_none_of_the_others(
    work: Work, smtp_sink: SMTPSink, now: datetime
):
    smtp_sink.answers["h7@plant.example"] = "550 5.1.1 no such person"
    queue(*(a_mail(f"test:{n}", recipient=f"h{n}@plant.example") for n in range(20)), now=now)

    work(now)

    assert len(smtp_sink.received) == 19
    assert Counter(states_by_cause().values()) == {"sent": 19, "failed": 1}
    refused = outbox_row("test:7")
    assert (refused.last_cause, refused.last_error) == ("recipient", "550 5.1.1 no such person")


def test_greylisting_delays_one_mail_and_no_other(work: Work, smtp_sink: SMTPSink, now: datetime):
    smtp_sink.answers["grey@plant.example"] = "451 4.7.1 try later"
    queue(a_mail("grey", recipient="grey@plant.example"), a_mail("other"), now=now)

    work(now)
    before = states_by_cause()
    smtp_sink.answers.clear()
    work(now + timedelta(minutes=1))

    assert before == {"grey": "waiting", "other": "sent"}
    assert states_by_cause() == {"grey": "sent", "other": "sent"}


def test_a_cancel_waits_for_its_greylisted_request(work: Work, smtp_sink: SMTPSink, now: datetime):
    smtp_sink.answers["host@plant.example"] = "451 4.7.1 try later"
    queue(
        a_mail("request", calendar=a_calendar()),
        a_mail("cancel", calendar=a_calendar("CANCEL", sequence=1)),
        now=now,
    )

    work(now)
    smtp_sink.answers.clear()
    work(now + timedelta(seconds=30))
    early = len(smtp_sink.received)
    work(now + timedelta(minutes=1))

    assert early == 0
    assert [mail.subject for mail in smtp_sink.received] == ["About request", "About cancel"]


@pytest.mark.settings(mail={"port": free_port()})
def test_a_relay_that_is_down_for_72_hours_loses_nothing(
    app: Flask, work: Work, smtp_sink: SMTPSink, now: datetime
):
    for hour in range(0, 72, 3):
        queue(a_mail(f"hour:{hour}"), now=now + timedelta(hours=hour))
        work(now + timedelta(hours=hour))
    in_the_dark = load_backlog(read_session())
    tries = outbox_row("hour:0").attempts

    point_at(app, smtp_sink.port)
    queue(a_mail("new"), now=now + timedelta(hours=72))
    work(now + timedelta(hours=72))

    assert (in_the_dark.count, in_the_dark.since) == (24, now)
    assert tries <= 24
    expected = [f"About hour:{hour}" for hour in range(0, 72, 3)] + ["About new"]
    assert [mail.subject for mail in smtp_sink.received] == expected
    assert set(states_by_cause().values()) == {"sent"}


@pytest.mark.settings(mail={"port": free_port()})
def test_a_relay_that_is_down_is_called_once_for_any_number_of_mails(work: Work, now: datetime):
    queue(*(a_mail(f"test:{n}") for n in range(50)), now=now)

    work(now)
    work(now + timedelta(seconds=59))

    assert sum(outbox_row(f"test:{n}").attempts for n in range(50)) == 1
    assert outbox_row("test:49").last_cause == "relay:connection"
    assert outbox_row("test:49").next_attempt_at == now + timedelta(minutes=1)


def test_a_line_that_breaks_after_the_mail_was_taken_makes_one_duplicate_at_most(
    work: Work, smtp_sink: SMTPSink, now: datetime
):
    smtp_sink.breaks_off_after = 1
    queue(a_mail("broken"), a_mail("other"), now=now)

    work(now)
    work(now + timedelta(minutes=2))

    ids = [mail.message["Message-ID"] for mail in smtp_sink.received]
    assert Counter(ids) == {outbox_row("broken").message_id: 2, outbox_row("other").message_id: 1}
    assert set(states_by_cause().values()) == {"sent"}


@pytest.mark.settings(mail={"timeout_seconds": 0.5})
def test_a_relay_that_hangs_for_one_address_delivers_to_the_others_soon(
    work: Work, smtp_sink: SMTPSink, now: datetime
):
    smtp_sink.hangs["slow@plant.example"] = 3.0
    queue(a_mail("slow", recipient="slow@plant.example"), *(a_mail(f"test:{n}") for n in range(5)), now=now)

    work(now)

    assert len(smtp_sink.to("host@plant.example")) == 5
    assert (outbox_row("slow").state, outbox_row("slow").last_cause) == ("waiting", "timeout")


def test_one_connection_carries_a_batch(work: Work, smtp_sink: SMTPSink, now: datetime):
    queue(*(a_mail(f"test:{n}") for n in range(20)), now=now)

    work(now)

    assert (len(smtp_sink.received), smtp_sink.greetings) == (20, 1)


def test_four_workers_do_what_one_does(app: Flask, smtp_sink: SMTPSink, now: datetime):
    mails = [
        a_mail(f"{uid}:{n}", calendar=a_calendar(uid=f"{uid}@kvarken.example", sequence=n))
        for n in range(3)
        for uid in range(20)
    ]
    queue(*mails, now=now)
    workers = [Worker(app, schedule=Schedule(jobs=()), clock=lambda: now) for _ in range(4)]

    threads = [threading.Thread(target=worker.run) for worker in workers]
    for thread in threads:
        thread.start()
    smtp_sink.wait_for(60, seconds=30)
    for worker in workers:
        worker.stop()
    for thread in threads:
        thread.join(10)

    assert len({mail.message["Message-ID"] for mail in smtp_sink.received}) == len(smtp_sink.received) == 60
    order = [mail.subject.removeprefix("About ").split(":") for mail in smtp_sink.received]
    for uid in map(str, range(20)):
        assert [n for owner, n in order if owner == uid] == ["0", "1", "2"]


def point_at(app: Flask, port: int) -> None:
    """The relay is reachable again, at this port."""
    settings = app.extensions["settings"]
    mail = settings.mail.model_copy(update={"port": port})
    app.extensions["settings"] = settings.model_copy(update={"mail": mail})
