"""What a host was asked and answered, read from the acts on a stop."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.domain.host_load import Answer, Question, read_questions
from bookings.domain.slots import SlotAction as A

START = datetime(2027, 1, 4, 8, tzinfo=UTC)


def questions(*actions: A) -> list[Question]:
    """One act an hour."""
    return read_questions((action, hour(number)) for number, action in enumerate(actions))


def hour(number: int) -> datetime:
    return START + timedelta(hours=number)


@pytest.mark.parametrize(
    ("actions", "answer"),
    [
        ((), None),
        ((A.ACCEPT,), Answer.YES),
        ((A.DECLINE,), Answer.NO),
        ((A.EXPIRE,), Answer.SILENT),
        ((A.MAYBE,), None),
        ((A.PROPOSE_TIME, A.TAKE_PROPOSAL), Answer.YES),
        ((A.DECLINE, A.ACCEPT), Answer.YES),
        ((A.ACCEPT, A.HOST_CANCEL), Answer.NO),
        ((A.ACCEPT, A.MAYBE), None),
    ],
)
def test_the_last_word_is_the_answer(actions, answer):
    (found,) = questions(A.RELEASE, *actions)

    assert found.answer == answer


def test_a_yes_stays_counted_when_the_stop_is_moved_and_the_host_asked_again():
    found = questions(A.RELEASE, A.ACCEPT, A.MOVE, A.EXPIRE)

    assert found == [
        Question(hour(0), Answer.YES, timedelta(hours=1)),
        Question(hour(2), Answer.SILENT),
    ]


def test_a_question_that_nobody_had_answered_goes_on_with_the_new_time():
    assert questions(A.RELEASE, A.MOVE, A.ACCEPT) == [Question(hour(1), Answer.YES, timedelta(hours=1))]


def test_the_first_answer_tells_how_long_the_host_took():
    (found,) = questions(A.RELEASE, A.MAYBE, A.ACCEPT)

    assert found.waited == timedelta(hours=1)


def test_an_answer_to_what_was_asked_before_counts_nowhere():
    assert questions(A.ACCEPT) == []
