"""Holds follow from the state of a slot; the database refuses two hard ones of one resource that overlap.

Whoever changes slots locks their resources first, in one order for all, and then reads them: what was read
before a lock may be old. On SQLite the write lock of the transaction stands for all of them.
"""

from collections.abc import Iterable, Sequence
from datetime import time, timedelta
from functools import cache

from sqlalchemy import delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from bookings.db import table_of
from bookings.domain.errors import SlotsOverlapError, SlotTakenError
from bookings.domain.groups import MOST_GROUPS
from bookings.domain.holds import (
    HoldStrength,
    OpenHours,
    OtherStops,
    ResourceKind,
    StopConflict,
    find_conflict,
    find_free_starts,
    keep_buffers,
    kinds_of_stop,
    lay_delegation_holds,
    pad_for_host,
    take_track,
)
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.domain.time import Interval, local_day
from bookings.models.holds import Hold, Resource
from bookings.models.slots import Slot
from bookings.queries.busy import list_closed_times
from bookings.queries.directory import load_travel_table
from bookings.queries.holds import is_time_held, list_busy_times, list_hard_holds, list_held_stops
from bookings.queries.settings import list_holidays
from bookings.settings import current_settings

Key = tuple[ResourceKind, int]


def lock_resources(session: Session, keys: Iterable[Key]) -> dict[Key, int]:
    """Ids of the resources, made where missing and locked until the end of the transaction.

    Always in sorted order: two use cases that need the same ones wait, and never for each other.
    """
    wanted = sorted(set(keys))
    return _lock_rows(session, wanted) if wanted else {}


def keep_holds(session: Session, slot: Slot) -> None:
    """Make the holds of a slot what its state asks for. Raises SlotTakenError or SlotsOverlapError."""
    session.flush()
    groups = slot.visit.parallel_groups
    kinds = kinds_of_stop(None, groups)
    keys = [(kind, slot.visit_id) for kind in kinds] + [(ResourceKind.HOST, slot.organisation_id)]
    locked = lock_resources(session, keys)
    host = locked[keys[-1]]
    own = [locked[kind, slot.visit_id] for kind in kinds_of_stop(slot.group_number, groups)]
    session.execute(delete(Hold).where(Hold.slot_id == slot.id))
    if slot.state in HOLDING_STATES:
        _hold_host(session, slot, host=host)
        _check_delegation(session, slot)
    _lay_delegation(session, slot.visit_id, [locked[kind, slot.visit_id] for kind in kinds], cause=slot.id)
    for wish in _soft_times(slot):
        for resource_id in (host, *own):
            _add(session, resource_id, slot, HoldStrength.SOFT, wish)
    session.flush()


def release_holds(session: Session, slot_ids: Sequence[int]) -> None:
    """Slots that are about to be laid anew stand in nobody's way meanwhile."""
    session.execute(delete(Hold).where(Hold.slot_id.in_(slot_ids)))


def part_holds(session: Session, visit_id: int, groups: int) -> None:
    """Make the holds of a visit what so many groups of its delegation ask for; its stops stay as they are."""
    kinds = kinds_of_stop(None, MOST_GROUPS)
    locked = list(lock_resources(session, [(kind, visit_id) for kind in kinds]).values())
    _lay_delegation(session, visit_id, locked[:groups], cause=0)
    session.execute(delete(Hold).where(Hold.resource_id.in_(locked[groups:])))


def _lock_rows(session: Session, keys: Sequence[Key]) -> dict[Key, int]:
    values = [{"kind": kind, "subject_id": subject} for kind, subject in keys]
    rows = session.execute(_lock_statement(session.get_bind().dialect.name), values).all()
    ids = {(ResourceKind(kind), subject): id_ for kind, subject, id_ in rows}
    return {key: ids[key] for key in keys}


@cache
def _lock_statement(dialect: str) -> ReturningInsert[str, int, int]:
    """For any number of resources; their rows are locked in the order in which they are given."""
    table = table_of(Resource)
    values = (sqlite.insert if dialect == "sqlite" else postgresql.insert)(table)
    # An update that changes nothing locks the row as FOR UPDATE does, and makes it when it is missing.
    upsert = values.on_conflict_do_update(
        index_elements=["kind", "subject_id"], set_={"subject_id": values.excluded.subject_id}
    )
    return upsert.returning(table.c.kind, table.c.subject_id, table.c.id)


def _hold_host(session: Session, slot: Slot, *, host: int) -> None:
    wanted = pad_for_host(_time_of(slot), buffer_minutes=current_settings().visits.host_buffer_minutes)
    if is_time_held(session, host, wanted, except_slot_id=slot.id):
        raise _taken(session, slot, host=host)
    try:
        with session.begin_nested():
            _add(session, host, slot, HoldStrength.HARD, wanted)
    except IntegrityError as error:
        if not is_hold_guard(error):
            raise
        raise _taken(session, slot, host=host) from error


def _check_delegation(session: Session, slot: Slot) -> None:
    stops = list_held_stops(session, slot.visit_id)
    own = next(stop for stop in stops if stop.slot_id == slot.id)
    conflict = find_conflict(own, stops, load_travel_table(session))
    if conflict is not None:
        raise overlap_error(conflict)


def _lay_delegation(session: Session, visit_id: int, groups: Sequence[int], *, cause: int) -> None:
    """A new, moved or lost stop changes the way to the one after it: lay the holds of the visit anew, for the
    resources of its groups in their order."""
    wanted = _list_wanted(session, visit_id, groups)
    for hold in list_hard_holds(session, groups):
        held = hold.resource_id, hold.slot_id
        if wanted.get(held) == Interval(hold.starts_at, hold.ends_at):
            del wanted[held]
        else:
            session.delete(hold)
    session.flush()
    try:
        with session.begin_nested():
            for (resource_id, slot_id), interval in wanted.items():
                session.add(_build(resource_id, slot_id, HoldStrength.HARD, interval))
    except IntegrityError as error:
        if not is_hold_guard(error):
            raise
        raise overlap_error(StopConflict(cause, cause, 0, 0)) from error


def _list_wanted(
    session: Session, visit_id: int, groups: Sequence[int]
) -> dict[tuple[int, int | None], Interval]:
    stops, table = list_held_stops(session, visit_id), load_travel_table(session)
    return {
        (resource_id, slot_id): interval
        for number, resource_id in enumerate(groups, start=1)
        for slot_id, interval in lay_delegation_holds(take_track(stops, number), table).items()
    }


def overlap_error(conflict: StopConflict) -> SlotsOverlapError:
    """The refusal that names the two stops."""
    return SlotsOverlapError(
        conflict.first_slot_id, conflict.second_slot_id, conflict.needed_minutes, conflict.available_minutes
    )


def _taken(session: Session, slot: Slot, *, host: int) -> SlotTakenError:
    minutes = current_settings().visits.host_buffer_minutes
    earliest = slot.starts_at - timedelta(minutes=minutes)
    busy = list_busy_times(session, [host], since=earliest, except_slot_id=slot.id)
    taken = keep_buffers(busy, buffer_minutes=minutes)
    taken += list_closed_times(session, slot.site_id, since=slot.starts_at)
    place = slot.place.slug if slot.place else ""
    stops = [one for one in list_held_stops(session, slot.visit_id) if one.slot_id != slot.id]
    others = OtherStops(stops, load_travel_table(session), place, slot.group_number)
    length, hours = slot.ends_at - slot.starts_at, _open_hours(slot)
    return SlotTakenError(
        resource_key=slot.organisation.slug,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        time_zone=slot.time_zone,
        organisation_name=slot.organisation.name,
        next_free=find_free_starts(length, after=slot.starts_at, busy=taken, hours=hours, others=others),
    )


def _open_hours(slot: Slot) -> OpenHours:
    rules, site = current_settings().visits, slot.site
    year = local_day(slot.starts_at, slot.time_zone).year
    return OpenHours(
        time_zone=slot.time_zone,
        opens_at=time.fromisoformat(site.opens_at or rules.working_hours_start),
        closes_at=time.fromisoformat(site.closes_at or rules.working_hours_end),
        holidays=list_holidays(
            slot.organisation.country, (year, year + 1), place=slot.place.slug if slot.place else ""
        ),
    )


def _soft_times(slot: Slot) -> list[Interval]:
    """The time of a draft, and the other times a host offered; one of each start."""
    if slot.state == SlotState.DRAFT:
        return [_time_of(slot)]
    if slot.state != SlotState.COUNTERED:
        return []
    longest = {one.starts_at: one for one in sorted(slot.proposed_times, key=lambda one: one.ends_at)}
    return [Interval(one.starts_at, one.ends_at) for one in longest.values()]


def _time_of(slot: Slot) -> Interval:
    return Interval(slot.starts_at, slot.ends_at)


def _add(session: Session, resource_id: int, slot: Slot, strength: HoldStrength, interval: Interval) -> None:
    session.add(_build(resource_id, slot.id, strength, interval))


def _build(resource_id: int, slot_id: int | None, strength: HoldStrength, interval: Interval) -> Hold:
    return Hold(
        resource_id=resource_id,
        slot_id=slot_id,
        strength=strength,
        starts_at=interval.start,
        ends_at=interval.end,
    )


def is_hold_guard(error: IntegrityError) -> bool:
    """Was it the guard of the holds, and no other constraint?"""
    return any(name in str(error.orig) for name in ("hold_overlap", "hold_no_overlap"))
