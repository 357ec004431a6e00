"""`bookings serve` and `bookings worker` as processes: they answer, send, and end in good order."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from bookings.settings import Settings
from tests.support.mailbox import SMTPSink
from tests.support.mails import a_mail, add_test_template, queue, states_by_cause
from tests.support.ports import free_port
from tests.support.processes import start_command, wait_for_answer

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only]


@contextmanager
def command(settings: Settings, *arguments: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running `bookings …`, asked to end by SIGTERM."""
    process = start_command(settings, *arguments, **more)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    finally:
        process.kill()


def test_the_site_answers_sends_and_ends_in_good_order(
    app_context: Flask, settings: Settings, smtp_sink: SMTPSink, tmp_path: Path
):
    add_test_template(app_context)
    queue(a_mail(), now=datetime.now(UTC))
    port = free_port()

    with command(settings, "serve", "--port", str(port)):
        body, server = wait_for_answer(port, "/healthz")
        wait_for_answer(port, "/readyz")
        smtp_sink.wait_for(1, seconds=120)

    assert (body, server) == (b"ok\n", None)
    assert states_by_cause() == {"test:1": "sent"}


def test_the_worker_alone_sends_and_ends_in_good_order(
    app_context: Flask, settings: Settings, smtp_sink: SMTPSink
):
    add_test_template(app_context)
    queue(a_mail(), now=datetime.now(UTC))

    with command(settings, "worker"):
        smtp_sink.wait_for(1, seconds=60)

    assert states_by_cause() == {"test:1": "sent"}
