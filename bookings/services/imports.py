"""Importing a file in steps: kept, its columns named, looked through, carried out; each step once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bookings.adapters.spreadsheet import Sheet, read_sheet
from bookings.db import read_session, scratch_session, transaction
from bookings.domain.answer_cells import drop_strange, guess_questions
from bookings.domain.audit import Who
from bookings.domain.errors import ImportRefusedError, NotFoundError, RecordChangedError
from bookings.domain.imports import (
    AT_ONCE_ROWS,
    KEPT,
    LEASE,
    SHOWN_CHANGES,
    SHOWN_PROBLEMS,
    WAITING,
    ImportState,
    ImportTable,
    check_mapping,
    guess_mapping,
    hash_header,
    list_changes,
)
from bookings.domain.visits import Actor
from bookings.models.imports import ImportFile, ImportMapping
from bookings.queries.exports import key_rows, list_cells
from bookings.queries.imports import list_waiting
from bookings.queries.questions import list_questions
from bookings.queries.registrations.cells import list_people_cells
from bookings.services.directory import (
    begin_change,
    check_table,
    read_version,
    rename_columns,
    save_table,
)
from bookings.services.directory_tally import ImportResult, Progress
from bookings.services.registration_imports import check_people, lock_people, save_people
from bookings.settings import current_settings

_SAMPLES, _SAMPLE_LENGTH = 3, 60
_PROGRESS_STEP = 250
_NAME_LENGTH = 254


@dataclass(frozen=True)
class _Task:
    """A file that this process is at."""

    id: int
    kind: str
    state: ImportState
    content: bytes
    mapping: Mapping[str, str]
    who: Who
    event_id: int | None = None

    def check(self, session: Session, sheet: Sheet, note: Progress) -> None:
        """Reads only. Raises ImportRefusedError with every problem."""
        if self.event_id is None:
            check_table(session, self.kind, sheet, note)
        else:
            check_people(session, self.event_id, sheet, note)

    def begin(self, session: Session) -> int:
        """From here on nobody else changes what the file is about; returns its version."""
        return begin_change(session) if self.event_id is None else lock_people(session, self.event_id)

    def read_version(self, session: Session) -> int:
        """Of what the file is about, locked until the end of the transaction."""
        return read_version(session) if self.event_id is None else lock_people(session, self.event_id)

    def save(self, session: Session, sheet: Sheet, *, now: datetime) -> ImportResult:
        """All rows, or ImportRefusedError."""
        if self.event_id is None:
            return save_table(session, self.kind, sheet, who=self.who, now=now)
        return save_people(session, self.event_id, sheet, who=self.who, now=now)

    def list_rows(self, session: Session) -> Mapping[tuple[str, ...], Mapping[str, str]]:
        """What there is, to be compared before and after."""
        if self.event_id is None:
            return key_rows(self.kind, list_cells(session, self.kind))
        return {(row["person_email"],): row for row in list_people_cells(session, self.event_id)}


def keep_file(
    kind: ImportTable, file_name: str, content: bytes, *, event_id: int | None = None, who: Who, now: datetime
) -> int:
    """Keep a readable file for a while; returns its id. Raises ImportRefusedError."""
    sheet = read_sheet(content, max_bytes=current_settings().web.max_import_bytes)
    _check_names(sheet)
    columns = [column for column in sheet.columns if column]
    with transaction() as session:
        remembered = session.get(ImportMapping, (kind.value, hash_header(columns)))
        mapping = remembered.mapping if remembered else guess_mapping(kind, columns)
        # Questions are each event's own, so another event's list does not say which columns they are.
        plans = list_questions(session, event_id) if event_id else ()
        kept = ImportFile(
            kind=kind.value,
            event_id=event_id,
            file_name="".join(c for c in file_name if c.isprintable())[-_NAME_LENGTH:],
            content=content,
            state=ImportState.UPLOADED.value,
            columns=columns,
            mapping={**guess_questions(plans, columns), **drop_strange(mapping, plans)},
            outcome={"samples": {column: _list_samples(sheet, column) for column in columns}},
            directory_version=0,
            done=0,
            total=len(sheet.rows),
            uploaded_by=who.name,
            uploaded_at=now,
            expires_at=now + KEPT,
        )
        session.add(kept)
        session.flush()
        return kept.id


def choose_columns(import_id: int, mapping: Mapping[str, str], *, now: datetime) -> bool:
    """What the file's columns are; the file is looked through next. True when it is small.

    Raises ImportRefusedError, RecordChangedError or NotFoundError.
    """
    with transaction() as session:
        kept = _open(session, import_id, now=now)
        if kept.state in (ImportState.DONE, ImportState.IMPORTING):
            raise RecordChangedError("import_file")
        chosen = {theirs: ours for theirs, ours in mapping.items() if theirs in kept.columns and ours}
        problems = check_mapping(kept.kind, chosen)
        if problems:
            raise ImportRefusedError(tuple((1, p.column, p.code, p.value, p.expected) for p in problems))
        session.merge(
            ImportMapping(kind=kept.kind, header_hash=hash_header(kept.columns), mapping=chosen, used_at=now)
        )
        kept.mapping = chosen
        _queue(kept, ImportState.CHECKING)
        return kept.total <= AT_ONCE_ROWS


def order_import(import_id: int, *, who: Who, now: datetime) -> bool:
    """Let what was looked at happen. True when the file is small. Raises RecordChangedError."""
    with transaction() as session:
        kept = _open(session, import_id, now=now)
        if kept.state == ImportState.CHECKED:
            kept.uploaded_by = who.name  # the trail names who let it happen
            _queue(kept, ImportState.IMPORTING)
        elif kept.state not in (ImportState.IMPORTING, ImportState.DONE):
            raise RecordChangedError("import_file")
        return kept.total <= AT_ONCE_ROWS


def forget_import(import_id: int, *, now: datetime) -> None:
    """Throw an uploaded file away; one that is gone stays so."""
    with transaction() as session:
        session.execute(delete(ImportFile).where(ImportFile.id == import_id))


def forget_imports(*, now: datetime) -> None:
    """Files are kept for a short while only, with all they hold."""
    with transaction() as session:
        session.execute(delete(ImportFile).where(ImportFile.expires_at <= now))


def work_on_imports(*, now: datetime) -> None:
    """What the worker does: the files that wait, one after the other."""
    for import_id in list_waiting(read_session(), now=now):
        work_on_import(import_id, now=now)


def work_on_import(import_id: int, *, now: datetime) -> None:
    """Look through a file, or carry it out, if it waits for that and nobody else is at it."""
    task = _claim(import_id, now=now)
    if task is None:
        return
    note = _note_progress(import_id)
    try:
        sheet = rename_columns(read_sheet(task.content), task.mapping)
        task.check(read_session(), sheet, note)
        if task.state is ImportState.CHECKING:
            _record(task, ImportState.CHECKED, *_rehearse(task, sheet, now=now))
        else:
            _carry_out(task, sheet, now=now)
    except ImportRefusedError as refusal:
        theirs = {ours: column for column, ours in task.mapping.items()}
        problems = [[line, theirs.get(c, c), *rest] for line, c, *rest in refusal.problems]
        outcome = {"problems": problems[:SHOWN_PROBLEMS], "problem_count": len(problems)}
        _record(task, ImportState.REFUSED, outcome, 0)


def _claim(import_id: int, *, now: datetime) -> _Task | None:
    with transaction() as session:
        kept = _open(session, import_id, now=now)
        is_taken = kept.claimed_until is not None and kept.claimed_until > now
        if kept.state not in WAITING or is_taken:
            return None
        kept.claimed_until = now + LEASE
        who = Who(Actor.STAFF, kept.uploaded_by)
        return _Task(
            kept.id, kept.kind, ImportState(kept.state), kept.content, dict(kept.mapping), who, kept.event_id
        )


def _rehearse(task: _Task, sheet: Sheet, *, now: datetime) -> tuple[dict[str, Any], int]:
    """What would happen: it does happen, is compared, and is taken back."""
    with transaction() as session:
        version = task.begin(session)
        before = task.list_rows(session)
        result = task.save(session, sheet, now=now)
        session.expire_all()
        changes = list_changes(before, task.list_rows(session))
        session.rollback()
    counts = [result.new, result.changed, result.unchanged]
    shown = changes[:SHOWN_CHANGES]
    return {"counts": counts, "changes": shown, "change_count": len(changes)}, version


def _carry_out(task: _Task, sheet: Sheet, *, now: datetime) -> None:
    """All rows or none, and only what was looked at: another directory is looked at anew."""
    with transaction() as session:
        kept = _open(session, task.id, now=now)
        if task.read_version(session) != kept.directory_version:
            # Changes that others made since would be overwritten unseen.
            kept.outcome = {**kept.outcome, "was_outdated": True}
            _queue(kept, ImportState.CHECKING)
            return
        task.begin(session)
        result = task.save(session, sheet, now=now)
        kept.state = ImportState.DONE.value
        kept.outcome = {"counts": [result.new, result.changed, result.unchanged]}
        kept.content = b""
        kept.claimed_until = None


def _record(task: _Task, state: ImportState, outcome: Mapping[str, Any], version: int) -> None:
    with transaction() as session:
        kept = session.get(ImportFile, task.id)
        if kept is None or kept.state != task.state:
            return
        kept.state = state.value
        kept.outcome = {
            "samples": kept.outcome.get("samples", {}),
            "was_outdated": kept.outcome.get("was_outdated", False),
            **outcome,
        }
        kept.directory_version = version
        kept.claimed_until = None


def _open(session: Session, import_id: int, *, now: datetime) -> ImportFile:
    query = select(ImportFile).where(ImportFile.id == import_id, ImportFile.expires_at > now)
    kept = session.scalars(query.with_for_update()).one_or_none()
    if kept is None:
        raise NotFoundError("import_file", str(import_id))
    return kept


def _queue(kept: ImportFile, state: ImportState) -> None:
    kept.state = state.value
    kept.done = 0
    kept.claimed_until = None


def _check_names(sheet: Sheet) -> None:
    named = [column for column in sheet.columns if column]
    double = [column for column in dict.fromkeys(named) if named.count(column) > 1]
    if double:
        raise ImportRefusedError(tuple((1, column, "double_column", column, "") for column in double))
    if not sheet.rows:
        raise ImportRefusedError(((1, "", "no_rows", "", ""),))


def _list_samples(sheet: Sheet, column: str) -> list[str]:
    filled = (row.cells[column] for row in sheet.rows if row.cells[column])
    return list(
        dict.fromkeys(value[:_SAMPLE_LENGTH] for value, _ in zip(filled, range(_SAMPLES), strict=False))
    )


def _note_progress(import_id: int) -> Progress:
    """Rows looked through, in a session of its own: others see it at once."""

    def note(done: int, total: int) -> None:
        if done % _PROGRESS_STEP or total <= AT_ONCE_ROWS:
            return
        with scratch_session() as session:
            session.connection(execution_options={"writes": True, "flushes": False})
            session.execute(update(ImportFile).where(ImportFile.id == import_id).values(done=done))
            session.commit()

    return note
