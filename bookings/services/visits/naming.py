"""Whether the hosts of a visit read of each other."""

from datetime import datetime

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.queries.programme import find_visit_id, load_visit
from bookings.services.audit import add_audit


@retry_conflicts
def name_hosts(reference: str, *, names: bool, who: Who, now: datetime) -> None:
    """From now on mails to hosts name, in their text, the others that have said yes; or no longer.

    Addresses are never named, and calendars hold nothing of it. Raises NotFoundError.
    """
    with transaction() as session:
        visit = load_visit(session, find_visit_id(session, reference))
        if visit.names_hosts != names:
            visit.names_hosts = names
            add_audit(
                session, who, "name_hosts" if names else "hide_hosts", noun="visit_request",
                subject_id=visit.id, visit_id=visit.id, now=now,
            )  # fmt: skip
