"""Delegation tours in the files' own format: as a model for the planner, and checked without it."""

import json
from itertools import pairwise
from pathlib import Path

from bookings.planner.model import FAR, Anchor, Model, Network, Visit
from bookings.planner.routes import Routes


def read_tour(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))


def build_tour(
    data: dict, delegation: dict, taken: dict[str, list[tuple[int, int]]]
) -> tuple[Model, list[str]]:
    """The tour of one delegation; `taken` are the times hosts have given to the others."""
    weights, days = data["weights"], delegation["days"]
    visits, names = [], []
    for host in data["hosts"]:
        if not _fits(host, delegation) or len(taken.get(host["id"], ())) >= host["max_visits"]:
            continue
        length = host["duration"]
        windows = tuple(tuple(_list_starts(host, day, length, taken.get(host["id"], []))) for day in days)
        interest = sum(
            worth * host["topics"].get(topic, 0) for topic, worth in delegation["interests"].items()
        )
        gain = weights["interest"] * interest - weights["fairness"] * host["past_visits"]
        if any(windows) and (gain > 0 or host["id"] in delegation["must"]):
            visits.append(Visit(len(visits), host["place"], length, windows, gain))
            names.append(host["id"])
    return Model(
        visits=tuple(visits),
        network=Network(data["travel"]),
        days=len(days),
        chained=False,
        starts=tuple(Anchor(day["from"], day["start"]) for day in days),
        ends=tuple(Anchor(day["to"], day["end"]) for day in days),
        required=frozenset(names.index(name) for name in delegation["must"] if name in names),
        pause=data["buffer"],
        most_stops=(delegation["max_per_day"],) * len(days),
        travel_cost=weights["travel"],
    ), names


def _fits(host: dict, delegation: dict) -> bool:
    return (
        host["id"] not in delegation["avoid"]
        and bool(set(host["languages"]) & set(delegation["languages"]))
        and delegation["size"] <= host["capacity"]
    )


def _list_starts(host: dict, day: dict, length: int, taken: list[tuple[int, int]]):
    for opens, closes in host["open"]:
        pieces = [(max(opens, day["start"]), min(closes, day["end"]))]
        for start, end in taken:
            pieces = [
                piece
                for first, last in pieces
                for piece in ((first, min(last, start)), (max(first, end), last))
            ]
        for first, last in pieces:
            if first <= last - length:
                yield first, last - length


def list_visits(model: Model, names: list[str], routes: Routes) -> list[dict]:
    """Start times: as early as each route lets them be."""
    found = []
    for day, route in enumerate(routes):
        place, free = model.starts[day].place, model.starts[day].at
        for index, number in enumerate(route):
            visit = model.visits[number]
            at = free + model.network.road[place][visit.place] + (model.pause if index else 0)
            at = next(max(at, first) for first, last in visit.windows[day] if at <= last)
            found.append({"host": names[number], "start": at})
            place, free = visit.place, at + visit.length
    return found


def check_tours(data: dict, visits: list[dict]) -> int:
    """The value of a solution by the rules of the files; stops at the first rule that is broken."""
    hosts = {host["id"]: host for host in data["hosts"]}
    value = 0
    for number, delegation in enumerate(data["delegations"]):
        own = sorted((v for v in visits if v["delegation"] == number), key=lambda v: v["start"])
        assert len({v["host"] for v in own}) == len(own), "a host twice"
        assert set(delegation["must"]) <= {v["host"] for v in own}, "a must is missing"
        for day in delegation["days"]:
            today = [v for v in own if v["start"] // 1440 == day["day"]]
            assert len(today) <= delegation["max_per_day"], "too many a day"
            value -= data["weights"]["travel"] * _check_day(data, hosts, day, today)
        for visit in own:
            value += _check_visit(data, hosts[visit["host"]], delegation, visit)
    _check_hosts(hosts, visits)
    return value


def _check_day(data: dict, hosts: dict, day: dict, today: list[dict]) -> int:
    if not today:
        return 0
    travel, place, free, total = data["travel"], day["from"], day["start"], 0
    for index, visit in enumerate(today):
        host = hosts[visit["host"]]
        minutes = travel[place][host["place"]]
        assert visit["start"] >= free + minutes + (data["buffer"] if index else 0), "no time to travel"
        place, free, total = host["place"], visit["start"] + host["duration"], total + minutes
    assert free + travel[place][day["to"]] <= day["end"], "late in the evening"
    return total + travel[place][day["to"]]


def _check_visit(data: dict, host: dict, delegation: dict, visit: dict) -> int:
    start, end = visit["start"], visit["start"] + host["duration"]
    assert any(opens <= start and end <= closes for opens, closes in host["open"]), "closed"
    assert set(host["languages"]) & set(delegation["languages"]), "no language"
    assert delegation["size"] <= host["capacity"], "too many"
    assert host["id"] not in delegation["avoid"], "avoided"
    interest = sum(worth * host["topics"].get(topic, 0) for topic, worth in delegation["interests"].items())
    return data["weights"]["interest"] * interest - data["weights"]["fairness"] * host["past_visits"]


def _check_hosts(hosts: dict, visits: list[dict]) -> None:
    for name, host in hosts.items():
        own = sorted(v["start"] for v in visits if v["host"] == name)
        assert len(own) <= host["max_visits"], "a host too often"
        assert all(b - a >= host["duration"] for a, b in pairwise(own)), "two at once"


assert FAR  # a way that isn't there
