"""A worker in a process of its own, for tests that kill it."""

import multiprocessing
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from tests.support.apps import build_settings, create_app

_CONTEXT = multiprocessing.get_context("forkserver")
# Everything is imported once; each worker is a fork of that, so that a test can afford many.
_CONTEXT.set_forkserver_preload(["tests.jobs.worker_process", "bookings.app"])


def start_worker(database_url: str, folder: Path, **more: dict[str, Any]) -> ForkServerProcess:
    """A running worker process; `kill()` ends it as a power cut would."""
    process = _CONTEXT.Process(target=_work, args=(database_url, folder, more), daemon=True)
    process.start()
    return process


def _work(database_url: str, folder: Path, more: dict[str, dict[str, Any]]) -> None:
    app = create_app(build_settings(database_url, folder, more=more))
    Worker(app, schedule=Schedule(jobs=())).run()
