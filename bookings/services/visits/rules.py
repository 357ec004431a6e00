"""What a visit does by itself, as staff switched it on."""

from datetime import datetime

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.queries.programme import find_visit_id, load_visit
from bookings.services.audit import add_audit
from bookings.services.undo_steps import offer_undo
from bookings.services.visits.meanwhile import check_nothing_new

FITTING_TIMES = ("set_rule_on", "set_rule_off", "undo")
"""What somebody else may have done about it meanwhile."""


@retry_conflicts
def set_fitting_times(
    reference: str, *, takes: bool, seen: int | None = None, who: Who, now: datetime
) -> None:
    """From now on the visit takes, or leaves to staff, other times of hosts that nothing speaks against.

    Offers that wait already stay with staff. Raises NotFoundError, RecordChangedError.
    """
    with transaction() as session:
        visit = load_visit(session, find_visit_id(session, reference))
        check_nothing_new(session, visit.id, seen, now=now, about=FITTING_TIMES)
        if visit.takes_fitting_times == takes:
            return
        visit.takes_fitting_times = takes
        offer_undo(
            session, who, "rule", subject_id=visit.id, visit_id=visit.id, now=now,
            before={"takes": not takes}, after={"takes": takes},
        )  # fmt: skip
        add_audit(
            session, who, "set_rule_on" if takes else "set_rule_off", noun="visit_request",
            subject_id=visit.id, visit_id=visit.id, now=now,
        )  # fmt: skip
