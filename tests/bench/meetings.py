"""The matchmaker's figures: gaps, bound, time and memory, each instance in a process of its own."""

import json
import time

from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.replan import replan
from bookings.planner.meetings.solve import Arrangement, arrange
from tests.bench.measure import peak_megabytes, run_apart
from tests.bench.planner import FOLDER
from tests.planner.meetings_checker import list_faults, read_day, tally_gaps

SECONDS = 20.0
_FAIR = 2
_REFUSALS = 20


def bench_meetings(*, seconds: float = SECONDS) -> None:
    """Prints a row for each published or own instance; only where they are at hand."""
    if not FOLDER.is_dir():
        print("matchmaking: the published instances are not here (../shared/benchmarks/scheduling); skipped")
        return
    instances = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["instances"]
    print(
        f"\nmatchmaking: gaps in all people's days, at most {seconds:.0f} s each; 're-plan' after one refusal"
    )
    print(
        f"{'instance':<26}{'people':>7}{'meet':>6}{'known':>7}{'gaps':>6}{'bound':>6}{'':>8}"
        f"{'first s':>8}{'s':>7}{'MB':>6}{'re-plan s':>11}{'moved':>7}"
    )
    proved = 0
    for instance in instances:
        if not instance["file"].endswith(".dzn"):
            continue
        row = run_apart(run_day, instance["file"], seconds)
        proved += row[2] == "proved"
        known = (instance.get("published") or {}).get("value", "-")
        gaps, bound, state, first, spent, memory, slowest, moved = row
        print(
            f"{instance['name']:<26}{instance['participants']:>7}{instance['meetings']:>6}{known:>7}"
            f"{gaps:>6}{bound:>6}{state:>8}{first:>8.2f}{spent:>7.1f}{memory:>6.0f}{slowest:>11.2f}{moved:>7}",
            flush=True,
        )
    print(f"proved: {proved}")


def run_day(file: str, seconds: float) -> tuple:
    """One instance: the published ones with fairness, our own without."""
    day = read_day(FOLDER / file, most_gaps=_FAIR if file.startswith("b2bsp") else None)
    begun = time.perf_counter()
    stages = arrange(day, seed=1)
    found = next(stages)
    first = time.perf_counter() - begun
    while time.perf_counter() - begun < seconds and (better := next(stages, None)):
        found = better
    spent = time.perf_counter() - begun
    if found.slots is None:
        return "none", "-", "proved" if found.is_proved else "open", first, spent, peak_megabytes(), 0.0, "-"
    assert list_faults(day, found.slots) == []
    assert sum(tally_gaps(day, found.slots)) == found.gaps
    slowest, moved = _refuse(day, found)
    state = "proved" if found.is_proved else "open" if found.keeps_limit else "unfair"
    return found.gaps, found.bound, state, first, spent, peak_megabytes(), slowest, moved


def _refuse(day: MeetingDay, found: Arrangement) -> tuple[float, str]:
    """The slowest of some refusals, and how many agreed meetings each moved at most."""
    slowest, most, without = 0.0, 0, 0
    step = max(1, len(day.meetings) // _REFUSALS)
    for refused in range(0, len(day.meetings), step):
        meetings = list(day.meetings)
        left = meetings[refused].slots & ~(1 << found.slots[refused])
        meetings[refused] = Meeting(meetings[refused].people, left)
        changed = MeetingDay(day.people, day.slots, day.tables, tuple(meetings), day.before)
        begun = time.perf_counter()
        again = replan(changed, found.slots)
        slowest = max(slowest, time.perf_counter() - begun)
        if again is None:
            without += 1
            continue
        assert list_faults(changed, again.slots) == []
        most = max(most, len(again.moved))
    return slowest, f"{most}{f' ({without} -)' if without else ''}"


if __name__ == "__main__":
    bench_meetings()
