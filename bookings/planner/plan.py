"""What the planner answers: stops, the ways between them, meals, and a score that is a sum of named parts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from bookings.planner.frames import Frame
from bookings.planner.problem import Sailing


class Way(StrEnum):
    ROAD = "road"
    FERRY = "ferry"


@dataclass(frozen=True)
class PlannedStop:
    """A visit in the plan. `fixed_key` names the slot that stays as it is.

    A group too large for one guide goes in `parallel` parts, each `rounds` times as long in all.
    """

    candidate: str
    host: str
    place: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    day: date
    group: int = 0
    parallel: int = 1
    rounds: int = 1
    fixed_key: str = ""


@dataclass(frozen=True)
class PlannedLeg:
    """The way from a stop (or the arrival) to the next (or the departure)."""

    origin: str
    target: str
    way: Way
    leaves_at: datetime
    arrives_at: datetime
    road_minutes: int
    sailing: Sailing | None = None
    group: int = 0
    over_night: bool = False


@dataclass(frozen=True)
class PlannedLunch:
    """The pause of a full day."""

    day: date
    place: str
    starts_at: datetime
    ends_at: datetime
    aboard: bool = False
    group: int = 0


@dataclass(frozen=True)
class Plan:
    """A programme. Its score is the sum of `parts`; hours are what it costs the hosts."""

    frame: Frame
    stops: tuple[PlannedStop, ...]
    legs: tuple[PlannedLeg, ...]
    lunches: tuple[PlannedLunch, ...]
    score: float
    parts: Mapping[str, float] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, ...]:
        """The days it lies on, those without a stop too."""
        return tuple(entry.day for entry in self.frame)

    @property
    def hosts(self) -> tuple[str, ...]:
        """Whom it visits, in order."""
        return tuple(stop.host for stop in self.visits)

    @property
    def visits(self) -> tuple[PlannedStop, ...]:
        """Its stops; one at which all groups are together comes once."""
        first: dict[object, PlannedStop] = {}
        for stop in self.stops:
            first.setdefault(stop.fixed_key or (stop.host, stop.starts_at, stop.group), stop)
        return tuple(first.values())

    @property
    def host_hours(self) -> float:
        """The hosts' time in all."""
        return sum((stop.ends_at - stop.starts_at).total_seconds() for stop in self.visits) / 3600
