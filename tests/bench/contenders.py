"""64 releases of one host's overlapping times at once, over the web: who wins, how long the others wait."""

import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

from bookings.services.directory import load_demo_directory
from bookings.services.slots import add_slot
from tests.bench.client import Visitor
from tests.bench.measure import percentile
from tests.support.apps import build_settings, close, create_app
from tests.support.builders import a_visit
from tests.support.staff import PASSWORD, an_account
from tests.support.stories import STAFF, plan

CONTENDERS = 64
_HOST = "stormossen"


def prepare_contenders(url: str) -> list[str]:
    """Visits with one draft each, a minute later than the one before: overlapping, never equal.

    To be stored before the site starts: the builders of the tests expect nobody else to write.
    """
    now = datetime.now(UTC)
    noon = (now + timedelta(weeks=6)).replace(hour=10, minute=0, second=0, microsecond=0)
    app = create_app(build_settings(url, Path(tempfile.mkdtemp(prefix="kvbench"))))
    an_account(app, now=now)
    with app.app_context():
        load_demo_directory(now=now)
        references = [a_visit().reference for _ in range(CONTENDERS)]
        for number, reference in enumerate(references):
            starts_at = noon + timedelta(minutes=number)
            stop = plan(_HOST, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=90))
            add_slot(reference, stop, who=STAFF, now=now)
    close(app)
    return references


def print_contenders(references: list[str], port: int) -> None:
    """What the site on this port answers when all of these visits are released at once."""
    signed_in = _sign_in(port)
    # One token for all of them: the page of any visit carries it.
    token = signed_in.read_token(f"/staff/visits/{references[0]}/release")
    start = Barrier(CONTENDERS)

    def release(reference: str) -> tuple[int, float]:
        contender = Visitor(port, cookies=dict(signed_in.cookies))
        start.wait()
        begun = time.perf_counter()
        status = contender.send(f"/staff/visits/{reference}/release", [("csrf_token", token)])
        contender.close()
        return status, time.perf_counter() - begun

    with ThreadPoolExecutor(CONTENDERS) as pool:
        answers = list(pool.map(release, references))
    signed_in.close()
    statuses = Counter(status for status, _seconds in answers)
    seconds = [taken for _status, taken in answers]
    print(
        f"{CONTENDERS} releases of one host's time at once: {statuses[303]} won, {statuses[409]} read "
        f"the next free times, {CONTENDERS - statuses[303] - statuses[409]} got something else; "
        f"p50 {percentile(seconds, 0.5):.2f} s, p99 {percentile(seconds, 0.99):.2f} s (aim: ≤ 5 s)"
    )


def _sign_in(port: int) -> Visitor:
    staff = Visitor(port)
    about = [("email", "coordinator@staff.example"), ("password", PASSWORD)]
    status = staff.send("/staff/sign-in", [("csrf_token", staff.read_token("/staff/sign-in")), *about])
    assert status == 302, status
    return staff
