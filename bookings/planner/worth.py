"""What a host is worth to a delegation: parts that add up, and interests that count less each time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from bookings.planner.problem import Candidate, Problem, Reason, Weights, area_of

LONG_UNASKED_DAYS = 180
_HALVINGS = 3


@dataclass(frozen=True)
class Split:
    """How a group is taken round: in parts at a time, and how many times over."""

    parallel: int = 1
    rounds: int = 1


def group_size(problem: Problem) -> int:
    """How many people go together."""
    return -(-problem.delegation.size // max(1, problem.delegation.groups))


def split_group(candidate: Candidate, size: int) -> Split:
    """Parts of at most `group_max` people, as many at once as there are guides; the rest wait their turn."""
    if not candidate.group_max or size <= candidate.group_max:
        return Split()
    parts = -(-size // candidate.group_max)
    parallel = min(parts, max(1, candidate.guides))
    return Split(parallel, -(-parts // parallel))


def find_refusal(problem: Problem, candidate: Candidate) -> Reason | None:
    """The rule that keeps a candidate out on any day, if there is one; a private one first, unexplained."""
    delegation = problem.delegation
    if candidate.is_excluded or candidate.refuses & {delegation.country, delegation.organisation} - {""}:
        return Reason("excluded")
    if not is_relevant(problem, candidate):
        return Reason("no_shared_interest", {"topics": candidate.topics})
    return _refuse_language(problem, candidate) or _refuse_size(problem, candidate)


def _refuse_language(problem: Problem, candidate: Candidate) -> Reason | None:
    delegation = problem.delegation
    if delegation.brings_interpreter or not delegation.languages or not candidate.languages:
        return None
    if set(delegation.languages) & set(candidate.languages):
        return None
    return Reason("no_shared_language", {"languages": candidate.languages, "spoken": delegation.languages})


def _refuse_size(problem: Problem, candidate: Candidate) -> Reason | None:
    size, rules = group_size(problem), problem.rules
    if candidate.group_min and size < candidate.group_min:
        return Reason("group_too_small", {"group_size": size, "group_min": candidate.group_min})
    split = split_group(candidate, size)
    if split.rounds > rules.most_rounds:
        return Reason(
            "group_too_large",
            {
                "group_size": size,
                "group_max": candidate.group_max,
                "guides": candidate.guides,
                "rounds": split.rounds,
                "most_rounds": rules.most_rounds,
            },
        )
    return None


def is_relevant(problem: Problem, candidate: Candidate) -> bool:
    """Does it meet a wish, or was it asked for?"""
    delegation = problem.delegation
    asked_for = {candidate.host, candidate.key}
    if asked_for & {*delegation.wanted_hosts, *problem.must} or not delegation.interests:
        return True
    return bool(areas_met(problem, candidate.topics))


def areas_met(problem: Problem, topics: Iterable[str]) -> frozenset[str]:
    """The wished areas that these topics lie in."""
    return frozenset(map(area_of, topics)) & frozenset(map(area_of, problem.delegation.interests))


def topics_met(problem: Problem, topics: Iterable[str]) -> frozenset[str]:
    """The wished topics themselves."""
    return frozenset(topics) & frozenset(wish for wish in problem.delegation.interests if "/" in wish)


def weigh_host(problem: Problem, candidate: Candidate) -> dict[str, int]:
    """The parts of a host's worth that don't depend on the rest of the plan, in points."""
    weights, delegation = problem.weights, problem.delegation
    parts = {
        "wanted": weights.wanted if {candidate.host, candidate.key} & {*delegation.wanted_hosts} else 0,
        "experience": weights.experience if candidate.hosts_visits else 0,
        **_weigh_load(weights, candidate),
    }
    return {name: points for name, points in parts.items() if points}


def weigh_again(problem: Problem, candidate: Candidate) -> dict[str, int]:
    """All that one more group brings at a host that another group visits: what a further visit of its field
    is worth, a newcomer once, and more load."""
    weights = problem.weights
    known = weigh_host(problem, replace(candidate, visits_last_year=candidate.visits_last_year + 1))
    parts = {
        **known,
        "newcomers": 0,
        "areas": weights.area_again * len(areas_met(problem, candidate.topics)),
        "topics": weights.topic_again * len(topics_met(problem, candidate.topics)),
        "towns": weights.town if candidate.place in problem.delegation.places else 0,
    }
    return {name: points for name, points in parts.items() if points}


def takes_all_at_once(problem: Problem, candidate: Candidate) -> bool:
    """Is there room, and are there guides, for the whole delegation at a time?"""
    most = (candidate.group_max or 0) * max(1, candidate.guides)
    return not most or problem.delegation.size <= most


def _weigh_load(weights: Weights, candidate: Candidate) -> dict[str, int]:
    """Fair load: newcomers and those long unasked come before those who are asked every week."""
    asked = candidate.days_since_asked
    if candidate.visits_last_year == 0 and asked is None:
        return {"newcomers": weights.newcomer}
    load = candidate.visits_last_year * weights.load_visit + int(
        candidate.hours_last_year * weights.load_hour
    )
    is_rested = asked is not None and asked >= LONG_UNASKED_DAYS
    return {"load": -min(load, weights.largest_load), "newcomers": weights.long_unasked if is_rested else 0}


def name_groups(
    problem: Problem, topics: Sequence[str], kind: str, place: str
) -> tuple[tuple[str, str], ...]:
    """What a visit counts towards: areas, topics, a town asked for, the kind of host."""
    named = [("areas", area) for area in sorted(areas_met(problem, topics))]
    named += [("topics", topic) for topic in sorted(topics_met(problem, topics))]
    named += [("towns", place)] if place in problem.delegation.places else []
    named += [("variety", kind)] if kind else []
    return tuple(named)


def list_marginals(weights: Weights, part: str) -> tuple[int, ...]:
    """What the first, second, third ... visit of a group adds, in points; never rising."""
    first, again = {
        "areas": (weights.area, weights.area_again),
        "topics": (weights.topic, weights.topic_again),
        "towns": (weights.town_first, weights.town),
        "variety": (weights.kind, 0),
    }[part]
    again = min(first, again)
    if part == "towns":
        return first, again
    return (first, *(again >> halving for halving in range(_HALVINGS)))
