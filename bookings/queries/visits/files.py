"""One request with all that is known of it, for the staff page."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Select, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from bookings.domain.errors import NotFoundError
from bookings.domain.next_steps import NextStep, Standing, find_next_step
from bookings.domain.references import is_reference
from bookings.domain.time import home_day
from bookings.domain.visits import Actor, VisitState
from bookings.models.audit import AuditEntry
from bookings.models.directory import Interest
from bookings.models.labels import LabelledVisit, VisitLabel
from bookings.models.staff import StaffUser
from bookings.models.visits import DateWindow, Delegation, VisitInterest, VisitNote, VisitRequest
from bookings.queries.labels import Label
from bookings.queries.stacks import Stack
from bookings.queries.visits.standings import VisitFacts, build_standings, is_for_staff, standing_parts
from bookings.queries.visits.wishes import Wishes, build_wishes, wish_parts

_MOST_EARLIER = 20


@dataclass(frozen=True)
class EarlierRequest:
    """Another request of the same organisation; `interests` as slugs, `first_day` the first wished one."""

    reference: str
    state: VisitState
    interests: tuple[str, ...]
    first_day: date


@dataclass(frozen=True)
class Colleague:
    """A staff member who can own a request."""

    id: int
    name: str


@dataclass(frozen=True)
class Note:
    """Something that somebody wrote down about the visit."""

    id: int
    author_kind: str
    author_name: str
    text: str
    written_at: datetime
    answered_at: datetime | None
    answered_by: str
    answer: str

    @property
    def is_open_wish(self) -> bool:
        """Does it wait for staff?"""
        return self.author_kind == Actor.VISITOR and self.answered_at is None


@dataclass(frozen=True)
class VisitFile:
    """A request with everything beside it, for the staff page."""

    visit: VisitRequest
    wishes: Wishes
    owner_name: str
    standing: Standing
    earlier: tuple[EarlierRequest, ...]
    labels: tuple[Label, ...]
    notes: tuple[Note, ...]
    """The newest first."""
    audit: tuple[AuditEntry, ...]
    colleagues: tuple[Colleague, ...] = field(default_factory=tuple)

    @property
    def next_step(self) -> NextStep:
        """What comes next and who acts."""
        return find_next_step(self.standing)

    @property
    def open_wishes(self) -> tuple[Note, ...]:
        """What the visitor wished and staff have not dealt with, the newest first."""
        return tuple(note for note in self.notes if note.is_open_wish)

    @property
    def delegation(self) -> Delegation:
        """The visiting group."""
        return self.visit.delegation


@dataclass(frozen=True)
class VisitHead:
    """What stands on top of every page about a visit."""

    id: int
    reference: str
    organisation: str


def find_visit_head(session: Session, reference: str) -> VisitHead:
    """The visit behind a reference, if staff may see it. Raises NotFoundError."""
    if not is_reference(reference):
        raise NotFoundError("visit_request", reference)
    row = session.execute(
        select(VisitRequest.id, VisitRequest.reference, Delegation.organisation_name)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .where(VisitRequest.reference == reference.strip().upper(), is_for_staff())
    ).one_or_none()
    if row is None:
        raise NotFoundError("visit_request", reference)
    return VisitHead(*row)


def list_colleagues(session: Session) -> tuple[Colleague, ...]:
    """Staff with an active account, by name."""
    return tuple(Colleague(*row) for row in session.execute(_colleagues().order_by(StaffUser.name)))


def load_visit_file(session: Session, reference: str) -> VisitFile:
    """Everything about one request, in three statements.

    Raises NotFoundError; an unproved request exists only when it is held.
    """
    if not is_reference(reference):
        raise NotFoundError("visit_request", reference)
    visit = session.scalar(_visit(), {"reference": reference.strip().upper()})
    if visit is None:
        raise NotFoundError("visit_request", reference)
    key = visit.delegation.organisation_key
    found = _lists().read(session, {"visit_id": visit.id, "ids": [visit.id], "organisation": key})
    colleagues = tuple(sorted((Colleague(*row) for row in found["colleagues"]), key=lambda one: one.name))
    notes = sorted((Note(*row) for row in found["notes"]), key=lambda one: one.id, reverse=True)
    audit = select(AuditEntry).where(AuditEntry.visit_id == visit.id).order_by(AuditEntry.id.desc())
    return VisitFile(
        visit=visit,
        wishes=build_wishes(found),
        owner_name=next((one.name for one in colleagues if one.id == visit.owner_id), ""),
        standing=build_standings([VisitFacts.of(visit)], found)[visit.id],
        earlier=_build_earlier(found),
        labels=tuple(Label(*row) for row in sorted(found["labels"], key=lambda one: (one.name, one.id))),
        notes=tuple(notes),
        audit=tuple(session.scalars(audit)),
        colleagues=colleagues,
    )


@cache
def _visit() -> Select[VisitRequest]:
    whole = select(VisitRequest).where(VisitRequest.reference == bindparam("reference"), is_for_staff())
    return whole.options(joinedload(VisitRequest.delegation), joinedload(VisitRequest.agreement))


def _colleagues() -> Select[*tuple[Any, ...]]:
    return select(StaffUser.id, StaffUser.name).where(StaffUser.active)


@cache
def _lists() -> Stack:
    """All that is a short list beside the visit."""
    visit_id: BindParameter[int] = bindparam("visit_id")
    days, note, label = DateWindow, VisitNote, VisitLabel
    earlier = _earlier().subquery()
    return Stack(
        colleagues=_colleagues(),
        earlier=select(
            earlier,
            select(func.min(days.earliest_on))
            .where(days.visit_id == earlier.c.id)
            .scalar_subquery()
            .label("first_day"),
        ),
        shared=select(VisitInterest.visit_id, Interest.sort, Interest.id, Interest.slug)
        .join(Interest, Interest.id == VisitInterest.interest_id)
        .join(earlier, earlier.c.id == VisitInterest.visit_id),
        notes=select(
            note.id,
            note.author_kind,
            note.author_name,
            note.text,
            note.written_at,
            note.answered_at,
            note.answered_by,
            note.answer,
        ).where(note.visit_id == visit_id),
        labels=select(label.id, label.name, label.tone)
        .join(LabelledVisit, LabelledVisit.label_id == label.id)
        .where(LabelledVisit.visit_id == visit_id),
        **standing_parts(),
        **wish_parts(),
    )


def _earlier() -> Select[*tuple[Any, ...]]:
    """Other requests of the same organisation, the newest; those that never were real stay out."""
    return (
        select(VisitRequest.id, VisitRequest.reference, VisitRequest.state, VisitRequest.created_at)
        .join(Delegation, Delegation.visit_id == VisitRequest.id)
        .where(
            Delegation.organisation_key == bindparam("organisation"),
            VisitRequest.id != bindparam("visit_id"),
            VisitRequest.state != VisitState.UNVERIFIED,
        )
        .order_by(VisitRequest.id.desc())
        .limit(_MOST_EARLIER)
    )


def _build_earlier(found: Mapping[str, list[Any]]) -> tuple[EarlierRequest, ...]:
    topics: defaultdict[int, list[str]] = defaultdict(list)
    for row in sorted(found["shared"]):
        topics[row.visit_id].append(row.slug)
    return tuple(
        EarlierRequest(
            reference=row.reference,
            state=VisitState(row.state),
            interests=tuple(topics[row.id]),
            first_day=row.first_day or home_day(row.created_at),
        )
        for row in sorted(found["earlier"], key=lambda one: one.id, reverse=True)
    )
