"""Advisory days: half hours that are booked, moved and cancelled by link; the adviser's calendar follows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bookings.db import database, read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.event_errors import AdviceTimeError, AdviserDayError, AdviserTakenError
from bookings.services.advisers import (
    add_adviser,
    book_advice,
    cancel_advice,
    cancel_advice_by_adviser,
    cancel_advice_by_staff,
    change_adviser,
    follow_visitors,
    move_advice,
    remove_adviser,
    verify_advice,
)
from bookings.services.inbox import receive_mail
from bookings.services.registrations import cancel_registration
from tests.support.advisers import (
    a_booked_time,
    a_plan_of,
    a_wish,
    adviser,
    an_adviser,
    an_advisory_day,
    calendar_mails,
    decline_from_calendar,
    page_token,
    propose_from_calendar,
)
from tests.support.clock import NOW
from tests.support.events import STAFF

pytestmark = pytest.mark.usefixtures("app_context")
RIVALS = 24


def starts(card):
    return [f"{time.start:%H:%M}" for time in card.times]


def booked(card_id):
    return [(one.name, f"{one.interval.start:%H:%M}", one.state) for one in adviser(card_id).booked]


def told(address):
    """Method, SEQUENCE and start of the calendar mails to an address."""
    return [
        (one.method, one.sequence, f"{one.starts_at:%H:%M}" if one.starts_at else "")
        for one in calendar_mails(address)
    ]


def test_times_lie_between_pause_and_buffers():
    card = an_adviser(an_advisory_day())

    assert starts(card) == ["07:00", "07:40", "08:20", "10:00"]


def test_a_proved_booking_stands_in_both_calendars():
    event = an_advisory_day()
    card = an_adviser(event)

    outcome = book_advice(a_wish(event, card), now=NOW)
    before = booked(card.id), told(card.email), told("aino@visitor.example")
    verify_advice(outcome.token, now=NOW)

    assert before == ([("Aino", "07:00", "provisional")], [], [])
    assert booked(card.id) == [("Aino", "07:00", "agreed")]
    assert told(card.email) == told("aino@visitor.example") == [("REQUEST", 0, "07:00")]


def test_the_same_form_twice_books_once():
    event = an_advisory_day()
    card = an_adviser(event)

    first, second = (book_advice(a_wish(event, card), now=NOW) for _ in range(2))

    assert first.reference == second.reference
    assert booked(card.id) == [("Aino", "07:00", "provisional")]


def test_a_taken_time_names_the_next_free_ones():
    event = an_advisory_day()
    card = an_adviser(event)
    a_booked_time(event, card)

    with pytest.raises(AdviserTakenError) as refused:
        book_advice(a_wish(event, card, who="bo"), now=NOW)

    assert [f"{start:%H:%M}" for start in refused.value.next_free] == ["07:40", "08:20", "10:00"]


def test_times_that_nobody_offered_and_past_ones_are_refused():
    event = an_advisory_day()
    card = an_adviser(event)
    wish = a_wish(event, card)

    with pytest.raises(AdviceTimeError):
        book_advice(
            wish.__class__(**{**vars(wish), "starts_at": wish.starts_at + timedelta(minutes=5)}), now=NOW
        )


def test_a_move_keeps_the_entry_and_tells_both():
    event = an_advisory_day()
    card = an_adviser(event)
    token = a_booked_time(event, card)

    move_advice(token, starts_at=card.times[2].start, now=NOW)

    assert booked(card.id) == [("Aino", "08:20", "agreed")]
    assert told(card.email) == [("REQUEST", 0, "07:00"), ("REQUEST", 1, "08:20")]
    uids = {one.uid for one in calendar_mails(card.email)}
    assert len(uids) == 1


@pytest.mark.parametrize("who", ["visitor", "adviser", "staff", "registration"])
def test_whoever_cancels_both_calendars_are_free_again(who):
    event = an_advisory_day()
    card = an_adviser(event)
    token = a_booked_time(event, card)
    meeting = adviser(card.id).booked[0].meeting_id

    if who == "visitor":
        cancel_advice(token, reason="Ill", now=NOW)
    elif who == "adviser":
        cancel_advice_by_adviser(page_token(card), meeting, reason="Ill", now=NOW)
    elif who == "staff":
        cancel_advice_by_staff(meeting, event_id=event.id, reason="Ill", who=STAFF, now=NOW)
    else:
        cancel_registration(token, reason="Ill", now=NOW)
        follow_visitors(now=NOW)

    assert booked(card.id) == []
    assert told(card.email)[-1] == told("aino@visitor.example")[-1] == ("CANCEL", 1, "07:00")
    a_booked_time(event, card, who="bo")
    assert booked(card.id) == [("Bo", "07:00", "agreed")]


@pytest.mark.parametrize("who", ["karin@advice.example", "aino@visitor.example"])
def test_a_no_from_the_calendar_calls_the_meeting_off(who):
    event = an_advisory_day()
    card = an_adviser(event)
    a_booked_time(event, card)

    received = receive_mail(decline_from_calendar(who), now=NOW)

    assert received.verdict == "record-response"
    assert booked(card.id) == []
    assert {told(card.email)[-1], told("aino@visitor.example")[-1]} == {("CANCEL", 1, "07:00")}


def test_another_time_from_a_calendar_is_declined_in_words_and_the_meeting_stays():
    event = an_advisory_day()
    card = an_adviser(event)
    a_booked_time(event, card)

    receive_mail(propose_from_calendar(card.email), now=NOW)

    assert booked(card.id) == [("Aino", "07:00", "agreed")]
    assert told(card.email) == [("REQUEST", 0, "07:00"), ("DECLINECOUNTER", 0, "")]


def test_what_nobody_confirms_is_free_after_an_hour():
    event = an_advisory_day()
    card = an_adviser(event)
    late = book_advice(a_wish(event, card), now=NOW)

    book_advice(a_wish(event, card, who="bo"), now=NOW + timedelta(minutes=61))

    assert booked(card.id) == [("Bo", "07:00", "provisional")]
    with pytest.raises(NotFoundError):
        verify_advice(late.token, now=NOW + timedelta(minutes=59))
    assert told(card.email) == []


def test_a_day_is_not_changed_away_under_who_has_booked():
    event = an_advisory_day()
    card = an_adviser(event)
    a_booked_time(event, card, number=1)

    with pytest.raises(AdviserDayError) as refused:
        change_adviser(card.id, a_plan_of(event, buffer_minutes=0), who=STAFF, now=NOW)
    with pytest.raises(AdviserDayError) as kept:
        remove_adviser(card.id, who=STAFF, now=NOW)

    assert (refused.value.code, kept.value.code) == ("booked", "booked")


def test_another_mailbox_takes_the_meetings_over():
    event = an_advisory_day()
    card = an_adviser(event)
    a_booked_time(event, card)

    change_adviser(card.id, a_plan_of(event, email="new@advice.example"), who=STAFF, now=NOW)

    assert told("karin@advice.example")[-1] == ("CANCEL", 1, "07:00")
    assert told("new@advice.example") == [("REQUEST", 0, "07:00")]


def test_nobody_advises_outside_of_the_event_or_twice():
    event = an_advisory_day()
    an_adviser(event)

    early = a_plan_of(event, email="x@advice.example", starts_at=event.starts_at - timedelta(hours=1))
    with pytest.raises(AdviserDayError) as twice:
        add_adviser(event.id, a_plan_of(event), who=STAFF, now=NOW)
    with pytest.raises(AdviserDayError) as outside:
        add_adviser(event.id, early, who=STAFF, now=NOW)

    assert (twice.value.code, outside.value.code) == ("known", "outside")


def _race(app, event, card, number):
    with app.app_context():
        try:
            book_advice(a_wish(event, card, who=f"rival{number}"), now=NOW)
        except AdviserTakenError:
            return "taken"
        finally:
            database.session.remove()
        return "booked"


def test_one_of_many_gets_the_half_hour(app):
    event = an_advisory_day()
    card = an_adviser(event)
    read_session().rollback()

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(lambda number: _race(app, event, card, number), range(RIVALS)))

    assert sorted(set(ends)) == ["booked", "taken"]
    assert ends.count("booked") == len(booked(card.id)) == 1
