"""Proofs by a child process: what is certain comes back, and the child ends when nobody wants it any more."""

import subprocess
import sys

import pytest

from bookings.adapters.proving import ChildProver, ProvingError, find_conflict
from bookings.planner.meetings.conflict import Rule, RuledDay, RuleKind
from bookings.planner.meetings.problem import Meeting, MeetingDay
from bookings.planner.meetings.solve import Aid, solve
from tests.planner.test_meetings import build_big_day

# Somebody has the first and the last of the three meetings, which prices of slots do not see.
TRIANGLE = MeetingDay(3, 4, 1, tuple(Meeting(pair, 0b1111) for pair in ((0, 1), (0, 2), (1, 2))))


def test_a_proof_ends_the_search_before_its_time() -> None:
    alone = solve(TRIANGLE, time_limit=1)

    proven = solve(TRIANGLE, time_limit=30, aid=Aid(ChildProver()))

    assert not alone.is_proven
    assert proven.is_proven
    assert proven.best == proven.bound == alone.best == 1
    assert proven.seconds < 25


def test_whoever_asks_for_proofs_does_not_load_the_library_that_finds_them() -> None:
    asked = "import sys, bookings.adapters.proving; print('pysat' in sys.modules)"

    assert subprocess.check_output([sys.executable, "-c", asked], text=True).strip() == "False"


def test_a_child_that_is_stopped_is_gone() -> None:
    prover = ChildProver()
    prover.start(build_big_day(people=80, slots=16, tables=34), bound=0, below=None)

    prover.stop()

    assert prover._child.poll() is not None


def test_a_day_too_large_for_a_proof_is_not_begun() -> None:
    prover = ChildProver()

    prover.start(MeetingDay(2, 16, 1, (Meeting((0, 1), 1),) * 2000), bound=0, below=None)

    assert not prover.is_working


def test_the_rules_of_an_impossible_day_come_back_from_the_child() -> None:
    day = RuledDay(3, 2, 1, ((0, 1), (0, 2)), absent={0: 0b01, 1: 0b10}, pinned={1: 1}, before=((1, 0),))

    assert find_conflict(RuledDay(3, 2, 1, day.pairs)) is None
    assert set(find_conflict(day)) == {
        Rule(RuleKind.MEETING, 0), Rule(RuleKind.ABSENT, 0), Rule(RuleKind.ABSENT, 1),
    }  # fmt: skip


def test_a_child_without_time_is_told_as_such() -> None:
    with pytest.raises(ProvingError):
        find_conflict(RuledDay(2, 1, 1, ((0, 1),)), wait_seconds=0.001)
