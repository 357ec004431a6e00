"""A form can be sent by everybody, whatever staff ask; answers are those of the form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.domain.event_errors import QuestionNotUsableError
from bookings.domain.questions import (
    Option,
    QuestionPlan,
    check_questions,
    hash_questions,
    is_shown,
    read_answers,
)
from bookings.domain.registrations import QuestionKind

YES_NO = (Option("a", {"en": "Yes"}), Option("b", {"en": "No"}))


def plan(key, kind=QuestionKind.TEXT, **values):
    return QuestionPlan(**{"key": key, "kind": kind, "label": {"en": key}, **values})


def choice(key, **values):
    return plan(key, QuestionKind.CHOICE, options=YES_NO, **values)


@pytest.mark.parametrize(
    ("plans", "code"),
    [
        ([plan("a", label={})], "label"),
        ([plan("a", QuestionKind.CONSENT, is_required=True)], "consent_required"),
        ([plan("a", is_sensitive=True, is_required=True)], "sensitive_required"),
        ([plan("a", QuestionKind.CONSENT, is_sensitive=True)], "sensitive_consent"),
        ([plan("a", QuestionKind.CHOICE, options=YES_NO[:1])], "options"),
        ([plan("a", QuestionKind.SEVERAL)], "options"),
        ([plan("a", QuestionKind.CHOICE, options=(*YES_NO, YES_NO[0]))], "option_twice"),
        ([plan("a", QuestionKind.CHOICE, options=(*YES_NO, Option("c", {"en": ""})))], "option_label"),
        (
            [plan("b", is_required=True, shown_if_key="a", shown_if_values=("a",)), choice("a")],
            "condition_later",
        ),
        ([choice("a", shown_if_key="a", shown_if_values=("a",))], "condition_later"),
        ([choice("a", shown_if_key="z", shown_if_values=("a",))], "condition_unknown"),
        ([choice("a"), plan("b", shown_if_key="a", shown_if_values=("z",))], "condition_value"),
        ([choice("a"), plan("b", shown_if_key="a", shown_if_values=())], "condition_value"),
        ([plan("a"), plan("b", shown_if_key="a", shown_if_values=("x",))], "condition_value"),
        ([plan(str(number)) for number in range(41)], "many"),
    ],
)
def test_a_form_that_somebody_could_not_send_is_refused(plans, code):
    with pytest.raises(QuestionNotUsableError) as refusal:
        check_questions(plans)

    assert refusal.value.code == code


def test_answers_to_questions_that_are_not_asked_are_left_out_and_never_missed():
    plans = [choice("a"), plan("b", is_required=True, shown_if_key="a", shown_if_values=("a",))]

    hidden = read_answers(plans, {"a": ["b"], "b": ["sneaked in"]})
    shown = read_answers(plans, {"a": ["a"], "b": [" "]})

    assert (hidden.answers, hidden.problems) == ({"a": "b"}, {})
    assert (shown.answers, shown.problems) == ({"a": "a"}, {"b": "required"})


@pytest.mark.parametrize(
    ("question", "typed", "answer", "problem"),
    [
        (plan("q"), ["  Anna "], "Anna", ""),
        (plan("q"), ["bell\x07"], "", "control"),
        (plan("q"), ["x" * 255], "", "too_long"),
        (plan("q", QuestionKind.LONG_TEXT), ["one\r\ntwo"], "one\ntwo", ""),
        (plan("q", QuestionKind.DATE), ["30.2.2027"], "", "date"),
        (plan("q", QuestionKind.DATE), ["1.2.2027"], "2027-02-01", ""),
        (plan("q", QuestionKind.DATE), ["9999-12-31"], "", "date"),
        (plan("q", QuestionKind.COUNTRY), ["FI"], "FI", ""),
        (plan("q", QuestionKind.COUNTRY), ["Finland"], "", "country"),
        (choice("q"), ["z"], "", "choice"),
        (plan("q", QuestionKind.SEVERAL, options=YES_NO), ["b", "a", "a"], ["a", "b"], ""),
        (plan("q", QuestionKind.CONSENT), ["yes"], "yes", ""),
        (plan("q", is_sensitive=True), ["vegan"], "vegan", "consent"),
    ],
)
def test_an_answer_is_read_or_refused(question, typed, answer, problem):
    found = read_answers([question], {"q": typed})

    assert found.answers.get("q", "") == answer
    assert found.problems.get("q", "") == problem


def test_a_sensitive_answer_is_kept_with_a_consent_of_its_own():
    found = read_answers([plan("q", is_sensitive=True)], {"q": ["vegan"]}, consented=["q"])

    assert (found.answers, found.problems) == ({"q": "vegan"}, {})


@st.composite
def forms(draw):
    plans = []
    for number in range(draw(st.integers(1, 7))):
        kind = draw(st.sampled_from([QuestionKind.CHOICE, QuestionKind.SEVERAL, QuestionKind.TEXT]))
        keys = [f"q{other}" for other in range(7)]
        key = draw(st.none() | st.sampled_from(keys))
        values = tuple(draw(st.sets(st.sampled_from(["a", "b", "z"]), max_size=2)))
        plans.append(
            plan(
                f"q{number}",
                kind,
                options=YES_NO if kind is not QuestionKind.TEXT else (),
                is_required=draw(st.booleans()),
                shown_if_key=key,
                shown_if_values=values if key else (),
            )
        )
    return plans


@given(forms())
def test_in_every_form_that_is_saved_each_question_can_be_shown_and_the_form_be_sent(plans):
    try:
        check_questions(plans)
    except QuestionNotUsableError:
        return

    for wanted in plans:
        answers = {}
        steers = {}
        follow = wanted
        while follow.shown_if_key:  # the answers that lead to this question, back to the first
            steers[follow.shown_if_key] = follow.shown_if_values[0]
            follow = next(one for one in plans if one.key == follow.shown_if_key)
        for one in plans:
            answers[one.key] = [steers.get(one.key, one.values[0] if one.values else "text")]
        found = read_answers(plans, answers)

        assert is_shown(wanted, found.answers)
        assert wanted.key in found.answers
        assert found.problems == {}


def test_another_state_of_the_questions_has_another_name():
    before = [choice("a"), plan("b")]

    assert hash_questions(before) == hash_questions(list(before))
    assert hash_questions(before) != hash_questions(before[::-1])
    assert hash_questions(before) != hash_questions([before[0], plan("b", is_required=True)])
