"""What the pages of staff cost with one visit and with hundreds: statements, CPU, octets."""

import gzip
import re
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.staff import StaffRole
from bookings.domain.today import WaitKind
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.services.directory import load_demo_directory
from tests.bench.feeds import store_stops
from tests.support.apps import build_settings, close, create_app
from tests.support.databases import SQLiteTemplate
from tests.support.staff import an_account, sign_in
from tests.support.statements import recorded_statements

SLOTS, PER_VISIT = 5_000, 10
_RUNS = 5
_VIEWS = ("month", "week", "day", "list", "rows")
# Pages that a whole file hangs on, that only lead on, or that belong to somebody's sign-in.
_LEFT_OUT = re.compile(r"/staff$|\.csv$|account|sign-in|/tf-|/mf-|<token>|<language>|import|export")


@dataclass(frozen=True)
class Cost:
    """One page: without BEGIN and PRAGMA; the CPU is this process's, in milliseconds; octets compressed."""

    statements: int
    cpu: float
    octets: int


def bench_workspace() -> None:
    """Prints a row for each page of staff, on SQLite."""
    print(f"\nstaff's pages: one visit, and {SLOTS // PER_VISIT} visits with {SLOTS:,} slots (SQLite)")
    print("aims: ≤ 12 statements, ≤ 150 ms of CPU, ≤ 1.5 of the page with one visit; the month ≤ 100 kB")
    print(f"{'page':<52}{'SQL':>5}{'SQL':>5}{'CPU ms':>9}{'CPU ms':>9}{'ratio':>7}{'kB':>8}")
    few, many = (_measure(count) for count in (PER_VISIT, SLOTS))
    over = 0
    for page, cost in many.items():
        before = few[page]
        ratio = cost.cpu / before.cpu
        over += cost.statements > 12 or cost.cpu > 150 or ratio > 1.5
        print(
            f"{page:<52}{before.statements:>5}{cost.statements:>5}{before.cpu:>9.1f}{cost.cpu:>9.1f}"
            f"{ratio:>7.2f}{cost.octets / 1000:>8.1f}"
        )
    print(f"{len(many)} pages, {over} beyond an aim")


def _measure(slots: int) -> dict[str, Cost]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        data = folder / "data"
        data.mkdir()
        url = SQLiteTemplate(folder).copy_into(data)
        app = create_app(build_settings(url, data))
        with app.app_context():
            load_demo_directory(now=datetime.now(UTC))
        store_stops(url, first=0, until=slots, per_visit=PER_VISIT)
        an_account(app, StaffRole.ADMIN, now=datetime.now(UTC))
        client = app.test_client()
        sign_in(client, f"{StaffRole.ADMIN}@staff.example")
        costs = {page: _ask(client, address) for page, address in _list_pages(app, client)}
        close(app)
    return costs


def _ask(client: FlaskClient, address: str) -> Cost:
    with recorded_statements() as statements:
        client.get(address)
    begun = time.process_time()
    for _ in range(_RUNS):
        content = client.get(address).get_data()
    cpu = (time.process_time() - begun) / _RUNS * 1000
    counted = [one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]
    return Cost(len(counted), cpu, len(gzip.compress(content)))


def _list_pages(app: Flask, client: FlaskClient) -> list[tuple[str, str]]:
    """Name and address of every page below /staff that needs no more than a visit, a slot or a host.

    Only those that have something to show; asking once fills what the process keeps, too.
    """
    with app.app_context():
        slot = read_session().scalars(select(Slot.id).order_by(Slot.id)).first()
        visit = read_session().scalars(select(VisitRequest.reference).order_by(VisitRequest.id)).first()
    known = {"reference": str(visit), "slug": "stormossen", "slot_id": str(slot)}
    day = (datetime.now(UTC) + timedelta(days=1)).date()
    pages = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if not rule.rule.startswith("/staff") or "GET" not in (rule.methods or ()):
            continue
        if _LEFT_OUT.search(rule.rule):
            continue
        if rule.endpoint == "staff_calendar.show":
            pages += [(f"{rule.rule}?view={view}", f"{rule.rule}?view={view}&date={day}") for view in _VIEWS]
        elif rule.endpoint == "staff_today.waiting":
            addresses = [f"/staff/today/{kind}?scope=all" for kind in WaitKind]
            pages += zip(addresses, addresses, strict=True)
        elif rule.arguments <= set(known):
            address = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found: known[found[1]], rule.rule)
            pages.append((re.sub(r"<[^<>]*?(\w+)>", r"<\1>", rule.rule), address))
    return [(page, address) for page, address in pages if client.get(address).status_code == 200]


if __name__ == "__main__":
    bench_workspace()
