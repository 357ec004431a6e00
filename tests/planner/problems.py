"""Problems for tests: a small Kvarken with a ferry, random delegations and hosts."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from bookings.domain.time import Interval
from bookings.planner.problem import (
    Candidate,
    DateWindow,
    Delegation,
    Firmness,
    FixedStop,
    Problem,
    Rules,
    Sailing,
    Waypoint,
)

MONDAY = date(2026, 9, 7)
ZONES = {"umea": "Europe/Stockholm", "skelleftea": "Europe/Stockholm", "vaasa": "Europe/Helsinki"}
PLACES = tuple(ZONES)
ROADS = {
    ("umea", "skelleftea"): 90, ("skelleftea", "umea"): 90, ("umea", "holmsund"): 30,
    ("holmsund", "umea"): 30,
    ("umea", "vaasa"): 900, ("vaasa", "umea"): 900,
}  # fmt: skip
TOPICS = ("waste/biogas", "waste/recycling", "energy/wind", "energy/grid", "forest/timber")
RULES = Rules(
    pause_minutes=30, within_place_minutes=0, grid_minutes=30, check_in_minutes=30, night_rest_minutes=600,
)  # fmt: skip


def at(day: date, clock: str, zone: str = "Europe/Stockholm") -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).astimezone(UTC)


def opened(day: date, opens: str, closes: str, place: str = "umea") -> Interval:
    return Interval(at(day, opens, ZONES[place]), at(day, closes, ZONES[place]))


def list_days(count: int) -> list[date]:
    return [MONDAY + timedelta(days=number) for number in range(count)]


def list_sailings(days: list[date]) -> tuple[Sailing, ...]:
    """East in the morning and in the evening, west at noon."""
    found = []
    for day in days:
        found.append(Sailing("holmsund", "vaasa", at(day, "08:30"), at(day, "13:30", "Europe/Helsinki")))
        found.append(Sailing("holmsund", "vaasa", at(day, "18:00"), at(day, "23:00", "Europe/Helsinki")))
        found.append(Sailing("vaasa", "holmsund", at(day, "13:00", "Europe/Helsinki"), at(day, "16:00")))
    return tuple(found)


def a_candidate(key: str, place: str = "umea", *, days: int = 1, opens="09:00", closes="16:00", **values):
    """Open from nine to four, an hour long, about wind."""
    times = tuple(opened(day, opens, closes, place) for day in list_days(days))
    defaults = {"host": key, "minutes": 60, "topics": ("energy/wind",), "open_times": times}
    return Candidate(key=key, place=place, zone=ZONES[place], **{**defaults, **values})


def a_problem(*candidates: Candidate, days: int = 1, **values) -> Problem:
    delegation = values.pop("delegation", None) or a_delegation(days=days)
    defaults = {"roads": ROADS, "rules": RULES, "sailings": list_sailings(list_days(days)), "zones": ZONES}
    return Problem(delegation, candidates, **{**defaults, **values})


def a_delegation(*, days: int = 1, **values) -> Delegation:
    window = DateWindow(MONDAY, MONDAY + timedelta(days=days - 1), days * 2)
    return Delegation(**{"size": 8, "windows": (window,), "interests": ("energy/wind",), **values})


def a_fixed(candidate: Candidate, day: date, clock: str, firmness=Firmness.ACCEPTED, **values) -> FixedStop:
    start = at(day, clock, candidate.zone)
    interval = Interval(start, start + timedelta(minutes=candidate.minutes))
    return FixedStop(
        f"slot-{candidate.key}", candidate.host, candidate.place, candidate.zone, interval, firmness,
        candidate.key, **values,
    )  # fmt: skip


@st.composite
def candidates(draw, number: int, days: int, places=PLACES) -> Candidate:
    place = draw(st.sampled_from(places))
    times = []
    for day in list_days(days):
        opens, closes = draw(
            st.sampled_from([("08:30", "16:30"), ("09:00", "12:00"), ("13:00", "17:00"), ("", "")])
        )
        times += [opened(day, opens, closes, place)] if opens else []
    return Candidate(
        key=f"c{number}",
        host=f"h{draw(st.integers(0, number))}" if draw(st.integers(0, 4)) == 0 else f"h{number}",
        place=place,
        zone=ZONES[place],
        minutes=draw(st.sampled_from([60, 90, 30, 120])),
        open_times=tuple(times),
        kind=draw(st.sampled_from(["company", "public"])),
        topics=tuple(draw(st.lists(st.sampled_from(TOPICS), min_size=1, max_size=3, unique=True))),
        languages=draw(st.sampled_from([("en",), ("sv", "en"), (), ("fi",)])),
        group_min=draw(st.sampled_from([None, None, None, 5])),
        group_max=draw(st.sampled_from([None, None, 30, 10, 4])),
        guides=draw(st.integers(1, 2)),
        visits_last_year=draw(st.integers(0, 6)),
        days_since_asked=draw(st.sampled_from([None, 10, 200])),
        is_excluded=draw(st.integers(0, 9)) == 0,
        refuses=frozenset(draw(st.sampled_from([(), (), ("XX",)]))),
    )


@st.composite
def problems(draw, *, most=7, most_days=3, fixed=True, slots=(0, 3), places=PLACES) -> Problem:
    days = draw(st.integers(1, most_days))
    count = draw(st.integers((most + 1) // 2, most))
    offers = tuple(draw(candidates(number, days, places)) for number in range(count))
    delegation = Delegation(
        size=draw(st.sampled_from([3, 8, 20])),
        windows=(DateWindow(MONDAY, MONDAY + timedelta(days=days - 1), draw(st.integers(1, days * 2))),),
        interests=tuple(
            draw(st.lists(st.sampled_from([*TOPICS, "energy"]), min_size=1, max_size=4, unique=True))
        ),
        languages=("en",),
        brings_interpreter=draw(st.booleans()),
        places=tuple(draw(st.lists(st.sampled_from(PLACES), max_size=2, unique=True))),
        wanted_hosts=tuple(draw(st.lists(st.sampled_from([o.host for o in offers]), max_size=1))),
        arrival=draw(st.sampled_from([None, Waypoint("umea", at(MONDAY, "07:00"))])),
        departure=draw(st.sampled_from([None, Waypoint("vaasa", at(list_days(days)[-1], "22:00"))])),
        country=draw(st.sampled_from(["", "XX"])),
    )
    stops = tuple(draw(_fixed_stops(offers, days, slots))) if fixed else ()
    return Problem(
        delegation, offers, ROADS, list_sailings(list_days(days)), stops, zones=ZONES, rules=RULES
    )  # fmt: skip


@st.composite
def _fixed_stops(draw, offers, days, slots):
    """As few and as many as `slots` says, at hosts that differ."""
    hosts = {offer.host: offer for offer in offers}
    fewest, most = (min(count, len(hosts)) for count in slots)
    some = st.lists(st.sampled_from([*hosts]), min_size=fewest, max_size=most, unique=True)
    chosen = [hosts[host] for host in draw(some)]
    found = []
    for offer in chosen:
        day = draw(st.sampled_from(list_days(days)))
        clock = draw(st.sampled_from(["09:00", "10:30", "13:00", "15:00"]))
        found.append(a_fixed(offer, day, clock, draw(st.sampled_from(list(Firmness)))))
    return found
