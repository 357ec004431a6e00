"""`bookings serve` and `bookings worker` as processes: they answer, send, and end in good order."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

from bookings.settings import Settings
from tests.support.apps import SECRET_KEY
from tests.support.mailbox import SMTPSink
from tests.support.mails import a_mail, add_test_template, queue, states_by_cause
from tests.support.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only]


@contextmanager
def command(settings: Settings, *arguments: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A running `bookings …`, asked to end by SIGTERM."""
    environ = {
        **os.environ,
        "BOOKINGS_APP_ENVIRONMENT": "test",
        "BOOKINGS_APP_SECRET_KEY": SECRET_KEY,
        "BOOKINGS_APP_DATA_FOLDER": str(settings.app.data_folder),
        "BOOKINGS_DATABASE_URL": settings.database_url,
        "BOOKINGS_MAIL_PORT": str(settings.mail.port),
        **more,
    }
    process = subprocess.Popen([sys.executable, "-m", "bookings", *arguments], env=environ)
    try:
        yield process
        process.send_signal(signal.SIGTERM)
        assert process.wait(120) == 0
    finally:
        process.kill()


def wait_for_answer(port: int, path: str, *, seconds: float = 120) -> tuple[bytes, str | None]:
    """Body and Server header of the page, as soon as there is one."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.read(), answer.headers["Server"]
        except OSError:
            assert time.monotonic() < deadline, "no answer"
            time.sleep(0.1)


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
