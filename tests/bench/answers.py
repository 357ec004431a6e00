"""Answers taken in by mail: how many a second, what each costs here and in the reading child, memory."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bookings.services.inbox import receive_mail, receiving
from bookings.services.slots import add_slot
from bookings.services.visits import release_visit
from tests.bench.measure import cpu_seconds_of, percentile, pss_megabytes_of
from tests.support.apps import build_settings, close, create_app
from tests.support.builders import a_directory, a_visit
from tests.support.clock import NOW
from tests.support.inbox import answer, invited
from tests.support.stories import STAFF, plan

SAYS = ("ACCEPTED", "DECLINED", "TENTATIVE")


@dataclass(frozen=True)
class AnswerFigures:
    """What so many answers cost."""

    answers: int
    wall_seconds: float
    own_cpu_seconds: float
    child_cpu_seconds: float
    p50_ms: float
    p95_ms: float
    own_megabytes: float
    child_megabytes: float
    child_start_ms: float


def bench_answers(name: str, url: str, count: int) -> None:
    """Print what taking in answers costs on this database; it has to be empty."""
    app = create_app(build_settings(url, Path(tempfile.mkdtemp(prefix="kvbench"))))
    with app.app_context():
        mails = _mails(count)
        figures = _measure(mails)
        pipe_wall, pipe_cpu = _pipe(url, mails[0])
    close(app)
    each = 1000 / figures.answers
    print(
        f"\n{name}: answers by mail taken in (read by the child, matched, recorded, host and staff told)\n"
        f"{figures.answers / figures.wall_seconds:.1f} answers/s, p50 {figures.p50_ms:.0f} ms, "
        f"p95 {figures.p95_ms:.0f} ms; CPU per answer {figures.own_cpu_seconds * each:.1f} ms here "
        f"and {figures.child_cpu_seconds * each:.1f} ms in the child (aim: ≤ 100 ms apart from its start)\n"
        f"start of the child {figures.child_start_ms:.0f} ms, once for 500 mails; memory (PSS) "
        f"{figures.own_megabytes:.0f} MB here, {figures.child_megabytes:.0f} MB the child\n"
        f"one `bookings mail receive` as a whole process: {pipe_wall * 1000:.0f} ms, "
        f"CPU {pipe_cpu * 1000:.0f} ms"
    )


def _mails(count: int) -> list[bytes]:
    """One answer for each of so many invitations, on as many days."""
    a_directory()
    found = []
    for number in range(count):
        starts_at = datetime(2027, 3, 16, 9, tzinfo=UTC) + timedelta(days=number)
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1)}
        reference = a_visit().reference
        slot_id = add_slot(reference, plan("stormossen", **times), who=STAFF, now=NOW)
        release_visit(reference, who=STAFF, now=NOW)
        found.append(answer(invited(slot_id), SAYS[number % len(SAYS)]))
    return found


def _measure(mails: list[bytes]) -> AnswerFigures:
    begun = time.perf_counter()
    receive_mail(b"From: a@x.example\r\nTo: b@x.example\r\n\r\nwarm", now=NOW)
    child_start = time.perf_counter() - begun
    child = receiving._sandbox.process_id
    assert child is not None
    seconds = []
    own, other, begun = time.process_time(), cpu_seconds_of(child), time.perf_counter()
    for raw in mails:
        one = time.perf_counter()
        receive_mail(raw, now=NOW)
        seconds.append(time.perf_counter() - one)
    return AnswerFigures(
        answers=len(mails),
        wall_seconds=time.perf_counter() - begun,
        own_cpu_seconds=time.process_time() - own,
        child_cpu_seconds=cpu_seconds_of(child) - other,
        p50_ms=percentile(seconds, 0.5) * 1000,
        p95_ms=percentile(seconds, 0.95) * 1000,
        own_megabytes=pss_megabytes_of("self"),
        child_megabytes=pss_megabytes_of(child),
        child_start_ms=child_start * 1000,
    )


def _pipe(url: str, raw: bytes) -> tuple[float, float]:
    """The pipe of a mail server: program and child start anew for each mail."""
    environment = {
        "BOOKINGS_DATABASE_URL": url,
        "BOOKINGS_APP_DATA_FOLDER": tempfile.mkdtemp(prefix="kvbench"),
    }
    before, begun = _children_cpu(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "bookings", "mail", "receive"], input=raw, check=True,
        env={**os.environ, **environment},
    )  # fmt: skip
    return time.perf_counter() - begun, _children_cpu() - before


def _children_cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
