"""What random walks look at: the stored state, read whole, and the invariants of the design over it."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from itertools import combinations, pairwise

from sqlalchemy import select, text

from bookings.db import database
from bookings.domain.holds import HeldStop, find_any_conflict, kinds_of_stop
from bookings.domain.slots import ASKED_STATES, HOLDING_STATES, LIVE_STATES
from bookings.domain.time import Interval
from bookings.domain.visits import CLOSED_STATES
from bookings.models.audit import AuditEntry
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.directory import Organisation, Place
from bookings.models.holds import Hold, Resource
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import ProposedTime, Slot
from bookings.models.tasks import VisitTask
from bookings.models.visits import Agreement, Delegation, VisitRequest
from bookings.queries.directory import load_travel_table

_TABLES_OF_VISITS = (
    "outbox_message", "action_link", "audit_reason", "audit_entry", "visit_task", "hold", "resource",
    "proposed_time", "slot", "attendee", "calendar_entry", "agreement", "date_window", "visit_place",
    "visit_interest", "visit_note", "delegation",
    "visit_request",
)  # fmt: skip


@dataclass(frozen=True)
class SlotSeen:
    """A slot with its entry and attendee."""

    id: int
    visit_id: int
    host: str
    place: str
    state: str
    version: int
    is_required: bool
    time: Interval
    group: int | None
    site_id: int
    respond_by: datetime | None
    uid: str
    sequence: int
    status: str
    entry_time: Interval
    location: str
    is_announced: bool
    partstat: str
    offered: tuple[int, ...]


@dataclass(frozen=True)
class VisitSeen:
    """A visit and whether it may be confirmed."""

    id: int
    state: str
    groups: int
    answer_by: datetime | None
    is_verified: bool
    has_agreement: bool
    needs_letter: bool


@dataclass(frozen=True)
class HoldSeen:
    """One hold of one resource."""

    resource: tuple[str, int]
    slot_id: int
    strength: str
    time: Interval


@dataclass(frozen=True)
class MailSeen:
    """What left, in order: about which slot and entry, and the token in it."""

    id: int
    kind: str
    recipient: str
    slot_id: int | None
    uid: str | None
    sequence: int | None
    method: str
    token: str


@dataclass(frozen=True)
class World:
    """All there is."""

    visits: dict[int, VisitSeen]
    slots: dict[int, SlotSeen]
    holds: frozenset[HoldSeen]
    mails: tuple[MailSeen, ...]
    audit: tuple[tuple[str, int, str], ...]
    table: object = field(compare=False, repr=False)

    def newest_links(self) -> list[str]:
        """The link of the newest mail about each slot."""
        newest = {mail.slot_id: mail.token for mail in self.mails if mail.slot_id in self.slots}
        return list(newest.values())

    def old_links(self) -> list[str]:
        """Links of mails whose invitation was followed by one with a higher SEQUENCE, by staff's doing."""
        return [mail.token for mail in self.mails if mail.slot_id in self.slots and self._is_outdated(mail)]

    def _is_outdated(self, mail: MailSeen) -> bool:
        slot = self.slots[mail.slot_id or 0]
        newer = [other for other in self.mails if other.slot_id == mail.slot_id and other.id > mail.id]
        was_moved = any(
            other.kind in ("invitation", "invitation_changed", "proposal_taken") for other in newer
        )
        return was_moved and mail.sequence is not None and mail.sequence < slot.sequence

    def overdue(self, now: datetime) -> list[int]:
        """Slots that the worker should have let go."""
        return [
            slot.id
            for slot in self.slots.values()
            if slot.state in ASKED_STATES and slot.respond_by is not None and slot.respond_by <= now
        ]


def clear_visits() -> None:
    """Back to the directory alone."""
    database.session.rollback()
    for table in _TABLES_OF_VISITS:
        database.session.execute(text(f"DELETE FROM {table}"))
    database.session.commit()
    database.session.expunge_all()


def read_world() -> World:
    """The stored state as it is now."""
    session = database.session
    session.rollback()
    session.expunge_all()
    world = World(
        visits={visit.id: visit for visit in _read_visits()},
        slots={slot.id: slot for slot in _read_slots()},
        holds=frozenset(_read_holds()),
        mails=tuple(_read_mails()),
        audit=tuple(
            tuple(row)
            for row in session.execute(
                select(AuditEntry.noun, AuditEntry.subject_id, AuditEntry.action).order_by(AuditEntry.id)
            )
        ),
        table=load_travel_table(session()),
    )
    session.rollback()
    return world


def find_faults(before: World, after: World) -> list[str]:
    """Broken invariants of the design, by number; none when all is well."""
    return [
        *_faults_of_entries(before, after),
        *_faults_of_holds(after),
        *_faults_of_trail(before, after),
        *_faults_of_mails(after),
        *_faults_of_visits(after),
    ]


def _faults_of_entries(before: World, after: World) -> Iterator[str]:
    for slot in after.slots.values():
        if slot.status == "CONFIRMED" and slot.state not in ("accepted", "completed"):
            yield f"slot {slot.id} is {slot.state} and calendars say CONFIRMED"
        if slot.state in HOLDING_STATES and slot.entry_time != slot.time:
            yield f"slot {slot.id}: calendars were told another time"
        if slot.state in ("accepted", "pending") and slot.partstat != _PARTSTATS[slot.state]:
            yield f"slot {slot.id} is {slot.state} with {slot.partstat}"
        if slot.state in ASKED_STATES and slot.respond_by is None:
            yield f"9: slot {slot.id} has no deadline"
        old = before.slots.get(slot.id)
        if old is None:
            continue
        if slot.uid != old.uid or slot.sequence < old.sequence:
            yield f"1: slot {slot.id} lost its UID or SEQUENCE fell"
        moved = (slot.entry_time, slot.location) != (old.entry_time, old.location)
        was_cancelled = slot.status == "CANCELLED" != old.status
        if old.is_announced and (moved or was_cancelled) and slot.sequence == old.sequence:
            yield f"1: slot {slot.id} changed without a higher SEQUENCE"


_PARTSTATS = {"accepted": "ACCEPTED", "pending": "NEEDS-ACTION"}


def _faults_of_holds(world: World) -> Iterator[str]:
    hard = [hold for hold in world.holds if hold.strength == "hard"]
    by_resource: defaultdict[tuple[str, int], list[HoldSeen]] = defaultdict(list)
    for hold in hard:
        by_resource[hold.resource].append(hold)
    for resource, holds in by_resource.items():
        if any(one.time.overlaps(other.time) for one, other in combinations(holds, 2)):
            yield f"2: {resource} is in two places"
    for slot in world.slots.values():
        own = [hold for hold in world.holds if hold.slot_id == slot.id]
        kinds = sorted(hold.resource[0] for hold in own if hold.strength == "hard")
        taken = kinds_of_stop(slot.group, world.visits[slot.visit_id].groups)
        if kinds != (sorted([*taken, "host"]) if slot.state in HOLDING_STATES else []):
            yield f"holds of slot {slot.id} ({slot.state}): {kinds}"
        if bool([hold for hold in own if hold.strength == "soft"]) != (slot.state in ("draft", "countered")):
            yield f"soft holds of slot {slot.id} ({slot.state})"


def _faults_of_trail(before: World, after: World) -> Iterator[str]:
    for slot_id, slot in after.slots.items():
        old = before.slots.get(slot_id)
        if (
            old is not None
            and old.state != slot.state
            and _entries(after, slot_id) <= _entries(before, slot_id)
        ):
            yield f"3: slot {slot_id} went from {old.state} to {slot.state} without a trail"


def _entries(world: World, slot_id: int) -> int:
    return sum((noun, subject) == ("slot", slot_id) for noun, subject, _ in world.audit)


def _faults_of_mails(world: World) -> Iterator[str]:
    by_uid: defaultdict[str, list[MailSeen]] = defaultdict(list)
    for mail in world.mails:
        if mail.uid is not None:
            by_uid[mail.uid].append(mail)
    for mails in by_uid.values():
        yield from _faults_of_order(mails)
    silent = {slot.id for slot in world.slots.values() if not slot.is_announced}
    for mail in world.mails:
        if mail.slot_id in silent:
            yield f"8: slot {mail.slot_id} was never announced and sent {mail.kind}"
    for slot in world.slots.values():
        told = by_uid.get(slot.uid)
        if told and (told[-1].method == "CANCEL") != (slot.status == "CANCELLED"):
            yield f"slot {slot.id}: calendars heard {told[-1].method}, the entry says {slot.status}"


def _faults_of_order(mails: list[MailSeen]) -> Iterator[str]:
    uid = mails[0].uid
    if mails[0].method != "REQUEST":
        yield f"7: {uid} begins with {mails[0].method}"
    for one, other in pairwise(mails):
        if (other.sequence or 0) < (one.sequence or 0):
            yield f"7: {uid} goes from SEQUENCE {one.sequence} to {other.sequence}"
        if other.method == "CANCEL" and (one.method == "CANCEL" or other.sequence == one.sequence):
            yield f"7: {uid} has a CANCEL after {one.method} {one.sequence}"


def _faults_of_visits(world: World) -> Iterator[str]:
    for visit in world.visits.values():
        own = [slot for slot in world.slots.values() if slot.visit_id == visit.id]
        states = [slot.state for slot in own]
        asked = [slot for slot in own if slot.state in ASKED_STATES]
        if visit.state in CLOSED_STATES and any(state in LIVE_STATES for state in states):
            yield f"visit {visit.id} is {visit.state} with live slots"
        if visit.state == "awaiting_hosts" and not asked:
            yield f"visit {visit.id} waits for nobody"
        if visit.state in ("proposed", "confirmed") and "accepted" not in states:
            yield f"visit {visit.id} is {visit.state} without a stop"
        if visit.state in ("proposed", "confirmed") and any(slot.is_required for slot in asked):
            yield f"11: visit {visit.id} is {visit.state} with an open required slot"
        if (visit.state == "proposed") and visit.answer_by is None:
            yield f"visit {visit.id} is proposed without a deadline"
        if visit.state == "confirmed" and not (visit.is_verified and visit.has_agreement):
            yield f"11: visit {visit.id} is confirmed without proof or agreement"
        if visit.state == "confirmed" and visit.needs_letter:
            yield f"11: visit {visit.id} is confirmed and the letter is missing"
        held = [slot for slot in own if slot.state in HOLDING_STATES]
        stops = [HeldStop(slot.id, slot.place, slot.time, slot.group) for slot in held]
        if find_any_conflict(stops, world.table):
            yield f"11: visit {visit.id} has stops that cannot be reached"


def _read_visits() -> Iterator[VisitSeen]:
    query = select(
        VisitRequest.id,
        VisitRequest.state,
        VisitRequest.parallel_groups,
        VisitRequest.answer_by,
        VisitRequest.verified_at,
        Agreement.id,
        Delegation.on_behalf_of,
    ).join(Agreement, Agreement.visit_id == VisitRequest.id, isouter=True)
    with_letter = set(
        database.session.scalars(
            select(VisitTask.visit_id).where(VisitTask.kind == "letter", VisitTask.done_at.is_not(None))
        )
    )
    for visit_id, state, groups, answer_by, verified_at, agreement, client in database.session.execute(
        query.join(Delegation, Delegation.visit_id == VisitRequest.id)
    ):
        yield VisitSeen(
            visit_id, state, groups, answer_by, verified_at is not None, agreement is not None,
            bool(client) and visit_id not in with_letter,
        )  # fmt: skip


def _read_slots() -> Iterator[SlotSeen]:
    offered: defaultdict[int, list[int]] = defaultdict(list)
    for slot_id, offered_id in database.session.execute(select(ProposedTime.slot_id, ProposedTime.id)):
        offered[slot_id].append(offered_id)
    query = (
        select(Slot, CalendarEntry, Attendee.partstat, Organisation.slug, Place.slug)
        .join(CalendarEntry, CalendarEntry.id == Slot.calendar_entry_id)
        .join(Attendee, Attendee.entry_id == CalendarEntry.id)
        .join(Organisation, Organisation.id == Slot.organisation_id)
        .join(Place, Place.id == Slot.place_id)
    )
    for slot, entry, partstat, host, place in database.session.execute(query):
        yield SlotSeen(
            id=slot.id, visit_id=slot.visit_id, host=host, place=place, state=str(slot.state),
            version=slot.version, is_required=slot.is_required, time=Interval(slot.starts_at, slot.ends_at),
            group=slot.group_number,
            site_id=slot.site_id, respond_by=slot.respond_by, uid=entry.uid, sequence=entry.sequence,
            status=entry.status, entry_time=Interval(entry.starts_at, entry.ends_at), location=entry.location,
            is_announced=entry.announced_at is not None, partstat=partstat, offered=tuple(offered[slot.id]),
        )  # fmt: skip


def _read_holds() -> Iterator[HoldSeen]:
    query = select(
        Resource.kind, Resource.subject_id, Hold.slot_id, Hold.strength, Hold.starts_at, Hold.ends_at
    ).join(Resource, Resource.id == Hold.resource_id)
    for kind, subject, slot_id, strength, starts_at, ends_at in database.session.execute(query):
        yield HoldSeen((kind, subject), slot_id, strength, Interval(starts_at, ends_at))


_seen: dict[str, tuple[str, str]] = {}


def _read_mails() -> Iterator[MailSeen]:
    query = select(OutboxMessage).order_by(OutboxMessage.id)
    columns = (
        OutboxMessage.id, OutboxMessage.message_id, OutboxMessage.kind, OutboxMessage.recipient,
        OutboxMessage.slot_id, OutboxMessage.calendar_uid, OutboxMessage.calendar_sequence, OutboxMessage.raw,
    )  # fmt: skip
    for row in database.session.execute(query.with_only_columns(*columns)):
        if row.message_id not in _seen:
            _seen[row.message_id] = _look_into(row.raw)
        method, token = _seen[row.message_id]
        yield MailSeen(
            row.id,
            row.kind,
            row.recipient,
            row.slot_id,
            row.calendar_uid,
            row.calendar_sequence,
            method,
            token,
        )


def _look_into(raw: bytes) -> tuple[str, str]:
    method = re.search(rb"method=\"?(\w+)", raw)
    body = message_from_bytes(raw, policy=default).get_body(("plain",))
    token = re.search(r"/(?:slots|visits)/([\w-]+)", str(body.get_content()) if body else "")
    return (method[1].decode() if method else "", token[1] if token else "")
