"""From a problem to programmes: one at once, better ones while there is time, others to choose from."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from time import monotonic

from bookings.planner.bound import Bound
from bookings.planner.build import Built, build_model, index_openings
from bookings.planner.decode import decode_plan, encode_plan
from bookings.planner.exact import Proof
from bookings.planner.frames import MOST_FRAMES, list_frames
from bookings.planner.model import SCALE, Model
from bookings.planner.plan import Plan
from bookings.planner.problem import FixedStop, Problem
from bookings.planner.routes import REQUIRED, Routes
from bookings.planner.search import Search

DEFAULT_STEPS = 1200
_CHUNK = 50
_PATIENCE = 4000
_BOUND_TURNS, _BOUND_ROUNDS = 3, 10  # in each stage
_MOST_TO_PROVE = 16
_MOST_IN_COMMON = 0.6
_WORST_SHARE = 0.6
_REPEATED_COST = 0.5  # of an area's points, for a host that the best programme has already


@dataclass(frozen=True)
class Progress:
    """Where the search stands: the best programme first, then others that differ clearly from it.

    `bound` is what no programme on the days that were looked at can exceed; `unseen` counts the choices of
    days that promised less and were left aside. No plans: nothing fits, or what has to be in can't be.
    """

    plans: tuple[Plan, ...]
    bound: float
    steps: int
    is_proved: bool = False
    unseen: int = 0

    @property
    def gap(self) -> float:
        """How far the best could be from the optimum at most, as a share of the bound."""
        if not self.plans or self.is_proved:
            return 0.0
        return max(0.0, (self.bound - self.plans[0].score) / max(1.0, abs(self.bound)))


def solve(
    problem: Problem,
    *,
    seed: int = 0,
    steps: int = DEFAULT_STEPS,
    time_limit: float | None = None,
    on_progress: Callable[[Progress], bool] | None = None,
) -> Progress:
    """The best programmes found; the same seed and number of steps give the same ones.

    `time_limit` in seconds only cuts the steps short. `on_progress` hears of each stage; when it answers
    False the search ends.
    """
    begun = monotonic()  # a stopwatch: no plan depends on what the time is
    progress = Progress((), 0.0, 0)
    for progress in improve(problem, seed=seed, steps=steps):
        wants_more = on_progress is None or on_progress(progress)
        if not wants_more or (time_limit is not None and monotonic() - begun >= time_limit):
            break
    return progress


def improve(problem: Problem, *, seed: int = 0, steps: int = DEFAULT_STEPS) -> Iterator[Progress]:
    """Programmes that get better: the first after a glance, then one a stage until the steps are gone."""
    planner = _Planner(problem, seed)
    if not planner.attempts:
        yield Progress((), 0.0, 0, is_proved=True)
        return
    yield planner.report(0)
    planner.prove()
    taken = 0
    while taken < steps and not planner.is_proved:
        share = min(_CHUNK, steps - taken)
        planner.work(share)
        taken += share
        yield planner.report(taken)
    if planner.is_proved:
        planner.find_others(min(steps, _CHUNK * 4))
        yield planner.report(taken)


class Attempt:
    """One frame of days with its model and its search."""

    def __init__(self, built: Built, seed: int) -> None:
        self.built = built
        self.search = Search(built.model, seed=seed)
        self.bound = Bound(built.model)
        self.is_proved = False

    @property
    def value(self) -> int:
        """The score of the best routes."""
        return self.search.best_value

    @property
    def is_possible(self) -> bool:
        """Is everything in that has to be?"""
        return self.value > -REQUIRED // 2

    def prove(self, patience: int) -> None:
        """Tries to look at everything, where that is not too much."""
        if len(self.built.model.visits) > _MOST_TO_PROVE:
            return
        proof = Proof(self.search.evaluator, self.search.best, self.value, patience=patience)
        self.search.start_from(proof.best)
        if proof.is_complete:
            self.is_proved = True
            self.bound.value = float(self.value)

    def decode(self, routes: Routes | None = None) -> Plan:
        """The plan of routes, of the best ones unless given."""
        return decode_plan(self.built, self.search.evaluator, self.search.best if routes is None else routes)


class _Planner:
    def __init__(self, problem: Problem, seed: int) -> None:
        self.problem, self.seed = problem, seed
        openings = index_openings(problem)
        frames = list_frames(problem, openings.values(), most=None)
        self.unseen = len(frames[MOST_FRAMES:])
        self.attempts = [
            Attempt(build_model(problem, frame, openings), seed) for frame in frames[:MOST_FRAMES]
        ]
        self.rounds = 0
        self.other: Attempt | None = None
        self._avoided: frozenset[str] = frozenset()
        if problem.must:
            self._meet_demands()

    def _meet_demands(self) -> None:
        """Where others took the room of hosts that have to be in: first these alone, then the others."""
        hosts = set(self.problem.must)
        narrow = replace(
            self.problem, candidates=tuple(one for one in self.problem.candidates if one.host in hosts)
        )
        openings = index_openings(narrow)
        for attempt in self.attempts:
            if not attempt.is_possible:
                alone = Attempt(build_model(narrow, attempt.built.frame, openings), self.seed)
                alone.prove(_PATIENCE)
                alone.search.run(0 if alone.is_possible else _CHUNK)
                if alone.is_possible:
                    attempt.search.start_from(encode_plan(attempt.built, alone.decode()))

    @property
    def best(self) -> Attempt:
        return max(self.attempts, key=lambda attempt: attempt.value)

    @property
    def is_proved(self) -> bool:
        return all(attempt.is_proved for attempt in self.attempts)

    def prove(self) -> None:
        """Small problems are done here."""
        for attempt in sorted(self.attempts, key=lambda attempt: -attempt.value):
            attempt.prove(_PATIENCE // len(self.attempts))

    def work(self, steps: int) -> None:
        """Mostly on the best frame, in turn on the others, a part on a programme that differs."""
        self.rounds += 1
        best = self.best
        others = [attempt for attempt in self.attempts if attempt is not best and not attempt.is_proved]
        if not best.is_proved:
            best.search.run(steps * 3 // 5)
        if others:
            others.sort(key=lambda attempt: -attempt.value)
            others[self.rounds % min(3, len(others))].search.run(steps // 5)
        self.find_others(steps // 5)
        self.tighten()

    def tighten(self) -> None:
        """Betters the bound of the frame that has the highest: no other one counts."""
        for _ in range(_BOUND_TURNS):
            loosest = max(self.attempts, key=lambda attempt: attempt.bound.value)
            if not loosest.is_proved:
                loosest.bound.improve(loosest.value, _BOUND_ROUNDS)

    def find_others(self, steps: int) -> None:
        """Goes on with a search that would rather not visit whom the best programme visits."""
        best = self.best
        hosts = frozenset(_free_hosts(best.decode()))
        if self.other is None or _overlap(hosts, self._avoided) < _MOST_IN_COMMON:
            self._avoided = hosts
            self.other = Attempt(_discourage(best.built, hosts), self.seed + 1)
        self.other.search.run(steps)

    def report(self, taken: int) -> Progress:
        """The best programme and up to two others."""
        possible = [attempt for attempt in self.attempts if attempt.is_possible]
        bound = max(attempt.bound.value for attempt in self.attempts) / SCALE
        if not possible:
            return Progress((), bound, taken, is_proved=self.is_proved, unseen=self.unseen)
        possible.sort(key=lambda attempt: -attempt.value)
        found = [attempt.decode() for attempt in possible[:4]]
        if self.other is not None and self.other.is_possible:
            found.append(self._decode_other(self.other))
        plans = _choose_different(found)
        return Progress(plans, bound, taken, is_proved=self.is_proved, unseen=self.unseen)

    def _decode_other(self, other: Attempt) -> Plan:
        """Its routes by the true weights; the attempt's own days have the same numbers."""
        home = next(attempt for attempt in self.attempts if attempt.built.frame == other.built.frame)
        return home.decode(other.search.best)


def _discourage(built: Built, hosts: frozenset[str]) -> Built:
    price = int(built.problem.weights.area * _REPEATED_COST * SCALE)
    model: Model = built.model
    visits = tuple(
        replace(visit, gain=visit.gain - price)
        if visit.source.host in hosts and not isinstance(visit.source, FixedStop)
        else visit
        for visit in model.visits
    )
    return replace(built, model=replace(model, visits=visits))


def _free_hosts(plan: Plan) -> list[str]:
    return [stop.host for stop in plan.stops if not stop.fixed_key]


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, min(len(one), len(other)))


def _choose_different(plans: list[Plan], most: int = 3) -> tuple[Plan, ...]:
    """The best, then those with other hosts for the most part, and last those on other days."""
    ranked = sorted((plan for plan in plans if plan.stops), key=lambda plan: -plan.score)
    chosen = ranked[:1]
    for differs in (_has_other_hosts, _has_other_days):
        for plan in ranked[1:]:
            is_good = plan.score >= chosen[0].score * _WORST_SHARE
            if is_good and len(chosen) < most and all(differs(plan, other) for other in chosen):
                chosen.append(plan)
    return tuple(sorted(chosen, key=lambda plan: -plan.score))


def _has_other_hosts(one: Plan, other: Plan) -> bool:
    return _overlap(frozenset(_free_hosts(one)), frozenset(_free_hosts(other))) <= _MOST_IN_COMMON


def _has_other_days(one: Plan, other: Plan) -> bool:
    return not {stop.day for stop in one.stops} & {stop.day for stop in other.stops}
