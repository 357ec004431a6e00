"""What waits for staff about events. All kinds are one statement that gives the rows and how many there are,
so that a count and the list behind it never disagree."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.orm import Session, aliased

from bookings.domain.events import EventState, Texts
from bookings.domain.registrations import LIVE_STATES, RegistrationState
from bookings.domain.today import DECISION_DAYS_AHEAD, Scope, ScopeName, WaitKind, week_around
from bookings.models.directory import Place, Site
from bookings.models.events import Event, SeatPool, TicketKind
from bookings.models.registrations import Registration
from bookings.models.staff import StaffUser
from bookings.queries.stacks import Stack
from bookings.queries.today import Moment, WaitingList

Part = Select[*tuple[Any, ...]]


def _instant(name: str) -> BindParameter[datetime]:
    return bindparam(name, type_=Event.starts_at.type)


_now, _decided_until, _monday, _next_monday = map(_instant, ("now", "decided_until", "monday", "next_monday"))
_person: BindParameter[int] = bindparam("person", type_=Integer)
_towns: BindParameter[Any] = bindparam("towns", type_=String, expanding=True)
_limit, _offset = (bindparam(name, type_=Integer) for name in ("limit", "offset"))


@dataclass(frozen=True, kw_only=True)
class WaitingEvent:
    """An event, or somebody who registered for it (`reference`, `name`, `email`): `at` says since or until
    when; `number` are the people of a group, or those who have a place."""

    id: int
    slug: str
    title: Texts
    state: str
    time_zone: str
    owner_name: str
    at: datetime
    number: int
    minimum: int | None = None
    reference: str = ""
    name: str = ""
    email: str = ""


def list_waiting_events(
    session: Session, kinds: Sequence[WaitKind], scope: Scope, at: Moment, *, limit: int, offset: int = 0
) -> list[WaitingList[WaitingEvent]]:
    """Of each kind, the most urgent first, and the number of all of them."""
    monday, next_monday = week_around(at.now, at.zone)
    values = {
        "now": at.now, "decided_until": at.now + timedelta(days=DECISION_DAYS_AHEAD),
        "monday": monday, "next_monday": next_monday,
        "person": scope.staff_user_id, "towns": list(scope.towns), "limit": limit, "offset": offset,
    }  # fmt: skip
    found = _stack(tuple(kinds), scope.name, has_towns=bool(scope.towns)).read(session, values)
    return [_build(kind, found[kind.name]) for kind in kinds]


@cache
def _stack(kinds: tuple[WaitKind, ...], name: ScopeName, *, has_towns: bool) -> Stack:
    """Made once: there are few ways to ask, and putting them into words costs more than the answer."""
    scope = _in_scope(name, has_towns=has_towns)
    return Stack(**{kind.name: _PARTS[kind]().where(scope).limit(_limit).offset(_offset) for kind in kinds})


def _build(kind: WaitKind, rows: list[Any]) -> WaitingList[WaitingEvent]:
    rows = sorted(rows, key=lambda row: (row.at, row.id))
    values = [row._asdict() for row in rows]
    total = values[0]["total"] if values else 0
    return WaitingList(kind, tuple(WaitingEvent(**_without_total(value)) for value in values), total)


def _without_total(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "total"}


def _of_events(row_id: Any, at: Any, number: Any, *columns: Any) -> Part:
    """Events with who looks after them; every part has these columns."""
    return (
        select(
            row_id.label("id"), Event.slug, Event.title, Event.state, Event.time_zone,
            func.coalesce(StaffUser.name, "").label("owner_name"), at.label("at"), number.label("number"),
            *columns, func.count().over().label("total"),
        )
        .select_from(Event)
        .outerjoin(StaffUser, StaffUser.id == Event.owner_id)
        .order_by(at, row_id)
    )  # fmt: skip


def _registrations() -> Part:
    """Whoever registered and waits for staff's yes, a group by who registered it."""
    member = aliased(Registration)
    pending = RegistrationState.PENDING
    members = select(func.count()).where(member.leader_id == Registration.id, member.state == pending)
    since = func.coalesce(Registration.verified_at, Registration.created_at)
    return _of_people(since, 1 + members.scalar_subquery()).where(
        Event.state == EventState.PUBLISHED, Registration.state == pending, Registration.leader_id.is_(None)
    )


def _guests() -> Part:
    """Whoever is registered and can't be told of anything: mails to the address come back."""
    return _of_people(Registration.undeliverable_at, literal(1, Integer)).where(
        Registration.undeliverable_at.is_not(None), Registration.state.in_(LIVE_STATES)
    )


def _of_people(at: Any, number: Any) -> Part:
    columns = Registration.reference, Registration.name, Registration.email
    return (
        _of_events(Registration.id, at, number, *columns)
        .join(Registration, Registration.event_id == Event.id)
        .where(Event.ends_at > _now)
    )


def _decisions() -> Part:
    """Events of which nobody has said yet whether they take place, and soon somebody has to."""
    return _of_events(Event.id, Event.decides_at, _count_taken(), Event.minimum).where(
        Event.state == EventState.PUBLISHED,
        Event.minimum.is_not(None),
        Event.decided_at.is_(None),
        Event.decides_at <= _decided_until,
        Event.ends_at > _now,
    )


def _events() -> Part:
    return _of_events(Event.id, Event.starts_at, _count_taken()).where(
        Event.state != EventState.CANCELLED, Event.starts_at < _next_monday, Event.ends_at > _monday
    )


def _count_taken() -> Any:
    """Seats of the whole event and those of its partners, which are counted apart."""
    return (
        select(func.coalesce(func.sum(SeatPool.taken), 0))
        .outerjoin(TicketKind, TicketKind.id == SeatPool.ticket_id)
        .where(
            SeatPool.event_id == Event.id,
            SeatPool.part_id.is_(None),
            or_(SeatPool.ticket_id.is_(None), TicketKind.is_partner.is_(True)),
        )
        .scalar_subquery()
    )


def _in_scope(name: ScopeName, *, has_towns: bool) -> ColumnElement[bool]:
    if name is ScopeName.ALL:
        return true()
    here = _is_in_towns() if has_towns else true()
    if name is ScopeName.MINE:
        return or_(Event.owner_id == _person, and_(Event.owner_id.is_(None), here))
    colleague = aliased(StaffUser)
    return or_(here, exists().where(colleague.id == Event.owner_id, colleague.town.in_(_towns)))


def _is_in_towns() -> ColumnElement[bool]:
    """It is in one of the towns, or in none at all."""
    site = select(Site.place_id).where(Site.id == Event.site_id).scalar_subquery()
    place_id = func.coalesce(Event.place_id, site)
    return or_(place_id.is_(None), exists().where(Place.id == place_id, Place.slug.in_(_towns)))


_PARTS: dict[WaitKind, Callable[[], Part]] = {
    WaitKind.REGISTRATIONS: _registrations,
    WaitKind.DECISIONS: _decisions,
    WaitKind.GUESTS: _guests,
    WaitKind.EVENTS: _events,
}
