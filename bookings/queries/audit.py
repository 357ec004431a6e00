"""The trail as admins look through it: by kind, person and day."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from bookings.domain.audit import BULK_READS
from bookings.domain.visits import Actor
from bookings.models.audit import AuditEntry

_PEOPLE = ("staff", "staff_passkey")


class TrailKind(StrEnum):
    READS = "reads"
    PEOPLE = "people"
    ALL = "all"


@dataclass(frozen=True)
class TrailFilter:
    """What is looked for; times are instants."""

    kind: TrailKind = TrailKind.READS
    name: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class TrailRow:
    """One act."""

    happened_at: datetime
    actor_kind: str
    actor_name: str
    action: str
    noun: str
    subject_id: int
    detail: dict[str, Any]


def count_trail(session: Session, wanted: TrailFilter) -> int:
    """How many acts fit."""
    return session.scalar(select(func.count()).select_from(AuditEntry).where(*_conditions(wanted))) or 0


def list_trail(session: Session, wanted: TrailFilter, *, page: int, per_page: int) -> list[TrailRow]:
    """One page of the acts that fit, the newest first."""
    rows = session.scalars(
        select(AuditEntry)
        .where(*_conditions(wanted))
        .order_by(AuditEntry.id.desc())
        .limit(per_page)
        .offset((page - 1) * per_page)
    )
    return [_row(entry) for entry in rows]


def list_actors(session: Session) -> list[str]:
    """The names of staff that the trail knows."""
    names = session.scalars(
        select(AuditEntry.actor_name)
        .where(AuditEntry.actor_kind == Actor.STAFF)
        .distinct()
        .order_by(AuditEntry.actor_name)
    )
    return list(names)


def _row(entry: AuditEntry) -> TrailRow:
    return TrailRow(
        entry.happened_at,
        entry.actor_kind,
        entry.actor_name,
        entry.action,
        entry.noun,
        entry.subject_id,
        entry.detail,
    )


def _conditions(wanted: TrailFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.kind is TrailKind.READS:
        yield AuditEntry.action.in_(BULK_READS)
    elif wanted.kind is TrailKind.PEOPLE:
        yield AuditEntry.noun.in_(_PEOPLE)
    if wanted.name:
        yield AuditEntry.actor_name == wanted.name
    if wanted.since:
        yield AuditEntry.happened_at >= wanted.since
    if wanted.until:
        yield AuditEntry.happened_at < wanted.until
