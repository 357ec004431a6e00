"""Meetings in equal time slots with travel between them: a time for each, or proof that there is none."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Spacing:
    """Meetings that take one slot each; `apart[i][j]` slots lie between two of them that share somebody."""

    agents: Sequence[Sequence[int]]
    apart: Sequence[Sequence[int]]
    slots: int


@dataclass(frozen=True)
class Timetable:
    """A time for each meeting, empty where there is none; complete unless patience ran out."""

    times: tuple[int, ...]
    is_complete: bool


def schedule_meetings(problem: Spacing, *, patience: int = 500_000) -> Timetable:
    """Depth first, the tightest meeting next; every choice is carried on to all that share somebody."""
    search = _Search(problem, patience)
    count = len(problem.apart)
    found = search.assign([(1 << problem.slots) - 1] * count, frozenset(range(count)))
    times = tuple(domain.bit_length() - 1 for domain in found) if found else ()
    return Timetable(times, bool(found) or search.patience > 0)


class _Search:
    def __init__(self, problem: Spacing, patience: int) -> None:
        self.patience = patience
        self.slots = problem.slots
        self.shared: list[dict[int, int]] = [{} for _ in problem.apart]
        for meetings in problem.agents:
            for one in meetings:
                for other in meetings:
                    if one != other:
                        self.shared[one][other] = problem.apart[one][other]
        self.weight = [len(shared) for shared in self.shared]
        # What a meeting at a time leaves to one that shares somebody, by the slots between.
        widest = max((apart for shared in self.shared for apart in shared.values()), default=0)
        everything = (1 << problem.slots) - 1
        self.left = [
            [everything & ~_around(time, apart, problem.slots) for time in range(problem.slots)]
            for apart in range(widest + 1)
        ]

    def assign(self, domains: list[int], open_meetings: frozenset[int]) -> list[int] | None:
        """The domains narrowed to one time each, None when there is no way."""
        if not open_meetings:
            return domains
        meeting = min(open_meetings, key=lambda one: (domains[one].bit_count() / (1 + self.weight[one]), one))
        for time in range(self.slots):
            if not domains[meeting] >> time & 1:
                continue
            self.patience -= 1
            if self.patience <= 0:
                return None
            narrowed = list(domains)
            narrowed[meeting] = 1 << time
            if self._carry_on(narrowed, [meeting]):
                found = self.assign(narrowed, open_meetings - {meeting})
                if found:
                    return found
        return None

    def _carry_on(self, domains: list[int], changed: list[int]) -> bool:
        while changed:
            meeting = changed.pop()
            for other, apart in self.shared[meeting].items():
                support = self._supported(domains[meeting], self.left[apart])
                narrowed = domains[other] & support
                if not narrowed:
                    self.weight[other] += 1
                    return False
                if narrowed != domains[other]:
                    domains[other] = narrowed
                    changed.append(other)
        return True

    def _supported(self, domain: int, left: list[int]) -> int:
        support, everything = 0, (1 << self.slots) - 1
        while domain and support != everything:
            low = domain & -domain
            support |= left[low.bit_length() - 1]
            domain ^= low
        return support


def _around(time: int, apart: int, slots: int) -> int:
    return sum(1 << near for near in range(max(0, time - apart), min(slots, time + apart + 1)))
