"""People come in: scans of several doors, each counted once, whoever sends first and however often."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Insert, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, table_of, transaction
from bookings.domain.audit import Who
from bookings.domain.doors import (
    LINK_LASTS,
    RECORDED,
    Answer,
    Proof,
    Scan,
    ScanCode,
    Spoken,
    bound_clock,
    find_arrival,
    find_arrivals,
    judge_state,
)
from bookings.domain.errors import NotFoundError, TransitionNotAllowedError
from bookings.domain.events import EventState
from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import CheckInKind
from bookings.domain.visits import Actor
from bookings.models.links import ActionLink
from bookings.models.registrations import Attendance, CheckIn, Registration, RegistrationPart
from bookings.queries.doors import DoorEvent, find_door_event, find_event_of_door, list_spoken
from bookings.queries.links import find_link
from bookings.services.audit import add_audit
from bookings.services.links import add_link

_INSERTS = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
_UNSEEN = {"synchronize_session": False}
Said = dict[int, list[Spoken]]


@retry_conflicts
def record_check_ins(slug: str, scans: Sequence[Scan], *, who: Who, now: datetime) -> list[Answer]:
    """What staff's door saw, one answer for each scan. Raises NotFoundError."""
    with transaction() as session:
        event = find_door_event(session, slug=slug)
        return _record(session, event, scans, who=who, now=now)


@retry_conflicts
def record_door_scans(token: str, scans: Sequence[Scan], *, now: datetime) -> list[Answer]:
    """What a volunteer's device saw. Raises LinkNotFoundError or LinkExpiredError."""
    with transaction() as session:
        event = find_event_of_door(session, token, now=now)
        link = find_link(session, token, LinkPurpose.EVENT_DOOR, now=now)
        return _record(session, event, scans, who=door_keeper(link.sequence), now=now)


def door_keeper(number: int | None) -> Who:
    """Whoever holds a link: the trail knows which one, not who."""
    return Who(Actor.SYSTEM, f"door {number or 1}")


def open_door(slug: str, *, who: Who, now: datetime) -> str:
    """A new link for a volunteer, until some hours after the event: its token is told once.

    Raises NotFoundError or TransitionNotAllowedError.
    """
    with transaction() as session:
        event = find_door_event(session, slug=slug)
        ends = event.ends_at + LINK_LASTS
        if event.state != EventState.PUBLISHED or now >= ends:
            raise TransitionNotAllowedError("event", event.state, "open_door")
        number = 1 + (session.scalar(select(func.max(ActionLink.sequence)).where(*_of_door(event.id))) or 0)
        token = add_link(session, LinkPurpose.EVENT_DOOR, event.id, now=now, expires_at=ends, sequence=number)
        add_audit(session, who, "open_door", noun="event", subject_id=event.id, now=now, number=number)
        return token


def close_door(slug: str, link_id: int, *, who: Who, now: datetime) -> None:
    """The link works no longer, and devices forget their lists at their next word. Raises NotFoundError."""
    with transaction() as session:
        event = find_door_event(session, slug=slug)
        number = session.scalar(
            update(ActionLink)
            .where(*_of_door(event.id), ActionLink.id == link_id, ActionLink.revoked_at.is_(None))
            .values(revoked_at=now)
            .returning(ActionLink.sequence)
        )
        if number is None:
            raise NotFoundError("door", str(link_id))
        add_audit(session, who, "close_door", noun="event", subject_id=event.id, now=now, number=number)


def _of_door(event_id: int) -> tuple[Any, ...]:
    return (ActionLink.purpose == LinkPurpose.EVENT_DOOR, ActionLink.subject_id == event_id)


def _record(
    session: Session, event: DoorEvent, scans: Sequence[Scan], *, who: Who, now: datetime
) -> list[Answer]:
    people = _lock_people(session, event, scans)
    chosen = _list_chosen(session, list(people))
    said = _list_said(session, list(people))
    answers, rows = [], []
    for scan in scans:
        person = _find_person(people, scan)
        refused = _refuse(event, person, scan, chosen)
        if person is None or refused:
            answers.append(_answer(scan, refused or ScanCode.UNKNOWN, person))
            continue
        spoken = _speak(scan, now=now)
        before = said[person.id]
        is_new = all(one.client_key != scan.client_key for one in before)
        answers.append(_answer_inside(scan, person, before, spoken, is_new=is_new))
        if is_new:
            before.append(spoken)
            rows.append(_row(person.id, spoken, who=who, now=now))
    if rows:
        session.execute(_insert(session, CheckIn).on_conflict_do_nothing(index_elements=["client_key"]), rows)
        _settle(session, {id_: said[id_] for id_ in {row["registration_id"] for row in rows}})
    counted = sum(answer.code in RECORDED for answer in answers)
    add_audit(
        session, who, "check_in", noun="event", subject_id=event.id, now=now, scans=len(scans), known=counted
    )
    return answers


def _lock_people(session: Session, event: DoorEvent, scans: Sequence[Scan]) -> dict[int, Registration]:
    """Two doors with the same person wait for each other; in one order, so that neither waits in vain."""
    codes = {scan.badge_code for scan in scans if scan.badge_code}
    ids = {scan.registration_id for scan in scans if scan.registration_id is not None}
    rows = session.scalars(
        select(Registration)
        .where(
            Registration.event_id == event.id,
            Registration.badge_code.in_(codes) | Registration.id.in_(ids),
        )
        .order_by(Registration.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _find_person(people: Mapping[int, Registration], scan: Scan) -> Registration | None:
    if scan.registration_id is not None:
        return people.get(scan.registration_id)
    return next((one for one in people.values() if one.badge_code == scan.badge_code), None)


def _list_chosen(session: Session, ids: Sequence[int]) -> set[tuple[int, int]]:
    rows = session.execute(
        select(RegistrationPart.registration_id, RegistrationPart.part_id).where(
            RegistrationPart.registration_id.in_(ids)
        )
    )
    return {(row.registration_id, row.part_id) for row in rows}


def _list_said(session: Session, ids: Sequence[int]) -> Said:
    """What doors said before; how somebody was recognised stands with the attendance."""
    said: Said = {id_: [] for id_ in ids}
    for row in list_spoken(session, ids):
        said[row.registration_id].append(
            Spoken(
                kind=row.kind,
                happened_at=row.happened_at,
                client_key=row.client_key,
                door=row.door,
                proof=Proof.NAME,
                part_id=row.part_id,
            )
        )
    return said


def _refuse(
    event: DoorEvent, person: Registration | None, scan: Scan, chosen: set[tuple[int, int]]
) -> ScanCode | None:
    if person is None:
        return ScanCode.UNKNOWN
    if scan.part_id is not None and all(one.id != scan.part_id for one in event.parts):
        return ScanCode.NOT_CHOSEN
    if scan.kind == CheckInKind.UNDO:
        return None
    if refused := judge_state(person.state):
        return refused
    if scan.part_id is None:
        return None
    part = next((one for one in event.parts if one.id == scan.part_id), None)
    is_open = part is not None and (not part.is_chosen or (person.id, part.id) in chosen)
    return None if is_open else ScanCode.NOT_CHOSEN


def _speak(scan: Scan, *, now: datetime) -> Spoken:
    return Spoken(
        kind=scan.kind,
        happened_at=bound_clock(scan.happened_at, now=now),
        client_key=scan.client_key,
        door=scan.door,
        proof=scan.proof,
        part_id=scan.part_id,
    )


def _answer(
    scan: Scan, code: ScanCode, person: Registration | None, arrived_at: datetime | None = None
) -> Answer:
    is_named = person is not None and code in (*RECORDED, ScanCode.NOT_CHOSEN)
    return Answer(
        client_key=scan.client_key,
        code=code,
        registration_id=person.id if person is not None else None,
        name=person.name if person is not None and is_named else "",
        arrived_at=arrived_at,
    )


def _answer_inside(
    scan: Scan, person: Registration, before: Sequence[Spoken], spoken: Spoken, *, is_new: bool
) -> Answer:
    """Sent again, a scan gets the answer that it had."""
    here = [one for one in before if one.part_id == scan.part_id and one.client_key != scan.client_key]
    arrival = find_arrival([*here, spoken])
    if scan.kind == CheckInKind.UNDO:
        was_there = find_arrival(here) is not None or not is_new
        return _answer(scan, ScanCode.OUT if was_there else ScanCode.NOT_IN, person)
    is_first = arrival is not None and arrival.client_key == scan.client_key
    at = arrival.happened_at if arrival else None
    return _answer(scan, ScanCode.IN if is_first else ScanCode.ALREADY_IN, person, at)


def _row(registration_id: int, spoken: Spoken, *, who: Who, now: datetime) -> dict[str, Any]:
    return {
        "client_key": spoken.client_key,
        "registration_id": registration_id,
        "part_id": spoken.part_id,
        "kind": spoken.kind,
        "door": spoken.door,
        "happened_at": spoken.happened_at,
        "recorded_at": now,
        "recorded_by": who.name,
    }


def _insert(session: Session, model: type[Any]) -> Any:
    made: Insert = _INSERTS[session.get_bind().dialect.name](table_of(model))
    return made


def _settle(session: Session, said: Said) -> None:
    """Attendance is what follows from all that was said; only places that a door spoke of are touched."""
    rows = session.execute(
        select(Attendance.id, Attendance.registration_id, Attendance.part_id, Attendance.arrived_at).where(
            Attendance.registration_id.in_(said)
        )
    ).all()
    kept = {(row.registration_id, row.part_id): row for row in rows}
    gone: list[int] = []
    new: list[dict[str, Any]] = []
    for id_, spoken in said.items():
        there = find_arrivals(spoken)
        for part_id in {None, *(one.part_id for one in spoken)}:
            row, arrival = kept.get((id_, part_id)), there.get(part_id)
            if row is not None and (arrival is None or arrival.happened_at != row.arrived_at):
                gone.append(row.id)
            if arrival is not None and (row is None or arrival.happened_at != row.arrived_at):
                new.append(_attendance(id_, part_id, arrival))
    if gone:
        session.execute(
            delete(Attendance).where(Attendance.id.in_(gone)),
            execution_options=_UNSEEN,
        )
    if new:
        session.execute(_insert(session, Attendance).on_conflict_do_nothing(), new)


def _attendance(registration_id: int, part_id: int | None, arrival: Spoken) -> dict[str, Any]:
    return {
        "registration_id": registration_id,
        "part_id": part_id,
        "arrived_at": arrival.happened_at,
        "door": arrival.door,
        "signature": arrival.proof,
    }
