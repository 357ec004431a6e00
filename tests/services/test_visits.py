"""Visits from planning to the end: what follows from the hosts' answers and from the visitor's."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from bookings.db import database
from bookings.domain.errors import (
    AgreementMissingError,
    NothingToReleaseError,
    RequiredSlotsOpenError,
    TransitionNotAllowedError,
)
from bookings.models.audit import AuditEntry
from bookings.models.visits import Agreement
from bookings.services.slots import (
    accept_slot,
    add_slot,
    change_slot,
    decline_slot,
    reopen_slot,
    replace_slot,
    withdraw_slot,
)
from bookings.services.visits import (
    accept_programme,
    answer_question,
    ask_visitor,
    cancel_visit_by_staff,
    cancel_visit_by_visitor,
    complete_visits,
    expire_visits,
    propose_programme,
    refuse_visit,
    release_visit,
    reopen_visit,
    set_time_zone,
    wish_change,
)
from tests.support.builders import a_directory, a_visit
from tests.support.stages import asked, confirmed, proposed
from tests.support.stories import (
    STAFF,
    calendar_messages,
    entry_row,
    host_token,
    kinds,
    mails,
    plan,
    slot_row,
    visit_row,
    visitor_token,
)

pytestmark = pytest.mark.usefixtures("app_context")


def test_there_has_to_be_something_to_release(reference, now):
    asked(reference, now=now)

    with pytest.raises(NothingToReleaseError):
        release_visit(reference, who=STAFF, now=now)


def test_the_programme_goes_to_the_visitor_when_the_last_host_says_yes(reference, now):
    first, second = asked(reference, now=now)

    accept_slot(host_token(first), now=now)
    assert visit_row(reference).state == "awaiting_hosts"
    accept_slot(host_token(second), now=now)

    assert visit_row(reference).state == "proposed"
    assert visit_row(reference).answer_by == now + timedelta(days=7)
    assert kinds().count("programme_proposed") == 1


def test_a_programme_mail_says_the_costs_again_and_each_time_in_both_zones(app_context, now):
    a_directory()
    reference = a_visit(contact_time_zone="Asia/Tokyo").reference
    proposed(reference, now=now)

    text = next(mail.text for mail in mails() if mail.kind == "programme_proposed")

    assert "11:00–12:30 EET · Vaasa · Stormossen: How biogas is made" in text
    assert "For you: 18:00–19:30 JST" in text
    assert "We pay our own costs." in text
    assert "version 2026-1" in text
    assert "programme.ics" in text
    assert "webcal://" in text


def test_when_a_required_host_says_no_staff_act_next(reference, now):
    first, second = asked(reference, now=now)
    accept_slot(host_token(first), now=now)

    decline_slot(host_token(second), now=now)

    assert visit_row(reference).state == "planning"
    assert slot_row(first).state == "accepted"


def test_a_replacement_repairs_the_programme(reference, now):
    first, second = asked(reference, now=now)
    accept_slot(host_token(first), now=now)
    decline_slot(host_token(second), now=now)

    new = replace_slot(second, plan("westenergy", 15), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)
    accept_slot(host_token(new), now=now)

    assert visit_row(reference).state == "proposed"


def test_staff_may_go_on_without_a_host_who_said_no(reference, now):
    first, second = asked(reference, now=now)
    accept_slot(host_token(first), now=now)
    decline_slot(host_token(second), now=now)

    propose_programme(reference, who=STAFF, now=now)

    assert (visit_row(reference).state, slot_row(second).is_required) == ("proposed", False)


def test_no_programme_goes_out_while_a_required_host_owes_an_answer(reference, now):
    first, _ = asked(reference, now=now)
    accept_slot(host_token(first), now=now)

    with pytest.raises(RequiredSlotsOpenError):
        propose_programme(reference, who=STAFF, now=now)


def test_accepting_confirms_the_visit_and_tells_everybody_once(reference, now):
    proposed(reference, now=now)
    token = visitor_token(reference)

    accept_programme(token, now=now)
    accept_programme(token, now=now)

    assert visit_row(reference).state == "confirmed"
    assert kinds().count("invitation_confirmed") == 2
    assert kinds().count("programme_confirmed") == 1


def test_without_a_cost_agreement_nothing_is_confirmed(reference, now):
    proposed(reference, now=now)
    lose_agreement(reference)

    with pytest.raises(AgreementMissingError):
        accept_programme(visitor_token(reference), now=now)

    assert visit_row(reference).state == "proposed"


def test_an_accepted_programme_that_is_too_late_is_refused_as_the_worker_would(reference, now):
    proposed(reference, now=now)

    with pytest.raises(TransitionNotAllowedError):
        accept_programme(visitor_token(reference), now=visit_row(reference).answer_by)


def test_a_wish_brings_the_programme_back_to_planning_and_keeps_the_hosts(reference, now):
    first, _ = proposed(reference, now=now)

    wish_change(visitor_token(reference), "An hour later, please", now=now)

    assert visit_row(reference).state == "planning"
    assert slot_row(first).state == "accepted"


def test_a_wish_about_a_confirmed_visit_stands_in_the_trail_and_changes_nothing(reference, now):
    confirmed(reference, now=now)

    wish_change(visitor_token(reference), "An hour later, please", now=now)

    statement = select(AuditEntry.action).order_by(AuditEntry.id.desc()).limit(1)
    assert database.session.scalar(statement) == "wish"
    assert visit_row(reference).state == "confirmed"


def test_moving_a_stop_of_a_confirmed_visit_asks_that_host_alone_and_then_the_visitor(reference, now):
    first, second = confirmed(reference, now=now)

    change_slot(first, plan("stormossen", 10), version=slot_row(first).version, who=STAFF, now=now)
    assert visit_row(reference).state == "awaiting_hosts"
    assert kinds().count("programme_reopened") == 1
    accept_slot(host_token(first), now=now)
    accept_programme(visitor_token(reference), now=now)

    assert visit_row(reference).state == "confirmed"
    assert calendar_messages(first)[-3:] == [("REQUEST", 1), ("REQUEST", 1), ("REQUEST", 1)]
    assert calendar_messages(second) == [("REQUEST", 0), ("REQUEST", 0), ("REQUEST", 0)]


def test_a_host_who_cancels_a_confirmed_stop_leaves_the_next_step_to_staff(reference, now):
    first, _ = confirmed(reference, now=now)

    decline_slot(host_token(first), reason="The plant stands still", now=now)

    assert (slot_row(first).state, visit_row(reference).state) == ("cancelled", "planning")
    assert calendar_messages(first)[-1] == ("CANCEL", 1)
    assert kinds().count("programme_reopened") == 1


def test_a_stop_taken_out_of_a_confirmed_visit_is_told_to_the_visitor(reference, now):
    first, _ = confirmed(reference, now=now)

    withdraw_slot(first, who=STAFF, now=now)

    assert visit_row(reference).state == "confirmed"
    assert kinds()[-2:] == ["invitation_cancelled", "programme_changed"]


def test_calling_off_tells_each_host_who_knew_and_the_visitor_once(reference, now):
    first, second = asked(reference, now=now)
    add_slot(reference, plan("vakin", 20), who=STAFF, now=now)

    for _ in range(2):
        cancel_visit_by_staff(reference, "The ferry does not sail", who=STAFF, now=now)

    assert visit_row(reference).state == "cancelled"
    assert [slot_row(first).state, slot_row(second).state] == ["withdrawn", "withdrawn"]
    assert kinds() == ["invitation"] * 2 + ["invitation_cancelled"] * 2 + ["visit_cancelled"]
    assert "The ferry does not sail" in mails()[-1].text


@pytest.mark.parametrize("by_visitor", [True, False], ids=["by the visitor", "by staff"])
def test_hosts_read_why_a_visit_is_called_off(reference, now, by_visitor):
    asked(reference, now=now)

    if by_visitor:
        cancel_visit_by_visitor(visitor_token(reference), "We are ill", now=now)
    else:
        cancel_visit_by_staff(reference, "The ferry does not sail", who=STAFF, now=now)
    told = [mail.text for mail in mails() if mail.kind == "invitation_cancelled"]

    assert len(told) == 2
    for text in told:
        assert ("In their own words: We are ill" in text) is by_visitor
        assert ("Why: The ferry does not sail" in text) is not by_visitor
        assert ("The delegation does not come after all" in text) is by_visitor


def test_the_visitor_can_call_the_visit_off(reference, now):
    confirmed(reference, now=now)

    cancel_visit_by_visitor(visitor_token(reference), "We are ill", now=now)

    assert (visit_row(reference).state, visit_row(reference).closed_by) == ("cancelled", "visitor")
    assert kinds().count("visit_cancelled") == 1


@pytest.mark.parametrize("is_asked", [True, False])
def test_nobody_reads_of_hosts_that_were_told_where_there_were_none(reference, now, is_asked):
    if is_asked:
        asked(reference, now=now)

    cancel_visit_by_visitor(visitor_token(reference), "We are ill", now=now)
    reopen_visit(reference, who=STAFF, now=now)
    cancel_visit_by_staff(reference, "", who=STAFF, now=now)
    by_visitor, by_staff = [mail.text for mail in mails() if mail.kind == "visit_cancelled"]

    assert ("we have told the hosts" in by_visitor) == is_asked
    assert ("no host keeps time free for it" in by_visitor) != is_asked
    assert "The hosts have been told" not in by_staff


def test_a_refused_request_tells_the_visitor_why(reference, now):
    refuse_visit(reference, "July is closed", who=STAFF, now=now)

    assert (visit_row(reference).state, kinds()) == ("declined", ["visit_declined"])


def test_a_reopened_visit_is_planned_again_and_its_stops_keep_their_uid(reference, now):
    first, _ = asked(reference, now=now)
    uid = entry_row(first).uid
    cancel_visit_by_staff(reference, "", who=STAFF, now=now)

    reopen_visit(reference, who=STAFF, now=now)
    reopen_slot(first, who=STAFF, now=now)

    assert visit_row(reference).state == "awaiting_hosts"
    assert (entry_row(first).uid, entry_row(first).sequence) == (uid, 2)


def test_a_question_waits_for_an_answer_with_two_reminders_and_then_the_request_closes(reference, now):
    ask_visitor(reference, "Who leads the group?", who=STAFF, now=now)

    closed = [expire_visits(now=now + timedelta(days=day)) for day in (1, 7, 8, 13, 14, 15)]

    assert closed == [0, 0, 0, 0, 1, 0]
    assert kinds() == ["question", "reminder_question", "reminder_question", "visit_expired"]
    assert visit_row(reference).state == "expired"


def test_an_answer_brings_the_request_back(reference, now):
    ask_visitor(reference, "Who leads the group?", who=STAFF, now=now)
    token = visitor_token(reference)

    for _ in range(2):
        answer_question(token, "Kadri does", now=now)

    assert (visit_row(reference).state, visit_row(reference).answer) == ("submitted", "Kadri does")


def test_an_unproved_request_expires_in_silence(app_context, now):
    visit = a_visit(state="unverified", verified_at=None, submitted_at=now)

    closed = [expire_visits(now=now + timedelta(hours=hours)) for hours in (71, 72)]

    assert (closed, kinds(), visit_row(visit.reference).state) == ([0, 1], [], "expired")


def test_a_programme_without_an_answer_lets_the_hosts_go(reference, now):
    first, _ = proposed(reference, now=now)

    expire_visits(now=visit_row(reference).answer_by)

    assert (visit_row(reference).state, slot_row(first).state) == ("expired", "withdrawn")
    assert calendar_messages(first)[-1] == ("CANCEL", 1)


def test_a_visit_is_completed_after_its_last_stop(reference, now):
    _, last = confirmed(reference, now=now)
    end = slot_row(last).ends_at

    done = [
        complete_visits(now=end - timedelta(minutes=1)),
        complete_visits(now=end),
        complete_visits(now=end),
    ]

    assert done == [0, 1, 0]
    assert (visit_row(reference).state, slot_row(last).state) == ("completed", "completed")


def test_a_completed_visit_can_be_reopened_for_two_weeks(reference, now):
    _, last = confirmed(reference, now=now)
    end = slot_row(last).ends_at
    complete_visits(now=end)

    with pytest.raises(TransitionNotAllowedError):
        reopen_visit(reference, who=STAFF, now=end + timedelta(days=15))
    reopen_visit(reference, who=STAFF, now=end + timedelta(days=13))

    assert visit_row(reference).state == "planning"


def test_the_visitor_chooses_the_second_time_zone(reference, now):
    set_time_zone(visitor_token(reference), "Asia/Tokyo", now=now)

    assert visit_row(reference).contact_time_zone == "Asia/Tokyo"


def lose_agreement(reference: str) -> None:
    visit = visit_row(reference)
    database.session.execute(delete(Agreement).where(Agreement.visit_id == visit.id))
    database.session.commit()
