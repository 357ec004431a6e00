"""What a calendar feed of many entries costs: uncached, warm, and for a reader who knows it already.

"Uncached" is a feed in a version that nobody has asked for: a stop was just changed, which stored its VEVENT;
the process knows nothing of the feed and puts it together from the stored entries. "From nothing" is what
happens after a release that writes entries in another way, until the worker has been there: no entry is
stored, and all are rendered while the reader waits.
"""

import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from itertools import count as count_from
from pathlib import Path

from flask import Flask
from sqlalchemy import create_engine, insert, select, text

from bookings.db import database, table_of, transaction
from bookings.domain.audit import SYSTEM
from bookings.models.calendar import CalendarEntry
from bookings.models.directory import HostContact, Site
from bookings.models.slots import Slot
from bookings.models.staff import StaffUser
from bookings.models.visits import Delegation, VisitRequest
from bookings.services.feeds import create_staff_feed, render_ahead
from tests.bench.measure import ServerProcess, percentile
from tests.support.apps import build_settings, close, create_app
from tests.support.statements import recorded_statements

ENTRIES = (1_000, 10_000)
_SLOTS_PER_VISIT = 4
_FIRST_ID = 20_000_000
_COLD_RUNS, _WARM_RUNS = 3, 9
_parts = count_from(1)
_COLUMNS = (
    ("entries", 9), ("p50 ms", 9), ("CPU ms", 9), ("kB", 9), ("SQL", 6), ("server MB", 11), ("peak MB", 9),
)  # fmt: skip


@dataclass(frozen=True)
class Answer:
    """What one request for a feed got."""

    seconds: float
    status: int
    octets: int
    etag: str


def print_feeds(url: str, server: ServerProcess, folder: Path) -> None:
    """Fill the database with stops, and print what their feed costs."""
    print("calendar feed of staff (aim with 10,000 entries: uncached ≤ 1,000 ms, warm ≤ 50 ms, 304 ≤ 10 ms)")
    print(f"{'':13}" + "".join(f"{title:>{width}}" for title, width in _COLUMNS))
    app = create_app(build_settings(url, folder))
    stored = 0
    for count in ENTRIES:
        store_stops(url, first=stored, until=count)
        stored = count
        with app.app_context():
            token = create_staff_feed(_a_reader(), who=SYSTEM, now=datetime.now(UTC))
        _print_rows(app, server, f"/calendar/{token}.ics", count)
    close(app)


def store_stops(url: str, *, first: int, until: int, per_visit: int = _SLOTS_PER_VISIT) -> None:
    """Stops of confirmed visits, each with its entry, in the weeks ahead."""
    # Our BEGIN IMMEDIATE: the server's worker writes now and then, too.
    engine = create_engine(url, execution_options={"writes": True})
    with engine.begin() as connection:
        hosts = connection.execute(
            select(
                Site.id, Site.organisation_id, Site.place_id, Site.time_zone, HostContact.id.label("contact")
            )
            .join(HostContact, HostContact.organisation_id == Site.organisation_id)
            .order_by(Site.id)
        ).all()
        for table, build in ((VisitRequest, _visit), (Delegation, _delegation)):
            visits = range(first // per_visit, until // per_visit)
            connection.execute(insert(table_of(table)), [build(_FIRST_ID + number) for number in visits])
        numbers = range(first, until)
        connection.execute(insert(table_of(CalendarEntry)), [_entry(number) for number in numbers])
        connection.execute(
            insert(table_of(Slot)),
            [_slot(number, number // per_visit, hosts[number % len(hosts)]) for number in numbers],
        )
        connection.execute(text("ANALYZE"))
    engine.dispose()


def _print_rows(app: Flask, server: ServerProcess, path: str, count: int) -> None:
    def forget_all() -> None:
        """All stops have another version: nothing that was stored of them counts."""
        with app.app_context(), transaction() as session:
            session.execute(text("UPDATE slot SET title = title"))

    def change_one() -> None:
        with app.app_context(), transaction() as session:
            stop = session.get_one(Slot, _FIRST_ID)
            stop.title = f"How biogas is made of waste, part {next(_parts)}"

    conditional = {"If-None-Match": ""}
    kinds: list[tuple[str, Callable[[], None] | None, dict[str, str], int]] = [
        ("from nothing", forget_all, {}, _COLD_RUNS),
        ("uncached", change_one, {}, _WARM_RUNS),
        ("warm", None, {}, _WARM_RUNS),
        ("If-None-Match", None, conditional, _WARM_RUNS),
    ]
    for name, before, headers, runs in kinds:
        seconds, cpu, octets = [], 0.0, 0
        if name == "uncached":  # entries are stored as they are written; these were written past the program
            with app.app_context():
                while render_ahead(now=datetime.now(UTC)):
                    pass
        for _ in range(runs):
            if before:
                before()
            begun = server.cpu_seconds()
            answer = _ask(server.port, path, headers)
            cpu += server.cpu_seconds() - begun
            seconds.append(answer.seconds)
            octets = answer.octets
            conditional["If-None-Match"] = answer.etag
        if before:
            before()
        statements, peak = _measure_within(app, path, headers)
        values = (
            f"{count}", f"{percentile(seconds, 0.5) * 1000:.1f}", f"{cpu / runs * 1000:.1f}",
            f"{octets / 1000:.1f}", f"{statements}", f"{server.pss_megabytes():.0f}", f"{peak:.1f}",
        )  # fmt: skip
        cells = zip(values, _COLUMNS, strict=True)
        print(f"{name:13}" + "".join(f"{value:>{width}}" for value, (_t, width) in cells), flush=True)


def _ask(port: int, path: str, headers: dict[str, str] | None = None) -> Answer:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    begun = time.perf_counter()
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    content = answer.read()
    seconds = time.perf_counter() - begun
    connection.close()
    assert answer.status in (200, 304), answer.status
    return Answer(seconds, answer.status, len(content), answer.getheader("ETag") or "")


def _measure_within(app: Flask, path: str, headers: dict[str, str]) -> tuple[int, float]:
    """SQL statements of one request, without BEGIN, and the most memory that it held, in MB."""
    client = app.test_client()
    tracemalloc.start()
    with recorded_statements() as statements:
        client.get(path, headers=headers).get_data()
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return len([one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]), peak


def _a_reader() -> int:
    database.session.connection(execution_options={"writes": True})
    found = database.session.scalar(select(StaffUser.id).where(StaffUser.email == "feed@bench.example"))
    if found:
        database.session.commit()
        return found
    reader = StaffUser(
        email="feed@bench.example", name="Reader", password="x", fs_uniquifier="feed", language="sv",
        active=True, created_at=datetime.now(UTC),
    )  # fmt: skip
    database.session.add(reader)
    database.session.commit()
    return reader.id


def _visit(number: int) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "id": number, "reference": f"KV-2026-{number}", "form_key": f"feed-{number}", "language": "en",
        "visit_kind": "study_visit", "purpose": "See how it is done.", "places_suggested": False,
        "visit_languages": ["en"], "contact_name": "Kadri Tamm", "contact_email": f"v{number}@bench.example",
        "contact_time_zone": "Europe/Tallinn", "created_at": now, "verified_at": now, "submitted_at": now,
        "state_changed_at": now, "state": "confirmed",
    }  # fmt: skip


def _delegation(number: int) -> dict[str, object]:
    name = f"Delegation of the county number {number}"
    return {
        "visit_id": number, "organisation_name": name, "organisation_key": name.casefold(),
        "organisation_country": "EE", "organisation_kind": "public", "group_size": 12,
    }  # fmt: skip


def _times(number: int) -> dict[str, object]:
    day = datetime.now(UTC).replace(hour=7, minute=0, second=0, microsecond=0)
    starts_at = day + timedelta(days=1 + number // 40, minutes=15 * (number % 40))
    return {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=90)}


def _entry(number: int) -> dict[str, object]:
    now = datetime.now(UTC)
    return {
        "id": _FIRST_ID + number, "uid": f"{number:032x}@bench.example", "sequence": number % 3,
        "status": "CONFIRMED", "summary": "Visit", "location": "Site", "time_zone": "Europe/Helsinki",
        "created_at": now, "changed_at": now, "announced_at": now, **_times(number),
    }  # fmt: skip


def _slot(number: int, visit: int, host: object) -> dict[str, object]:
    site_id, organisation_id, place_id, time_zone, contact_id = host  # type: ignore[misc]
    return {
        "id": _FIRST_ID + number, "visit_id": _FIRST_ID + visit, "site_id": site_id,
        "organisation_id": organisation_id, "place_id": place_id, "host_contact_id": contact_id,
        "calendar_entry_id": _FIRST_ID + number, "state": "accepted", "title": "How biogas is made of waste",
        "time_zone": time_zone, "created_at": datetime.now(UTC), **_times(number),
    }  # fmt: skip
