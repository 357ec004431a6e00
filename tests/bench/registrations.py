"""Registering for an event as one person does it, and staff's list of ten thousand: what they cost."""

import gzip
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select

from bookings.db import table_of, transaction
from bookings.domain.staff import StaffRole
from bookings.domain.text import fold
from bookings.models.registrations import Registration, Seat
from tests.bench.client import Fields, Visitor, read_form
from tests.bench.journey import Mailboxes, Tally, link_in
from tests.support.apps import build_settings, close, create_app
from tests.support.databases import SQLiteTemplate
from tests.support.events import an_event, pool_of
from tests.support.staff import an_account, sign_in
from tests.support.statements import recorded_statements

MANY = 10_000
PAGE = "/events/bench-event/register"
_RUNS = 40
AIMS = "aims: ≤ 4 requests, ≤ 18 CPU seconds per 1,000, of the floor ≥ 0.70 per request"
ENVIRONMENT = {
    f"BOOKINGS_LIMITS_REGISTRATIONS_PER_{name}": "1000000" for name in ("CLIENT_HOUR", "NETWORK_HOUR")
}


def store_event(url: str, folder: Path) -> None:
    """An event without an end of places, for the journeys."""
    app = create_app(build_settings(url, folder))
    with app.app_context():
        an_event("Bench event", starts_at=datetime.now(UTC) + timedelta(days=60), now=datetime.now(UTC))
    close(app)


class Registrant(Visitor):
    """A visitor whose forms are answered with a page."""

    def send(self, page: str, fields: Fields) -> str:
        """Fill in the main form of `page`; the answer is a page itself."""
        path, hidden = read_form(page, default=self.location)
        status, text = self._send("POST", path, urlencode(hidden + fields))
        assert status == 200, (status, path, text[:2000])
        return text


def register(port: int, number: int, *, mailboxes: Mailboxes, tally: Tally) -> None:
    """One journey: the form, thanks, the link of the mail, one's own page."""
    address = f"guest-{number}@event-{number}.example"
    mailbox = mailboxes.open(address)
    visitor = Registrant(port)
    begun = time.perf_counter()
    page = visitor.get(PAGE)
    sent = time.perf_counter()
    about = {"name": f"Guest {number}", "email": address, "organisation": f"Town {number}", "country": "SE"}
    visitor.send(page, list(about.items()))
    arrived, mail = mailbox.get(timeout=30)
    page = visitor.get(link_in(mail.text, "/registrations/verify/"))
    own = visitor.send(page, [])
    assert "You are registered" in own, own[:500]
    tally.seconds.append(time.perf_counter() - begun)
    mailbox.get(timeout=30)
    tally.mail_seconds.append(max(arrived - sent, 0.0))
    tally.requests += visitor.requests
    tally.bytes_received += visitor.bytes_received
    visitor.close()


@dataclass(frozen=True)
class _Cost:
    statements: int
    cpu: float
    octets: int
    packed: int


def print_staff_list() -> None:
    """Staff's list of ten thousand beside an empty one, and a search, on SQLite."""
    print(f"\nstaff's list of {MANY:,} registrations (SQLite)")
    print("aims: ≤ 12 statements, ≤ 50 ms of CPU, ≤ 60 KiB, ≤ 1.3 of the empty list; a search ≤ 80 ms")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        url = SQLiteTemplate(folder).copy_into(folder / "data")
        app = create_app(build_settings(url, folder / "data"))
        now = datetime.now(UTC)
        with app.app_context():
            starts_at = now + timedelta(days=60)
            empty = an_event("Nobody yet", starts_at=starts_at, now=now).slug
            full = an_event("Everybody", starts_at=starts_at, now=now, capacity=MANY)
            slug, event_id, ticket_id, pool_id = full.slug, full.id, full.tickets[0].id, pool_of(full).id
            store_registrations(event_id, ticket_id, pool_id, count=MANY)
        an_account(app, StaffRole.ADMIN, now=now)
        client = app.test_client()
        sign_in(client, f"{StaffRole.ADMIN}@staff.example")
        _print_rows(app, client, empty, slug)
        close(app)


def store_registrations(event_id: int, ticket_id: int, pool_id: int, *, count: int) -> None:
    """People with a seat each."""
    now = datetime.now(UTC)
    rows = [_row(number, event_id, ticket_id, now) for number in range(count)]
    with transaction() as session:
        for first in range(0, count, 1_000):
            session.execute(insert(table_of(Registration)), rows[first : first + 1_000])
        people = table_of(Registration)
        ids = session.scalars(select(people.c.id).where(people.c.event_id == event_id))
        seats = [{"pool_id": pool_id, "registration_id": one} for one in ids]
        session.execute(insert(table_of(Seat)), seats)


def _row(number: int, event_id: int, ticket_id: int, now: datetime) -> dict[str, object]:
    name, email = f"Guest Number {number}", f"guest-{number}@event-{number}.example"
    organisation, reference = f"Organisation of Town {number % 700}", f"KR-{number:04d}-BNCH"
    return {
        "reference": reference, "event_id": event_id, "ticket_id": ticket_id, "state": "registered",
        "version": 1, "came_by": "form", "language": "en", "time_zone": "Europe/Stockholm", "name": name,
        "email": email, "phone": "", "role": "", "organisation_name": organisation,
        "organisation_key": organisation.lower(), "organisation_number": "", "country": "SE",
        "search_key": fold(f"{name} {email} {organisation} {reference}"), "answers": {},
        "badge_code": f"BENCH{number}", "created_at": now, "verified_at": now, "registered_at": now,
        "closed_reason": "",
    }  # fmt: skip


def _print_rows(app: Flask, client: FlaskClient, empty: str, slug: str) -> None:
    pages = {
        "empty": f"/staff/events/{empty}/registrations",
        "all": f"/staff/events/{slug}/registrations",
        "page 150": f"/staff/events/{slug}/registrations?page=150",
        "search, many": f"/staff/events/{slug}/registrations?text=organisation+town",
        "search, one": f"/staff/events/{slug}/registrations?text=guest-9876",
        "search, none": f"/staff/events/{slug}/registrations?text=nobody+at+all",
    }
    print(f"{'page':<16}{'SQL':>5}{'CPU ms':>9}{'of empty':>10}{'KiB':>8}{'packed':>8}")
    for name, address in pages.items():
        cost, of_empty = _ask(client, address, beside=pages["empty"])
        print(
            f"{name:<16}{cost.statements:>5}{cost.cpu:>9.1f}{of_empty:>10.2f}"
            f"{cost.octets / 1024:>8.1f}{cost.packed / 1024:>8.1f}",
            flush=True,
        )


def _ask(client: FlaskClient, address: str, *, beside: str) -> tuple[_Cost, float]:
    """What the page costs, and how many times the other one: in turns, as a machine changes its speed."""
    client.get(address), client.get(beside)
    with recorded_statements() as statements:
        content = client.get(address).get_data()
    taken = [(_cpu_of(client, address), _cpu_of(client, beside)) for _number in range(_RUNS)]
    cpu, cpu_beside = (median(column) for column in zip(*taken, strict=True))
    counted = [one for one in statements if not one.startswith(("BEGIN", "PRAGMA"))]
    return _Cost(len(counted), cpu, len(content), len(gzip.compress(content))), cpu / cpu_beside


def _cpu_of(client: FlaskClient, address: str) -> float:
    """CPU milliseconds of one request."""
    begun = time.process_time()
    client.get(address).get_data()
    return (time.process_time() - begun) * 1000


if __name__ == "__main__":
    print_staff_list()
