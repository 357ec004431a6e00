"""The delegation asks for something else by now: more people, other days."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.requests import RequestedVisit, check_fills_groups
from bookings.domain.slots import ASKED_STATES, SlotState
from bookings.domain.visits import OPEN_STATES, VisitState
from bookings.i18n import in_language
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from bookings.queries.directory import load_directory
from bookings.queries.programme import find_visit_id
from bookings.queries.slots import list_slots_of_visit
from bookings.queries.visits.wishes import build_requested, load_wishes
from bookings.services.audit import add_audit
from bookings.services.calendar import HostLetter, send_to_host, update_words
from bookings.services.invitations import open_visit
from bookings.services.programme import tell_visitor
from bookings.services.requests.parts import list_columns, list_group_columns, list_lists, replace_parts
from bookings.services.tasks import keep_rule_tasks
from bookings.services.visits.differences import HOSTS_READ, list_differences
from bookings.services.visits.meanwhile import check_nothing_new

REQUEST_CHANGES = ("change_request", "save_journey")
"""What somebody else may have done about it meanwhile."""
_TOLD_STATES = (*ASKED_STATES, SlotState.ACCEPTED)


@retry_conflicts
def change_request(
    reference: str, wish: RequestedVisit, *, seen: int | None = None, who: Who, now: datetime
) -> None:
    """Write down what the delegation asks for by now.

    The visitor gets one mail with old and new; another kind of visit or organisation alone is between staff.
    The hosts that were asked get one when it is about what they read (`HOSTS_READ`): the same entry and
    SEQUENCE, and their answers stay. No stop is moved; what does not fit any more shows as a warning. The
    same again changes nothing. Raises NotFoundError, TransitionNotAllowedError for a closed visit,
    GroupsNotFilledError, RecordChangedError.
    """
    with transaction() as session:
        visit = open_visit(session, find_visit_id(session, reference), now=now)
        check_nothing_new(session, visit.id, seen, now=now, about=REQUEST_CHANGES)
        if VisitState(visit.state) not in OPEN_STATES:
            raise TransitionNotAllowedError("visit_request", str(visit.state), "change_request")
        check_fills_groups(wish.group_size, visit.parallel_groups)
        before = build_requested(visit, load_wishes(session, visit.id))
        changed = before.list_changes(wish)
        if not changed:
            return
        _write(session, visit, wish)
        add_audit(
            session, who, "change_request", noun="visit_request", subject_id=visit.id, visit_id=visit.id,
            now=now, fields=changed, **_facts(before, wish),
        )  # fmt: skip
        keep_rule_tasks(session, visit.id, now=now)
        _tell_hosts(session, visit, before, wish, now=now)
        with in_language(visit.language):
            rows = list_differences(before, wish, load_directory(session))
        if rows:
            tell_visitor(session, visit, "request_changed", now=now, changes=list(rows.values()))


def _write(session: Session, visit: VisitRequest, wish: RequestedVisit) -> None:
    companies = load_directory(session).companies
    hosts = [companies[slug] for slug in wish.wanted_hosts if slug in companies]
    for name, value in list_columns(wish).items():
        setattr(visit, name, value)
    for name, value in list_group_columns(wish).items():
        setattr(visit.delegation, name, value)
    visit.version += 1
    session.flush()
    replace_parts(session, visit.id, list_lists(session, wish, hosts))


def _facts(before: RequestedVisit, after: RequestedVisit) -> dict[str, Any]:
    """Old and new of what names nobody: the trail outlives the people in it."""
    if before.group_size == after.group_size:
        return {}
    return {"told": {"group_size": [before.group_size, after.group_size]}}


def _tell_hosts(
    session: Session, visit: VisitRequest, before: RequestedVisit, after: RequestedVisit, *, now: datetime
) -> None:
    for slot in list_slots_of_visit(session, visit.id):
        if slot.state in _TOLD_STATES and slot.ends_at > now:
            _tell_host(session, slot, before, after, now=now)


def _tell_host(
    session: Session, slot: Slot, before: RequestedVisit, after: RequestedVisit, *, now: datetime
) -> None:
    """The same entry in new words: same SEQUENCE, later DTSTAMP, the answer stays what it is."""
    with in_language(slot.host_contact.language):
        rows = list_differences(
            before, after, load_directory(session), groups=slot.visit.parallel_groups, group=slot.group_number
        )
    changes = [row for name, row in rows.items() if name in HOSTS_READ]
    if not changes:
        return
    slot.version += 1
    update_words(slot)
    words = {"changes": changes, "owes_answer": slot.state in ASKED_STATES}
    send_to_host(
        session, slot, HostLetter(template="visitors_changed", method="REQUEST", words=words), now=now
    )
