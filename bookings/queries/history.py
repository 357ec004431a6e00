"""Who did what, when: the trail of a visit, an organisation or the settings, and what can be taken back."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.history import UNDO_DAYS
from bookings.models.audit import AuditEntry, AuditReason
from bookings.models.calendar import CalendarEntry
from bookings.models.history import UndoStep
from bookings.models.hosts import SiteClosure
from bookings.models.settings import StaffSetting
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.visits import is_for_staff

PAGE_SIZE = 50
_MOST_READ = 100
_ON_SLOTS = frozenset({"slot_added", "slot_changed", "slot_removed", "slot_planned"})


@dataclass(frozen=True)
class HistoryEntry:
    """One act; `why` is the reason that was given for it, where one was."""

    happened_at: datetime
    actor_kind: str
    actor_name: str
    action: str
    noun: str
    subject_id: int
    detail: dict[str, Any]
    why: str = ""


@dataclass(frozen=True)
class HistoryPage:
    """Some entries of many, the newest first."""

    entries: tuple[HistoryEntry, ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True)
class StepView:
    """An act that can be taken back."""

    id: int
    kind: str
    actor_name: str
    done_at: datetime
    visit_reference: str = ""
    setting_key: str = ""


def load_history(
    session: Session, about: ColumnElement[bool], *, actor_kind: str = "", page: int = 1
) -> HistoryPage:
    """The entries about something, of everybody or of one kind of people."""
    conditions = [about] + ([AuditEntry.actor_kind == actor_kind] if actor_kind else [])
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(*conditions)) or 0
    page = max(1, min(page, -(-total // PAGE_SIZE)))
    rows = session.execute(
        select(AuditEntry, AuditReason.text)
        .outerjoin(AuditReason, AuditReason.entry_id == AuditEntry.id)
        .where(*conditions)
        .order_by(AuditEntry.id.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    closings = _list_closings(session, [row for row, _reason in rows])
    views = (_view(row, reason or closings.get(row.detail.get("closure", 0), "")) for row, reason in rows)
    return HistoryPage(tuple(views), total, page)


def list_setting_values(session: Session, entries: Iterable[HistoryEntry]) -> dict[tuple[str, int], Any]:
    """What was saved in these acts, and in the versions before, by key and version."""
    saved = [(one.detail["key"], one.detail["version"]) for one in entries if one.action == "setting.saved"]
    if not saved:
        return {}
    keys = {key for key, _version in saved}
    versions = {number for _key, version in saved for number in (version - 1, version)}
    rows = session.execute(
        select(StaffSetting.key, StaffSetting.version, StaffSetting.value).where(
            StaffSetting.key.in_(keys), StaffSetting.version.in_(versions)
        )
    )
    return {(key, version): value for key, version, value in rows}


def find_visit(session: Session, reference: str) -> tuple[int, str]:
    """Id and reference of a visit that staff may see. Raises NotFoundError."""
    found = session.execute(
        select(VisitRequest.id, VisitRequest.reference).where(
            VisitRequest.reference == reference.upper(), is_for_staff()
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError("visit_request", reference)
    return found[0], found[1]


def of_visit(visit_id: int) -> ColumnElement[bool]:
    """What belongs to a visit."""
    return AuditEntry.visit_id == visit_id


def of_organisation(organisation_id: int) -> ColumnElement[bool]:
    """What was done to what is known of a host."""
    return (AuditEntry.noun == "organisation") & (AuditEntry.subject_id == organisation_id)


def of_settings() -> ColumnElement[bool]:
    """What was done to settings."""
    return AuditEntry.noun == "setting"


def list_steps(
    session: Session, *, visit_id: int | None, now: datetime, most: int = 10
) -> tuple[StepView, ...]:
    """What can be taken back of a visit, or (no visit) of the settings; the newest first."""
    about = UndoStep.visit_id == visit_id if visit_id is not None else UndoStep.kind == "setting"
    rows = session.scalars(
        select(UndoStep)
        .where(about, UndoStep.undone_at.is_(None), UndoStep.done_at >= now - timedelta(days=UNDO_DAYS))
        .order_by(UndoStep.id.desc())
        .limit(_MOST_READ)
    ).all()
    return tuple(_step(row) for row in _list_possible(session, rows)[:most])


def _list_possible(session: Session, rows: Sequence[UndoStep]) -> list[UndoStep]:
    """Without the acts on stops that somebody was told of since, or that were done over: they stay."""
    ids = {row.subject_id for row in rows if row.kind in _ON_SLOTS}
    found = session.execute(
        select(Slot.id, Slot.version, CalendarEntry.uid)
        .join(CalendarEntry, CalendarEntry.id == Slot.calendar_entry_id)
        .where(Slot.id.in_(ids))
    )
    now = {slot_id: {"version": version, "uid": uid} for slot_id, version, uid in found}
    possible: list[UndoStep] = []
    led_to: set[int | None] = set()
    for row in rows:
        is_last_word = row.kind == "slot_removed" or row.after == now.get(row.subject_id)
        if row.kind not in _ON_SLOTS or is_last_word or row.id in led_to:
            possible.append(row)
            led_to.add(row.before.get("follows"))
    return possible


def find_step(session: Session, step_id: int) -> StepView:
    """One step. Raises NotFoundError."""
    row = session.execute(
        select(UndoStep, VisitRequest.reference)
        .outerjoin(VisitRequest, VisitRequest.id == UndoStep.visit_id)
        .where(UndoStep.id == step_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError("undo_step", str(step_id))
    return _step(row[0], row[1] or "")


def _step(row: UndoStep, reference: str = "") -> StepView:
    key = row.before.get("key", "") if row.kind == "setting" else ""
    return StepView(row.id, row.kind, row.actor_name, row.done_at, reference, key)


def _list_closings(session: Session, rows: Iterable[AuditEntry]) -> dict[int, str]:
    """Why the places were closed because of which staff planned these acts."""
    ids = {row.detail["closure"] for row in rows if "closure" in row.detail}
    if not ids:
        return {}
    found = session.execute(select(SiteClosure.id, SiteClosure.reason).where(SiteClosure.id.in_(ids)))
    return {closure_id: reason for closure_id, reason in found if reason}


def _view(row: AuditEntry, why: str) -> HistoryEntry:
    return HistoryEntry(
        happened_at=row.happened_at,
        actor_kind=row.actor_kind,
        actor_name=row.actor_name,
        action=row.action,
        noun=row.noun,
        subject_id=row.subject_id,
        detail=row.detail,
        why=why,
    )
