"""Before a promise to a visitor breaks, the visitor hears of it: once, and only who waits for staff."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings.queries.promises import promise_first_answer, promise_planning
from bookings.services.copying import copy_visit
from bookings.services.slots import expire_slots
from bookings.services.visits import start_planning, tell_of_delays
from tests.support.builders import a_visit
from tests.support.own_pages import a_proposed_visit, a_released_visit
from tests.support.stories import STAFF, mails

pytestmark = pytest.mark.usefixtures("app_context")
MONDAY = datetime(2027, 2, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def notes():
    return [mail for mail in mails() if mail.kind == "still_working"]


def a_request(**columns):
    return a_visit(submitted_at=MONDAY, **columns).reference


def test_a_request_that_nobody_read_is_told_of_on_the_day_of_the_promise_and_once():
    a_request()
    promised = promise_first_answer(MONDAY)

    sent = []
    for moment in (MONDAY, promised - 5 * HOUR, promised - 4 * HOUR, promised, promised + timedelta(days=3)):
        tell_of_delays(now=moment)
        sent.append(len(notes()))

    assert sent == [0, 0, 1, 1, 1]
    [note] = notes()
    assert note.recipient.endswith("@visitor.example")
    assert "it may take a little longer" in note.subject
    assert "you were to hear from us by Wednesday 3 February 2027 17:30 EET" in note.text
    assert "A coordinator reads it" in note.text


def test_each_step_of_staff_is_a_promise_of_its_own():
    reference = a_request()
    tell_of_delays(now=promise_first_answer(MONDAY))
    start_planning(reference, who=STAFF, now=promise_first_answer(MONDAY))
    again = promise_planning(promise_first_answer(MONDAY))

    tell_of_delays(now=again - 5 * HOUR)
    before = len(notes())
    tell_of_delays(now=again)

    assert (before, len(notes())) == (1, 2)
    assert "We are choosing hosts and times" in notes()[-1].text


def test_while_hosts_are_to_answer_staff_break_no_promise(now):
    a_released_visit()
    silent = promise_planning(now)

    tell_of_delays(now=silent)
    expire_slots(now=silent)
    tell_of_delays(now=silent)
    before = len(notes())
    tell_of_delays(now=promise_planning(silent))

    assert (before, len(notes())) == (0, 1)


def test_who_waits_for_nothing_or_does_not_know_of_the_visit_hears_nothing(now):
    a_proposed_visit()
    a_request(is_held_for_moderation=True)
    a_request(state="cancelled", closed_at=MONDAY)
    copied = copy_visit(
        a_request(state="confirmed"), (now + timedelta(days=90)).date(), who=STAFF, now=MONDAY
    )

    tell_of_delays(now=promise_first_answer(MONDAY))
    tell_of_delays(now=promise_planning(MONDAY))

    assert copied.reference
    assert notes() == []


def test_a_worker_that_slept_for_long_does_not_speak_of_old_promises():
    a_request()

    tell_of_delays(now=promise_first_answer(MONDAY) + timedelta(days=8))

    assert notes() == []
