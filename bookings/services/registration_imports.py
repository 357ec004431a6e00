"""A list of people becomes registrations: all of them or none, and the same list twice changes nothing.

People are found by their reference or their address. Seats are taken as for everybody; who comes by a list
has proved the address, as somebody whom staff enter. Parts of the use cases of imports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.adapters.addresses import parse_email
from bookings.adapters.spreadsheet import Sheet, SheetRow
from bookings.domain.answer_cells import read_cells
from bookings.domain.audit import Who
from bookings.domain.errors import ImportRefusedError, NotFoundError, TextNotAllowedError
from bookings.domain.event_errors import EventFullError
from bookings.domain.events import choose_text
from bookings.domain.questions import QuestionPlan
from bookings.domain.registrations import (
    LIVE_STATES,
    Application,
    CameBy,
    Person,
    QuestionKind,
    RegistrationState,
    fold_email,
)
from bookings.domain.spans import find_clash
from bookings.domain.text import clean_line, fold
from bookings.i18n import country_choices, main_time_zone
from bookings.models.events import Event, EventPart, TicketKind
from bookings.models.registrations import Registration, RegistrationPart
from bookings.queries.event_places import WITH_PLACE
from bookings.queries.questions import list_questions
from bookings.queries.registrations.groups import list_parts_to_choose
from bookings.services.audit import add_audit
from bookings.services.directory_tally import ImportResult, Progress, be_silent, build_result
from bookings.services.registrations.registering import is_part_open
from bookings.services.registrations.rows import add_group, record_consents, write_person
from bookings.services.registrations.seats import Room, needs_of, open_room, take_seats
from bookings.services.registrations.settling import confirm, note_passed

_LENGTHS = {
    "person_name": 100, "person_organisation": 200, "person_role": 100, "person_phone": 40,
}  # fmt: skip
_LANGUAGES = ("en", "sv", "fi")
_BETWEEN = ";"
Problem = tuple[int, str, str, str, str]


@dataclass(frozen=True)
class _Known:
    """An event with what the cells of a list may name."""

    event: Event
    tickets: Mapping[str, TicketKind]
    parts: Mapping[str, EventPart]
    people: Mapping[str, Registration]
    """By address and by reference."""
    chosen: Mapping[int, frozenset[int]]
    countries: frozenset[str]
    questions: Sequence[QuestionPlan]

    @property
    def only_ticket(self) -> TicketKind | None:
        kinds = {ticket.id: ticket for ticket in self.tickets.values()}
        return next(iter(kinds.values())) if len(kinds) == 1 else None


@dataclass(frozen=True)
class _Row:
    """A line that is right: who it is, and what the person has."""

    line: int
    person: Person
    ticket: TicketKind | None
    parts: tuple[EventPart, ...]
    known: Registration | None


def lock_people(session: Session, event_id: int) -> int:
    """Nobody else registers, or changes, until the transaction ends; a number for how things stand now."""
    event = session.get(Event, event_id)
    if event is None:
        raise NotFoundError("event", str(event_id))
    open_room(session, event)
    newest = func.coalesce(func.max(Registration.id), 0)
    changes = func.coalesce(func.sum(Registration.version), 0)
    row = session.execute(select(newest, changes).where(Registration.event_id == event_id)).one()
    return int(row[0] + row[1]) % 2_000_000_000


def check_people(session: Session, event_id: int, sheet: Sheet, progress: Progress = be_silent) -> None:
    """Reads only. Raises ImportRefusedError with every problem."""
    _read_all(_load_known(session, event_id), sheet, progress)


def save_people(session: Session, event_id: int, sheet: Sheet, *, who: Who, now: datetime) -> ImportResult:
    """All rows, under the lock of `lock_people`. Raises ImportRefusedError."""
    known = _load_known(session, event_id)
    rows, new, changed = _read_all(known, sheet, be_silent), 0, 0
    room = open_room(session, known.event)
    for row in rows:
        agreed = _list_agreed(known, row)
        person = row.known or _add(session, room, row, who=who, now=now)
        new += row.known is None
        changed += row.known is not None and _change(session, row.known, row.person, who=who, now=now)
        record_consents(session, person.id, agreed, language=row.person.language, now=now)
    session.flush()
    add_audit(
        session, who, "registrations.imported", noun="event", subject_id=event_id, now=now,
        new=new, changed=changed,
    )  # fmt: skip
    return build_result(total=len(rows), new=new, changed=changed)


def _list_agreed(known: _Known, row: _Row) -> dict[str, str]:
    """The consents that the line brings: question → the words that were agreed to."""
    before = row.known.answers if row.known else {}
    return {
        plan.key: choose_text(plan.label, row.person.language)
        for plan in known.questions
        if plan.kind is QuestionKind.CONSENT and plan.key in row.person.answers and plan.key not in before
    }


def _add(session: Session, room: Room, row: _Row, *, who: Who, now: datetime) -> Registration:
    assert row.ticket is not None
    application = Application(
        event_slug=room.event.slug, ticket_id=row.ticket.id, leader=row.person, form_key="",
        came_by=CameBy.IMPORT,
    )  # fmt: skip
    group = add_group(
        session, application, room.event, row.ticket, {part.id: part for part in row.parts},
        state=RegistrationState.WAITING, respond_by=None, now=now,
    )  # fmt: skip
    group.leader.verified_at = now
    try:
        take_seats(room, group)
    except EventFullError as error:
        raise ImportRefusedError(((row.line, "person_name", "event_full", row.person.name, ""),)) from error
    note_passed(session, room.list_passed(needs_of(room, group)))
    confirm(session, group, who=who, now=now)
    return group.leader


def _change(session: Session, known: Registration, person: Person, *, who: Who, now: datetime) -> bool:
    """What the list says of somebody who is there; the address and the seats stay."""
    before = _facts(known)
    write_person(known, person)
    if _facts(known) == before:
        return False
    known.version += 1
    add_audit(session, who, "change", noun="registration", subject_id=known.id, now=now)
    return True


def _facts(row: Registration) -> tuple[object, ...]:
    return (row.name, row.organisation_name, row.role, row.phone, row.country, row.language, row.answers)


def _load_known(session: Session, event_id: int) -> _Known:
    event = session.scalar(select(Event).where(Event.id == event_id).options(WITH_PLACE))
    if event is None:
        raise NotFoundError("event", str(event_id))
    tickets = session.scalars(select(TicketKind).where(TicketKind.event_id == event_id)).all()
    parts = list_parts_to_choose(session, event_id)
    people = session.scalars(
        select(Registration).where(Registration.event_id == event_id, Registration.state.in_(LIVE_STATES))
    ).all()
    by_name = {key: one for one in people for key in (one.reference.lower(), one.email) if key}
    return _Known(
        event,
        {fold(text): one for one in tickets for text in one.name.values() if text},
        {fold(text): one for one in parts for text in one.title.values() if text},
        by_name,
        _list_chosen(session, event_id),
        frozenset(code for code, _name in country_choices("en")),
        list_questions(session, event_id),
    )


def _list_chosen(session: Session, event_id: int) -> dict[int, frozenset[int]]:
    rows = session.execute(
        select(RegistrationPart.registration_id, RegistrationPart.part_id)
        .join(Registration, Registration.id == RegistrationPart.registration_id)
        .where(Registration.event_id == event_id)
    )
    found: dict[int, set[int]] = {}
    for registration_id, part_id in rows:
        found.setdefault(registration_id, set()).add(part_id)
    return {key: frozenset(ids) for key, ids in found.items()}


def _read_all(known: _Known, sheet: Sheet, progress: Progress) -> list[_Row]:
    rows: list[_Row] = []
    problems: list[Problem] = []
    seen: set[str] = set()
    for done, line in enumerate(sheet.rows, 1):
        row, found = _read_row(known, line)
        address = row.person.email
        if address and address in seen:
            found.append(("person_email", "double_row", address, ""))
        seen.add(address)
        rows.append(row)
        problems += [(line.line, *problem) for problem in found]
        progress(done, len(sheet.rows))
    if problems:
        raise ImportRefusedError(tuple(problems))
    return rows


def _read_row(known: _Known, line: SheetRow) -> tuple[_Row, list[tuple[str, str, str, str]]]:
    problems: list[tuple[str, str, str, str]] = []
    cells = {column: _clean(line.cells, column, problems) for column in _LENGTHS}
    email = fold_email(parse_email(line.cells.get("person_email", "")) or "")
    typed, reference = line.cells.get("person_email", ""), line.cells.get("reference", "").lower()
    if not email:
        problems.append(("person_email", "bad_email" if typed else "missing", typed, "name@example.org"))
    if not cells["person_name"]:
        problems.append(("person_name", "missing", "", ""))
    person = known.people.get(reference) if reference else known.people.get(email)
    if reference and person is None:
        problems.append(("reference", "unknown_person", reference.upper(), ""))
    country = _choose(line, "person_country", known.countries, "unknown_country", problems).upper()
    language = _choose(line, "person_language", _LANGUAGES, "unknown_language", problems).lower()
    ticket, parts = _read_places(known, line, person, problems)
    stored = person.answers if person else {}
    answered = read_cells(known.questions, line.cells, stored, countries=known.countries)
    problems += answered.problems
    read = Person(
        name=cells["person_name"],
        email=person.email if person else email,
        phone=cells["person_phone"] if "person_phone" in line.cells or not person else person.phone,
        role=_or_known(line, cells, "person_role", person.role if person else ""),
        organisation_name=_or_known(
            line, cells, "person_organisation", person.organisation_name if person else ""
        ),
        organisation_number=person.organisation_number if person else "",
        country=country or (person.country if person else ""),
        language=language or (person.language if person else "en"),
        time_zone=person.time_zone if person else main_time_zone(country, otherwise=known.event.time_zone),
        answers=answered.answers,
        part_ids=tuple(part.id for part in parts),
    )
    return _Row(line.line, read, ticket, parts, person), problems


def _or_known(line: SheetRow, cells: Mapping[str, str], column: str, otherwise: str) -> str:
    """A column that the file has not got changes nothing."""
    return cells[column] if column in line.cells else otherwise


def _read_places(
    known: _Known, line: SheetRow, person: Registration | None, problems: list[tuple[str, str, str, str]]
) -> tuple[TicketKind | None, tuple[EventPart, ...]]:
    named = line.cells.get("ticket", "")
    ticket = known.tickets.get(fold(named)) if named else known.only_ticket
    if ticket is None and (named or person is None):
        problems.append(("ticket", "unknown_ticket" if named else "missing", named, _names(known.tickets)))
    words = [word.strip() for word in line.cells.get("parts", "").split(_BETWEEN) if word.strip()]
    parts = []
    for word in words:
        part = known.parts.get(fold(word))
        if part is None:
            problems.append(("parts", "unknown_part", word, _names(known.parts)))
        elif person is None and ticket and not is_part_open(known.event, ticket, part, now=None):
            problems.append(("parts", "part_closed", word, ""))
        else:
            parts.append(part)
    if find_clash(parts):
        problems.append(("parts", "clash", line.cells["parts"], ""))
    if person is not None:
        _check_same(known, person, ticket if named else None, parts if words else None, problems)
    return ticket, tuple(parts)


def _check_same(
    known: _Known,
    person: Registration,
    ticket: TicketKind | None,
    parts: Sequence[EventPart] | None,
    problems: list[tuple[str, str, str, str]],
) -> None:
    """Seats of somebody who is there change on that person's page, where it is seen what is free."""
    if ticket is not None and ticket.id != person.ticket_id:
        problems.append(("ticket", "other_ticket", "", ""))
    if parts is not None and {part.id for part in parts} != known.chosen.get(person.id, frozenset()):
        problems.append(("parts", "other_parts", "", ""))


def _clean(cells: Mapping[str, str], column: str, problems: list[tuple[str, str, str, str]]) -> str:
    text = cells.get(column, "")
    try:
        return clean_line(text, max_length=_LENGTHS[column])
    except TextNotAllowedError as error:
        problems.append((column, error.code, text, str(error.max_length or "")))
        return ""


def _choose(
    line: SheetRow,
    column: str,
    allowed: frozenset[str] | Sequence[str],
    code: str,
    problems: list[tuple[str, str, str, str]],
) -> str:
    text = line.cells.get(column, "").strip()
    if not text or text.upper() in allowed or text.lower() in allowed:
        return text
    problems.append((column, code, text, ""))
    return ""


def _names(known: Mapping[str, object]) -> str:
    return ", ".join(sorted(known))[:120]
