"""A region of any number of hosts on two shores, for the planner to be measured on; the same each time."""

from datetime import UTC, date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from bookings.domain.time import Interval
from bookings.planner.problem import Candidate, DateWindow, Delegation, Problem, Sailing

_MONDAY = date(2026, 9, 7)
_WEST, _EAST = "Europe/Stockholm", "Europe/Helsinki"
_TOWNS = {
    "umea": _WEST, "skelleftea": _WEST, "ornskoldsvik": _WEST, "vaasa": _EAST, "kokkola": _EAST,
    "jakobstad": _EAST,
}  # fmt: skip
_ROADS = {
    ("umea", "skelleftea"): 100, ("umea", "ornskoldsvik"): 80, ("skelleftea", "ornskoldsvik"): 180,
    ("umea", "holmsund"): 25, ("vaasa", "kokkola"): 100, ("vaasa", "jakobstad"): 80,
    ("kokkola", "jakobstad"): 40,
}  # fmt: skip
_TOPICS = [f"area{area}/topic{topic}" for area in range(8) for topic in range(6)]


def build_region(hosts: int, *, days: int = 5, groups: int = 3) -> Problem:
    """A week, three groups, hosts with hours, languages and topics by chance."""
    random = Random(hosts)
    week = [_MONDAY + timedelta(days=number) for number in range(days)]
    delegation = Delegation(
        size=30,
        windows=(DateWindow(week[0], week[-1], days * 2),),
        interests=tuple(_TOPICS[::5]),
        languages=("en",),
        places=("umea", "vaasa"),
        groups=groups,
    )
    roads = {**_ROADS, **{(other, one): minutes for (one, other), minutes in _ROADS.items()}}
    return Problem(
        delegation,
        tuple(_build_host(random, number, week) for number in range(hosts)),
        roads,
        tuple(sailing for day in week for sailing in _list_sailings(day)),
    )


def _build_host(random: Random, number: int, week: list[date]) -> Candidate:
    town = random.choice(list(_TOWNS))
    opens, closes = random.choice([(8, 16), (9, 16), (9, 12), (13, 17)])
    days = random.sample(week, random.randint(2, len(week)))
    zone = _TOWNS[town]
    return Candidate(
        key=f"host-{number}",
        host=f"host-{number}",
        place=town,
        zone=zone,
        minutes=random.choice([60, 75, 90, 120]),
        open_times=tuple(Interval(_at(day, opens, zone), _at(day, closes, zone)) for day in sorted(days)),
        kind=random.choice(["company", "public", "research"]),
        topics=tuple(random.sample(_TOPICS, random.randint(1, 4))),
        languages=random.choice([("en", "sv"), ("en", "fi"), ("sv",)]),
        group_max=random.choice([None, 8, 12, 20]),
        visits_last_year=random.randint(0, 10),
        days_since_asked=random.choice([None, 20, 300]),
    )


def _list_sailings(day: date) -> tuple[Sailing, ...]:
    return (
        Sailing("holmsund", "vaasa", _at(day, 9, _WEST), _at(day, 14, _EAST)),
        Sailing("vaasa", "holmsund", _at(day, 18, _EAST), _at(day, 21, _WEST)),
    )


def _at(day: date, hour: int, zone: str) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(zone)).astimezone(UTC)
