"""The fault table for mail: what is promised when relays fail, row by row.

Workers and clocks that fail stand in test_worker_faults.py, the worker killed at random in test_worker.py.
"""

import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import icalendar
import pytest
from flask import Flask

from bookings.db import read_session
from bookings.jobs.worker import running_worker
from bookings.queries.outbox import load_backlog
from tests.jobs.conftest import Work
from tests.support.builders import a_directory
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
from tests.support.staff import a_signed_in_client


@pytest.fixture(autouse=True)
def in_app(work: Work, app_context: Flask) -> None:
    """Queue and look inside the application."""


def tries_of(cause: str, work: Work, *, start: datetime, minutes: int) -> list[int]:
    """The minutes after `start` in which the mail was tried, with a look every minute."""
    tried, before = [], outbox_row(cause).attempts
    for minute in range(minutes + 1):
        work(start + minute * MINUTE)
        after = outbox_row(cause).attempts
        tried += [minute] * (after - before)
        before = after
    return tried


def staff_page(app: Flask, address: str, *, now: datetime) -> str:
    """A page as staff see it. In a thread, because a request has an application context of its own."""
    app.extensions["clock"] = lambda: now
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: a_signed_in_client(app).get(address).text).result()


# --- SMTP down for an hour, for 72 h ---


@pytest.mark.settings(mail=A_DEAD_RELAY, outbox={"jitter": 0.0})
def test_relay_down_for_an_hour_the_tries_follow_the_schedule_and_the_mails_leave_oldest_first(
    app: Flask, work: Work, smtp_sink: SMTPSink, now: datetime
):
    queue(*(a_mail(f"{n}") for n in range(3)), now=now)

    tried = tries_of("0", work, start=now, minutes=60)
    point_at(app, smtp_sink.port)
    for minute in range(61, 112):
        work(now + minute * MINUTE)

    assert tried == [0, 1, 6, 21, 51]
    assert subjects(smtp_sink) == ["0", "1", "2"]
    assert set(states_by_cause().values()) == {"sent"}


@pytest.mark.settings(mail=A_DEAD_RELAY)
def test_relay_down_for_72_hours_waits_an_hour_at_most_and_never_in_step(work: Work, now: datetime):
    queue(a_mail("0"), now=now)
    waits = []

    moment = now
    while moment < now + 72 * HOUR:
        work(moment)
        waits.append((outbox_row("0").next_attempt_at - moment) / MINUTE)
        moment = outbox_row("0").next_attempt_at

    planned = [1, 5, 15, 30] + [60] * (len(waits) - 4)
    assert all(0.8 * plan <= wait <= 1.2 * plan for plan, wait in zip(planned, waits, strict=True)), waits
    assert 60 < len(waits) < 95
    assert statistics.stdev(waits[4:]) > 2
    assert states_by_cause() == {"0": "waiting"}


@pytest.mark.settings(mail=A_DEAD_RELAY)
def test_relay_down_for_72_hours_loses_nothing_and_mails_nobody_twice(
    app: Flask, work: Work, smtp_sink: SMTPSink, now: datetime
):
    for hour in range(72):
        queue(a_mail(f"{hour}", recipient=f"h{hour}@plant.example"), now=now + hour * HOUR)
        work(now + hour * HOUR)
    dark, states = load_backlog(read_session()), set(states_by_cause().values())

    point_at(app, smtp_sink.port)
    work(now + 73.5 * HOUR)
    work(now + 75 * HOUR)

    assert (dark.count, dark.since, states) == (72, now, {"waiting"})
    assert subjects(smtp_sink) == [f"{hour}" for hour in range(72)]
    assert set(message_ids(smtp_sink.received).values()) == {1}
    assert set(states_by_cause().values()) == {"sent"}


@pytest.mark.settings(mail=A_DEAD_RELAY)
def test_relay_down_for_72_hours_invitations_whose_time_has_passed_are_listed_and_not_sent(
    app: Flask, work: Work, smtp_sink: SMTPSink, now: datetime
):
    queue(
        a_mail("passed", calendar=a_calendar(), expires_at=now + 71 * HOUR),
        a_mail("ahead", calendar=a_calendar(uid="two@kvarken.example"), expires_at=now + 80 * HOUR),
        now=now,
    )
    work(now)

    point_at(app, smtp_sink.port)
    work(now + 72 * HOUR)

    assert subjects(smtp_sink) == ["ahead"]
    page = staff_page(app, "/staff/outbox?state=too_late", now=now + 72 * HOUR)
    assert "About passed" in page
    assert "About ahead" not in page


@pytest.mark.settings(mail=A_DEAD_RELAY)
def test_relay_down_staff_see_how_many_mails_wait_since_when_within_a_minute(
    app: Flask, work: Work, now: datetime
):
    queue(*(a_mail(f"{n}") for n in range(7)), now=now)
    began = time.monotonic()

    work(now)
    page = staff_page(app, "/staff/outbox", now=now + MINUTE)

    assert "7 mails wait, the oldest since Monday 1 February 2027 10:00 EET" in page
    assert "The mail server cannot be reached" in page
    assert time.monotonic() - began < 60


@pytest.mark.settings(mail=A_DEAD_RELAY)
def test_relay_down_any_number_of_mails_costs_one_call(work: Work, now: datetime):
    queue(*(a_mail(f"{n}") for n in range(50)), now=now)

    work(now)
    work(now + 40 * timedelta(seconds=1))

    assert sum(outbox_row(f"{n}").attempts for n in range(50)) == 1
    assert outbox_row("49").last_cause == "relay:connection"


@pytest.mark.sqlite_only
@pytest.mark.settings(mail={"timeout_seconds": 20})
def test_relay_hangs_pages_wait_for_nothing(app: Flask, smtp_sink: SMTPSink, now: datetime):
    a_directory()
    client = app.test_client()
    smtp_sink.holds.add("host@plant.example")

    with running_worker(app):
        queue(a_mail(), now=now)
        assert smtp_sink.is_holding.wait(60)
        # The relay answers only after these: a page that waited for the mail would wait for ever.
        seen = [client.get(path).status_code for path in ("/", "/book") for _ in range(9)]
        queue(a_mail("another"), now=now)
        before = list(smtp_sink.received)
        smtp_sink.holds.clear()
        smtp_sink.wait_for(2)

    assert seen == [200] * 18
    assert before == []


# --- 4xx, greylisting, 550 for one of 20, hang, slow ---


@pytest.mark.parametrize(
    ("answer", "state", "cause"),
    [
        ("450 4.2.0 mailbox busy", "waiting", "recipient"),
        ("451 4.7.1 greylisted, come back", "waiting", "recipient"),
        ("452 4.2.2 mailbox full", "waiting", "recipient"),
        ("550 5.1.1 no such person", "failed", "recipient"),
        ("554 5.7.1 not wanted", "failed", "recipient"),
    ],
)
def test_one_refused_of_twenty_the_others_arrive_within_a_minute(
    answer: str, state: str, cause: str, work: Work, smtp_sink: SMTPSink, now: datetime
):
    smtp_sink.answers[OTHERS[7]] = answer
    queue(*(a_mail(f"{n}", recipient=address) for n, address in enumerate(OTHERS)), now=now)
    began = time.monotonic()

    work(now)

    assert time.monotonic() - began < 60
    assert len(smtp_sink.received) == 19
    assert Counter(states_by_cause().values()) == {"sent": 19, state: 1}
    assert (outbox_row("7").last_cause, outbox_row("7").last_error) == (cause, answer)


def test_greylisting_the_mail_arrives_at_the_second_try(work: Work, smtp_sink: SMTPSink, now: datetime):
    smtp_sink.answers["grey@plant.example"] = "451 4.7.1 try later"
    queue(a_mail("grey", recipient="grey@plant.example"), a_mail("other"), now=now)

    work(now)
    before = states_by_cause()
    smtp_sink.answers.clear()
    work(now + 2 * MINUTE)

    assert before == {"grey": "waiting", "other": "sent"}
    assert states_by_cause() == {"grey": "sent", "other": "sent"}


def test_greylisting_a_cancel_waits_for_its_request(work: Work, smtp_sink: SMTPSink, now: datetime):
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
    work(now + 2 * MINUTE)

    assert early == 0
    assert subjects(smtp_sink) == ["request", "cancel"]


@pytest.mark.settings(mail={"timeout_seconds": 0.5})
def test_relay_that_hangs_for_one_of_twenty_the_others_arrive_within_a_minute(
    work: Work, smtp_sink: SMTPSink, now: datetime
):
    smtp_sink.hangs[OTHERS[0]] = 3.0
    queue(*(a_mail(f"{n}", recipient=address) for n, address in enumerate(OTHERS)), now=now)
    began = time.monotonic()

    work(now)

    assert time.monotonic() - began < 60
    assert len(smtp_sink.received) == 19
    assert (outbox_row("0").state, outbox_row("0").last_cause) == ("waiting", "timeout")


def test_relay_that_is_slow_every_mail_arrives_once(work: Work, smtp_sink: SMTPSink, now: datetime):
    smtp_sink.hangs |= dict.fromkeys(OTHERS, 0.2)
    queue(*(a_mail(f"{n}", recipient=address) for n, address in enumerate(OTHERS)), now=now)
    began = time.monotonic()

    work(now)

    assert 4 < time.monotonic() - began < 60
    assert message_ids(smtp_sink.received) == dict.fromkeys(message_ids(smtp_sink.received), 1)
    assert Counter(states_by_cause().values()) == {"sent": 20}


# --- connection lost after DATA ---


def test_connection_lost_after_data_repeats_that_mail_once_and_no_other(
    work: Work, smtp_sink: SMTPSink, now: datetime
):
    smtp_sink.breaks_off_after = 1
    queue(a_mail("broken"), a_mail("other"), now=now)

    work(now)
    work(now + 2 * MINUTE)

    assert message_ids(smtp_sink.received) == {
        outbox_row("broken").message_id: 2,
        outbox_row("other").message_id: 1,
    }
    assert set(states_by_cause().values()) == {"sent"}


def test_connection_lost_after_data_the_repetition_is_the_same_to_mail_programs_and_calendars(
    work: Work, smtp_sink: SMTPSink, now: datetime
):
    (host,) = an_invited_host()
    smtp_sink.breaks_off_after = 1

    work(now)
    work(now + 2 * MINUTE)

    first, second = (mail for mail in smtp_sink.received if mail.calendar)
    assert first.raw == second.raw
    assert len(message_ids([first, second])) == 1
    (event,) = icalendar.Calendar.from_ical(second.calendar).walk("VEVENT")
    assert (str(event["UID"]), event["SEQUENCE"]) == (host.uid, 0)
