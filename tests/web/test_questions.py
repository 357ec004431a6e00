"""Staff compose the questions of a form by pages without JavaScript."""

import re

import pytest

from bookings.db import read_session
from bookings.queries.questions import load_questions_page
from tests.support.clock import NOW
from tests.support.events import an_event
from tests.support.forms import submit
from tests.support.staff import a_signed_in_client


@pytest.fixture(autouse=True)
def stopped_clock(app):
    app.extensions["clock"] = lambda: NOW


@pytest.fixture
def base(app):
    with app.app_context():
        return f"/staff/events/{an_event().slug}/questions"


@pytest.fixture
def staff(app):
    return a_signed_in_client(app)


def plans(app, base):
    with app.app_context():
        read_session().rollback()
        return load_questions_page(read_session(), base.split("/")[3]).plans


LUNCH = {
    "label_en": "Lunch?",
    "label_sv": "Lunch?",
    "option-0-en": "Yes",
    "option-0-sv": "Ja",
    "option-1-en": "No",
}


def test_questions_are_added_ordered_previewed_and_removed(app, base, staff):
    added = submit(staff, f"{base}/new/choice", LUNCH)
    submit(staff, f"{base}/new/text", {"label_en": "Diet", "shown_if": "lunch=yes", "is_sensitive": "y"})
    submit(staff, f"{base}/new/date", {"label_en": "Arrival"})
    preview = staff.get(f"{base}/preview/sv").text
    staff_page = staff.get(base).text

    submit(staff, f"{base}/arrival/up", page=base)
    refused = submit(staff, f"{base}/lunch/remove")
    submit(staff, f"{base}/diet/remove")

    assert added.status_code == 303
    assert "Ja" in preview
    assert "Bara om" in preview or "Only if" in preview
    assert "Only if you choose “Yes” under “Lunch?”" in staff_page
    assert refused.status_code == 422
    assert [plan.key for plan in plans(app, base)] == ["lunch", "arrival"]


@pytest.mark.parametrize(
    ("kind", "fields", "beside"),
    [
        ("text", {"label_en": ""}, "label_en"),
        ("consent", {"label_en": "May we?", "is_required": "y"}, ""),
        ("text", {"label_en": "Diet", "is_sensitive": "y", "is_required": "y"}, "is_required"),
        ("text", {"label_en": "x" * 201}, "label_en"),
        ("text", {"label_en": "Bell\x07"}, "label_en"),
        ("choice", {"label_en": "One?", "option-0-en": "Only one"}, ""),
    ],
)
def test_a_definition_that_cannot_be_stays_on_the_page_with_the_reason(
    app, base, staff, kind, fields, beside
):
    answer = submit(staff, f"{base}/new/{kind}", fields)

    assert answer.status_code == 422
    assert 'class="error-summary"' in answer.text
    assert not beside or f'id="{beside}-error"' in answer.text
    assert plans(app, base) == ()


def test_more_rows_keep_what_was_typed(app, base, staff):
    answer = submit(staff, f"{base}/new/choice", {**LUNCH, "more": "y"})

    assert 'value="Ja"' in answer.text
    assert "option-6-en" in answer.text
    assert plans(app, base) == ()


def test_the_slower_of_two_keeps_the_words_and_reads_what_happened(app, base, staff):
    submit(staff, f"{base}/new/text", {"label_en": "Diet"})
    seen = re.search(r'name="seen" value="(\w+)"', staff.get(f"{base}/diet").text)[1]
    submit(staff, f"{base}/diet", {"label_en": "Food", "seen": seen})

    late = submit(staff, f"{base}/diet", {"label_en": "Meals", "seen": seen})

    assert late.status_code == 409
    assert 'value="Meals"' in late.text
    assert plans(app, base)[0].label == {"en": "Food"}
