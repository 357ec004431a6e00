"""A visitor's wish waits until staff have dealt with it, and the visitor reads what came of it."""

from datetime import timedelta

import pytest

from bookings.db import database
from bookings.domain.errors import RecordChangedError, TransitionNotAllowedError
from bookings.domain.next_steps import Step
from bookings.queries.visits import Note, load_visit_file
from bookings.services.merging import merge_visits
from bookings.services.slots import accept_slot
from bookings.services.visits import (
    add_note,
    answer_wish,
    cancel_visit_by_staff,
    propose_programme,
    reopen_visit,
    start_planning,
    wish_change,
)
from tests.support.builders import a_visit
from tests.support.stages import asked, confirmed, proposed, release
from tests.support.stories import STAFF, host_token, kinds, mails, plan, visitor_token

pytestmark = pytest.mark.usefixtures("app_context")


def wish(reference: str, text: str = "An hour later, please", *, now) -> None:
    wish_change(visitor_token(reference), text, now=now)


def open_wishes(reference: str) -> list[str]:
    database.session.rollback()
    file = load_visit_file(database.session, reference)
    assert file.standing.has_wish == bool(file.open_wishes)
    return [note.text for note in file.open_wishes]


def wish_notes(reference: str) -> list[Note]:
    database.session.rollback()
    notes = load_visit_file(database.session, reference).notes
    return [note for note in notes if note.author_kind == "visitor"]


def test_a_wish_waits_whatever_else_staff_do_with_the_visit(reference, now):
    proposed(reference, now=now)
    wish(reference, now=now)

    add_note(reference, "Called the host", who=STAFF, now=now)
    release(reference, plan("stormossen", 16), now=now)

    assert open_wishes(reference) == ["An hour later, please"]
    assert load_visit_file(database.session, reference).next_step.step is Step.READ_WISH


def test_a_programme_that_the_rule_sends_leaves_a_wish_open_and_one_that_staff_send_answers_it(
    reference, now
):
    slots = asked(reference, now=now)
    wish(reference, "Somewhere to eat, please", now=now)
    for slot_id in slots:
        accept_slot(host_token(slot_id), now=now)
    assert "programme_proposed" in kinds()
    assert open_wishes(reference) == ["Somewhere to eat, please"]

    wish(reference, "And an hour later", now=now)
    propose_programme(reference, who=STAFF, now=now)

    assert open_wishes(reference) == []


def test_words_go_to_the_visitor_in_one_mail_in_their_language(now):
    reference = a_visit(state="confirmed", language="sv").reference
    wish(reference, "En timme senare", now=now)
    wish(reference, "Och kaffe", now=now)

    answer_wish(reference, "  Det går bra.  ", who=STAFF, now=now)

    (mail,) = [mail for mail in mails() if mail.kind == "wish_answered"]
    assert mail.subject == f"Vårt svar på ert önskemål om besöket {reference}"
    lines = [line for line in mail.text.splitlines() if line]
    start = lines.index("Ni önskade en ändring av ert besök:")
    assert lines[start + 1 : start + 5] == ["En timme senare", "Och kaffe", "Vårt svar:", "Det går bra."]
    assert [(note.answer, note.answered_by, note.answered_at) for note in wish_notes(reference)] == 2 * [
        ("Det går bra.", STAFF.name, now)
    ]


def test_without_words_no_mail_leaves(now):
    reference = a_visit(state="confirmed").reference
    wish(reference, now=now)

    answer_wish(reference, "", who=STAFF, now=now)

    assert open_wishes(reference) == []
    assert "wish_answered" not in kinds()


def test_answering_twice_is_one_answer(reference, now):
    confirmed(reference, now=now)
    wish(reference, now=now)

    for words in ("Yes", "Yes, again"):
        answer_wish(reference, words, who=STAFF, now=now)

    assert [note.answer for note in wish_notes(reference)] == ["Yes"]
    assert kinds().count("wish_answered") == 1


def test_a_wish_that_came_meanwhile_is_read_before_it_is_answered(reference, now):
    confirmed(reference, now=now)
    wish(reference, now=now)
    seen = load_visit_file(database.session, reference).audit[0].id
    wish(reference, "No, two hours", now=now)

    with pytest.raises(RecordChangedError):
        answer_wish(reference, "Yes", seen=seen, who=STAFF, now=now)

    assert open_wishes(reference) == ["No, two hours", "An hour later, please"]


def test_the_same_words_are_one_wish_while_they_wait_and_another_one_after_the_answer(reference, now):
    confirmed(reference, now=now)
    for _ in range(2):
        wish(reference, now=now)
    assert len(wish_notes(reference)) == 1

    answer_wish(reference, "Not possible", who=STAFF, now=now)
    wish(reference, now=now + timedelta(days=1))

    assert open_wishes(reference) == ["An hour later, please"]


def test_a_wish_of_a_closed_visit_waits_for_nobody_and_is_there_again_when_it_is_reopened(reference, now):
    confirmed(reference, now=now)
    wish(reference, now=now)
    cancel_visit_by_staff(reference, "Storm", who=STAFF, now=now)

    with pytest.raises(TransitionNotAllowedError):
        answer_wish(reference, "Yes", who=STAFF, now=now)
    assert load_visit_file(database.session, reference).next_step.step is Step.NONE

    reopen_visit(reference, who=STAFF, now=now)

    assert load_visit_file(database.session, reference).next_step.step is Step.READ_WISH


def test_a_wish_goes_along_when_two_requests_become_one(now):
    gone, kept = a_visit(state="submitted").reference, a_visit(state="submitted").reference
    wish(gone, now=now)

    merge_visits(gone, kept, who=STAFF, now=now)
    start_planning(kept, who=STAFF, now=now)

    assert open_wishes(kept) == ["An hour later, please"]
