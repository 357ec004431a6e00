"""What the visit page shows, read once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.domain.advice import Advice
from bookings.domain.programme import ProgrammeWarning
from bookings.domain.suggestions import Suggestion
from bookings.domain.visits import PLANNABLE_STATES
from bookings.queries.directory import load_directory
from bookings.queries.outbox import OutboxMail, find_refusals, list_mails_of_visit
from bookings.queries.planning import (
    PlannedSlot,
    Programme,
    build_programme,
    judge_proposals,
    list_planned_slots,
    list_staff_advice,
    suggest_for_visit,
)
from bookings.queries.visits import VisitFile, load_visit_file
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
    mails: list[OutboxMail]
    refusals: Mapping[int, str]
    """Slots whose host a mail did not reach, by id, with the mail server's words."""
    names: Names

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
    taken = {slot.host_slug for slot in slots}
    suggestions = suggest_for_visit(session, file.visit, now=now, limit=_SUGGESTIONS + len(taken))
    return VisitPage(
        file=file,
        slots={str(slot.id): slot for slot in slots},
        programme=build_programme(session, slots),
        concerns=judge_proposals(session, slots, now=now),
        suggestions=tuple(one for one in suggestions if one.host.slug not in taken)[:_SUGGESTIONS],
        advice=list_staff_advice(session, file, now=now),
        mails=list_mails_of_visit(session, file.visit.id),
        refusals=find_refusals(session, [slot.id for slot in slots if slot.is_live]),
        names=Names(load_directory(session)),
    )
