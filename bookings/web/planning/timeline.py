"""A programme as a list by day: stops, the ways between them, lunches."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from bookings.domain.time import local_day, to_local
from bookings.i18n import current_language
from bookings.planner.plan import Plan, PlannedLeg, PlannedStop, Way
from bookings.planner.problem import area_of
from bookings.queries.directory import Directory
from bookings.queries.planning.results import ProgrammeFound
from bookings.web.planning.words import Teller

_BAR = 100


@dataclass(frozen=True)
class Entry:
    """One line: `kind` is stop, travel or lunch; the end may lie in another zone than the start."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    place: str
    zone: str
    stop: PlannedStop | None = None
    leg: PlannedLeg | None = None
    end_zone: str = ""
    title: str = ""
    reasons: tuple[str, ...] = ()
    is_aboard: bool = False
    groups: tuple[int, ...] = ()
    """Whose it is, where the delegation goes in groups and not all of them are there."""

    @property
    def shift_minutes(self) -> int:
        """How far the clocks at the end are ahead of those at the start."""
        start, end = (to_local(self.ends_at, zone).utcoffset() for zone in (self.zone, self.end_zone))
        return int((end - start).total_seconds()) // 60 if start is not None and end is not None else 0


@dataclass(frozen=True)
class Day:
    """One local day."""

    day: date
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Bar:
    """A part of the score with its length as a share of the longest, in hundredths."""

    name: str
    points: float
    length: int


@dataclass(frozen=True)
class Column:
    """A programme as staff see it."""

    number: int
    plan: Plan
    days: tuple[Day, ...]
    parts: Mapping[str, Bar]
    covered: tuple[str, ...]
    uncovered: tuple[str, ...]
    zones: tuple[str, ...]
    """Those of all places: a time is told on both shores."""
    road_minutes: int
    crossings: int

    @property
    def hours(self) -> float:
        """What it costs the hosts."""
        return self.plan.host_hours


def build_columns(
    programmes: tuple[ProgrammeFound, ...], interests: tuple[str, ...], teller: Teller
) -> tuple[Column, ...]:
    """The programmes side by side; the bars of all have one scale."""
    longest = max((abs(value) for found in programmes for value in found.plan.parts.values()), default=1.0)
    return tuple(
        _build_column(number, found, interests, teller, longest or 1.0)
        for number, found in enumerate(programmes, 1)
    )


def _build_column(
    number: int, found: ProgrammeFound, interests: tuple[str, ...], teller: Teller, longest: float
) -> Column:
    plan = found.plan
    shown = _topics_of(plan, teller.names.directory)
    areas = tuple(dict.fromkeys(area_of(topic) for topic in interests))
    met = {area_of(topic) for topic in shown}
    return Column(
        number=number,
        plan=plan,
        days=_group(_list_entries(found, teller)),
        parts={
            name: Bar(name, value, round(_BAR * abs(value) / longest)) for name, value in plan.parts.items()
        },
        covered=tuple(area for area in areas if area in met),
        uncovered=tuple(area for area in areas if area not in met),
        zones=tuple(sorted({place.time_zone for place in teller.names.directory.places.by_slug.values()})),
        road_minutes=sum(leg.road_minutes for leg in plan.legs),
        crossings=sum(leg.sailing is not None for leg in plan.legs),
    )


def _topics_of(plan: Plan, directory: Directory) -> set[str]:
    found: set[str] = set()
    for stop in plan.stops:
        company = directory.companies[stop.host]
        offer = next((one for one in company.offers if f"offer-{one.id}" == stop.candidate), None)
        found |= set((offer.topics if offer else ()) or company.topics)
    return found


def _list_entries(found: ProgrammeFound, teller: Teller) -> list[Entry]:
    places = teller.names.directory.places.by_slug
    zones = {slug: place.time_zone for slug, place in places.items()}
    reasons = {(one.stop.host, one.stop.starts_at): teller.gains(one) for one in reversed(found.gains)}
    entries = [
        Entry(
            "stop", stop.starts_at, stop.ends_at, stop.place, stop.zone, stop=stop, end_zone=stop.zone,
            title=_title_of(stop, teller), reasons=tuple(reasons.get((stop.host, stop.starts_at), ())),
            groups=(stop.group,),
        )
        for stop in found.plan.stops
    ]  # fmt: skip
    entries += [
        Entry(
            "travel", leg.leaves_at, leg.arrives_at, leg.origin, zones[leg.origin], leg=leg,
            end_zone=zones[leg.target], groups=(leg.group,),
        )
        for leg in found.plan.legs
        if leg.origin != leg.target or leg.way is Way.FERRY
    ]  # fmt: skip
    for lunch in found.plan.lunches:
        place = lunch.place or found.plan.stops[0].place
        zone = zones[place]
        entries.append(
            Entry(
                "lunch",
                lunch.starts_at,
                lunch.ends_at,
                place,
                zone,
                end_zone=zone,
                is_aboard=lunch.aboard,
                groups=(lunch.group,),
            )
        )
    merged = _merge(entries, count=1 + max((stop.group for stop in found.plan.stops), default=0))
    return sorted(merged, key=lambda entry: (entry.starts_at, entry.kind != "travel", entry.ends_at))


def _merge(entries: list[Entry], *, count: int) -> list[Entry]:
    """What several groups do together is one line; it names them unless these are all."""
    together: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        host, target = entry.stop and entry.stop.host, entry.leg and entry.leg.target
        key = (entry.kind, entry.starts_at, entry.ends_at, entry.place, host, target)
        together.setdefault(key, []).append(entry)
    merged = []
    for same in together.values():
        groups = sorted({group for entry in same for group in entry.groups})
        named = tuple(group + 1 for group in groups) if len(groups) < count else ()
        merged.append(replace(same[0], groups=named))
    return merged


def _title_of(stop: PlannedStop, teller: Teller) -> str:
    company = teller.names.directory.companies[stop.host]
    offer = next((one for one in company.offers if f"offer-{one.id}" == stop.candidate), None)
    return offer.title(current_language()) if offer else ""


def _group(entries: list[Entry]) -> tuple[Day, ...]:
    days: dict[date, list[Entry]] = {}
    for entry in entries:
        days.setdefault(local_day(entry.starts_at, entry.zone), []).append(entry)
    return tuple(Day(day, tuple(found)) for day, found in sorted(days.items()))
