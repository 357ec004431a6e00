"""The matchmaker's figures: gaps, bound, time and memory, each instance in a process of its own."""

import json
import time
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from bookings.adapters.proving import ChildProver, find_conflict
from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.replan import replan
from bookings.planner.meetings.solve import Aid, Solution, solve
from bookings.planner.meetings.tables import count_table_moves, seat
from bookings.services.meetings.solving import build_problem, describe
from bookings.services.meetings.solving import solve as solve_problem
from tests.bench.measure import peak_megabytes, run_apart
from tests.bench.planner import FOLDER
from tests.planner.meetings_checker import (
    list_faults,
    list_seat_faults,
    list_table_faults,
    read_day,
    read_rules,
    tally_gaps,
)
from tests.planner.test_meetings import build_big_day
from tests.support.clock import NOW
from tests.support.match_days import a_day, wishes_at_random

PROOF_SECONDS = 60.0
SECONDS = 20.0
_FAIR = 2
_REFUSALS = 20
_BIG_DAY = {"people": 300, "slots": 16, "tables": 80}
_HEAD = (
    f"{'instance':<26}{'people':>7}{'meet':>6}{'slots':>6}{'tables':>7}{'known':>7}{'best':>6}{'bound':>6}"
    f"{'':>8}{'s':>7}{'pub. s':>8}{'MB':>6}{'re-plan s':>11}{'moved':>7}"
)


class Row(NamedTuple):
    """What came of one instance."""

    best: object
    bound: object
    state: str
    seconds: float
    megabytes: float
    slowest: float
    moved: str


def bench_meetings(*, seconds: float = SECONDS, named: str = "") -> None:
    """A row for each published or own instance, where they are at hand, and the large days.

    With `named` only the instances that have it in their names, and no large days.
    """
    if FOLDER.is_dir():
        _bench_instances(seconds, named)
    else:
        print("matchmaking: the published instances are not here (../shared/benchmarks/scheduling); skipped")
    if named:
        return
    run_apart(show_big_day, seconds)
    for people, tables in ((300, 80), (1000, 300)):
        run_apart(show_door, people, tables, seconds)


def show_door(people: int, tables: int, seconds: float) -> None:
    """A day from wishes to seats, as the worker does it: breaks, limits and tables included."""
    day = a_day(people, (8, 8), tables)
    wishes = wishes_at_random(day, of_each=8)
    begun = time.perf_counter()
    problem = build_problem(day, wishes, now=NOW)
    chosen, told = time.perf_counter() - begun, []
    found = describe(problem, solve_problem(problem, seconds=seconds, on_better=told.append))
    assert list_seat_faults(day, wishes, found.seats) == []
    print(
        f"\nby the door of the product: {people} people × 16 slots × {tables} tables, {len(found.seats)} "
        f"meetings chosen in {chosen:.1f} s\n  gaps {told[0].best} at first, {found.gaps} after "
        f"{seconds:.0f} s, bound {found.bound}; {peak_megabytes():.0f} MB"
    )


def _bench_instances(seconds: float, named: str) -> None:
    instances = json.loads((FOLDER / "manifest.json").read_text(encoding="utf-8"))["instances"]
    proof_seconds = min(PROOF_SECONDS, 3 * seconds)
    print(
        f"\nmatchmaking: gaps in all people's days; published ones (b2bsp, fairness {_FAIR}) at most "
        f"{proof_seconds:.0f} s, our own {seconds:.0f} s.\n're-plan': the slowest of {_REFUSALS} refusals, "
        f"and the most agreed meetings that one of them moved; impossible: the smallest set of rules\n{_HEAD}"
    )
    proved = differing = 0
    for instance in instances:
        if not instance["file"].endswith(".dzn") or named not in instance["name"]:
            continue
        is_published = instance["file"].startswith("b2bsp")
        row = Row(*run_apart(run_day, instance["file"], proof_seconds if is_published else seconds))
        published = instance.get("published") or {}
        known = published.get("value", instance.get("best_known", "-"))
        proved += is_published and row.state == "proved"
        differing += is_published and row.state == "proved" and str(known) != str(row.best)
        print(
            f"{instance['name']:<26}{instance['participants']:>7}{instance['meetings']:>6}"
            f"{instance['slots']:>6}{instance['tables']:>7}{known!s:>7}{row.best!s:>6}{row.bound!s:>6}"
            f"{row.state:>8}{row.seconds:>7.1f}{published.get('maxsat_seconds', '-')!s:>8}"
            f"{row.megabytes:>6.0f}{row.slowest:>11.2f}{row.moved:>7}",
            flush=True,
        )
    print(f"published ones proved best or impossible: {proved}; unlike the published value: {differing}")


def run_day(file: str, seconds: float) -> tuple:
    """One instance: the published ones with fairness, our own without."""
    day = read_day(FOLDER / file, most_gaps=_FAIR if file.startswith("b2bsp") else None)
    found = solve(day, seed=1, time_limit=seconds, aid=Aid(ChildProver()))
    if found.slots is None:
        slowest, size = _explain(file) if found.is_proven else (0.0, "-")
        state = "proved" if found.is_proven else "open"
        return Row("unsat", "-", state, found.seconds, peak_megabytes(), slowest, size)
    gaps = tally_gaps(day, found.slots)
    assert list_faults(day, found.slots) == []
    assert sum(gaps) == found.best
    assert not found.is_proven or day.most_gaps is None or max(gaps) - min(gaps) <= day.most_gaps
    state = "proved" if found.is_proven else "open" if found.keeps_limit else "unfair"
    return Row(found.best, found.bound, state, found.seconds, peak_megabytes(), *_refuse(day, found.slots))


def _explain(file: str) -> tuple[float, str]:
    """How long it takes to name the rules that cannot be kept together, a new process included."""
    begun = time.perf_counter()
    rules = find_conflict(read_rules(FOLDER / file, most_gaps=_FAIR))
    return time.perf_counter() - begun, f"{len(rules)} rules"


def _refuse(day: MeetingDay, slots: tuple[int, ...]) -> tuple[float, str]:
    """The slowest of some refusals, and how many agreed meetings each moved at most."""
    slowest, most, without = 0.0, 0, 0
    step = max(1, len(day.meetings) // _REFUSALS)
    for refused in range(0, len(day.meetings), step):
        meetings = list(day.meetings)
        left = meetings[refused].slots & ~(1 << slots[refused])
        meetings[refused] = Meeting(meetings[refused].people, left)
        changed = replace(day, meetings=tuple(meetings))
        begun = time.perf_counter()
        again = replan(changed, slots)
        slowest = max(slowest, time.perf_counter() - begun)
        if again is None:
            without += 1
            continue
        assert list_faults(changed, again.slots) == []
        most = max(most, len(again.moved))
    return slowest, f"{most}{f' ({without} -)' if without else ''}"


def show_big_day(seconds: float) -> None:
    """A day as large as the largest that we expect: how it gets better, and what a cancellation moves."""
    day = build_big_day(**_BIG_DAY)
    print(
        f"\na day of {day.people} people × {day.slots} slots × {day.tables} tables, "
        f"{len(day.meetings)} meetings"
    )
    told: list[Solution] = []
    found = solve(day, seed=1, time_limit=seconds, on_better=told.append, aid=Aid(ChildProver()))
    assert list_faults(day, found.slots) == []
    for one in told[:1] + told[1 :: max(1, len(told) // 8)] + told[-1:]:
        gap = one.best - one.bound
        print(f"  {one.seconds:6.1f} s  gaps {one.best:>4}  bound {one.bound:>3}  not yet proved: {gap}")
    tables = seat(day, found.slots)
    assert list_table_faults(day, found.slots, tables) == []
    print(f"  changes of table between two meetings: {count_table_moves(day, found.slots, tables)}")
    _show_cancellation(day, found.slots)
    slowest, most = _refuse(day, found.slots)
    print(
        f"  a refused slot: at most {slowest:.2f} s, {most} agreed meetings moved; {peak_megabytes():.0f} MB"
    )


def _show_cancellation(day: MeetingDay, slots: tuple[int, ...]) -> None:
    """Somebody stays away; each of the left partners then meets somebody else, where both can."""
    gone = [k for k, meeting in enumerate(day.meetings) if 0 in meeting.people]
    left = [next(person for person in day.meetings[k].people if person) for k in gone]
    known = {frozenset(meeting.people) for meeting in day.meetings}
    fill = [pair for pair in pairwise(left) if frozenset(pair) not in known][::2]
    kept = [k for k in range(len(slots)) if k not in set(gone)]
    meetings = [day.meetings[k] for k in kept] + [Meeting(pair, day.every_slot) for pair in fill]
    changed = replace(day, meetings=tuple(meetings))
    begun = time.perf_counter()
    again = replan(changed, [slots[k] for k in kept] + [-1] * len(fill))
    spent = time.perf_counter() - begun
    assert again
    assert list_faults(changed, again.slots) == []
    print(
        f"  one participant cancels {len(gone)} meetings, {len(fill)} new ones instead: {spent:.2f} s, "
        f"{len(again.moved)} agreed meetings moved{' (proved fewest)' if again.is_fewest else ''}"
    )


if __name__ == "__main__":
    bench_meetings()
