"""The feed of one visit: its address hangs on the visitor's own link."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.errors import LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.models.visits import VisitRequest
from bookings.queries.feeds.stops import FeedStop, list_visit_stops
from bookings.queries.links import find_link


@dataclass(frozen=True)
class VisitFeed:
    """The feed of one visit, for its visitors."""

    language: str
    reference: str
    stops: tuple[FeedStop, ...]


def load_visit_feed(session: Session, token: str, *, now: datetime) -> VisitFeed:
    """What the visitor's secret address shows. Raises LinkNotFoundError or LinkExpiredError."""
    link = find_link(session, token, LinkPurpose.VISIT_FEED, now=now)
    visit = session.execute(
        select(VisitRequest.language, VisitRequest.reference).where(VisitRequest.id == link.subject_id)
    ).one_or_none()
    if visit is None:
        raise LinkNotFoundError
    return VisitFeed(visit.language, visit.reference, list_visit_stops(session, link.subject_id))
