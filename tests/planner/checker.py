"""Proves every hard rule of a plan and adds up its score anew; shares no code with the planner."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import Firmness, Problem

NEVER = 10**9


def minutes(value: int) -> timedelta:
    return timedelta(minutes=value)


def quickest_roads(problem: Problem) -> dict[tuple[str, str], int]:
    """Bellman and Ford, over legs that may be driven."""
    legs = {k: m for k, m in problem.roads.items() if m <= problem.rules.longest_road_minutes}
    towns = {t for pair in legs for t in pair} | {c.place for c in problem.candidates}
    towns |= {s.place for s in problem.fixed}
    towns |= {t for s in problem.sailings for t in (s.origin, s.target)}
    best = {}
    for start in towns:
        reach = {start: 0}
        for _ in towns:
            for (one, other), m in legs.items():
                if one in reach and reach[one] + m < reach.get(other, NEVER):
                    reach[other] = reach[one] + m
        best |= {(start, town): m for town, m in reach.items()}
    return best


class Checker:
    def __init__(self, problem: Problem):
        self.problem = problem
        self.rules = problem.rules
        self.roads = quickest_roads(problem)
        self.offers = {c.key: c for c in problem.candidates}
        self.fixed = {s.key: s for s in problem.fixed}
        self._drives: dict[tuple[str, str], int | None] = {}

    # --- ways

    def drive(self, one: str, other: str) -> int | None:
        if (one, other) not in self._drives:
            m = self.rules.within_place_minutes if one == other else self.roads.get((one, other), NEVER)
            self._drives[one, other] = m if m <= self.rules.longest_road_minutes else None
        return self._drives[one, other]

    def port_roads(self, one: str, other: str):
        """The roads to and from the ports that are nearest, and the ports."""
        ways = []
        for port, landing in {(s.origin, s.target) for s in self.problem.sailings}:
            before, after = self.roads.get((one, port), NEVER), self.roads.get((landing, other), NEVER)
            if max(before, after) <= self.rules.longest_road_minutes:
                ways.append((before + after, port, landing, before, after))
        return min(ways, default=None)

    def sailings(self, one: str, other: str, end: datetime, start: datetime):
        """Those that one can take between."""
        way = self.port_roads(one, other)
        if way is None:
            return []
        _, port, landing, before, after = way
        return [
            s
            for s in self.problem.sailings
            if (s.origin, s.target) == (port, landing)
            and end + minutes(before + self.check_in(s)) <= s.departs_at
            and s.arrives_at + minutes(after) <= start
        ]

    def check_in(self, sailing) -> int:
        own = sailing.check_in_minutes
        return self.rules.check_in_minutes if own is None else own

    def can_go(self, one: str, other: str, end: datetime, start: datetime) -> bool:
        drive = self.drive(one, other)
        if drive is not None:
            return end + minutes(drive) <= start
        return bool(self.sailings(one, other, end, start))

    # --- rules

    def faults(self, plan: Plan) -> list[str]:
        found = []
        for stop in plan.stops:
            found += self.stop_faults(stop)
        for host in {s.host for s in plan.stops}:
            found += self.host_faults([s for s in plan.stops if s.host == host])
        for fixed in self.problem.fixed:
            groups = range(self.problem.delegation.groups) if fixed.group is None else [fixed.group]
            there = [s.group for s in plan.stops if s.fixed_key == fixed.key]
            stays = sorted(there) == list(groups)
            if not stays and fixed.firmness != Firmness.ASKED:
                found.append(f"{fixed.key} has gone")
        found += [f"{m} is missing" for m in self.problem.must if m not in plan.hosts]
        for group in range(self.problem.delegation.groups):
            found += self.group_faults([s for s in plan.stops if s.group == group])
        if abs(sum(plan.parts.values()) - plan.score) > 1e-6:
            found.append("parts don't add up")
        return found

    def host_faults(self, stops: list[PlannedStop]) -> list[str]:
        """A host sees everybody once; one that is too small for all at once may see each group once."""
        firm = [s for s in stops if s.fixed_key and self.fixed[s.fixed_key].firmness != Firmness.ASKED]
        free = [s for s in stops if s not in firm]
        if len(stops) < 2 or not free:
            return []
        offers = [c for c in self.problem.candidates if c.host == stops[0].host]
        size = self.problem.delegation.size
        is_small = all(c.group_max and c.group_max * c.guides < size for c in offers) and offers
        if not is_small or len({s.group for s in stops}) < len(stops):
            return [f"{stops[0].host} twice"]
        found = []
        left = [c.visits_left for c in offers if c.visits_left is not None]
        if left and len(stops) > min(left):
            found.append(f"{stops[0].host} above its cap")
        between = minutes(self.rules.host_buffer_minutes)
        for one, other in pairwise(sorted(stops, key=lambda s: s.starts_at)):
            if one.ends_at + between > other.starts_at and not (one in firm and other in firm):
                found.append(f"{one.host} with two groups at a time")
        return found

    def stop_faults(self, stop: PlannedStop) -> list[str]:
        if stop.fixed_key:
            fixed = self.fixed[stop.fixed_key]
            is_there = (stop.starts_at, stop.ends_at, stop.place, stop.host) == (
                fixed.interval.start, fixed.interval.end, fixed.place, fixed.host,
            )  # fmt: skip
            return [] if is_there else [f"{fixed.key} has moved"]
        offer, d = self.offers[stop.candidate], self.problem.delegation
        zone = ZoneInfo(offer.zone)
        found = []
        if not any(i.start <= stop.starts_at and stop.ends_at <= i.end for i in offer.open_times):
            found.append(f"{offer.key} is closed")
        starts, ends = stop.starts_at.astimezone(zone), stop.ends_at.astimezone(zone)
        hours = self.rules.hours_of_places.get(offer.place, self.rules.hours)
        if starts.time() < hours.opens or ends.time() > hours.closes or starts.date() != ends.date():
            found.append(f"{offer.key} outside working hours")
        if not any(w.earliest <= starts.date() <= w.latest for w in d.windows) and not self.fixed:
            found.append(f"{offer.key} on a day nobody asked for")
        if starts.utcoffset() < ends.utcoffset():
            found.append(f"{offer.key} over a gap of the clocks")
        if offer.is_excluded or {d.country, d.organisation} & offer.refuses:
            found.append(f"{offer.key} is excluded")
        if (
            d.languages
            and offer.languages
            and not d.brings_interpreter
            and not set(d.languages) & set(offer.languages)
        ):
            found.append(f"{offer.key}: no language")
        return found + self.size_faults(stop)

    def size_faults(self, stop: PlannedStop) -> list[str]:
        offer, d = self.offers[stop.candidate], self.problem.delegation
        size = (d.size + d.groups - 1) // d.groups
        rounds = 1
        while offer.group_max and rounds * offer.guides * offer.group_max < size:
            rounds += 1
        found = []
        if stop.ends_at - stop.starts_at != minutes(offer.minutes * rounds) or stop.rounds != rounds:
            found.append(f"{offer.key} takes {rounds} rounds")
        if rounds > self.rules.most_rounds or size < (offer.group_min or 0):
            found.append(f"{offer.key}: the group doesn't fit")
        return found

    def group_faults(self, stops: list[PlannedStop]) -> list[str]:
        stops = sorted(stops, key=lambda s: s.starts_at)
        found, d, rest = [], self.problem.delegation, minutes(self.rules.night_rest_minutes)
        for one, other in pairwise(stops):
            if one.day == other.day:
                drive = self.drive(one.place, other.place)
                pause = minutes(self.rules.pause_minutes if drive is not None else 0)
                fine = self.can_go(one.place, other.place, one.ends_at + pause, other.starts_at)
            else:
                fine = self.can_go(
                    one.place, other.place, one.ends_at + rest, other.starts_at
                ) or self.can_go(one.place, other.place, one.ends_at, other.starts_at - rest)
            if not fine:
                found.append(f"no way from {one.host} to {other.host}")
        if (
            stops
            and d.arrival
            and not self.can_go(d.arrival.place, stops[0].place, d.arrival.at, stops[0].starts_at)
        ):
            found.append("before the arrival")
        last = stops[-1] if stops else None
        if (
            last
            and d.departure
            and not self.can_go(last.place, d.departure.place, last.ends_at, d.departure.at)
        ):
            found.append("the departure is missed")
        for day in {s.day for s in stops}:
            found += self.day_faults([s for s in stops if s.day == day])
        return found

    def day_faults(self, stops: list[PlannedStop]) -> list[str]:
        found = []
        fixed = [
            s
            for s in self.problem.fixed
            if s.interval.start.astimezone(ZoneInfo(s.zone)).date() == stops[0].day
        ]
        fullest = max(
            sum(s.group in (None, group) for s in fixed) for group in range(self.problem.delegation.groups)
        )
        if len(stops) > max(self.rules.most_stops_a_day, fullest):
            found.append("too many stops")
        if self.rules.lunch_minutes and not self.eats(stops):
            found.append(f"no lunch on {stops[0].day}")
        return found

    def eats(self, stops: list[PlannedStop]) -> bool:
        length = minutes(self.rules.lunch_minutes)

        def window(stop: PlannedStop):
            return [
                datetime.combine(stop.day, clock, ZoneInfo(stop.zone)).astimezone(UTC)
                for clock in (self.rules.lunch_from, self.rules.lunch_until)
            ]

        if (
            stops[0].starts_at >= window(stops[0])[0] + length
            or stops[-1].ends_at <= window(stops[-1])[1] - length
        ):
            return True
        for one, other in pairwise(stops):
            first, last = max(one.ends_at, window(one)[0]), window(one)[1] - length
            if first <= last and self.can_go(one.place, other.place, first + length, other.starts_at):
                return True
            first, last = window(other)[0], min(other.starts_at, window(other)[1]) - length
            if first <= last and self.can_go(one.place, other.place, one.ends_at, last):
                return True
            if self.drive(one.place, other.place) is None:
                for s in self.sailings(one.place, other.place, one.ends_at, other.starts_at):
                    if min(s.arrives_at, window(other)[1]) - max(s.departs_at, window(other)[0]) >= length:
                        return True
        return False

    # --- the score

    def score(self, stops: list[PlannedStop]) -> float:
        w, d = self.problem.weights, self.problem.delegation
        total = 0.0
        areas: dict[str, int] = {}
        seen: set[str] = set()
        for stop in sorted(stops, key=lambda s: s.starts_at):
            offer = self.offers.get(stop.candidate)
            fixed = self.fixed.get(stop.fixed_key)
            topics = set(offer.topics if offer else fixed.topics)
            kind = offer.kind if offer else fixed.kind
            if offer:
                total += self.host_points(offer, again=offer.host in seen)
                if offer.host in seen:
                    continue
                seen.add(offer.host)
            if fixed and fixed.firmness == Firmness.ASKED:
                total += w.keep_asked
            met = {t.split("/")[0] for t in topics} & {t.split("/")[0] for t in d.interests}
            counted = [(f"a {a}", w.area, w.area_again) for a in met]
            counted += [(f"t {t}", w.topic, w.topic_again) for t in topics & set(d.interests) if "/" in t]
            counted += [("p " + stop.place, w.town_first, -w.town)] if stop.place in d.places else []
            counted += [("k " + kind, w.kind, 0)] if kind else []
            for name, first, again in counted:
                n = areas[name] = areas.get(name, 0) + 1
                if again < 0:
                    total += first if n == 1 else -again
                else:
                    total += first if n == 1 else [again, again // 2, again // 4, again // 8][min(n - 2, 2)]
        for group in range(d.groups):
            total -= self.way_points([s for s in stops if s.group == group])
        return total

    def host_points(self, offer, *, again: bool = False) -> int:
        w, d = self.problem.weights, self.problem.delegation
        points = w.wanted if offer.host in d.wanted_hosts or offer.key in d.wanted_hosts else 0
        points += w.experience if offer.hosts_visits else 0
        if again:  # nobody is new the second time, and the load is that of one visit more
            load = (offer.visits_last_year + 1) * w.load_visit + int(offer.hours_last_year * w.load_hour)
            met = {t.split("/")[0] for t in offer.topics} & {t.split("/")[0] for t in d.interests}
            topics = [t for t in set(offer.topics) & set(d.interests) if "/" in t]
            points += w.area_again * len(met) + w.topic_again * len(topics)
            points += w.town if offer.place in d.places else 0
            return points - min(load, w.largest_load)
        if not offer.visits_last_year and offer.days_since_asked is None:
            return points + w.newcomer
        load = offer.visits_last_year * w.load_visit + int(offer.hours_last_year * w.load_hour)
        rested = offer.days_since_asked is not None and offer.days_since_asked >= 180
        return points - min(load, w.largest_load) + (w.long_unasked if rested else 0)

    def way_points(self, stops: list[PlannedStop]) -> float:
        w, d = self.problem.weights, self.problem.delegation
        stops = sorted(stops, key=lambda s: s.starts_at)
        if not stops:
            return 0
        places = [d.arrival.place] if d.arrival else []
        places += [s.place for s in stops] + ([d.departure.place] if d.departure else [])
        road, crossings, idle = 0, 0, 0.0
        for one, other in pairwise(places):
            drive = self.drive(one, other)
            road += drive if drive is not None else self.port_roads(one, other)[0]
            crossings += drive is None
        for day in {s.day for s in stops}:
            idle += self.idle_minutes([s for s in stops if s.day == day])
        return road * w.travel_hour / 60 + crossings * w.crossing + idle * w.waiting_hour / 60

    def idle_minutes(self, stops: list[PlannedStop]) -> float:
        """Without the ferry: the brute force keeps to one shore a day."""
        span = (stops[-1].ends_at - stops[0].starts_at) / minutes(1)
        span -= sum((s.ends_at - s.starts_at) / minutes(1) for s in stops)
        span -= sum(self.drive(a.place, b.place) or 0 for a, b in pairwise(stops))
        return span - self.lunch_needed(stops)

    def lunch_needed(self, stops: list[PlannedStop]) -> int:
        """A lunch in a gap is no waiting; one before the first stop or after the last needs none."""
        lunch = self.rules.lunch_minutes
        if not lunch:
            return 0

        def clock(stop, at):
            return datetime.combine(stop.day, at, ZoneInfo(stop.zone)).astimezone(UTC)

        first, _last = stops[0], stops[-1]
        if first.starts_at >= clock(first, self.rules.lunch_from) + minutes(lunch):
            return 0
        for one, other in pairwise(stops):
            drive = self.drive(one.place, other.place)
            if drive is None:
                continue
            a, b = max(one.ends_at, clock(one, self.rules.lunch_from)), clock(one, self.rules.lunch_until)
            if a + minutes(lunch) <= b and a + minutes(lunch + drive) <= other.starts_at:
                return lunch
            a = max(one.ends_at + minutes(drive), clock(other, self.rules.lunch_from))
            if a + minutes(lunch) <= min(other.starts_at, clock(other, self.rules.lunch_until)):
                return lunch
        return 0
