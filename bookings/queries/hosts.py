"""The host's answer page: what is asked, by whom, and how things stand."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.models.slots import Slot
from bookings.models.visits import VisitInterest
from bookings.queries.directory import InterestView, load_directory
from bookings.queries.slots import find_host_link, is_replaced


@dataclass(frozen=True, kw_only=True)
class HostPage:
    """A slot as its host sees it: nothing of other hosts.

    `is_current`: a button of this mail still acts. `is_replaced`: somebody else was asked in its place.
    """

    slot: Slot
    is_current: bool
    is_replaced: bool
    interests: tuple[InterestView, ...]


def load_host_page(session: Session, token: str, *, now: datetime) -> HostPage:
    """What a host's link opens. Raises LinkNotFoundError or LinkExpiredError."""
    found = find_host_link(session, token, now=now)
    terms = load_directory(session).interests.by_id
    ids = session.scalars(
        select(VisitInterest.interest_id).where(VisitInterest.visit_id == found.slot.visit_id)
    ).all()
    return HostPage(
        slot=found.slot,
        is_current=found.is_current,
        is_replaced=is_replaced(session, found.slot.id),
        interests=tuple(term for term_id, term in terms.items() if term_id in ids),
    )
