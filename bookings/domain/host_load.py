"""What hosts were asked and answered, read from the trail: a stop that is moved is another question."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bookings.domain.slots import SlotAction


class Answer(StrEnum):
    YES = "yes"
    NO = "no"
    SILENT = "silent"


@dataclass
class Question:
    """A host was asked about one stop; `answer` is the last word, `waited` how long the first one took."""

    asked_at: datetime
    answer: Answer | None = None
    waited: timedelta | None = None


_ASKING = frozenset((SlotAction.RELEASE, SlotAction.MOVE, SlotAction.REOPEN))
_ANSWERS = {
    SlotAction.ACCEPT: Answer.YES,
    SlotAction.TAKE_PROPOSAL: Answer.YES,
    SlotAction.DECLINE: Answer.NO,
    SlotAction.HOST_CANCEL: Answer.NO,
    SlotAction.EXPIRE: Answer.SILENT,
    SlotAction.MAYBE: None,
    SlotAction.PROPOSE_TIME: None,
}
_BY_HOST = frozenset(_ANSWERS) - {SlotAction.TAKE_PROPOSAL, SlotAction.EXPIRE}

TOLD_ACTIONS = (*_ASKING, *_ANSWERS)
"""The acts on a slot that questions are read from."""


def read_questions(acts: Iterable[tuple[SlotAction, datetime]]) -> list[Question]:
    """The questions about one stop from its acts in their order.

    What was settled stays counted when the host is asked anew; a question that nobody had answered goes on,
    from when it was asked last. Answers to what was asked before the first act count nowhere.
    """
    found: list[Question] = []
    for action, at in acts:
        if action in _ASKING:
            if found and found[-1].answer is None:
                found.pop()
            found.append(Question(at))
        elif found:
            _note_answer(found[-1], action, at)
    return found


def _note_answer(question: Question, action: SlotAction, at: datetime) -> None:
    question.answer = _ANSWERS[action]
    if action in _BY_HOST and question.waited is None:
        question.waited = at - question.asked_at
