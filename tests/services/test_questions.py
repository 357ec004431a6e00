"""Staff compose questions: keys stay, conditions hold, answers are not lost by accident."""

from dataclasses import replace

import pytest

from bookings.db import read_session
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.event_errors import QuestionAnsweredError, QuestionNotUsableError
from bookings.domain.questions import Option, QuestionPlan
from bookings.domain.registrations import QuestionKind
from bookings.models.registrations import Registration
from bookings.queries.questions import load_questions_page
from bookings.services.questions import add_question, change_question, move_question, remove_question
from tests.support.builders import save
from tests.support.clock import NOW
from tests.support.events import STAFF, an_event

pytestmark = [pytest.mark.usefixtures("app_context")]

MEAL = QuestionPlan(
    kind=QuestionKind.CHOICE,
    label={"en": "Do you stay for lunch?"},
    options=(Option("", {"en": "Yes"}), Option("", {"en": "Nej, tack!"})),
)


def act(use_case, *args, **values):
    return use_case(*args, **values, who=STAFF, now=NOW)


def plans_of(slug):
    read_session().rollback()
    return load_questions_page(read_session(), slug).plans


def a_form():
    slug = an_event().slug
    meal = act(add_question, slug, MEAL)
    diet = QuestionPlan(
        kind=QuestionKind.TEXT, label={"en": "What do you eat?"}, shown_if_key=meal, shown_if_values=("yes",)
    )
    return slug, meal, act(add_question, slug, diet)


def test_a_question_has_a_key_and_codes_that_stay_when_its_words_change():
    slug, meal, _diet = a_form()
    page = load_questions_page(read_session(), slug)
    first = page.plans[0]
    other_words = (Option("yes", {"en": "Gladly"}), *first.options[1:])

    act(change_question, slug, replace(first, label={"fi": "Lounas?"}, options=other_words), seen=page.seen)

    again = plans_of(slug)[0]
    assert (again.key, [one.code for one in again.options]) == (meal, ["yes", "nej-tack"])
    assert (again.label, again.options[0].label) == ({"fi": "Lounas?"}, {"en": "Gladly"})


def test_an_answer_that_another_question_waits_for_cannot_go():
    slug, _meal, _diet = a_form()
    page = load_questions_page(read_session(), slug)
    without = (Option("perhaps", {"en": "Perhaps"}), page.plans[0].options[1])

    with pytest.raises(QuestionNotUsableError) as refusal:
        act(change_question, slug, replace(page.plans[0], options=without), seen=page.seen)

    assert (refusal.value.code, refusal.value.key) == ("condition_value", page.plans[1].key)
    assert plans_of(slug) == page.plans


def test_the_second_of_two_people_who_change_questions_is_told():
    slug, _meal, _diet = a_form()
    page = load_questions_page(read_session(), slug)
    act(change_question, slug, replace(page.plans[1], is_required=True), seen=page.seen)

    with pytest.raises(RecordChangedError):
        act(change_question, slug, replace(page.plans[1], label={"en": "Food?"}), seen=page.seen)


def test_a_question_moves_but_never_above_the_one_it_depends_on():
    slug, meal, diet = a_form()
    name = act(add_question, slug, QuestionPlan(kind=QuestionKind.TEXT, label={"en": "Nickname"}))

    act(move_question, slug, name, up=True)
    act(move_question, slug, meal, up=False)
    with pytest.raises(QuestionNotUsableError):
        act(move_question, slug, meal, up=False)

    assert [plan.key for plan in plans_of(slug)] == [name, meal, diet]


def test_a_question_with_answers_goes_only_with_them():
    event = an_event()
    key = act(add_question, event.slug, QuestionPlan(kind=QuestionKind.TEXT, label={"en": "Food"}))
    person = Registration(
        reference="KR-1", event_id=event.id, ticket_id=event.tickets[0].id, state="registered",
        came_by="form", language="en", time_zone="UTC", name="Anna", email="anna@town.example",
        badge_code="X1",
        answers={key: "vegan", "other": "stays"}, created_at=NOW,
    )  # fmt: skip
    save(person)

    with pytest.raises(QuestionAnsweredError) as refusal:
        act(remove_question, event.slug, key, with_answers=False)
    act(remove_question, event.slug, key, with_answers=True)

    read_session().rollback()
    assert refusal.value.people == 1
    assert read_session().get(Registration, person.id).answers == {"other": "stays"}
    assert plans_of(event.slug) == ()


def test_there_is_no_question_to_remove_twice():
    slug, _meal, diet = a_form()
    act(remove_question, slug, diet, with_answers=False)

    with pytest.raises(NotFoundError):
        act(remove_question, slug, diet, with_answers=False)
