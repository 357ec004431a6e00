"""The least that ways and days can take: what the bound counts on."""

from collections.abc import Iterator
from dataclasses import dataclass
from heapq import nsmallest

from bookings.planner.model import FAR, Model, Visit


@dataclass(frozen=True)
class Least:
    """What no plan goes below. `ways`: cost and minutes of coming to each visit. `entering`: the cost of
    coming to a place from another one, beside that of its stops. `days`: the minutes that a track has for
    stops with their ways and pauses. `free_cost`: of ways for nothing, because a track begins there.
    """

    ways: list[tuple[float, float]]
    entering: dict[int, float]
    days: list[float]
    pause: int
    free_cost: float


def list_least(model: Model) -> Iterator[Least]:
    """Ways to count: by the least to each stop, at full length or cut to the shortest; where each day goes
    out and home, by half of the two least on both sides of a stop.
    """
    ways = _find_ways(model)
    shortest = (
        min((cost for cost, _ in ways), default=0.0),
        min((minutes for _, minutes in ways), default=0.0),
    )
    yield _cut_ways(model, ways, (FAR, FAR))
    yield _cut_ways(model, ways, shortest)
    if not model.chained and model.starts and all(model.starts) and all(model.ends):
        days = [float(_day_between_anchors(model, day)) for day in range(model.days)]
        yield Least(_share_ways(model), {}, days, _sure_pause(model), 0.0)


def _cut_ways(model: Model, ways: list[tuple[float, float]], caps: tuple[float, float]) -> Least:
    """Each way counts for no more than the caps: as much is given back for the first one of a day, or of a
    track that may begin anywhere. Low caps suit days of few stops.
    """
    most_cost, most_minutes = caps
    pause = _sure_pause(model)
    entering = _find_entering(model, ways)
    cut = [(min(cost, most_cost), min(minutes, most_minutes)) for cost, minutes in ways]
    entering = {
        visit.place: min(cost + entering[visit.place], most_cost) - min(cost, most_cost)
        for visit, (cost, _) in zip(model.visits, ways, strict=True)
    }
    first = max((minutes for _, minutes in cut), default=0)
    costs = [cost + entering[visit.place] for visit, (cost, _) in zip(model.visits, cut, strict=True)]
    knows_start = bool(model.starts) and all(model.starts)
    free = 0.0 if knows_start else model.tracks * max(costs, default=0.0)
    return Least(
        cut, entering, [_longest_day(model, d) + pause + first for d in range(model.days)], pause, free
    )


def _sure_pause(model: Model) -> int:
    """The pause that lies between two stops, whichever way one takes: aboard there is none."""
    return min([model.pause, *_list_minutes_at_sea(model)])


def _find_entering(model: Model, ways: list[tuple[float, float]]) -> dict[int, float]:
    """What coming to a place from another one costs more than the least way to each of its stops."""
    places = {visit.place for visit in model.visits} | {anchor.place for anchor in model.starts if anchor}
    least = {visit.place: cost for visit, (cost, _) in zip(model.visits, ways, strict=True)}
    found = {}
    for place, cost in least.items():
        others = [one for one in places if one != place and model.network.joins(one, place)]
        # A start at the place itself is no way from elsewhere.
        starts_here = any(anchor and anchor.place == place for anchor in model.starts)
        entering = min((model.leg_cost(one, place) for one in others), default=cost)
        found[place] = 0.0 if starts_here else max(0.0, entering - cost)
    return found


def _longest_day(model: Model, day: int) -> float:
    """Minutes from the first start to the last end of a day, those at sea and for lunch left out: on one
    shore, or from one to another.
    """
    shores: dict[int, list[Visit]] = {}
    for visit in model.visits:
        if visit.windows[day]:
            shores.setdefault(_find_shore(model, visit.place), []).append(visit)
    longest = max((_length_of(model, day, visits, at_sea=0) for visits in shores.values()), default=0)
    every = [visit for visits in shores.values() for visit in visits]
    at_sea = min(_list_minutes_at_sea(model), default=0)
    return max(longest, _length_of(model, day, every, at_sea=at_sea)) if len(shores) > 1 else longest


def _find_shore(model: Model, place: int) -> int:
    """The first of all places that roads that may be driven lead to and from, stop by stop."""
    reached, follow = {place}, [place]
    while follow:
        one = follow.pop()
        near = {
            other
            for other, minutes in enumerate(model.network.road[one])
            if minutes < FAR or model.network.road[other][one] < FAR
        }
        follow += near - reached
        reached |= near
    return min(reached)


def _length_of(model: Model, day: int, visits: list[Visit], *, at_sea: int) -> int:
    first = min(visit.windows[day][0][0] for visit in visits)
    last = max(visit.windows[day][-1][1] + visit.length for visit in visits)
    if not model.lunch_minutes:
        return last - first - at_sea
    # Who has no lunch on the way has it before the first stop or after the last; who has, has no pause there,
    # and may have it aboard.
    eaten = min(opens for opens, _ in model.lunches[day]) + model.lunch_minutes
    hungry = max(closes for _, closes in model.lunches[day])
    with_lunch = last - first - max(at_sea, model.lunch_minutes) + model.pause
    return max(with_lunch, last - eaten - at_sea, hungry - first - at_sea)


def _list_minutes_at_sea(model: Model) -> list[int]:
    return [
        max(0, passage.there_at - passage.leave_by - passage.road_before - passage.road_after)
        for passages in model.network.passages.values()
        for passage in passages
    ]


def _day_between_anchors(model: Model, day: int) -> int:
    """Minutes from leaving to being back, with one pause more than there are between the stops."""
    start, end = model.starts[day], model.ends[day]
    return max(0, end.at - start.at) + model.pause if start and end else 0


def _share_ways(model: Model) -> list[tuple[float, float]]:
    """Half of the two least ways, in cost and in minutes, that a stop can have on its two sides."""
    places = [visit.place for visit in model.visits]
    many = {place for place in places if places.count(place) > 1}
    homes = {anchor.place for anchor in (*model.starts, *model.ends) if anchor}
    others = sorted(set(places) | homes)
    known: dict[int, tuple[float, float]] = {}
    for place in set(places):
        # A home is on both sides of a lonely stop; a place with several visits may be left for itself.
        near = [one for one in others if one != place or place in many or place in homes]
        near += [one for one in others if one in homes or one in many]
        ways = [one for one in near if model.network.joins(one, place) and model.network.joins(place, one)]
        costs = nsmallest(2, (min(model.leg_cost(one, place), model.leg_cost(place, one)) for one in ways))
        minutes = nsmallest(
            2,
            (
                min(model.network.road_minutes(one, place), model.network.road_minutes(place, one))
                for one in ways
            ),
        )
        known[place] = (sum(costs) / 2, sum(minutes) / 2)
    return [known[place] for place in places]


def _find_ways(model: Model) -> list[tuple[float, float]]:
    """The least way to each stop from anywhere."""
    nearest = _find_nearest(model)
    return [_least_way(model, nearest, visit.place) for visit in model.visits]


def _find_nearest(model: Model) -> dict[int, list[int]]:
    """From where each place can be reached: other visits' places, and the starts."""
    places = [visit.place for visit in model.visits] + [anchor.place for anchor in model.starts if anchor]
    shared = {place for place in places if places.count(place) > 1}
    distinct = sorted(set(places))
    return {place: [one for one in distinct if one != place or place in shared] for place in distinct}


def _least_way(model: Model, nearest: dict[int, list[int]], place: int) -> tuple[int, int]:
    """The least cost of coming to a place, and the least minutes."""
    ways = [one for one in nearest[place] if model.network.joins(one, place)]
    cost = min((model.leg_cost(one, place) for one in ways), default=0)
    return cost, min((model.network.road_minutes(one, place) for one in ways), default=0)
