"""Sending, when all is well: mails arrive as they were queued, in order, on one connection."""

from datetime import datetime

import pytest
from flask import Flask

from tests.jobs.conftest import Work
from tests.support.mailbox import SMTPSink
from tests.support.mails import a_calendar, a_mail, outbox_row, queue


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


def test_one_connection_carries_a_batch(work: Work, smtp_sink: SMTPSink, now: datetime):
    queue(*(a_mail(f"test:{n}") for n in range(20)), now=now)

    work(now)

    assert (len(smtp_sink.received), smtp_sink.greetings) == (20, 1)
