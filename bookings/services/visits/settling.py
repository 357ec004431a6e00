"""Whose visit is near and not confirmed: staff hear of it before a host waits for nobody."""

from datetime import datetime, timedelta

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.slots import HOLDING_STATES
from bookings.domain.today import UNSETTLED_DAYS
from bookings.domain.visits import UNCONFIRMED_STATES
from bookings.queries.programme import list_unsettled_visits
from bookings.queries.slots import list_slots_of_visit
from bookings.services.invitations import open_visit
from bookings.services.notices import Notice, NoticeKind, tell_staff


def warn_of_unsettled(*, now: datetime) -> int:
    """The job: one mail to staff at each of `UNSETTLED_DAYS` before the first stop that a host knows of, for
    each visit that is not confirmed by then. A worker that slept sends the last one only. Returns how many
    visits are so near."""
    until = now + timedelta(days=max(UNSETTLED_DAYS))
    near = list_unsettled_visits(read_session(), states=UNCONFIRMED_STATES, now=now, until=until)
    return sum(_warn(visit_id, now=now) for visit_id in near)


@retry_conflicts
def _warn(visit_id: int, *, now: datetime) -> bool:
    """The cause of the mail names the first stop and the days left: a job that comes again adds nothing."""
    with transaction() as session:
        visit = open_visit(session, visit_id, now=now)
        slots = [one for one in list_slots_of_visit(session, visit_id) if one.state in HOLDING_STATES]
        if visit.state not in UNCONFIRMED_STATES or not slots:
            return False
        starts_at = min(slot.starts_at for slot in slots)
        due = [days for days in UNSETTLED_DAYS if now < starts_at <= now + timedelta(days=days)]
        if not due:
            return False
        notice = Notice(
            kind=NoticeKind.UNSETTLED,
            visitors=visit.delegation.organisation_name,
            occasion=f"{starts_at:%Y%m%dT%H%MZ}:{min(due)}",
            slots=slots,
        )
        tell_staff(session, visit, notice, now=now)
        return True
