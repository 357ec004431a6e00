"""Answers to the questions of an event go out with its list, and come in with one as the form judges them."""

import csv
import io

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.questions import Option, QuestionPlan
from bookings.domain.registrations import QuestionKind
from bookings.models.registrations import Registration, RegistrationConsent
from bookings.services.questions import add_question
from bookings.services.registrations import add_registration
from tests.support.clock import NOW
from tests.support.events import STAFF, a_part, an_event, texts
from tests.support.forms import submit
from tests.support.importing import carry_out, send_file
from tests.support.registrations import a_person, an_application
from tests.support.staff import a_signed_in_client

pytestmark = pytest.mark.sqlite_only
MEALS = (Option("soup", {"en": "Soup", "sv": "Soppa", "fi": "Keitto"}), Option("fish", texts("Fish")))
QUESTIONS = (
    QuestionPlan(kind=QuestionKind.CHOICE, label=texts("Lunch"), options=MEALS, is_required=True),
    QuestionPlan(kind=QuestionKind.SEVERAL, label=texts("Topics"), options=MEALS),
    QuestionPlan(kind=QuestionKind.DATE, label=texts("Arrival")),
    QuestionPlan(kind=QuestionKind.LONG_TEXT, label=texts("Wish")),
    QuestionPlan(kind=QuestionKind.CONSENT, label=texts("Slides")),
    QuestionPlan(
        kind=QuestionKind.TEXT, label=texts("Diet"), is_sensitive=True, shown_if_key="lunch",
        shown_if_values=("fish",),
    ),
)  # fmt: skip
ANSWERS = {
    "lunch": "fish", "topics": ["soup", "fish"], "arrival": "2027-04-01", "wish": "=1+1\nand; more",
    "slides": "yes", "diet": "no nuts",
}  # fmt: skip


@pytest.fixture(autouse=True)
def stopped_clock(app):
    app.extensions["clock"] = lambda: NOW


@pytest.fixture
def staff(app):
    return a_signed_in_client(app)


@pytest.fixture
def event(app):
    with app.app_context():
        event = an_event(parts=[a_part("Wind")])
        for question in QUESTIONS:
            add_question(event.slug, question, who=STAFF, now=NOW)
        return event


def test_the_list_that_went_out_changes_nothing_when_it_comes_in_again(app, staff, event):
    with app.app_context():
        part_ids = (event.parts[0].id,)
        for answers in (ANSWERS, {"lunch": "soup"}):
            person = a_person(answers=answers, part_ids=part_ids, role="Engineer")
            add_registration(an_application(event, leader=person), who=STAFF, now=NOW)

    for form in ("csv", "xlsx"):
        content = submit(staff, f"/staff/events/{event.slug}/registrations/export", {"form": form}).data
        _kept, look = send_file(staff, event.slug, content)

        assert "Nothing would change" in look

    [first, _second] = csv.DictReader(io.StringIO(exported(staff, event)))
    assert {key: first[f"question:{key}"] for key in ("lunch", "topics", "slides")} == {
        "lunch": "fish", "topics": "soup; fish", "slides": "yes",
    }  # fmt: skip


def test_answers_come_in_by_code_or_by_words_of_any_language(app, staff, event):
    head = "Name,E-mail,Lunch (sv),question:topics,Arrival,Slides,Not asked\r\n"
    rows = 'Anna Berg,anna@town.example,Soppa,"Fish (fi); soup",1.4.2027,Ja,x\r\n'

    kept, look = send_file(staff, event.slug, head + rows)
    carry_out(staff, kept)
    again, change = send_file(staff, event.slug, "Name,E-mail,Lunch\r\nAnna Berg,anna@town.example,fish\r\n")
    carry_out(staff, again)

    assert "Lunch" in look
    assert "soup" in change
    [person] = people(app)
    assert person.answers == {
        "lunch": "fish", "topics": ["soup", "fish"], "arrival": "2027-04-01", "slides": "yes",
    }  # fmt: skip
    with app.app_context():
        [consent] = read_session().scalars(select(RegistrationConsent))
        assert (consent.question_key, consent.text) == ("slides", "Slides")


def test_what_the_form_would_refuse_is_said_with_line_and_column(app, staff, event):
    head = "Name,E-mail,Lunch,Topics,Arrival,Slides,Diet\r\n"
    rows = "Anna,anna@town.example,fish,sun,2027-02-30,perhaps,no nuts\r\nBo,bo@town.example,,,,,\r\n"

    _kept, wrong = send_file(staff, event.slug, head + rows)

    assert people(app) == []
    for words in ("“sun”", "“2027-02-30”", "“perhaps”", "Only the person can agree"):
        assert words in wrong
    told = [line for line in wrong.split("<tr>") if "<td>3</td>" in line or ">3<" in line]
    assert any("Lunch" in line and "The cell is empty" in line for line in told)


def test_a_list_of_the_same_shape_answers_the_questions_of_its_own_event(app, staff, event):
    with app.app_context():
        other = an_event("Another day")
        label = {"en": "Food", "sv": "Lunch", "fi": "Ruoka"}
        add_question(other.slug, QuestionPlan(kind=QuestionKind.TEXT, label=label), who=STAFF, now=NOW)
    content = "Name,E-mail,Lunch\r\nAnna,anna@town.example,soup\r\n"

    for one in (event, other):
        kept, _look = send_file(staff, one.slug, content)
        carry_out(staff, kept)

    assert [person.answers for person in people(app)] == [{"lunch": "soup"}, {"food": "soup"}]


def exported(staff, event) -> str:
    address = f"/staff/events/{event.slug}/registrations/export"
    return submit(staff, address, {"form": "csv"}).data.decode("utf-8-sig")


def people(app) -> list[Registration]:
    with app.app_context():
        read_session().rollback()
        return list(read_session().scalars(select(Registration).order_by(Registration.id)))
