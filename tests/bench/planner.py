"""The planner's figures: value, bound, time and peak memory, each instance in a process of its own."""

import json
import time
from pathlib import Path

from bookings.planner.bound import Bound
from bookings.planner.search import Search
from bookings.planner.solve import improve
from tests.bench.measure import peak_megabytes, run_apart
from tests.bench.planner_orienteering import build_points, check_points, read_points
from tests.bench.planner_region import build_region
from tests.bench.planner_spacing import Spacing, schedule_meetings
from tests.bench.planner_tours import build_tour, check_tours, list_visits, read_tour
from tests.planner.checker import Checker
from tests.planner.fairness import HOSTS, REQUESTS, draw_loads, spread_requests

FOLDER = Path(__file__).parents[3] / "shared" / "benchmarks" / "scheduling"
TOUR_SECONDS, ORIENTEERING_SECONDS = 1.0, 15.0
SCALE_STAGES = (10, 60)
GROWTH = (50, 100, 200, 400, 800)


def bench_planner(*, seconds: float = ORIENTEERING_SECONDS, stages: tuple[int, ...] = SCALE_STAGES) -> None:
    """Prints all tables; published instances only where they are at hand."""
    _bench_scale(stages)
    _bench_fairness()
    if not FOLDER.is_dir():
        print("planner: the published instances are not here (../shared/benchmarks/scheduling); skipped")
        return
    instances = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["instances"]
    _bench_meetings([one for one in instances if one["problem"] == "msp"])
    _bench_tours([one for one in instances if one["problem"] == "tour"])
    _bench_orienteering([one for one in instances if one["problem"] == "toptw"], seconds)


def _bench_scale(stages: tuple[int, ...]) -> None:
    print("\nplanner: 5 days, 3 parallel groups; first plan, then the gap to the bound")
    print(
        f"{'hosts':>6}{'first s':>9}{'gap %':>8}{'then s':>8}{'gap %':>8}{'stops':>7}{'faults':>8}{'MB':>6}"
    )
    for hosts in GROWTH:
        for row in run_apart(run_scale, hosts, stages if hosts == 200 else stages[:1]):
            print(row, flush=True)


def _bench_fairness() -> None:
    print(
        f"\nplanner: fair load, {REQUESTS} requests in a row over {HOSTS} equal hosts; hosts by their visits"
    )
    print(*draw_loads(spread_requests()), sep="\n", flush=True)


def run_scale(hosts: int, stages: tuple[int, ...]) -> list[str]:
    problem = build_region(hosts)
    rows, due = [], list(stages)
    begun = time.perf_counter()
    first = None
    for progress in improve(problem, seed=1, steps=10**9):
        spent = time.perf_counter() - begun
        first = first or (spent, progress.gap)
        if spent >= due[0]:
            due.pop(0)
            faults = len(Checker(problem).faults(progress.plans[0]))
            rows.append(
                f"{hosts:>6}{first[0]:>9.2f}{first[1] * 100:>8.1f}{spent:>8.1f}{progress.gap * 100:>8.1f}"
                f"{len(progress.plans[0].stops):>7}{faults:>8}{peak_megabytes():>6.0f}"
            )
        if not due:
            break
    return rows


def _bench_meetings(instances: list[dict]) -> None:
    print("\nplanner: meetings with travel between them (CSPLib 046)")
    print(f"{'instance':<14}{'published':>10}{'found':>7}{'seconds':>9}{'MB':>6}")
    for instance in instances:
        found, seconds, memory = run_apart(run_meetings, instance["file"])
        status = instance["published"]["status"]
        print(f"{instance['name']:<14}{status:>10}{found:>7}{seconds:>9.2f}{memory:>6.0f}", flush=True)


def run_meetings(file: str) -> tuple[str, float, float]:
    data = json.loads((FOLDER / file).read_text(encoding="utf-8"))
    begun = time.perf_counter()
    found = schedule_meetings(Spacing(data["agents"], data["distance"], data["domain"]))
    seconds = time.perf_counter() - begun
    for meetings in data["agents"] if found.times else []:
        for one in meetings:
            for other in meetings:
                apart = abs(found.times[one] - found.times[other]) - 1
                assert one == other or apart >= data["distance"][one][other]
    status = "sat" if found.times else "unsat" if found.is_complete else "open"
    return status, seconds, peak_megabytes()


def _bench_tours(instances: list[dict]) -> None:
    print("\nplanner: delegation tours; the bound is our own, the known one beside it")
    print(f"{'instance':<24}{'best known':>11}{'value':>7}{'%':>7}{'bound':>8}{'known':>8}{'s':>9}{'MB':>6}")
    for instance in instances:
        value, bound, seconds, memory = run_apart(run_tours, instance["file"])
        share = 100 * value / instance["best_known"]
        print(
            f"{instance['name']:<24}{instance['best_known']:>11}{value:>7}{share:>7.2f}{bound:>8.0f}"
            f"{instance['upper_bound']:>8.0f}{seconds:>9.2f}{memory:>6.0f}",
            flush=True,
        )


def run_tours(file: str) -> tuple[int, float, float, float]:
    """Delegations in turn, each beside what the others have taken; twice over where there are several."""
    data = read_tour(FOLDER / file)
    begun = time.perf_counter()
    chosen: dict[int, list[dict]] = {}
    bound = 0.0
    rounds = 1 if len(data["delegations"]) == 1 else 3
    for turn in range(rounds):
        for number, delegation in enumerate(data["delegations"]):
            taken: dict[str, list[tuple[int, int]]] = {}
            lengths = {host["id"]: host["duration"] for host in data["hosts"]}
            for other, visits in chosen.items():
                for visit in visits if other != number else []:
                    start = visit["start"]
                    taken.setdefault(visit["host"], []).append((start, start + lengths[visit["host"]]))
            model, names = build_tour(data, delegation, taken)
            search = Search(model, seed=1)
            due = time.perf_counter() + TOUR_SECONDS * 0.9
            while time.perf_counter() < due:
                search.run(20)
            chosen[number] = list_visits(model, names, search.best)
            bound += Bound(build_tour(data, delegation, {})[0]).improve(search.best_value) if turn == 0 else 0
    seconds = time.perf_counter() - begun
    value = check_tours(data, [{**v, "delegation": number} for number, own in chosen.items() for v in own])
    return value, bound, seconds, peak_megabytes()


def _bench_orienteering(instances: list[dict], seconds: float) -> None:
    print(f"\nplanner: team orienteering with time windows, {seconds:.0f} s each")
    print(
        f"{'instance':<10}{'days':>5}{'best known':>11}{'value':>7}{'gap %':>7}{'bound':>8}{'s':>6}{'MB':>6}"
    )
    gaps: dict[int, list[float]] = {}
    for instance in instances:
        for name, best in instance["published"].items():
            days = int(name.removeprefix("m="))
            value, bound, taken, memory = run_apart(run_orienteering, instance["file"], days, seconds)
            gaps.setdefault(days, []).append(100 * (best - value) / best)
            row = f"{instance['name']:<10}{days:>5}{best:>11}{value:>7}{gaps[days][-1]:>7.1f}"
            print(f"{row}{bound:>8.0f}{taken:>6.1f}{memory:>6.0f}", flush=True)
    means = ", ".join(f"{days} days {sum(found) / len(found):.1f} %" for days, found in sorted(gaps.items()))
    print(f"mean gap to the best known: {means}")


def run_orienteering(file: str, days: int, seconds: float) -> tuple[int, float, float, float]:
    """The seconds are those of the process, so that others on the machine don't count."""
    points = read_points(FOLDER / file)
    begun = time.process_time()
    model = build_points(points, days)
    search = Search(model, seed=1)
    while time.process_time() < begun + seconds:
        search.run(5)
    taken = time.process_time() - begun
    value = check_points(points, search.best)
    return value, Bound(model).improve(search.best_value), taken, peak_megabytes()


if __name__ == "__main__":
    bench_planner()
