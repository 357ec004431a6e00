"""The fault table for mail where workers and clocks are the fault: four workers, cron twice, clock jumps."""

import re
import threading
import time
from datetime import datetime, timedelta

import pytest
from flask import Flask

from bookings.jobs.schedule import JOBS, Schedule
from bookings.jobs.worker import Worker
from tests.jobs.conftest import Work
from tests.support.faults import A_DEAD_RELAY, HOUR, MINUTE, OTHERS
from tests.support.inbox import an_invited_host
from tests.support.mailbox import SMTPSink
from tests.support.mails import (
    a_calendar,
    a_mail,
    message_ids,
    outbox_row,
    point_at,
    queue,
    states_by_cause,
    subjects,
)
from tests.support.stories import slot_row


@pytest.fixture(autouse=True)
def in_app(work: Work, app_context: Flask) -> None:
    """Queue and look inside the application."""


@pytest.mark.settings(outbox={"lease_seconds": 2})
def test_relay_slower_than_the_lease_two_workers_never_send_the_same_mail(
    app: Flask, smtp_sink: SMTPSink, now: datetime
):
    smtp_sink.hangs |= dict.fromkeys(OTHERS, 0.3)
    queue(*(a_mail(f"{n}", recipient=address) for n, address in enumerate(OTHERS)), now=now)

    _work_together(app, smtp_sink, mails=20, workers=2, now=now)

    assert set(message_ids(smtp_sink.received).values()) == {1}


def _work_together(app: Flask, sink: SMTPSink, *, mails: int, workers: int, now: datetime) -> None:
    """Several workers at once, until so many mails have come, and a little longer."""
    crew = [Worker(app, schedule=Schedule(jobs=()), clock=lambda: now) for _ in range(workers)]
    threads = [threading.Thread(target=worker.run) for worker in crew]
    for thread in threads:
        thread.start()
    sink.wait_for(mails, seconds=50)
    time.sleep(0.3)
    for worker in crew:
        worker.stop()
    for thread in threads:
        thread.join(10)


def test_four_workers_do_what_one_does(app: Flask, smtp_sink: SMTPSink, now: datetime):
    mails = [
        a_mail(f"{uid}:{n}", calendar=a_calendar(uid=f"{uid}@kvarken.example", sequence=n))
        for n in range(3)
        for uid in range(20)
    ]
    queue(*mails, now=now)

    _work_together(app, smtp_sink, mails=60, workers=4, now=now)

    assert sorted(message_ids(smtp_sink.received).values()) == [1] * 60
    order = [subject.split(":") for subject in subjects(smtp_sink)]
    for uid in map(str, range(20)):
        assert [n for owner, n in order if owner == uid] == ["0", "1", "2"]


def test_cron_twice_everything_happens_once(app: Flask, smtp_sink: SMTPSink, now: datetime):
    (host,) = an_invited_host()
    respond_by = slot_row(host.slot_id).respond_by

    for moment in (now, respond_by - MINUTE, respond_by + MINUTE):
        crew = [Worker(app, clock=lambda moment=moment: moment) for _ in range(2)]
        threads = [threading.Thread(target=_work_all, args=(worker,)) for worker in crew]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    told = [
        calendar[0] if (calendar := re.findall(r"METHOD:(\w+)", mail.calendar)) else "reminder"
        for mail in smtp_sink.to(host.email)
    ]
    assert told == ["REQUEST", "reminder", "CANCEL"]
    assert set(message_ids(smtp_sink.received).values()) == {1}


def _work_all(worker: Worker) -> None:
    while worker.work_once():
        pass
    worker.work_once()  # what the jobs queued


@pytest.mark.settings(mail=A_DEAD_RELAY)
def test_clock_jumps_and_back_a_dead_relay_is_not_stormed_and_no_mail_is_stuck(
    app: Flask, work: Work, smtp_sink: SMTPSink, now: datetime
):
    queue(*(a_mail(f"{n}") for n in range(5)), now=now)
    for jump in (0, 400, 0, -400, 0, 400, 0):  # days
        for second in range(20):
            work(now + timedelta(days=jump, seconds=second))
    tries = sum(outbox_row(f"{n}").attempts for n in range(5))

    point_at(app, smtp_sink.port)
    work(now + 2 * HOUR)

    assert tries <= 7
    assert subjects(smtp_sink) == [f"{n}" for n in range(5)]
    assert set(message_ids(smtp_sink.received).values()) == {1}


def test_clock_jumps_a_mail_that_is_being_sent_stays_with_its_worker(
    app: Flask, smtp_sink: SMTPSink, work: Work, now: datetime
):
    smtp_sink.hangs["host@plant.example"] = 1.0
    queue(a_mail(), now=now)
    sender = Worker(app, schedule=Schedule(jobs=()), clock=lambda: now)

    thread = threading.Thread(target=sender.work_once)
    thread.start()
    time.sleep(0.4)
    work(now + timedelta(days=400))
    thread.join(10)

    assert len(smtp_sink.received) == 1
    assert states_by_cause() == {"test:1": "sent"}


def test_clock_jumps_periodic_jobs_keep_their_pace(app: Flask, now: datetime):
    ran: list[datetime] = []
    clock = [now]
    jobs = tuple(job.__class__(job.name, job.seconds, lambda *, now: ran.append(now)) for job in JOBS)
    worker = Worker(app, schedule=Schedule(jobs=jobs), clock=lambda: clock[0])

    for days in (0, 400, 0, -400, 0):
        clock[0] = now + timedelta(days=days)
        worker.work_once()

    assert ran == [now] * len(JOBS)
