"""For whom entries are rendered: everybody who reads the same kind in the same language shares them."""

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, false, func, or_, select
from sqlalchemy.orm import Session

from bookings.domain.feeds import FeedKind
from bookings.models.directory import HostContact
from bookings.models.feeds import CalendarFeed
from bookings.models.slots import Slot
from bookings.models.staff import StaffUser
from bookings.queries.feeds.stops import FeedStop, select_stops


@dataclass(frozen=True, kw_only=True)
class FeedReaders:
    """All readers of one kind in one language; `hosts` are the people whose stops they read, None: all."""

    kind: FeedKind
    language: str
    hosts: frozenset[int] | None = None

    def see(self, stop: FeedStop) -> bool:
        """Whether one of them reads of this stop."""
        return self.hosts is None or stop.host_contact_id in self.hosts


@dataclass(frozen=True)
class WrittenStops:
    """Stops that a transaction wrote, by any of the rows that feeds show of them."""

    slots: set[int] = field(default_factory=set)
    entries: set[int] = field(default_factory=set)
    visits: set[int] = field(default_factory=set)

    def __len__(self) -> int:
        return len(self.slots) + len(self.entries) + len(self.visits)


def list_feed_readers(session: Session, *, of: WrittenStops | None = None) -> list[FeedReaders]:
    """Everybody whose address works, or only those who read of these stops."""
    reads_them = CalendarFeed.host_contact_id.is_not(None)
    if of is not None:
        reads_them = CalendarFeed.host_contact_id.in_(select(Slot.host_contact_id).where(_is_one_of(of)))
    language = func.coalesce(StaffUser.language, HostContact.language).label("language")
    rows = session.execute(
        select(CalendarFeed.kind, language, CalendarFeed.host_contact_id)
        .outerjoin(StaffUser, StaffUser.id == CalendarFeed.staff_user_id)
        .outerjoin(HostContact, HostContact.id == CalendarFeed.host_contact_id)
        .where(or_(StaffUser.active, reads_them))
        .distinct()
        .order_by(CalendarFeed.kind, language, CalendarFeed.host_contact_id)
    )
    hosts: dict[tuple[str, str], set[int | None]] = {}
    for row in rows:
        hosts.setdefault((row.kind, row.language), set()).add(row.host_contact_id)
    return [
        FeedReaders(kind=FeedKind(kind), language=language, hosts=_people(people))
        for (kind, language), people in hosts.items()
    ]


def list_written_stops(session: Session, written: WrittenStops) -> list[FeedStop]:
    """Those of the stops that hold time."""
    rows = session.connection().execute(select_stops().where(_is_one_of(written)))
    return [FeedStop(**row) for row in rows.mappings()]


def _people(found: Collection[int | None]) -> frozenset[int] | None:
    return None if None in found else frozenset(one for one in found if one is not None)


def _is_one_of(written: WrittenStops) -> ColumnElement[bool]:
    found = (
        (Slot.id, written.slots),
        (Slot.calendar_entry_id, written.entries),
        (Slot.visit_id, written.visits),
    )
    return or_(false(), *(column.in_(ids) for column, ids in found if ids))
