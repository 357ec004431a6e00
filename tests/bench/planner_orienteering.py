"""Team orienteering with time windows, from the files: as a model for the planner, checked without it."""

from math import dist
from pathlib import Path

from bookings.planner.model import Anchor, Model, Network, Visit
from bookings.planner.routes import Routes


def read_points(path: Path) -> list[dict]:
    """Points with times in whole parts; distances are cut, not rounded."""
    scale = 100 if path.stem.startswith("pr") else 10
    points = []
    for line in path.read_text(encoding="utf-8").splitlines()[2:]:
        cells = [float(cell) for cell in line.split()]
        if len(cells) < 8:
            continue
        opens, closes = cells[-2], cells[-1]
        points.append({
            "at": (cells[1], cells[2]), "length": round(cells[3] * scale), "score": round(cells[4]),
            "window": (round(opens * scale), round(closes * scale)), "scale": scale,
        })  # fmt: skip
    return points


def build_points(points: list[dict], routes: int) -> Model:
    """So many routes side by side over the same points."""
    scale = points[0]["scale"]
    ways = [[int(dist(one["at"], other["at"]) * scale + 1e-9) for other in points] for one in points]
    day = points[0]["window"][1]
    return Model(
        visits=tuple(
            Visit(number, number + 1, point["length"], ((point["window"],),), point["score"])
            for number, point in enumerate(points[1:])
        ),
        network=Network(ways),
        days=1,
        tracks=routes,
        chained=False,
        starts=(Anchor(0, 0),),
        ends=(Anchor(0, day),),
        most_stops=(len(points),),
    )


def check_points(points: list[dict], routes: Routes) -> int:
    """The score of the routes by the rules of the files; stops at the first rule that is broken."""
    scale, seen, score = points[0]["scale"], set(), 0
    for route in routes:
        at, place = 0.0, points[0]
        for number in route:
            point = points[number + 1]
            assert number not in seen, "a point twice"
            seen.add(number)
            at += int(dist(place["at"], point["at"]) * scale + 1e-9)
            at = max(at, point["window"][0])
            assert at <= point["window"][1], "too late"
            at, place, score = at + point["length"], point, score + point["score"]
        assert at + int(dist(place["at"], points[0]["at"]) * scale + 1e-9) <= points[0]["window"][1], (
            "late at home"
        )
    return score
