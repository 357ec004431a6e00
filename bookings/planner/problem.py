"""What the planner is asked: a delegation, whom it could visit, how one travels, which rules hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from bookings.domain.time import Interval

Params = Mapping[str, object]


@dataclass(frozen=True)
class Reason:
    """A code with its values; the words belong to the page."""

    code: str
    params: Params = field(default_factory=dict)


class Firmness(StrEnum):
    """How firmly a stop stands: only an asked one may move, and at a price."""

    ACCEPTED = "accepted"
    PINNED = "pinned"
    ASKED = "asked"


@dataclass(frozen=True)
class DateWindow:
    """Days of which the delegation gives `half_days` in a row; both ends belong to it."""

    earliest: date
    latest: date
    half_days: int = 2


@dataclass(frozen=True)
class Waypoint:
    """Where the delegation is at an instant: it comes from there, or has to be there."""

    place: str
    at: datetime


@dataclass(frozen=True)
class Delegation:
    """Who comes, for what and when; `groups` of it go separate ways, each with stops of its own."""

    size: int
    windows: tuple[DateWindow, ...]
    interests: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    brings_interpreter: bool = False
    places: tuple[str, ...] = ()
    wanted_hosts: tuple[str, ...] = ()
    arrival: Waypoint | None = None
    departure: Waypoint | None = None
    country: str = ""
    organisation: str = ""
    groups: int = 1


@dataclass(frozen=True)
class ClosedTime:
    """A piece of time in which a candidate can't be visited, with the code of why."""

    interval: Interval
    code: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True)
class Candidate:
    """Something that can be visited. `open_times` are what hours, seasons, notice, caps, busy times leave.

    `refuses` holds countries and organisations that the host doesn't receive; `is_excluded` says that a
    private rule forbids it. Neither is ever told.
    """

    key: str
    host: str
    place: str
    zone: str
    minutes: int
    open_times: tuple[Interval, ...]
    closed_times: tuple[ClosedTime, ...] = ()
    site: str = ""
    kind: str = ""
    topics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    group_min: int | None = None
    group_max: int | None = None
    guides: int = 1
    visits_left: int | None = None  # of those that it receives in a month
    visits_last_year: int = 0
    hours_last_year: float = 0
    days_since_asked: int | None = None
    hosts_visits: bool = False
    is_excluded: bool = False
    refuses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class FixedStop:
    """A slot that exists already; `candidate` names the offer it was made from, where there is one.

    No `group`: all of them are there together. `is_again`: the same stop once more, for another group.
    """

    key: str
    host: str
    place: str
    zone: str
    interval: Interval
    firmness: Firmness = Firmness.ACCEPTED
    candidate: str = ""
    topics: tuple[str, ...] = ()
    kind: str = ""
    group: int | None = 0
    is_again: bool = False


@dataclass(frozen=True)
class Sailing:
    """One departure of the ferry, port to port. No check-in of its own: as the rules say."""

    origin: str
    target: str
    departs_at: datetime
    arrives_at: datetime
    check_in_minutes: int | None = None


@dataclass(frozen=True)
class WorkingHours:
    """The clock of a place between which stops lie."""

    opens: time = time(8)
    closes: time = time(17)


@dataclass(frozen=True)
class Rules:
    """What holds for every programme; minutes and local clocks."""

    hours: WorkingHours = WorkingHours()
    hours_of_places: Mapping[str, WorkingHours] = field(default_factory=dict)
    midday: time = time(12, 30)
    lunch_minutes: int = 60
    lunch_from: time = time(11)
    lunch_until: time = time(14)
    pause_minutes: int = 10
    host_buffer_minutes: int = 0  # between two groups at the same host
    within_place_minutes: int = 10
    longest_road_minutes: int = 300
    check_in_minutes: int = 30
    night_rest_minutes: int = 540
    most_stops_a_day: int = 4
    most_rounds: int = 2
    grid_minutes: int = 15


@dataclass(frozen=True)
class Weights:
    """What is worth how many points; staff see and set them. Costs are positive numbers here."""

    area: int = 120
    area_again: int = 12
    topic: int = 40
    topic_again: int = 8
    wanted: int = 90
    town_first: int = 90
    town: int = 15
    experience: int = 8
    kind: int = 6
    newcomer: int = 8
    long_unasked: int = 4
    load_visit: int = 4
    load_hour: int = 1
    largest_load: int = 48
    travel_hour: int = 10
    crossing: int = 25
    waiting_hour: int = 4
    keep_asked: int = 60


@dataclass(frozen=True)
class Problem:
    """All that a plan follows from.

    `roads` are minutes from place to place, single legs: the quickest way over them is the planner's. `zones`
    gives the zone of places that no candidate lies in. Hosts in `must` belong to every plan.
    """

    delegation: Delegation
    candidates: tuple[Candidate, ...]
    roads: Mapping[tuple[str, str], int]
    sailings: tuple[Sailing, ...] = ()
    fixed: tuple[FixedStop, ...] = ()
    must: tuple[str, ...] = ()
    zones: Mapping[str, str] = field(default_factory=dict)
    rules: Rules = Rules()
    weights: Weights = Weights()


def area_of(topic: str) -> str:
    """The first level of `area/topic`."""
    return topic.partition("/")[0]
