"""Counts as a plot and as the table beneath it."""

from collections.abc import Sequence
from dataclasses import dataclass

from bookings.domain.registrations import SurveyStage
from bookings.domain.surveys import BEST_SCORE, SurveyFigures, hide_small
from bookings.web.survey_texts import OUTCOMES, SCORES, STAGES

_PLOT_WIDTH = 100


@dataclass(frozen=True)
class Bar:
    """A row of the plot and the table; `count` is nothing where so few would be known."""

    label: str
    count: int | None
    width: float


@dataclass(frozen=True)
class ShownStage:
    """The answers of a stage as a page shows them."""

    stage: SurveyStage
    label: str
    figures: SurveyFigures
    scores: list[Bar]
    outcomes: list[Bar]


def show_stage(figures: SurveyFigures, *, is_public: bool = False) -> ShownStage:
    """The bars of one stage, the best mark on top; small counts are left out of public ones."""
    names = [str(SCORES[str(score)]) for score in range(1, BEST_SCORE + 1)]
    outcomes = _bars(
        [str(OUTCOMES[outcome]) for outcome, _count in figures.outcomes],
        [count for _outcome, count in figures.outcomes],
        is_public=is_public,
    )
    scores = _bars(names, figures.scores, is_public=is_public)[::-1]
    return ShownStage(figures.stage, str(STAGES[figures.stage]), figures, scores, outcomes)


def _bars(labels: Sequence[str], counts: Sequence[int], *, is_public: bool) -> list[Bar]:
    shown = hide_small(counts) if is_public else list(counts)
    most = max([count for count in shown if count], default=1)
    return [
        Bar(label, count, round((count or 0) / most * _PLOT_WIDTH, 1))
        for label, count in zip(labels, shown, strict=True)
    ]
