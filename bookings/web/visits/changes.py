"""What is different from the programme that the visitor was told of."""

from dataclasses import dataclass
from datetime import datetime

from bookings.domain.told import ToldStop, choose_baseline, load_programme
from bookings.domain.visits import OPEN_STATES, VisitState
from bookings.queries.visitor import OwnStop, OwnVisit
from bookings.services.programme import describe_changes

_OFFERED = (VisitState.PROPOSED, VisitState.CONFIRMED)


@dataclass(frozen=True)
class Changes:
    """Sentences of old → new, compared with the programme told at `since`."""

    since: datetime
    sentences: list[str]


def find_changes(own: OwnVisit) -> Changes | None:
    """What the page has to point out; nothing before the first programme and after the end."""
    if own.state not in OPEN_STATES:
        return None
    told = [load_programme(stored) for stored in own.visit.told_programmes]
    stops = [_as_told(stop) for stop in own.stops]
    baseline = choose_baseline(told, stops, is_offered=own.state in _OFFERED)
    sentences = describe_changes(baseline.stops, stops) if baseline else []
    return Changes(baseline.told_at, sentences) if baseline and sentences else None


def _as_told(stop: OwnStop) -> ToldStop:
    return ToldStop(
        root=stop.root,
        starts_at=stop.starts_at,
        ends_at=stop.ends_at,
        time_zone=stop.time_zone,
        host=stop.organisation,
        title=stop.title,
        where=", ".join(filter(None, (stop.site, stop.address))),
    )
