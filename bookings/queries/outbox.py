"""Reads of the outbox: what may leave now, what waits and why, and whether a worker is alive."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import Session

from bookings.domain.outbox import OUTBOX, UNSETTLED_STATES, OutboxAction, OutboxState
from bookings.domain.slots import HOLDING_STATES
from bookings.models.calendar import Attendee
from bookings.models.directory import Organisation
from bookings.models.events import Event
from bookings.models.outbox import OUTBOX_TABLE, OutboxMessage, WorkerHeartbeat
from bookings.models.registrations import Registration
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest


@dataclass(frozen=True, kw_only=True)
class OutboxMail:
    """A mail as staff's list shows it."""

    id: int
    kind: str
    recipient: str
    subject: str
    state: OutboxState
    visit_reference: str | None
    slot_id: int | None
    queued_at: datetime
    next_attempt_at: datetime
    sent_at: datetime | None
    attempts: int
    last_cause: str
    last_error: str
    cause: str = ""
    event_slug: str | None = None
    registration_reference: str | None = None

    @property
    def can_be_retried(self) -> bool:
        """May staff ask for another try?"""
        return OUTBOX.can(self.state, OutboxAction.RETRY)

    @property
    def can_be_dropped(self) -> bool:
        """May staff decide that it never leaves?"""
        return OUTBOX.can(self.state, OutboxAction.DROP)


@dataclass(frozen=True)
class Backlog:
    """How many mails wait, and since when the oldest does."""

    count: int
    since: datetime | None


@dataclass(frozen=True)
class LostHost:
    """A slot whose host mails don't reach."""

    slot_id: int
    visit_reference: str
    host_name: str
    email: str
    since: datetime | None


def database_time(session: Session) -> datetime:
    """This instant by the database's clock: leases of several machines agree on it."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)  # it lives in this process, and its clock is ours
    moment: datetime = session.execute(_CLOCK).scalar_one()
    return moment.astimezone(UTC)


_CLOCK = select(func.clock_timestamp())


@dataclass(frozen=True)
class SendingTime:
    """The instants that decide which mails may leave: the caller's, and the database's for leases.

    A mail whose time lies further away than any wait was queued by a clock that was wrong: it is due too.
    """

    now: datetime
    database_now: datetime
    longest_wait: timedelta

    @property
    def values(self) -> dict[str, datetime]:
        """For the conditions `IS_FREE` and `HAS_ITS_TIME_COME`."""
        return {
            "now": self.now,
            "database_now": self.database_now,
            "furthest": self.now + self.longest_wait,
        }


# Built once, with the instants left open: the worker asks them for every mail.
_MAILS = OUTBOX_TABLE.c
# In the words of the partial index: with values left open, the database would read the whole table.
_UNSETTLED_WORDS: list[ColumnElement[str]] = [literal_column(f"'{state}'") for state in UNSETTLED_STATES]
_IS_UNSETTLED = _MAILS.state.in_(_UNSETTLED_WORDS)
IS_FREE: ColumnElement[bool] = _IS_UNSETTLED & or_(
    _MAILS.state == OutboxState.WAITING,
    and_(_MAILS.state == OutboxState.SENDING, _MAILS.leased_until < bindparam("database_now")),
)
"""Waiting, or left behind by a worker whose lease has run out."""
HAS_ITS_TIME_COME: ColumnElement[bool] = or_(
    _MAILS.state == OutboxState.SENDING,
    _MAILS.next_attempt_at <= bindparam("now"),
    _MAILS.next_attempt_at > bindparam("furthest"),
)
_DUE = select(_MAILS.id).where(IS_FREE, HAS_ITS_TIME_COME)
_ONE_DUE = _DUE.limit(1)


def is_any_due() -> ColumnElement[bool]:
    """May any mail leave at all? Asked inside of a statement about the same table."""
    return _DUE.correlate(None).exists()


def is_first_of_its_uid() -> ColumnElement[bool]:
    """No earlier mail about the same calendar entry is still to leave."""
    earlier = OUTBOX_TABLE.alias()
    # Most mails are about none: asked first, for SQLite may read all that ever left to find that out.
    return _MAILS.calendar_uid.is_(None) | ~exists().where(
        earlier.c.calendar_uid == _MAILS.calendar_uid,
        # Not the plain column: SQLite may take it for the way in, and read all that ever left.
        earlier.c.id + 0 < _MAILS.id,
        earlier.c.state.in_(_UNSETTLED_WORDS),
    )


def has_due_mail(session: Session, *, now: datetime, longest_wait: timedelta) -> bool:
    """Is there anything to claim? A cheap look that takes no lock."""
    at = SendingTime(now, database_time(session), longest_wait)
    return session.execute(_ONE_DUE, at.values).first() is not None


def has_newer_sent(session: Session, mail: OutboxMessage) -> bool:
    """Has a later mail about the same calendar entry left already?"""
    if mail.calendar_uid is None:
        return False
    newer = select(OutboxMessage.id).where(
        OutboxMessage.calendar_uid == mail.calendar_uid,
        OutboxMessage.id > mail.id,
        OutboxMessage.state == OutboxState.SENT,
    )
    return session.scalar(newer.limit(1)) is not None


def count_mails(session: Session) -> dict[OutboxState, int]:
    """How many mails are in each state; states without any are there with 0."""
    rows = session.execute(select(OutboxMessage.state, func.count()).group_by(OutboxMessage.state))
    found = {OutboxState(state): count for state, count in rows}
    return {state: found.get(state, 0) for state in OutboxState}


def load_backlog(session: Session) -> Backlog:
    """What waits to leave."""
    count, since = session.execute(
        select(func.count(), func.min(_MAILS.queued_at)).where(_IS_UNSETTLED)
    ).one()
    return Backlog(count, since)


def list_mails(
    session: Session, states: tuple[OutboxState, ...], *, page: int, per_page: int
) -> list[OutboxMail]:
    """Mails in these states: those still to leave oldest first, the settled ones newest first."""
    oldest_first = set(states) <= set(UNSETTLED_STATES)
    order = OutboxMessage.id if oldest_first else OutboxMessage.id.desc()
    statement = (
        _mails()
        .add_columns(Event.slug.label("event_slug"), Registration.reference.label("registration_reference"))
        .outerjoin(Registration, Registration.id == OutboxMessage.registration_id)
        .outerjoin(Event, Event.id == Registration.event_id)
        .where(_IS_UNSETTLED if oldest_first else OutboxMessage.state.in_(states))
        .order_by(order)
    )
    rows = session.execute(statement.limit(per_page).offset((page - 1) * per_page))
    return [_mail(row) for row in rows]


def list_mails_of_visit(session: Session, visit_id: int) -> list[OutboxMail]:
    """All mails about a visit, newest first: what was told to whom, and what did not arrive."""
    mails = _mails().where(OutboxMessage.visit_id == visit_id).order_by(OutboxMessage.id.desc())
    return [_mail(row) for row in session.execute(mails)]


def mails_of_visit() -> Select[*tuple[Any, ...]]:
    """What `build_mails` looks at, of the visit `visit_id`."""
    return _mails().where(OutboxMessage.visit_id == bindparam("visit_id"))


def build_mails(rows: Iterable[Any]) -> list[OutboxMail]:
    """All mails about a visit, newest first."""
    return [
        OutboxMail(**{**row._asdict(), "state": OutboxState(str(row.state))})
        for row in sorted(rows, key=lambda one: one.id, reverse=True)
    ]


def _mails() -> Select[*tuple[Any, ...]]:
    mail = OutboxMessage
    columns: tuple[Any, ...] = (
        mail.id,
        mail.kind,
        mail.recipient,
        mail.subject,
        mail.state,
        mail.slot_id,
        mail.queued_at,
        mail.next_attempt_at,
        mail.sent_at,
        mail.attempts,
        mail.last_cause,
        mail.last_error,
        mail.cause,
        VisitRequest.reference.label("visit_reference"),
    )
    return select(*columns).outerjoin(VisitRequest, VisitRequest.id == mail.visit_id)


def _mail(row: Row[Any]) -> OutboxMail:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return OutboxMail(**{**values, "state": OutboxState(str(values["state"]))})


def refused_mails() -> dict[str, Select[*tuple[Any, ...]]]:
    """What `build_refusals` looks at, of the slots `slot_ids`."""
    ids: BindParameter[Any] = bindparam("slot_ids", expanding=True)
    return {
        "refused": select(OutboxMessage.id, OutboxMessage.slot_id, OutboxMessage.last_error).where(
            OutboxMessage.slot_id.in_(ids), OutboxMessage.state == OutboxState.FAILED
        ),
        "came_back": select(Slot.id)
        .join(Attendee, Attendee.entry_id == Slot.calendar_entry_id)
        .where(Slot.id.in_(ids), Attendee.undeliverable_at.is_not(None)),
    }


def build_refusals(found: Mapping[str, list[Any]]) -> dict[int, str]:
    """Slots whose host a mail did not reach, with what the mail server said; came back later: no words."""
    silent = {row.id: "" for row in found["came_back"]}
    return silent | {row.slot_id: row.last_error for row in sorted(found["refused"])}


def list_came_back(session: Session) -> list[LostHost]:
    """Hosts of live slots whose address a mail came back from for good, the nearest visit first."""
    columns = (Slot.id, VisitRequest.reference, Organisation.name, Attendee.email, Attendee.undeliverable_at)
    query = (
        select(*columns)
        .select_from(Slot)
        .join(Attendee, Attendee.entry_id == Slot.calendar_entry_id)
        .join(VisitRequest, VisitRequest.id == Slot.visit_id)
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .where(has_lost_host(), Attendee.undeliverable_at.is_not(None))
        .order_by(Slot.starts_at, Slot.id)
    )
    return [LostHost(*row) for row in session.execute(query)]


def has_lost_host() -> ColumnElement[bool]:
    """A stop that stands, of a host whose address is lost. The few lost ones come first, not all stops."""
    lost = select(Attendee.entry_id).where(Attendee.undeliverable_at.is_not(None))
    return and_(Slot.calendar_entry_id.in_(lost), Slot.state.in_(HOLDING_STATES))


def last_heartbeat(session: Session) -> datetime | None:
    """When any worker was last seen."""
    return session.scalar(select(func.max(WorkerHeartbeat.seen_at)))


def read_newest_mail(session: Session, *, slot_id: int) -> bytes:
    """The last mail to the host of a slot, as it leaves; empty when there is none."""
    newest = select(OutboxMessage.raw).where(OutboxMessage.slot_id == slot_id)
    return session.scalar(newest.order_by(OutboxMessage.id.desc()).limit(1)) or b""


def read_mail(session: Session, mail_id: int) -> bytes:
    """A mail as it leaves; empty when there is none or its keeping time is over."""
    return session.scalar(select(OutboxMessage.raw).where(OutboxMessage.id == mail_id)) or b""
