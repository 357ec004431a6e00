"""Finding slots, fully loaded, for use cases and for the pages of hosts and staff."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, text
from sqlalchemy.orm import Session, joinedload, selectinload

from bookings.domain.errors import LinkNotFoundError, NotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.requests import WishedDays
from bookings.domain.slots import LONGEST_STOP, Asked, SlotState
from bookings.domain.time import Interval
from bookings.models.calendar import CalendarEntry
from bookings.models.directory import Organisation
from bookings.models.slots import IS_ASKED, Slot
from bookings.models.visits import DateWindow, VisitRequest
from bookings.queries.links import FoundLink, find_link


@dataclass(frozen=True)
class SlotKeys:
    """Which slot of which visit takes whose time: what has to be known before anything is locked."""

    slot_id: int
    visit_id: int
    organisation_id: int


@dataclass(frozen=True)
class HostLink:
    """A host's link with the slot it opens. `is_current`: it belongs to the invitation as it stands."""

    link: FoundLink
    slot: Slot

    @property
    def is_current(self) -> bool:
        """Does a button of this mail still act? An older mail only shows."""
        return self.link.sequence == self.slot.calendar_entry.sequence


def load_slot(session: Session, slot_id: int) -> Slot:
    """The slot with everything around it, as it stands now. Raises NotFoundError."""
    slot = session.scalars(_full_slots().where(Slot.id == slot_id)).one_or_none()
    if slot is None:
        raise NotFoundError("slot", str(slot_id))
    return slot


def list_slots_of_visit(session: Session, visit_id: int) -> Sequence[Slot]:
    """All slots of a visit in the order of their times, ended ones too."""
    query = _full_slots().where(Slot.visit_id == visit_id)
    return session.scalars(query.order_by(Slot.starts_at, Slot.id)).all()


def list_agreed_hosts(session: Session, slot: Slot) -> list[str]:
    """The names of the other hosts of a visit that have said yes, in the order of their times."""
    query = (
        select(Organisation.name)
        .join(Slot, Slot.organisation_id == Organisation.id)
        .where(
            Slot.visit_id == slot.visit_id,
            Slot.state == SlotState.ACCEPTED,
            Slot.organisation_id != slot.organisation_id,
        )
        .order_by(Slot.starts_at, Slot.id)
    )
    return list(dict.fromkeys(session.scalars(query)))


def list_slots(session: Session, slot_ids: Collection[int]) -> Sequence[Slot]:
    """These slots in the order of their ids."""
    return session.scalars(_full_slots().where(Slot.id.in_(slot_ids)).order_by(Slot.id)).all()


def find_host_link(session: Session, token: str, *, now: datetime) -> HostLink:
    """What a host's link opens. Raises LinkNotFoundError or LinkExpiredError."""
    link = find_link(session, token, LinkPurpose.ANSWER_SLOT, now=now)
    slot = session.scalars(_full_slots().where(Slot.id == link.subject_id)).one_or_none()
    if slot is None:
        raise LinkNotFoundError
    return HostLink(link, slot)


def find_slot_keys(session: Session, slot_id: int) -> SlotKeys:
    """Whose time the slot takes. Raises NotFoundError."""
    row = session.execute(_keys().where(Slot.id == slot_id)).one_or_none()
    if row is None:
        raise NotFoundError("slot", str(slot_id))
    return SlotKeys(*row)


def list_overdue_slots(
    session: Session,
    *,
    now: datetime,
    visit_id: int | None = None,
    organisation_ids: Collection[int] | None = None,
) -> list[SlotKeys]:
    """Slots whose host has let the deadline pass: of a visit, of some hosts, or all."""
    query = _keys().where(text(f"slot.{IS_ASKED}"), Slot.respond_by <= now).order_by(Slot.id)
    if visit_id is not None or organisation_ids is not None:
        query = query.where(
            or_(Slot.visit_id == visit_id, Slot.organisation_id.in_(list(organisation_ids or ())))
        )
    return [SlotKeys(*row) for row in session.execute(query)]


def list_slots_to_remind(session: Session, *, now: datetime, most: int) -> list[SlotKeys]:
    """Slots that may be due for another reminder: their host still owes an answer."""
    query = _keys().where(
        text(f"slot.{IS_ASKED}"),
        Slot.state != SlotState.COUNTERED,
        Slot.respond_by > now,
        Slot.reminders_sent < most,
    )
    return [SlotKeys(*row) for row in session.execute(query.order_by(Slot.id))]


def touches(span: Interval) -> tuple[ColumnElement[bool], ...]:
    """Stops that touch the span. The index has their ends, so it is said when the last of them is over."""
    latest_end = span.end + 2 * LONGEST_STOP
    return Slot.starts_at < span.end, Slot.ends_at > span.start, Slot.ends_at < latest_end


def is_one_of(states: Collection[SlotState]) -> ColumnElement[bool]:
    """Beside a span of time. Said by what it is not: SQLite would take the states for the way in, and read
    all stops that ever took place."""
    return Slot.state.not_in([state for state in SlotState if state not in states])


def load_asked(session: Session, slot: Slot) -> Asked:
    """What the host of a slot was asked for, with the days that the visitors wished for."""
    rows = session.scalars(
        select(DateWindow).where(DateWindow.visit_id == slot.visit_id).order_by(DateWindow.position)
    )
    windows = [WishedDays(row.earliest_on, row.latest_on, row.half_days, row.is_flexible) for row in rows]
    return Asked(starts_at=slot.starts_at, ends_at=slot.ends_at, time_zone=slot.time_zone, windows=windows)


def is_replaced(session: Session, slot_id: int) -> bool:
    """Did staff put another slot in the place of this one?"""
    return session.scalar(select(Slot.id).where(Slot.replaces_id == slot_id).limit(1)) is not None


def _keys() -> Select[int, int, int]:
    return select(Slot.id, Slot.visit_id, Slot.organisation_id)


@cache
def _full_slots() -> Select[Slot]:
    """Rows come fresh from the database: what was read before a lock may be old."""
    visit = joinedload(Slot.visit)
    options: list[Any] = [
        visit.joinedload(VisitRequest.delegation),
        visit.joinedload(VisitRequest.agreement),
        joinedload(Slot.organisation).joinedload(Organisation.place),
        joinedload(Slot.site),
        joinedload(Slot.host_contact),
        joinedload(Slot.place),
        joinedload(Slot.calendar_entry).selectinload(CalendarEntry.attendees),
        selectinload(Slot.proposed_times),
    ]
    return select(Slot).options(*options).execution_options(populate_existing=True)
