"""The times that hosts offer, each held against the programme as it stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import BindParameter, bindparam, select
from sqlalchemy.orm import Session

from bookings.domain.advice import DateWindow
from bookings.domain.programme import ProgrammeWarning
from bookings.domain.proposals import ProposalBasis, list_concerns
from bookings.domain.slots import SlotState
from bookings.domain.time import Interval
from bookings.models.outbox import OutboxMessage
from bookings.models.visits import DateWindow as DateWindowRow
from bookings.queries.directory import load_travel_table
from bookings.queries.holds import build_busy_times, times_of_other_visits
from bookings.queries.planning.programme import build_rules
from bookings.queries.planning.slots import PlannedSlot
from bookings.queries.stacks import Stack
from bookings.settings import current_settings

_TOLD = ("programme_proposed", "programme_confirmed", "programme_changed")


def judge_proposals(
    session: Session, slots: Sequence[PlannedSlot], *, now: datetime
) -> Mapping[int, tuple[ProgrammeWarning, ...]]:
    """What speaks against each offered time of these slots of one visit, by its id; nothing when it fits."""
    countered = [slot for slot in slots if slot.state is SlotState.COUNTERED and slot.offered_times]
    if not countered:
        return {}
    times = [(slot, Interval(one.starts_at, one.ends_at)) for slot in countered for one in slot.offered_times]
    basis = build_basis(session, [slot for slot in slots if slot.is_live], times, now=now)
    return {
        offered.id: list_concerns(slot.as_stop(), Interval(offered.starts_at, offered.ends_at), basis)
        for slot in countered
        for offered in slot.offered_times
    }


def build_basis(
    session: Session,
    live: Sequence[PlannedSlot],
    times: Sequence[tuple[PlannedSlot, Interval]],
    *,
    now: datetime,
) -> ProposalBasis:
    """What other times for slots of one visit are held against; `live` are all stops of its programme."""
    visits = current_settings().visits
    buffer = timedelta(minutes=visits.host_buffer_minutes)
    span = Interval(min(time.start for _, time in times) - buffer, max(time.end for _, time in times))
    found = _held_against().read(
        session,
        {
            "slot_ids": list({slot.id for slot, _ in times}),
            "since": span.start,
            "until": span.end,
            "visit_id": times[0][0].visit_id,
        },
    )
    return ProposalBasis(
        stops=[slot.as_stop() for slot in live],
        table=load_travel_table(session),
        rules=build_rules(live, [(slot, time.start) for slot, time in times]),
        earliest=now + timedelta(hours=visits.answer_cut_off_hours),
        windows=[DateWindow(*row) for row in found["windows"]],
        busy=build_busy_times(found["busy"]),
        buffer=buffer,
        visitor_knows=bool(found["told"]),
    )


@cache
def _held_against() -> Stack:
    visit_id: BindParameter[int] = bindparam("visit_id")
    days, mail = DateWindowRow, OutboxMessage
    return Stack(
        busy=times_of_other_visits(),
        windows=select(days.earliest_on, days.latest_on, days.half_days).where(days.visit_id == visit_id),
        told=select(mail.id).where(mail.visit_id == visit_id, mail.kind.in_(_TOLD)).limit(1),
    )
