"""A task is done; what waited for it goes on."""

from datetime import datetime

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.tasks import TaskKind
from bookings.queries.tasks import find_task_keys
from bookings.services.invitations import open_visit
from bookings.services.programme import take_letter
from bookings.services.tasks import close_task


@retry_conflicts
def tick_task(task_id: int, *, who: Who, now: datetime) -> None:
    """It is done. Ticking twice is the same. With the letter, an offered programme can be accepted: the
    visitor hears of it.

    Raises NotFoundError, and SlotsOverlapError when a programme that was agreed beforehand holds no more.
    """
    with transaction() as session:
        visit_id, kind = find_task_keys(session, task_id)
        if kind is not TaskKind.LETTER:
            close_task(session, task_id, who=who, now=now)
            return
        visit = open_visit(session, visit_id, now=now)
        if close_task(session, task_id, who=who, now=now):
            take_letter(session, visit, who=who, now=now)
