"""A database as it is after years: the newest request, with all its rows, copied in place many times."""

from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Engine,
    LargeBinary,
    String,
    Table,
    cast,
    create_engine,
    func,
    insert,
    literal,
    select,
    text,
    true,
)

from bookings.db import table_of
from bookings.domain.links import LinkPurpose
from bookings.domain.outbox import OutboxState
from bookings.models.audit import AuditEntry
from bookings.models.links import ActionLink
from bookings.models.outbox import OutboxMessage
from bookings.models.visits import (
    Agreement,
    DateWindow,
    Delegation,
    VisitDraft,
    VisitInterest,
    VisitPlace,
    VisitRequest,
)

_FIRST_ID = 10_000_000  # far beyond what a sequence gives out meanwhile
_ROWS_PER_REQUEST = 64
_OF_A_VISIT = (LinkPurpose.VERIFY_REQUEST, LinkPurpose.NOT_ME, LinkPurpose.MANAGE_VISIT)
_PARTS = (Delegation, DateWindow, Agreement, VisitPlace, VisitInterest, VisitDraft, OutboxMessage, AuditEntry)
_UNIQUE = {"reference", "form_key", "message_id", "cause", "organisation_key", "token_hash"}
_SETTLED: dict[str, ColumnElement[Any]] = {
    "outbox_message.state": literal(OutboxState.SENT),
    "outbox_message.raw": literal(b"", LargeBinary),
}


def store_requests(url: str, count: int) -> None:
    """Add `count` proved requests with their rows; their mails are sent and emptied, as after a month."""
    engine = create_engine(url)
    with engine.begin() as connection:
        newest = connection.scalar(select(func.max(VisitRequest.id)).where(VisitRequest.id < _FIRST_ID))
        _copy(connection, table_of(VisitRequest), VisitRequest.id == newest, count=count)
        for part in _PARTS:
            table = table_of(part)
            _copy(connection, table, table.c.visit_id == newest, count=count)
        own_links = (ActionLink.subject_id == newest) & ActionLink.purpose.in_(_OF_A_VISIT)
        _copy(connection, table_of(ActionLink), own_links, count=count)
        connection.execute(text("ANALYZE"))
    if engine.dialect.name == "sqlite":
        _fold_journal(engine)
    engine.dispose()


def _fold_journal(engine: Engine) -> None:
    """The server under measurement should not pay for writing these rows into the file."""
    connection = engine.raw_connection()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _copy(connection: Connection, table: Table, rows: ColumnElement[bool], *, count: int) -> None:
    series = select(literal(1).label("n")).cte("series", recursive=True)
    series = series.union_all(select(series.c.n + 1).where(series.c.n < count))
    number: ColumnElement[Any] = series.c.n
    first = connection.scalar(select(func.min(table.c.id)).where(rows)) if "id" in table.c else 0
    pairs = table.join(series, true())
    values = [_value(column, number, first or 0) for column in table.c]
    connection.execute(
        insert(table).from_select(list(table.c.keys()), select(*values).select_from(pairs).where(rows))
    )


def _value(column: Column[Any], number: ColumnElement[Any], first: int) -> ColumnElement[Any]:
    """What a copy holds: its own keys, and everything else as it is in the newest request."""
    place = f"{column.table.name}.{column.name}"
    if place in _SETTLED:
        return _SETTLED[place]
    if place == "visit_request.id" or column.name in ("visit_id", "subject_id"):
        return number + _FIRST_ID
    if column.name == "id":
        return number * _ROWS_PER_REQUEST + (column - first) + _FIRST_ID
    if column.name in _UNIQUE:
        return cast(_name(number, column), column.type)
    return column


def _name(number: ColumnElement[Any], column: Column[Any]) -> ColumnElement[Any]:
    """A text that no other row has: the number of the copy, and the row that it is a copy of."""
    return cast(number, String) + literal(" copies ") + cast(column.table.c.id, String)
