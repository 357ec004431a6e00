"""The site as a process of its own, as it is shipped: for tests that end it, softly or not."""

import os
import subprocess
import sys
import time
import urllib.request

from bookings.settings import Settings
from tests.support.apps import SECRET_KEY

PATIENCE = 120
"""Seconds that a busy machine may take for anything."""


def start_command(settings: Settings, *arguments: str, **more: str) -> subprocess.Popen[bytes]:
    """A running `bookings …` on the database and with the relay of a test."""
    environ = {
        **os.environ,
        "BOOKINGS_APP_ENVIRONMENT": "test",
        "BOOKINGS_APP_SECRET_KEY": SECRET_KEY,
        "BOOKINGS_APP_DATA_FOLDER": str(settings.app.data_folder),
        "BOOKINGS_DATABASE_URL": settings.database_url,
        "BOOKINGS_MAIL_HOST": settings.mail.host,
        "BOOKINGS_MAIL_PORT": str(settings.mail.port),
        **more,
    }
    return subprocess.Popen([sys.executable, "-m", "bookings", *arguments], env=environ)


def wait_for_answer(port: int, path: str, *, seconds: float = PATIENCE) -> tuple[bytes, str | None]:
    """Body and Server header of the page, as soon as there is one."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}") as answer:
                return answer.read(), answer.headers["Server"]
        except OSError:
            assert time.monotonic() < deadline, "no answer"
            time.sleep(0.1)
