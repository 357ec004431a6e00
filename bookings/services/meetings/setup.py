"""Staff say how the meetings of an event come about: slots and tables are laid from it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as DbSession

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.meetings import (
    MOST_SLOTS,
    MOST_TABLES,
    MatchMode,
    Session,
    SlotTime,
    lay_slots,
)
from bookings.domain.time import local_day
from bookings.models.events import Event
from bookings.models.meetings import Matchmaking, Meeting, MeetingSlot, MeetingTable
from bookings.services.audit import add_audit


@dataclass(frozen=True, kw_only=True)
class MeetingPlan:
    """What staff say of a matchmaking day; the sessions are those of each of its days."""

    mode: MatchMode
    sessions: tuple[Session, ...]
    tables: int
    slot_minutes: int = 20
    gap_minutes: int = 5
    most_meetings: int | None = None
    wishes_by: datetime | None = None
    online_urls: tuple[str, ...] = ()
    """One for each table, where meetings are online."""


@retry_conflicts
def set_up_meetings(
    slug: str, plan: MeetingPlan, *, version: int | None = None, who: Who, now: datetime
) -> None:
    """Lay the slots and tables of an event anew, where no meeting stands in what changes.

    Raises NotFoundError, RecordChangedError or MeetingNotPossibleError (times, tables, taken).
    """
    with transaction() as session:
        event = session.scalars(select(Event).where(Event.slug == slug).with_for_update()).one_or_none()
        if event is None:
            raise NotFoundError("event", slug)
        _check(event, plan)
        _write(session, event, plan, version)
        _lay_times(session, event, plan)
        _lay_tables(session, event, plan)
        add_audit(
            session, who, "set_up_meetings", noun="event", subject_id=event.id, now=now, mode=plan.mode,
            tables=plan.tables, minutes=plan.slot_minutes,
        )  # fmt: skip


def _check(event: Event, plan: MeetingPlan) -> None:
    slots = _list_times(event, plan)
    if not slots or len(slots) > MOST_SLOTS:
        raise MeetingNotPossibleError("times")
    if any(early.ends_at > late.starts_at for early, late in pairwise(slots)):
        raise MeetingNotPossibleError("times")
    if not 1 <= plan.tables <= MOST_TABLES:
        raise MeetingNotPossibleError("tables")


def _list_times(event: Event, plan: MeetingPlan) -> list[SlotTime]:
    first = local_day(event.starts_at, event.time_zone)
    last = local_day(event.ends_at - timedelta(minutes=1), event.time_zone)
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    found = _lay(days, event, plan)
    return [slot for slot in found if event.starts_at <= slot.starts_at and slot.ends_at <= event.ends_at]


def _lay(days: Iterable[date], event: Event, plan: MeetingPlan) -> list[SlotTime]:
    return lay_slots(
        days, plan.sessions, zone=event.time_zone, minutes=plan.slot_minutes, gap=plan.gap_minutes
    )


def _write(session: DbSession, event: Event, plan: MeetingPlan, version: int | None) -> None:
    values = {
        "mode": plan.mode,
        "slot_minutes": plan.slot_minutes,
        "gap_minutes": plan.gap_minutes,
        "most_meetings": plan.most_meetings,
        "wishes_by": plan.wishes_by,
    }
    known = session.get(Matchmaking, event.id, with_for_update=True)
    if known is None:
        session.add(Matchmaking(event_id=event.id, **values))
        return
    if version is not None and known.version != version:
        raise RecordChangedError("matchmaking")
    for name, value in values.items():
        setattr(known, name, value)
    known.version += 1


def _lay_times(session: DbSession, event: Event, plan: MeetingPlan) -> None:
    """Slots that stay keep their row, and with it absences and meetings."""
    wanted = {slot.starts_at: slot for slot in _list_times(event, plan)}
    for row in session.scalars(select(MeetingSlot).where(MeetingSlot.event_id == event.id)):
        slot = wanted.get(row.starts_at)
        if slot is not None and slot.ends_at == row.ends_at:
            row.half = slot.half
            del wanted[row.starts_at]
        else:
            _remove_slot(session, row.id)
    session.flush()
    session.add_all(
        MeetingSlot(event_id=event.id, starts_at=slot.starts_at, ends_at=slot.ends_at, half=slot.half)
        for slot in wanted.values()
    )


def _remove_slot(session: DbSession, slot_id: int) -> None:
    if session.scalars(select(Meeting.id).where(Meeting.slot_id == slot_id).limit(1)).first() is not None:
        raise MeetingNotPossibleError("taken")
    session.execute(delete(MeetingSlot).where(MeetingSlot.id == slot_id))


def _lay_tables(session: DbSession, event: Event, plan: MeetingPlan) -> None:
    known = {
        row.number: row
        for row in session.scalars(select(MeetingTable).where(MeetingTable.event_id == event.id))
    }
    for number in range(1, plan.tables + 1):
        table = known.pop(number, None) or MeetingTable(event_id=event.id, number=number)
        table.online_url = plan.online_urls[number - 1] if number <= len(plan.online_urls) else ""
        session.add(table)
    for table in known.values():
        if session.scalars(select(Meeting.id).where(Meeting.table_id == table.id).limit(1)).first():
            raise MeetingNotPossibleError("taken")
        session.delete(table)
