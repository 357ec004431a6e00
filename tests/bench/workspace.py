"""What the pages of staff cost with one visit and with hundreds: statements, CPU, octets."""

import gzip
import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.staff import StaffRole
from bookings.domain.today import WaitKind
from bookings.models.events import Event
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from tests.bench.workspace_data import EVENTS, HOSTS, PER_VISIT, fill
from tests.support.apps import build_settings, close, create_app
from tests.support.databases import SQLiteTemplate
from tests.support.staff import an_account, sign_in
from tests.support.statements import recorded_statements

SLOTS = 5_000
_RUNS = 9
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
    many = f"{SLOTS // PER_VISIT} visits with {SLOTS:,} slots"
    print(f"\nstaff's pages: one visit, and {many}; {HOSTS} hosts, {EVENTS} events (SQLite)")
    print("aims: ≤ 12 statements, ≤ 150 ms of CPU, ≤ 1.5 of the page with one visit; the month ≤ 100 kB")
    print(f"{'page':<52}{'SQL':>5}{'SQL':>5}{'CPU ms':>9}{'CPU ms':>9}{'ratio':>7}{'kB':>8}")
    measured = list(_measure())
    for page, before, cost in measured:
        print(
            f"{page:<52}{before.statements:>5}{cost.statements:>5}{before.cpu:>9.1f}{cost.cpu:>9.1f}"
            f"{cost.cpu / before.cpu:>7.2f}{cost.octets / 1000:>8.1f}"
        )
    over = sum(
        cost.statements > 12 or cost.cpu > 150 or cost.cpu > 1.5 * few.cpu for _page, few, cost in measured
    )
    print(f"{len(measured)} pages, {over} beyond an aim")


def _measure() -> Iterator[tuple[str, Cost, Cost]]:
    """Each page with one visit and with all, in turns: whatever else the machine does meets both."""
    with tempfile.TemporaryDirectory() as name:
        (one, client_of_one), (all_, client_of_all) = (
            _open(Path(name) / str(slots), slots) for slots in (PER_VISIT, SLOTS)
        )
        pages_of_one = dict(_list_pages(one, client_of_one))
        for page, address in _list_pages(all_, client_of_all):
            if page in pages_of_one:
                yield page, *_ask((client_of_one, pages_of_one[page]), (client_of_all, address))
        close(one)
        close(all_)


def _open(folder: Path, slots: int) -> tuple[Flask, FlaskClient]:
    data = folder / "data"
    data.mkdir(parents=True)
    url = SQLiteTemplate(folder).copy_into(data)
    app = create_app(build_settings(url, data))
    fill(app, url, slots)
    an_account(app, StaffRole.ADMIN, now=datetime.now(UTC))
    client = app.test_client()
    sign_in(client, f"{StaffRole.ADMIN}@staff.example")
    return app, client


def _ask(*asked: tuple[FlaskClient, str]) -> list[Cost]:
    counts, octets = [], []
    for client, address in asked:
        with recorded_statements() as statements:
            octets.append(len(gzip.compress(client.get(address).get_data())))
        counts.append(len([one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]))
    taken: list[list[float]] = [[] for _client in asked]
    for _ in range(_RUNS):
        for times, (client, address) in zip(taken, asked, strict=True):
            begun = time.process_time()
            client.get(address).get_data()
            times.append((time.process_time() - begun) * 1000)
    return [Cost(*cost) for cost in zip(counts, map(median, taken), octets, strict=True)]


def _list_pages(app: Flask, client: FlaskClient) -> list[tuple[str, str]]:
    """Name and address of every page below /staff that needs no more than a visit, a slot or a host.

    Only those that have something to show; asking once fills what the process keeps, too.
    """
    with app.app_context():
        slot = read_session().scalars(select(Slot.id).order_by(Slot.id)).first()
        visit = read_session().scalars(select(VisitRequest.reference).order_by(VisitRequest.id)).first()
        event = read_session().scalars(select(Event.slug).order_by(Event.id)).first()
    day = (datetime.now(UTC) + timedelta(days=1)).date()
    pages = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if not rule.rule.startswith("/staff") or "GET" not in (rule.methods or ()):
            continue
        if _LEFT_OUT.search(rule.rule):
            continue
        slug = str(event) if rule.rule.startswith("/staff/events") else "stormossen"
        known = {"reference": str(visit), "slug": slug, "slot_id": str(slot)}
        if rule.endpoint == "staff_calendar.show":
            pages += [(f"{rule.rule}?view={view}", f"{rule.rule}?view={view}&date={day}") for view in _VIEWS]
        elif rule.endpoint == "staff_today.waiting":
            addresses = [f"/staff/today/{kind}?scope=all" for kind in WaitKind]
            pages += zip(addresses, addresses, strict=True)
        elif rule.arguments <= set(known):
            address = re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda found, known=known: known[found[1]], rule.rule)
            pages.append((re.sub(r"<[^<>]*?(\w+)>", r"<\1>", rule.rule), address))
    return [(page, address) for page, address in pages if client.get(address).status_code == 200]


if __name__ == "__main__":
    bench_workspace()
