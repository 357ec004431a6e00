"""What hosts' calendars are told, from the first question to the end."""

from datetime import timedelta

import pytest

from bookings.domain.errors import LinkOutdatedError
from bookings.services.slots import (
    accept_slot,
    add_slot,
    change_slot,
    decline_slot,
    propose_times,
    refuse_proposal,
    remove_slot,
    reopen_slot,
    take_proposal,
    withdraw_slot,
)
from bookings.services.visits import accept_programme, preview_release, release_visit
from tests.support.builders import a_directory, a_visit
from tests.support.stories import (
    STAFF,
    calendar_messages,
    entry_row,
    host_token,
    kinds,
    mails,
    partstat,
    plan,
    proposal_ids,
    slot_row,
    visitor_token,
)

pytestmark = pytest.mark.usefixtures("app_context")


@pytest.fixture
def asked(reference, now) -> int:
    """A slot whose host was asked; a second one keeps the visit waiting."""
    first = add_slot(reference, plan("stormossen"), who=STAFF, now=now)
    add_slot(reference, plan("westenergy", 13), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)
    return first


def test_the_invitation_says_who_comes_why_how_many_when_and_where(asked):
    mail = mails()[0]

    assert (mail.kind, mail.recipient, mail.method, mail.sequence) == (
        "invitation", "visits@stormossen.example", "REQUEST", 0,
    )  # fmt: skip
    for words in (
        "West Estonian delegation, Estonia",
        "10 people",
        "See how waste and biogas are handled on both sides of the Kvarken.",
        "Tuesday 16 March 2027, 11:00–12:30 EET",
        "Stormossen visitor centre, Road 1, Vaasa",
        "Please answer by Monday 8 February 2027 16:30 EET",
        "answer=accept",
        "answer=propose",
        "answer=decline",
    ):
        assert words in mail.text


def test_the_preview_shows_the_mails_of_a_release_and_writes_nothing(reference, now):
    add_slot(reference, plan("stormossen"), who=STAFF, now=now)

    previews = preview_release(reference, now=now)

    release_visit(reference, who=STAFF, now=now)
    assert [(one.recipient, one.subject, one.has_calendar) for one in previews] == [
        (mail.recipient, mail.subject, True) for mail in mails()
    ]


def test_a_draft_that_is_removed_was_never_told_to_anybody(reference, now):
    slot_id = add_slot(reference, plan("stormossen"), who=STAFF, now=now)

    remove_slot(slot_id, who=STAFF, now=now)

    assert mails() == []


def test_a_moved_stop_asks_again_under_the_same_uid_and_says_old_and_new(asked, now):
    uid = entry_row(asked).uid
    accept_slot(host_token(asked), now=now)

    change_slot(asked, plan("stormossen", 10), version=slot_row(asked).version, who=STAFF, now=now)

    assert entry_row(asked).uid == uid
    assert calendar_messages(asked) == [("REQUEST", 0), ("REQUEST", 0), ("REQUEST", 1)]
    assert (slot_row(asked).state, partstat(asked)) == ("pending", "NEEDS-ACTION")
    assert "Until now: Tuesday 16 March 2027, 11:00–12:30 EET" in mails()[-1].text
    assert "When: Tuesday 16 March 2027, 12:00–13:30 EET" in mails()[-1].text


def test_other_words_send_nothing_and_leave_sequence_alone(asked, now):
    before = mails()

    reworded = plan("stormossen", title="Biogas, in detail")
    change_slot(asked, reworded, version=slot_row(asked).version, who=STAFF, now=now)

    assert mails() == before
    assert (entry_row(asked).sequence, slot_row(asked).state) == (0, "pending")
    assert "Biogas, in detail" in entry_row(asked).summary


def test_a_yes_is_thanked_for_once_and_shown_in_the_calendar(asked, now):
    token = host_token(asked)

    accept_slot(token, now=now)
    accept_slot(token, now=now)

    assert kinds().count("answer_accepted") == 1
    assert (slot_row(asked).state, partstat(asked)) == ("accepted", "ACCEPTED")
    assert entry_row(asked).status == "TENTATIVE"


def test_a_no_takes_the_entry_out_of_the_calendar_and_can_be_taken_back_by_the_same_link(asked, now):
    token = host_token(asked)

    decline_slot(token, reason="The plant stands still", now=now)
    decline_slot(token, reason="The plant stands still", now=now)
    assert (slot_row(asked).state, partstat(asked)) == ("declined", "DECLINED")
    accept_slot(token, now=now)

    assert calendar_messages(asked) == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 2)]
    assert (slot_row(asked).state, partstat(asked)) == ("accepted", "ACCEPTED")


def test_the_button_of_an_older_mail_never_acts(asked, now):
    old = host_token(asked)
    change_slot(asked, plan("stormossen", 10), version=slot_row(asked).version, who=STAFF, now=now)

    with pytest.raises(LinkOutdatedError):
        accept_slot(old, now=now)

    assert slot_row(asked).state == "pending"


def test_a_withdrawn_stop_leaves_as_cancel_and_comes_back_with_a_higher_sequence(asked, now):
    withdraw_slot(asked, who=STAFF, now=now)
    reopen_slot(asked, who=STAFF, now=now)

    assert calendar_messages(asked) == [("REQUEST", 0), ("CANCEL", 1), ("REQUEST", 2)]
    assert entry_row(asked).status == "TENTATIVE"


def test_an_offered_time_that_staff_take_moves_the_entry_as_accepted(asked, now):
    start = slot_row(asked).starts_at + timedelta(days=1)
    propose_times(host_token(asked), times=[(start, start + timedelta(hours=1))], now=now)
    assert (slot_row(asked).state, partstat(asked)) == ("countered", "TENTATIVE")

    take_proposal(asked, proposal_ids(asked)[0], who=STAFF, now=now)

    assert calendar_messages(asked) == [("REQUEST", 0), ("REQUEST", 1)]
    assert (slot_row(asked).state, partstat(asked)) == ("accepted", "ACCEPTED")
    assert entry_row(asked).starts_at == start


def test_offered_times_that_do_not_fit_are_refused_and_the_host_asked_again(asked, now):
    start = slot_row(asked).starts_at + timedelta(days=1)
    propose_times(host_token(asked), times=[(start, start + timedelta(hours=1))], now=now)

    refuse_proposal(asked, who=STAFF, now=now)

    assert calendar_messages(asked) == [("REQUEST", 0), ("DECLINECOUNTER", 0)]
    assert (slot_row(asked).state, partstat(asked)) == ("pending", "NEEDS-ACTION")


def test_calendars_turn_to_confirmed_when_the_visitor_accepts_and_keep_the_answer(reference, now):
    slot_id = add_slot(reference, plan("stormossen"), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)
    accept_slot(host_token(slot_id), now=now)

    accept_programme(visitor_token(reference), now=now)

    assert calendar_messages(slot_id) == [("REQUEST", 0), ("REQUEST", 0), ("REQUEST", 0)]
    assert (entry_row(slot_id).status, partstat(slot_id)) == ("CONFIRMED", "ACCEPTED")


def test_a_yes_that_settles_the_visit_is_one_mail_to_the_host(app_context, now):
    a_directory()
    reference = a_visit(agreed_beforehand=True).reference
    slot_id = add_slot(reference, plan("stormossen"), who=STAFF, now=now)
    release_visit(reference, who=STAFF, now=now)

    accept_slot(host_token(slot_id), now=now)

    assert kinds() == ["invitation", "invitation_confirmed", "programme_confirmed"]


def test_each_message_about_an_entry_has_a_later_stamp(asked, now):
    first = entry_row(asked).changed_at

    accept_slot(host_token(asked), now=now)

    assert entry_row(asked).changed_at > first
