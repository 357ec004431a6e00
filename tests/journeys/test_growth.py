"""What is stored costs nothing: the work of one visit's days is the same with thousands that are over."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from itertools import count
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from bookings.db import Base, database, read_session
from bookings.jobs.schedule import JOBS, Schedule
from bookings.jobs.worker import Worker
from bookings.models.outbox import OutboxMessage
from bookings.services.directory import load_demo_directory
from bookings.services.slots import add_slot
from bookings.services.visits import release_visit
from tests.bench.growth import list_plans, store_requests
from tests.bench.journey import steps_of
from tests.support.apps import build_settings, close, create_app
from tests.support.booking import Visitor, link_in
from tests.support.databases import PostgreSQLTemplate, SQLiteTemplate
from tests.support.staff import an_account, sign_in
from tests.support.stories import STAFF, host_token

FEW, MANY = 10, 1_500
_STEPS = 100
"""So many steps of SQLite's machine are counted as one."""
_GROWING = {
    "visit_request", "delegation", "date_window", "agreement", "visit_place", "visit_interest", "visit_task",
    "outbox_message", "audit_entry", "slot", "calendar_entry", "attendee", "resource", "action_link",
}  # fmt: skip
"""Of holds only those of visits to come are stored."""
_OF_FEW = {
    index.name
    for table in Base.metadata.tables.values()
    for index in table.indexes
    if index.dialect_options["postgresql"]["where"] is not None
}
_SCANS = ("Seq Scan", "Index Scan", "Index Only Scan")
_days = count(30)
_QUIET = ("read_calendars", "poll_mailbox", "render_catalogue")
"""Jobs that look at nothing of a visit."""
_PAGES = (
    "/staff/visits", "/staff/?scope=all", "/staff/?scope=mine", "/staff/outbox", "/staff/outbox?state=failed",
)  # fmt: skip
_COUNTED = "SELECT outbox_message.state, count(*)"
"""Staff see how many mails have left: an index alone tells, which is read whole."""


def test_on_sqlite_no_statement_works_harder_with_many_stored_visits(
    sqlite_template: SQLiteTemplate, tmp_path: Path
):
    few = _steps_with(FEW, sqlite_template, tmp_path / "few")

    many = _steps_with(MANY, sqlite_template, tmp_path / "many")

    harder = {
        statement: (few.get(statement, 0), steps)
        for statement, steps in many.items()
        if (steps - few.get(statement, 0)) * _STEPS > MANY - FEW
    }
    assert harder == {}


def test_on_postgresql_every_look_at_what_grows_goes_by_an_index(
    postgresql_template: PostgreSQLTemplate, tmp_path: Path
):
    with postgresql_template.copy() as url:
        app = _an_app(url, tmp_path)
        _store(app, url, MANY, tmp_path)

        with _seen_statements() as seen:
            _live_a_day(app)

        with app.app_context():
            reading = {statement: _read_whole(statement, values) for statement, values in seen.items()}
        close(app)
    assert {statement: tables for statement, tables in reading.items() if tables} == {}


def _an_app(url: str, folder: Path) -> Flask:
    many = {"requests_per_client_hour": 1_000, "requests_per_network_hour": 1_000}
    return create_app(build_settings(url, folder, more={"mail": {"transport": "folder"}, "limits": many}))


def _store(app: Flask, url: str, number: int, folder: Path) -> None:
    """A visit with its rows, so many times over."""
    with app.app_context():
        load_demo_directory(now=datetime.now(UTC))
    an_account(app)
    _book(app, "model@growth.example")
    store_requests(url, number, folder)
    _live_a_day(app)  # what the process keeps is there, and what is late is done


def _live_a_day(app: Flask) -> None:
    """A visit from the form to the answers of its hosts, with the worker's jobs and the pages of staff."""
    now = datetime.now(UTC)
    reference = _book(app, f"{now.timestamp()}@growth.example")
    with app.app_context():
        day = now + timedelta(days=next(_days))  # so that the hosts are free
        slots = [add_slot(reference, plan, who=STAFF, now=now) for plan in list_plans(day)]
        release_visit(reference, who=STAFF, now=now)
        tokens = [host_token(slot) for slot in slots]
    host = Visitor(app.test_client())
    for token, answer in zip(tokens, ("accept", "decline", "maybe"), strict=True):
        host.open(f"/slots/{token}")
        host.send({"reason": "Closed that day"}, to=f"/slots/{token}/{answer}")
    _work(app)
    with app.app_context():
        for job in JOBS:
            if job.name not in _QUIET:
                job.run(now=now)
    staff = app.test_client()
    sign_in(staff, "coordinator@staff.example")
    for page in _PAGES:
        assert staff.get(page).status_code == 200, page


def _book(app: Flask, address: str) -> str:
    visitor = Visitor(app.test_client())
    visitor.fill_in(steps_of(address))
    _work(app)
    visitor.open(f"/book/verify/{_token_for(app, address)}")
    visitor.send({})
    _work(app)
    return visitor.reference


def _token_for(app: Flask, address: str) -> str:
    with app.app_context():
        lately = OutboxMessage.queued_at > datetime.now(UTC) - timedelta(days=1)
        mails = select(OutboxMessage.raw).where(lately, OutboxMessage.recipient == address)
        raw = read_session().scalars(mails).one()
    return link_in(message_from_bytes(raw, policy=default), "/book/verify/").rpartition("/")[2]


def _work(app: Flask) -> None:
    worker = Worker(app, schedule=Schedule(jobs=()))
    while worker.work_once():
        pass


def _steps_with(number: int, template: SQLiteTemplate, folder: Path) -> dict[str, int]:
    """The most that each statement of a day took of SQLite's machine, beside so many stored visits."""
    (folder / "data").mkdir(parents=True)
    url = template.copy_into(folder / "data")
    app = _an_app(url, folder)
    _store(app, url, number, folder)
    steps: Counter[str] = Counter()
    with _counted_steps(steps):
        _live_a_day(app)
    close(app)
    return {statement: taken for statement, taken in steps.items() if not statement.startswith(_COUNTED)}


@contextmanager
def _counted_steps(most: Counter[str]) -> Iterator[None]:
    """From a statement's begin to the next one's on its connection: rows are found while they are read."""
    running: dict[sqlite3.Connection, str] = {}
    taken: Counter[sqlite3.Connection] = Counter()

    def begin(connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        driver = connection.connection.driver_connection
        most[running.get(driver, "")] = max(most[running.get(driver, "")], taken[driver])
        running[driver], taken[driver] = statement, 0
        driver.set_progress_handler(lambda: taken.update([driver]), _STEPS)

    event.listen(Engine, "before_cursor_execute", begin)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", begin)


@contextmanager
def _seen_statements() -> Iterator[dict[str, Any]]:
    """Every statement that reads or changes rows, with values that it ran with."""
    seen: dict[str, Any] = {}

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.startswith(("SELECT", "WITH", "UPDATE", "DELETE")):
            seen[statement] = values[0] if isinstance(values, list) else values

    event.listen(Engine, "before_cursor_execute", keep)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", keep)


def _read_whole(statement: str, values: Any) -> list[str]:
    """Tables that the statement reads from end to end though the database would rather not."""
    if statement.startswith(_COUNTED):
        return []
    with database.engine.connect() as connection:
        connection.exec_driver_sql("SET enable_seqscan = off")
        found = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalar_one()
    plan = found if isinstance(found, list) else json.loads(found)
    return [node["Relation Name"] for node in _nodes(plan[0]["Plan"]) if _reads_all(node)]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _reads_all(node: dict[str, Any]) -> bool:
    """An index without a condition is no way in either, unless it is one of few rows."""
    if node.get("Relation Name") not in _GROWING or node["Node Type"] not in _SCANS:
        return False
    return "Index Cond" not in node and node.get("Index Name") not in _OF_FEW
