"""Which hosts suit a request, and why: every point of a score has a reason that staff can read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bookings.domain.advice import Params, count_parallel_groups
from bookings.domain.travel import TravelTable

EXACT_TOPIC_POINTS = 12
MAIN_TOPIC_POINTS = 8
AREA_POINTS = 4
WANTED_POINTS = 60
HOSTS_VISITS_POINTS = 10
LANGUAGE_POINTS, INTERPRETER_POINTS, NO_LANGUAGE_POINTS = 6, 3, -12
TOWN_POINTS, NEAR_POINTS, REACHABLE_POINTS, FAR_POINTS = 12, 9, 2, -12
NEAR_MINUTES, REACHABLE_MINUTES = 65, 110
GROUP_FITS_POINTS, GROUP_TOO_LARGE_POINTS, GROUP_TOO_SMALL_POINTS = 3, -6, -8
NEWCOMER_POINTS, LONG_UNASKED_POINTS = 4, 2
VISIT_LOAD_POINTS, HOUR_LOAD_POINTS, LARGEST_LOAD_POINTS = -2, -1, -16
HOURS_A_POINT = 8
LONG_UNASKED_DAYS = 180
# Their trade is to receive guests and to know everybody else.
RECEPTION_KINDS = frozenset({"cluster", "public", "test_facility"})
RECEPTION_POINTS = 1


@dataclass(frozen=True)
class HostProfile:
    """What the directory and the records know of one organisation; `topics` with the most typical first.

    Empty or None: not known.
    """

    slug: str
    name: str
    kind: str
    topics: tuple[str, ...] = ()
    place: str = ""
    languages: tuple[str, ...] = ()
    hosts_visits: bool = False
    group_min: int | None = None
    group_max: int | None = None
    visits_last_year: int = 0
    hours_last_year: float = 0
    days_since_asked: int | None = None


@dataclass(frozen=True)
class Wish:
    """What a request asks for; an interest is `area` or `area/topic`, no places means "suggest for me"."""

    topics: tuple[str, ...]
    group_size: int
    languages: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    wanted_hosts: tuple[str, ...] = ()
    brings_interpreter: bool = False


@dataclass(frozen=True)
class Reason:
    """Why a host got points, or lost them."""

    code: str
    points: int
    params: Params = field(default_factory=dict)


@dataclass(frozen=True)
class Suggestion:
    """A host with its score, which is the sum of the reasons' points."""

    host: HostProfile
    score: int
    reasons: tuple[Reason, ...]


def suggest_hosts(
    wish: Wish, hosts: Iterable[HostProfile], *, travel: TravelTable, limit: int | None = None
) -> tuple[Suggestion, ...]:
    """Hosts that meet a wish or were asked for by name, best first; equal ones by slug."""
    scored = [score_host(wish, host, travel=travel) for host in hosts if _is_relevant(wish, host)]
    ranked = sorted(scored, key=lambda suggestion: (-suggestion.score, suggestion.host.slug))
    return tuple(ranked[:limit])


def score_host(wish: Wish, host: HostProfile, *, travel: TravelTable) -> Suggestion:
    """The score of one host for a wish with all reasons, the weightiest first."""
    reasons = [
        *_judge_topics(wish, host),
        *_judge_wanted(wish, host),
        *_judge_language(wish, host),
        *_judge_place(wish, host, travel),
        *_judge_group(wish, host),
        *_judge_load(host),
        *_judge_experience(host),
    ]
    reasons.sort(key=lambda reason: -abs(reason.points))
    return Suggestion(host, sum(reason.points for reason in reasons), tuple(reasons))


def _is_relevant(wish: Wish, host: HostProfile) -> bool:
    return host.slug in wish.wanted_hosts or any(_touches(topic, host) for topic in wish.topics)


def _area(topic: str) -> str:
    return topic.partition("/")[0]


def _touches(topic: str, host: HostProfile) -> bool:
    return _area(topic) in {_area(own) for own in host.topics}


def _meets(topic: str, host: HostProfile) -> bool:
    """The very topic; for a wished area, any topic in it."""
    return topic in host.topics or ("/" not in topic and _touches(topic, host))


def _judge_topics(wish: Wish, host: HostProfile) -> list[Reason]:
    wished = tuple(dict.fromkeys(wish.topics))
    met = tuple(topic for topic in wished if _meets(topic, host))
    met_areas = {_area(topic) for topic in met}
    # One area counts once: five topics of one area must not outweigh a host of the very topic.
    near = tuple(dict.fromkeys(_area(t) for t in wished if _touches(t, host) and _area(t) not in met_areas))
    found = []
    if met:
        found.append(Reason("topics_met", EXACT_TOPIC_POINTS * len(met), {"topics": met}))
    if host.topics and host.topics[0] in met:
        found.append(Reason("main_topic", MAIN_TOPIC_POINTS, {"topic": host.topics[0]}))
    if near:
        found.append(Reason("areas_touched", AREA_POINTS * len(near), {"areas": near}))
    return found


def _judge_wanted(wish: Wish, host: HostProfile) -> list[Reason]:
    return [Reason("wanted_by_visitor", WANTED_POINTS)] if host.slug in wish.wanted_hosts else []


def _judge_language(wish: Wish, host: HostProfile) -> list[Reason]:
    shared = tuple(language for language in wish.languages if language in host.languages)
    if shared:
        return [Reason("language_met", LANGUAGE_POINTS, {"languages": shared})]
    if wish.brings_interpreter:
        return [Reason("interpreter_comes", INTERPRETER_POINTS)]
    if not host.languages or not wish.languages:
        return [Reason("language_unknown", 0)]
    return [Reason("no_shared_language", NO_LANGUAGE_POINTS, {"languages": host.languages})]


def _judge_place(wish: Wish, host: HostProfile, travel: TravelTable) -> list[Reason]:
    if not host.place:
        return [Reason("town_unknown", 0)]
    if not wish.places:
        return []
    if host.place in wish.places:
        return [Reason("town_asked", TOWN_POINTS, {"place": host.place})]
    ways = [(way.minutes, town) for town in wish.places if (way := travel.find_travel(town, host.place))]
    if not ways:
        return [Reason("town_out_of_reach", FAR_POINTS, {"place": host.place})]
    minutes, town = min(ways)
    code, points = _judge_distance(minutes)
    return [Reason(code, points, {"place": host.place, "from_place": town, "minutes": minutes})]


def _judge_distance(minutes: int) -> tuple[str, int]:
    if minutes <= NEAR_MINUTES:
        return "town_near", NEAR_POINTS
    if minutes <= REACHABLE_MINUTES:
        return "town_reachable", REACHABLE_POINTS
    return "town_far", FAR_POINTS


def _judge_group(wish: Wish, host: HostProfile) -> list[Reason]:
    size, smallest, largest = wish.group_size, host.group_min, host.group_max
    if largest and size > largest:
        groups = count_parallel_groups(size, largest)
        params = {"group_size": size, "group_max": largest, "parallel_groups": groups}
        return [Reason("group_too_large", GROUP_TOO_LARGE_POINTS, params)]
    if smallest and size < smallest:
        params = {"group_size": size, "group_min": smallest}
        return [Reason("group_too_small", GROUP_TOO_SMALL_POINTS, params)]
    return [Reason("group_fits", GROUP_FITS_POINTS, {"group_size": size})] if largest or smallest else []


def _judge_load(host: HostProfile) -> list[Reason]:
    """Fair load: who has not been asked comes before who is asked every week."""
    if host.visits_last_year == 0 and host.days_since_asked is None:
        return [Reason("newcomer", NEWCOMER_POINTS)]
    found = []
    if host.days_since_asked is not None and host.days_since_asked >= LONG_UNASKED_DAYS:
        found.append(Reason("long_unasked", LONG_UNASKED_POINTS, {"days": host.days_since_asked}))
    visits = VISIT_LOAD_POINTS * host.visits_last_year
    load = visits + HOUR_LOAD_POINTS * int(host.hours_last_year // HOURS_A_POINT)
    if load:
        params = {"visits": host.visits_last_year, "hours": host.hours_last_year}
        found.append(Reason("busy_lately", max(load, LARGEST_LOAD_POINTS), params))
    return found


def _judge_experience(host: HostProfile) -> list[Reason]:
    found = [Reason("known_to_host_visits", HOSTS_VISITS_POINTS)] if host.hosts_visits else []
    if host.kind in RECEPTION_KINDS:
        found.append(Reason("used_to_guests", RECEPTION_POINTS, {"kind": host.kind}))
    return found
