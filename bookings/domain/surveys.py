"""Before and after an event: when people are reminded, thanked and asked, and what may be told of answers."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from bookings.domain.registrations import SurveyStage

BEST_SCORE = 5
LONGEST_COMMENT = 2000
SMALL_CELL = 3
"""Fewer people than these could be known by their answers: public figures leave them out."""


class SurveyOutcome(StrEnum):
    """What came of it, from little to much."""

    LEARNED = "learned"
    CONTACT = "contact"
    MEETING = "meeting"
    OFFER = "offer"
    COOPERATION = "cooperation"
    DEAL = "deal"


MEETING_OUTCOMES = tuple(one for one in SurveyOutcome if one is not SurveyOutcome.LEARNED)
"""What may come of a meeting of two."""


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What somebody said of an event."""

    score: int
    outcomes: tuple[SurveyOutcome, ...] = ()
    comment: str = ""


@dataclass(frozen=True, kw_only=True)
class SurveyFigures:
    """Answers of one stage, counted."""

    stage: SurveyStage
    asked: int
    scores: tuple[int, ...]
    """How many gave 1, 2, … 5."""
    outcomes: tuple[tuple[SurveyOutcome, int], ...]
    comments: tuple[str, ...]

    @property
    def answers(self) -> int:
        """How many answered."""
        return sum(self.scores)

    @property
    def mean(self) -> float | None:
        """The mean score; nothing without answers."""
        if not self.answers:
            return None
        return sum(score * count for score, count in enumerate(self.scores, start=1)) / self.answers


def count_opinions(
    stage: SurveyStage,
    opinions: Sequence[Opinion],
    *,
    asked: int,
    among: Sequence[SurveyOutcome] = tuple(SurveyOutcome),
) -> SurveyFigures:
    """What people said at one stage, counted; `asked` of them were asked, or as many as answered. `among` the
    outcomes that they could name."""
    scores = Counter(one.score for one in opinions)
    outcomes = Counter(outcome for one in opinions for outcome in one.outcomes)
    return SurveyFigures(
        stage=stage,
        asked=max(asked, len(opinions)),
        scores=tuple(scores[score] for score in range(1, BEST_SCORE + 1)),
        outcomes=tuple((outcome, outcomes[outcome]) for outcome in among),
        comments=tuple(one.comment for one in opinions if one.comment),
    )


def known_outcomes(names: Collection[str]) -> tuple[SurveyOutcome, ...]:
    """Stored outcomes, from little to much; names of another version are left out."""
    return tuple(outcome for outcome in SurveyOutcome if outcome in names)


def find_stage(ends_at: datetime, *, follow_up_days: int, now: datetime) -> SurveyStage | None:
    """Which question is open: none before the end, then the first one, after half a year the second."""
    if now < ends_at:
        return None
    # The mail leaves in the morning of that day: the question is open by then.
    is_late = now >= ends_at + timedelta(days=follow_up_days - 1)
    return SurveyStage.DAY_180 if is_late else SurveyStage.DAY_1


def at_hour(day: date, hour: int, time_zone: str) -> datetime:
    """That hour of the day at a place; where the clocks leave it out, the moment after."""
    return datetime.combine(day, time(hour), tzinfo=ZoneInfo(time_zone))


def hide_small(counts: Sequence[int]) -> list[int | None]:
    """Counts of one question without the small ones.

    A single hidden one could be told from the sum, so the next smallest is hidden with it.
    """
    hidden = {number for number, count in enumerate(counts) if 0 < count < SMALL_CELL}
    if len(hidden) == 1:
        others = [number for number, count in enumerate(counts) if number not in hidden and count > 0]
        hidden |= {min(others, key=lambda number: counts[number])} if others else set()
    return [None if number in hidden else count for number, count in enumerate(counts)]
