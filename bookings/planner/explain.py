"""Reasons from the model itself: what a chosen host brings, what keeps another one out or would be lost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from bookings.planner.build import Built, build_model, working_hours
from bookings.planner.conflicts import Conflict, find_conflict
from bookings.planner.decode import decode_plan, encode_plan, score_parts
from bookings.planner.exact import Proof
from bookings.planner.frames import local_date
from bookings.planner.model import SCALE
from bookings.planner.plan import Plan, PlannedStop
from bookings.planner.problem import Candidate, Firmness, Problem, Reason
from bookings.planner.routes import REQUIRED, Evaluator
from bookings.planner.search import Search
from bookings.planner.worth import areas_met, find_refusal, group_size, split_group, topics_met

_PATIENCE = 4000
_MOST_TO_PROVE = 16


@dataclass(frozen=True)
class Gain:
    """What a chosen host adds: the parts of the score that would be missing, and the wishes it meets."""

    stop: PlannedStop
    parts: Mapping[str, float]
    areas: tuple[str, ...]
    topics: tuple[str, ...]

    @property
    def score(self) -> float:
        """All of it."""
        return sum(self.parts.values())


@dataclass(frozen=True)
class LeftOut:
    """Why a candidate isn't in a plan: the rule that keeps it out, or what it would cost to take it.

    `loss` is the score that is lost by forcing it in, `dropped` the hosts that would go for it, `plan` what
    the programme would be. `conflict` says more where it can't be forced in.
    """

    candidate: str
    host: str
    reason: Reason | None = None
    loss: float | None = None
    dropped: tuple[str, ...] = ()
    plan: Plan | None = None
    conflict: Conflict | None = None


def explain_chosen(problem: Problem, plan: Plan) -> tuple[Gain, ...]:
    """For each stop what the plan would be without it, all else as it is."""
    built = build_model(problem, plan.frame)
    evaluator = Evaluator(built.model)
    whole = decode_plan(built, evaluator, encode_plan(built, plan))
    return tuple(_find_gain(built, evaluator, whole, stop) for stop in plan.stops)


def _find_gain(built: Built, evaluator: Evaluator, plan: Plan, stop: PlannedStop) -> Gain:
    problem = built.problem
    others = replace(plan, stops=tuple(other for other in plan.stops if not _is_same(other, stop)))
    routes = encode_plan(built, others)
    if evaluator.value(routes) is None:  # only on roads by which a detour is shorter
        parts = _parts_of_worth(built, plan, others)
    else:
        without = decode_plan(built, evaluator, routes)
        names = plan.parts.keys() | without.parts.keys()
        parts = {name: plan.parts.get(name, 0.0) - without.parts.get(name, 0.0) for name in sorted(names)}
    offer = next((c for c in problem.candidates if c.key == stop.candidate), None)
    fixed = next((s for s in problem.fixed if s.key == stop.fixed_key), None)
    topics = offer.topics if offer else fixed.topics if fixed else ()
    met = topics_met(problem, topics)
    return Gain(
        stop,
        {name: value for name, value in parts.items() if abs(value) > 1e-9},
        tuple(sorted(areas_met(problem, topics))),
        tuple(sorted(met)),
    )


def _is_same(one: PlannedStop, other: PlannedStop) -> bool:
    return (one.host, one.starts_at, one.group) == (other.host, other.starts_at, other.group)


def _parts_of_worth(built: Built, plan: Plan, others: Plan) -> dict[str, float]:
    whole, less = (score_parts(built, encode_plan(built, one), [], 0) for one in (plan, others))
    return {name: (whole[name] - less.get(name, 0)) / SCALE for name in whole}


def list_rulings(problem: Problem, plan: Plan) -> dict[str, Reason]:
    """For every candidate that a rule alone keeps out of these days, the rule; by the candidate's key."""
    found = {}
    firm = {stop.host: stop.key for stop in problem.fixed if stop.firmness != Firmness.ASKED}
    for candidate in problem.candidates:
        reason = find_refusal(problem, candidate)
        if reason is None and candidate.host in firm:
            reason = Reason("has_slot", {"slot": firm[candidate.host]})
        if reason is None:
            reason = _find_closure(problem, plan, candidate)
        if reason is not None:
            found[candidate.key] = reason
    return found


def explain_left_out(
    problem: Problem, plan: Plan, candidate: str, *, seed: int = 0, steps: int = 120
) -> LeftOut:
    """Why one candidate isn't in the plan: forces it in and sees what happens."""
    offer = next(one for one in problem.candidates if one.key == candidate)
    ruling = list_rulings(replace(problem, candidates=(offer,)), plan).get(candidate)
    if ruling is not None:
        return LeftOut(offer.key, offer.host, reason=ruling)
    forced = force_in(problem, offer)
    best = _search_forced(forced, plan, seed, steps)
    if best is None:
        conflict = find_conflict(_on_the_same_days(forced, plan))
        return LeftOut(offer.key, offer.host, reason=Reason("does_not_fit"), conflict=conflict)
    dropped = tuple(host for host in plan.hosts if host not in best.hosts)
    return LeftOut(offer.key, offer.host, loss=plan.score - best.score, dropped=dropped, plan=best)


def force_in(problem: Problem, offer: Candidate) -> Problem:
    """The same problem with this offer in every plan."""
    others = tuple(c for c in problem.candidates if c.host != offer.host or c.key == offer.key)
    return replace(problem, candidates=others, must=(*problem.must, offer.host))


def _search_forced(problem: Problem, plan: Plan, seed: int, steps: int) -> Plan | None:
    built = build_model(problem, plan.frame)
    search = Search(built.model, seed=seed)
    if len(built.model.visits) <= _MOST_TO_PROVE:
        proof = Proof(search.evaluator, search.best, search.best_value, patience=_PATIENCE)
        search.start_from(proof.best)
        steps = 0 if proof.is_complete else steps
    if steps:
        search.insert_into(encode_plan(built, plan))
    search.run(steps)
    if search.best_value < -REQUIRED // 2:
        return None
    return decode_plan(built, search.evaluator, search.best)


def _on_the_same_days(problem: Problem, plan: Plan) -> Problem:
    days = set(plan.days)
    windows = tuple(
        window
        for window in problem.delegation.windows
        if any(window.earliest <= day <= window.latest for day in days)
    )
    return replace(problem, delegation=replace(problem.delegation, windows=windows))


def _find_closure(problem: Problem, plan: Plan, candidate: Candidate) -> Reason | None:
    """Which closure, if any, leaves no room for the visit on the days of the plan."""
    length = candidate.minutes * split_group(candidate, group_size(problem)).rounds
    longest = 0
    closed: dict[str, tuple[int, Mapping[str, object]]] = {}
    for entry in plan.frame:
        opens, closes = working_hours(problem, candidate.place, candidate.zone, entry)
        for interval in candidate.open_times:
            longest = max(longest, _shared(interval.start, interval.end, opens, closes))
        for piece in candidate.closed_times:
            minutes = _shared(piece.interval.start, piece.interval.end, opens, closes)
            if minutes > 0:
                known = closed.get(piece.code, (0, piece.params))
                closed[piece.code] = (known[0] + minutes, known[1])
    if longest >= length:
        return None
    values: dict[str, object] = {"minutes": length, "longest": longest, "days": plan.days}
    values["open_on"] = _next_open_day(problem, candidate)
    if not closed:
        return Reason("too_short" if longest else "not_open", values)
    code = min(closed, key=lambda name: (-closed[name][0], name))
    return Reason("closed", {**closed[code][1], **values, "code": code})


def _shared(start: datetime, end: datetime, opens: datetime, closes: datetime) -> int:
    return int((min(end, closes) - max(start, opens)).total_seconds()) // 60


def _next_open_day(problem: Problem, candidate: Candidate) -> date | None:
    """The first day of the delegation's windows on which it would be open."""
    days = sorted({local_date(interval.start, candidate.zone) for interval in candidate.open_times})
    windows = problem.delegation.windows
    return next((day for day in days if any(w.earliest <= day <= w.latest for w in windows)), None)
