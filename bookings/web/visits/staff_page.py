"""What the visit page shows, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.domain.advice import Advice
from bookings.domain.erasure import Hold
from bookings.domain.programme import ProgrammeWarning
from bookings.domain.suggestions import Suggestion
from bookings.domain.visits import PLANNABLE_STATES, VisitState
from bookings.queries.conversation import Entry, load_conversation
from bookings.queries.directory import load_directory
from bookings.queries.erasure import find_hold
from bookings.queries.labels import Label
from bookings.queries.merging import find_merged_into
from bookings.queries.planned import PlannedView, list_planned_changes
from bookings.queries.planning import (
    PlannedSlot,
    Programme,
    build_programme,
    judge_proposals,
    list_planned_slots,
    list_staff_advice,
    suggest_for_visit,
)
from bookings.queries.tasks import TaskRow, list_tasks
from bookings.queries.visits import VisitFile, load_visit_file
from bookings.queries.visits.wishes import build_requested
from bookings.web.texts import Names

_SUGGESTIONS = 6


@dataclass(frozen=True)
class VisitPage:
    """One visit with all that stands beside it; `slots` by the key of their stop."""

    file: VisitFile
    slots: dict[str, PlannedSlot]
    programme: Programme
    concerns: Mapping[int, tuple[ProgrammeWarning, ...]]
    """What speaks against each time that a host offers, by its id."""
    suggestions: tuple[Suggestion, ...]
    advice: list[Advice]
    conversation: list[Entry]
    refusals: Mapping[int, str]
    """Slots whose host a mail did not reach, by id, with the mail server's words."""
    tasks: list[TaskRow]
    labels: tuple[Label, ...]
    merged_into: str | None
    """The request that this one goes on as."""
    hold: Hold | None
    """Why and how long it is kept as evidence."""
    names: Names
    planned: Mapping[int, PlannedView]
    """Changes that hosts were not told of yet, by slot."""

    @property
    def version(self) -> int:
        """What of the visit the reader of this page has seen."""
        return self.file.audit[0].id if self.file.audit else 0

    @property
    def drafts(self) -> list[PlannedSlot]:
        """Slots that nobody was told of."""
        return [slot for slot in self.slots.values() if slot.state == "draft"]

    @property
    def gone(self) -> list[PlannedSlot]:
        """Slots that are not in the programme any more."""
        return [slot for slot in self.slots.values() if not slot.is_live]

    @property
    def can_be_planned(self) -> bool:
        """May slots be added?"""
        return self.file.visit.state in PLANNABLE_STATES and not self.file.visit.is_held_for_moderation


def load_visit_page(session: Session, reference: str, *, now: datetime) -> VisitPage:
    """Everything the page shows. Raises NotFoundError."""
    file = load_visit_file(session, reference)
    slots = list_planned_slots(session, file.visit.id)
    programme = build_programme(session, slots, build_requested(file.visit, file.wishes))
    taken = {slot.host_slug for slot in slots}
    suggestions = suggest_for_visit(
        session, file.visit, file.wishes, now=now, limit=_SUGGESTIONS + len(taken)
    )
    return VisitPage(
        file=file,
        slots={str(slot.id): slot for slot in slots},
        programme=programme,
        concerns=judge_proposals(session, slots, now=now),
        suggestions=tuple(one for one in suggestions if one.host.slug not in taken)[:_SUGGESTIONS],
        advice=list_staff_advice(session, file, now=now),
        conversation=load_conversation(session, file.visit.id, file.notes),
        refusals=programme.refusals,
        tasks=list_tasks(session, file.visit.id),
        labels=file.labels,
        merged_into=_find_merged_into(session, file),
        hold=find_hold(session, file.visit.id, today=now.date()),
        names=Names(load_directory(session)),
        planned=list_planned_changes(session, slots),
    )


def _find_merged_into(session: Session, file: VisitFile) -> str | None:
    return find_merged_into(session, file.visit.id) if file.visit.state == VisitState.CANCELLED else None
