"""Hosts that suit a visit, beside its calendar: each can be put on a day."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.domain.errors import NotFoundError
from bookings.domain.suggestions import Suggestion
from bookings.domain.visits import PLANNABLE_STATES
from bookings.queries.calendar import load_visit_to_suggest
from bookings.queries.planning import suggest_for_visit
from bookings.queries.visits import Wishes

_MOST = 8


@dataclass(frozen=True)
class Suggested:
    """The visit whose calendar it is, and hosts for it that are not in its programme."""

    reference: str
    organisation: str
    hosts: tuple[Suggestion, ...]


def load_suggested(
    session: Session, reference: str, *, planned_hosts: Set[str], now: datetime
) -> Suggested | None:
    """Suggestions for the visit; nothing where no visit is asked for or there is none."""
    if not reference:
        return None
    try:
        visit = load_visit_to_suggest(session, reference)
    except NotFoundError:
        return None
    hosts: tuple[Suggestion, ...] = ()
    if visit.state in PLANNABLE_STATES:
        found = suggest_for_visit(session, visit, Wishes.of(visit), now=now, limit=_MOST + len(planned_hosts))
        hosts = tuple(one for one in found if one.host.slug not in planned_hosts)[:_MOST]
    return Suggested(visit.reference, visit.delegation.organisation_name, hosts)
