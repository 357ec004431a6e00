"""What staff promised and are about to break: the visitor hears of it before, and not by silence."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.audit import SYSTEM
from bookings.domain.slots import ASKED_STATES
from bookings.domain.visits import VisitState
from bookings.i18n import format_instant_on
from bookings.models.visits import VisitRequest
from bookings.queries.programme import list_visits_staff_owe
from bookings.queries.promises import promise_first_answer, promise_planning
from bookings.queries.slots import list_slots_of_visit
from bookings.services.audit import add_audit
from bookings.services.invitations import open_visit
from bookings.services.programme import tell_visitor

_PROMISES = {
    VisitState.SUBMITTED: promise_first_answer,
    VisitState.PLANNING: promise_planning,
    VisitState.AWAITING_HOSTS: promise_planning,
}
_AHEAD = timedelta(hours=4)
"""So long before the promised time: on the same working day."""
_TOO_LATE = timedelta(days=7)
"""A worker that slept so long says nothing of what staff have long dealt with in other ways."""
_LONGEST_PROMISE = timedelta(days=60)


def tell_of_delays(*, now: datetime) -> int:
    """The job: a visitor hears once for each promise that it takes longer than we said. Returns how many."""
    owed = list_visits_staff_owe(
        read_session(), states=tuple(_PROMISES), since=now - _LONGEST_PROMISE, until=now
    )
    due = [id_ for id_, state, since in owed if _is_due(_PROMISES[state](since), now=now)]
    return sum(_tell(visit_id, now=now) for visit_id in due)


def _is_due(promised: datetime, *, now: datetime) -> bool:
    return promised - _AHEAD <= now < promised + _TOO_LATE


@retry_conflicts
def _tell(visit_id: int, *, now: datetime) -> bool:
    """`reminders_sent` of a visit is 0 again with every step: one note for one promise."""
    with transaction() as session:
        visit = open_visit(session, visit_id, now=now)
        promised = _find_promise(session, visit)
        if promised is None or not _is_due(promised, now=now) or visit.reminders_sent:
            return False
        visit.reminders_sent = 1
        tell_visitor(
            session, visit, "still_working", now=now,
            promised=format_instant_on(promised, visit.contact_time_zone),
            is_planned=visit.state != VisitState.SUBMITTED,
        )  # fmt: skip
        add_audit(
            session, SYSTEM, "tell_delay", noun="visit_request", subject_id=visit.id, visit_id=visit.id,
            now=now,
        )  # fmt: skip
        return True


def _find_promise(session: Session, visit: VisitRequest) -> datetime | None:
    """Until when the visitor's page says that the coordinators act; none while hosts are to answer."""
    promise = _PROMISES.get(VisitState(visit.state))
    if promise is None or visit.is_held_for_moderation:
        return None
    if any(slot.state in ASKED_STATES for slot in list_slots_of_visit(session, visit.id)):
        return None
    return promise(visit.state_changed_at)
