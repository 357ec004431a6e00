"""A database as it is after years: a visit from the form to the thanks, copied in place many times.

The copies have all that a visit leaves behind: three stops at other hosts each time, their calendar entries,
mails, links, the trail. Each took place some minutes before the one before it.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    String,
    Table,
    case,
    cast,
    create_engine,
    func,
    insert,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from bookings.db import UtcDateTime, read_session, table_of
from bookings.domain.holds import ResourceKind
from bookings.domain.links import LinkPurpose
from bookings.domain.outbox import OutboxState
from bookings.domain.slots import SlotPlan
from bookings.jobs.schedule import JOBS, Schedule
from bookings.jobs.worker import Worker
from bookings.models.audit import AuditEntry
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.holds import Hold, Resource
from bookings.models.links import ActionLink
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.tasks import VisitTask
from bookings.models.visits import (
    Agreement,
    DateWindow,
    Delegation,
    VisitInterest,
    VisitPlace,
    VisitRequest,
)
from bookings.services.slots import accept_slot, add_slot
from bookings.services.visits import accept_programme, complete_visits, release_visit
from tests.support.apps import build_settings, close, create_app
from tests.support.stories import STAFF, host_token, visitor_token

_FIRST_ID = 10_000_000  # far beyond what a sequence gives out meanwhile
_ROWS_PER_REQUEST = 64
_RUNS = 3
_ELSEWHERE = {"poll_mailbox", "read_calendars", "render_catalogue"}
"""Jobs that look at other servers and at files."""
_STOPS = 3
_AHEAD = timedelta(days=120)
"""So far ahead lies the visit that is copied; its copies are over."""
_OVER = timedelta(days=8)
"""So long ago the newest copies were: what this week holds is shown this week, and costs what it costs."""
_KEPT = timedelta(days=220)
"""The copies fill so many days before that: none has reached its keeping time."""
_PARTS = (Delegation, DateWindow, Agreement, VisitPlace, VisitInterest)
_TOLD = (VisitTask, OutboxMessage, AuditEntry)
_OF_A_VISIT = (LinkPurpose.VERIFY_REQUEST, LinkPurpose.NOT_ME, LinkPurpose.MANAGE_VISIT)
_UNIQUE = {"reference", "form_key", "message_id", "cause", "organisation_key", "token_hash", "uid",
           "organizer_token", "contact_email"}  # fmt: skip
_SETTLED: dict[str, ColumnElement[Any]] = {
    "outbox_message.state": literal(OutboxState.SENT),
    "outbox_message.raw": literal(b"", LargeBinary),
    "agreement.network_address": literal(""),
}
_HOST_COLUMNS = ("organisation_id", "site_id", "place_id", "host_contact_id")


class _Earlier(FunctionElement[datetime]):
    """`_Earlier(instant, seconds)`: the instant, so many seconds before."""

    type = UtcDateTime()
    inherit_cache = True


@compiles(_Earlier, "sqlite")
def _earlier_on_sqlite(element: _Earlier, compiler: Any, **options: Any) -> str:
    instant, seconds = (compiler.process(part, **options) for part in element.clauses)
    return f"strftime('%Y-%m-%d %H:%M:%f', {instant}, -({seconds}) || ' seconds') || '000'"


@compiles(_Earlier, "postgresql")
def _earlier_on_postgresql(element: _Earlier, compiler: Any, **options: Any) -> str:
    instant, seconds = (compiler.process(part, **options) for part in element.clauses)
    return f"({instant} - ({seconds}) * INTERVAL '1 second')"


def store_requests(url: str, count: int, folder: Path) -> None:
    """Bring the newest request to its end, and add `count` copies of the visit; their mails are emptied."""
    app = create_app(build_settings(url, folder))
    with app.app_context():
        visit = _finish_newest()
    close(app)
    engine = create_engine(url, execution_options={"writes": True})
    with engine.begin() as connection:
        _Copies(connection, visit, count).add()
    if engine.dialect.name == "sqlite":
        _fold_journal(engine)  # and no statistics: nobody makes them where the program runs, either
    else:
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
    engine.dispose()


def time_worker(url: str, folder: Path) -> dict[str, float]:
    """Milliseconds of a round that finds nothing to do, and of each job of the worker: the best of three."""
    app = create_app(build_settings(url, folder, more={"mail": {"transport": "folder"}}))
    worker = Worker(app, schedule=Schedule(jobs=()))
    while worker.work_once():
        pass
    taken = {"an idle round": min(_time(worker.work_once) for _ in range(_RUNS))}
    with app.app_context():
        for job in JOBS:
            if job.name not in _ELSEWHERE:
                taken[job.name] = min(_time(job.run, now=datetime.now(UTC)) for _ in range(_RUNS))
    close(app)
    return taken


def _time(work: Callable[..., object], **values: object) -> float:
    begun = time.perf_counter()
    work(**values)
    return (time.perf_counter() - begun) * 1000


def _fold_journal(engine: Engine) -> None:
    """The server under measurement should not pay for writing these rows into the file."""
    connection = engine.raw_connection()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _finish_newest() -> int:
    """Hosts are asked and accept, the visitor does, the days pass; returns the visit's id."""
    session = read_session()
    visit = session.scalars(select(VisitRequest).order_by(VisitRequest.id.desc()).limit(1)).one()
    visit_id, reference = visit.id, visit.reference
    now = datetime.now(UTC)
    slots = [add_slot(reference, plan, who=STAFF, now=now) for plan in list_plans(now + _AHEAD)]
    release_visit(reference, who=STAFF, now=now)
    for slot_id in slots:
        accept_slot(host_token(slot_id), now=now)
    accept_programme(visitor_token(reference), now=now)
    complete_visits(now=now + _AHEAD + timedelta(days=2))
    return visit_id


def list_plans(day: datetime) -> Iterator[SlotPlan]:
    """Stops at three hosts on one day."""
    query = select(Organisation.slug, Site.id, HostContact.id).join(
        Site, Site.organisation_id == Organisation.id
    )
    query = query.join(HostContact, HostContact.organisation_id == Organisation.id)
    hosts = read_session().execute(query.where(Site.time_zone == "Europe/Helsinki").order_by(Site.id)).all()
    begin = day.replace(hour=7, minute=0, second=0, microsecond=0)
    for number in range(_STOPS):
        slug, site, contact = hosts[number]
        starts_at = begin + timedelta(hours=3 * number)
        yield SlotPlan(
            organisation_slug=slug, site_id=site, host_contact_id=contact, starts_at=starts_at,
            ends_at=starts_at + timedelta(minutes=90), title="How biogas is made of waste",
        )  # fmt: skip


class _Copies:
    """The rows of one visit, many times. Ids follow from the number of the copy, so that keys fit."""

    def __init__(self, connection: Connection, visit: int, count: int) -> None:
        self._connection, self._visit = connection, visit
        series = select(literal(1).label("n")).cte("series", recursive=True)
        self._series = series.union_all(select(series.c.n + 1).where(series.c.n < count))
        self._number: ColumnElement[Any] = self._series.c.n
        newest, apart = _AHEAD + _OVER, int(_KEPT.total_seconds() / count)
        self._shift = int(newest.total_seconds()) + self._number * apart
        self._first = {
            table: connection.scalar(select(func.min(table.c.id)).where(rows))
            for table, rows in self._rows().items()
            if "id" in table.c
        }

    def add(self) -> None:
        """Table after table, as their keys need each other."""
        for table, rows in self._rows().items():
            pairs = table.join(self._series, true())
            values = {column.name: self._value(column) for column in table.c}
            if table.name == "slot":
                hosts = _numbered_hosts()
                many = self._connection.scalar(select(func.count()).select_from(hosts))
                pairs = pairs.join(hosts, hosts.c.place == (self._number * _STOPS + table.c.id) % many)
                values |= {name: hosts.c[name] for name in _HOST_COLUMNS}
            copies = select(*values.values()).select_from(pairs).where(rows)
            self._connection.execute(insert(table).from_select(list(values), copies))

    def _rows(self) -> dict[Table, ColumnElement[bool]]:
        """What belongs to the visit, by table."""
        slots = select(Slot.id).where(Slot.visit_id == self._visit)
        entries = select(Slot.calendar_entry_id).where(Slot.visit_id == self._visit)
        link, resource = table_of(ActionLink).c, table_of(Resource).c
        is_own = (resource.kind == ResourceKind.DELEGATION) & (resource.subject_id == self._visit)
        found = {table_of(VisitRequest): VisitRequest.id == self._visit}
        found |= {table_of(part): table_of(part).c.visit_id == self._visit for part in _PARTS}
        found |= {
            table_of(CalendarEntry): CalendarEntry.id.in_(entries),
            table_of(Attendee): Attendee.entry_id.in_(entries),
            table_of(Slot): Slot.visit_id == self._visit,
            table_of(Resource): is_own,
            table_of(Hold): Hold.resource_id.in_(select(resource.id).where(is_own)),
            table_of(ActionLink): link.purpose.in_(_OF_A_VISIT) & (link.subject_id == self._visit)
            | (link.purpose == LinkPurpose.ANSWER_SLOT) & link.subject_id.in_(slots),
        }
        return found | {table_of(part): table_of(part).c.visit_id == self._visit for part in _TOLD}

    def _value(self, column: Column[Any]) -> ColumnElement[Any]:
        """What a copy holds: its own keys, earlier instants, and everything else as it is in the visit."""
        place = f"{column.table.name}.{column.name}"
        if place in _SETTLED:
            return _SETTLED[place]
        if column.name == "id":
            return self._key(column, column.table)
        if column.name == "subject_id":
            return self._subject(column)
        targets = [key.column.table for key in column.foreign_keys]
        if column.name == "visit_id" or (targets and targets[0] in self._first):
            return self._key(column, targets[0] if targets else table_of(VisitRequest))
        if column.name in _UNIQUE:
            return cast(self._name(column), column.type)
        return _Earlier(column, self._shift) if isinstance(column.type, UtcDateTime) else column

    def _key(self, column: Column[Any], table: Table) -> ColumnElement[Any]:
        if table.name == "visit_request":
            return self._number + _FIRST_ID
        return self._number * _ROWS_PER_REQUEST + (column - self._first[table]) + _FIRST_ID

    def _subject(self, column: Column[Any]) -> ColumnElement[Any]:
        """Of links and of the trail: the visit or a stop of it."""
        kind = column.table.c.get("purpose", column.table.c.get("noun"))
        visit = self._number + _FIRST_ID
        if kind is None:
            return visit
        is_stop = kind.in_((LinkPurpose.ANSWER_SLOT, "slot"))
        return case((is_stop, self._key(column, table_of(Slot))), else_=visit)

    def _name(self, column: Column[Any]) -> ColumnElement[Any]:
        """A text that no other row has: the number of the copy, and the row that it is a copy of."""
        return cast(self._number, String) + literal(" copies ") + cast(column.table.c.id, String)


def _numbered_hosts() -> Any:
    """A site of each host with the contact there, counted from 0."""
    place = (func.row_number().over(order_by=Site.id) - 1).label("place")
    columns = (Site.organisation_id, Site.id.label("site_id"), Site.place_id)
    hosts = select(place, *columns, HostContact.id.label("host_contact_id"))
    return hosts.join(HostContact, HostContact.organisation_id == Site.organisation_id).subquery()
