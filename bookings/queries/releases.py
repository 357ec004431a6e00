"""What a release of a visit would tell: drafts, planned changes, and what staff chose for the mails."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.models.directory import Organisation, Site
from bookings.models.planned import PlannedChange, ReleaseLetter, VisitRelease
from bookings.models.slots import Slot
from bookings.queries.slots import list_slots_of_visit

VISITOR = "visitor"
"""`ReleaseLetter.about` of the visitor's mail."""


def about_slot(slot_id: int) -> str:
    """`ReleaseLetter.about` of the mail to the host of a slot."""
    return f"slot-{slot_id}"


def about_new_host(slot_id: int) -> str:
    """`ReleaseLetter.about` of the mail to whoever is asked in the place of a slot's host."""
    return f"new-{slot_id}"


@dataclass(frozen=True)
class ReleaseItem:
    """One slot that a release would tell of: a draft, or (with `change`) one whose host knows of it."""

    slot: Slot
    change: PlannedChange | None
    is_held: bool

    @property
    def is_stale(self) -> bool:
        """Has the slot changed since the change was planned?"""
        change = self.change
        return change is not None and (
            change.slot_version != self.slot.version or self.slot.state not in HOLDING_STATES
        )

    @property
    def is_due(self) -> bool:
        """Does the release tell of it?"""
        return not (self.is_held or self.is_stale)


@dataclass(frozen=True)
class ReleaseBasis:
    """All of it; `slots` are those of the visit, `letters` by what they are about."""

    slots: Sequence[Slot]
    items: tuple[ReleaseItem, ...]
    letters: Mapping[str, ReleaseLetter]

    @property
    def due(self) -> list[ReleaseItem]:
        """What the release tells of."""
        return [item for item in self.items if item.is_due]

    @property
    def fingerprint(self) -> str:
        """Another one whenever the release would tell anything else."""
        facts = [
            [
                item.slot.id,
                item.slot.version,
                item.slot.visit.version,
                str(item.slot.visit.state),
                item.is_held,
                [item.change.id, item.change.slot_version] if item.change else None,
            ]
            for item in self.items
        ]
        words = sorted((about, one.template, one.words) for about, one in self.letters.items() if one.words)
        return hashlib.sha256(json.dumps([facts, words]).encode()).hexdigest()


def load_release(session: Session, visit_id: int) -> ReleaseBasis:
    """Everything that could be told now, in the order of the programme."""
    slots = list_slots_of_visit(session, visit_id)
    changes = {change.slot_id: change for change in _list_changes(session, [slot.id for slot in slots])}
    letters = list_letters(session, visit_id)
    items = tuple(
        ReleaseItem(slot, changes.get(slot.id), _is_held(letters, slot.id))
        for slot in slots
        if slot.id in changes or slot.state == SlotState.DRAFT
    )
    return ReleaseBasis(slots, items, letters)


def list_letters(session: Session, visit_id: int) -> dict[str, ReleaseLetter]:
    """What staff chose for mails of the next release, by what they are about."""
    rows = session.scalars(
        select(ReleaseLetter)
        .where(ReleaseLetter.visit_id == visit_id)
        .execution_options(populate_existing=True)
    )
    return {row.about: row for row in rows}


def list_hosts_to_lock(session: Session, visit_id: int) -> set[int]:
    """The organisations whose time a release of this visit may take or give back."""
    drafts = select(Slot.organisation_id).where(Slot.visit_id == visit_id, Slot.state == SlotState.DRAFT)
    pairs = session.execute(
        select(Slot.organisation_id, PlannedChange.organisation_id)
        .join(PlannedChange, PlannedChange.slot_id == Slot.id)
        .where(Slot.visit_id == visit_id)
    )
    changed = {host for pair in pairs for host in pair if host is not None}
    return changed | set(session.scalars(drafts))


def was_released(session: Session, visit_id: int, basis: str) -> bool:
    """Did exactly this go out before?"""
    query = select(VisitRelease.id).where(VisitRelease.visit_id == visit_id, VisitRelease.basis == basis)
    return session.scalar(query) is not None


def _list_changes(session: Session, slot_ids: Sequence[int]) -> Sequence[PlannedChange]:
    query = (
        select(PlannedChange)
        .where(PlannedChange.slot_id.in_(slot_ids))
        .options(
            joinedload(PlannedChange.organisation).joinedload(Organisation.place),
            joinedload(PlannedChange.site).joinedload(Site.place),
            joinedload(PlannedChange.host_contact),
        )
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).all()


def _is_held(letters: Mapping[str, ReleaseLetter], slot_id: int) -> bool:
    letter = letters.get(about_slot(slot_id))
    return letter is not None and letter.is_held
