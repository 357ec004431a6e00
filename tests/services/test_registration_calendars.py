"""What calendars hear of a place at an event, and what they answer."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from itertools import pairwise

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.registrations import RegistrationState
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.outbox import OutboxMessage
from bookings.models.registrations import RegistrationEntry
from bookings.queries.events import find_event
from bookings.services.events import cancel_event, change_event, change_part, plan_of, plan_of_part
from bookings.services.inbox import receive_mail
from bookings.services.registrations import (
    bring_entries_in_line,
    cancel_registration,
    change_registration,
    complete_member,
    hand_over,
)
from tests.adapters.foreign_libical import find_libical
from tests.support.clock import NOW
from tests.support.events import STAFF, STARTS_AT, a_part, an_event
from tests.support.inbox import Invited, answer
from tests.support.registrations import (
    a_person,
    an_application,
    count_seats,
    mails_to,
    page_token,
    registered,
    row_of,
    state_of,
)

pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.sqlite_only]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_one_entry_for_the_event_is_born_moves_and_ends_with_one_uid(now):
    event = an_event()
    outcome = registered(event)

    move(event, HOUR)
    bring_entries_in_line(now=now + HOUR)
    bring_entries_in_line(now=now + HOUR)
    cancel_event(event.slug, reason="The speaker is ill", who=STAFF, now=now + 2 * HOUR)
    bring_entries_in_line(now=now + 2 * HOUR)

    sent = messages(outcome)
    assert [one[:3] for one in sent] == [
        ("registration_confirmed", "REQUEST", 0),
        ("registration_changed", "REQUEST", 1),
        ("registration_cancelled", "CANCEL", 2),
    ]
    assert len({uid_of(one[3]) for one in sent}) == 1
    assert state_of(outcome) == RegistrationState.CANCELLED
    assert "The speaker is ill" in text_of(outcome)
    judge_by_libical(outcome)


def test_the_mail_about_a_move_says_old_and_new_in_words(now):
    event = an_event()
    outcome = registered(event)

    move(event, HOUR)
    bring_entries_in_line(now=now + HOUR)

    text = text_of(outcome)
    assert "Until now: Friday 2 April 2027, 10:00–14:00 EEST" in text
    assert "When: Friday 2 April 2027, 11:00–15:00 EEST" in text


def test_other_words_of_the_event_move_nothing(now):
    event = an_event()
    outcome = registered(event)

    plan = plan_of(find_event(read_session(), event.slug))
    change_event(event.slug, replace(plan, description={"en": "More coffee"}), who=STAFF, now=now)
    bring_entries_in_line(now=now + HOUR)

    assert len(messages(outcome)) == 1
    assert row_of(outcome).told_version > 1


def test_chosen_parts_make_one_entry_for_each_day_and_a_moved_day_keeps_its_uid(now):
    event = two_days()
    outcome = registered(event, part_ids=tuple(part.id for part in event.parts))
    before = entries_of(outcome)

    later = plan_of_part(event.parts[2])
    moved = replace(later, starts_at=later.starts_at + DAY, ends_at=later.ends_at + DAY)
    change_part(event.slug, event.parts[2].id, moved, who=STAFF, now=now)
    bring_entries_in_line(now=now + HOUR)

    after = entries_of(outcome)
    assert [(one.sequence, one.starts_at - STARTS_AT, one.ends_at - STARTS_AT) for one in before] == [
        (0, timedelta(0), 3 * HOUR),
        (0, DAY, DAY + HOUR),
    ]
    assert [one.uid for one in after] == [one.uid for one in before]
    assert [(one.sequence, one.starts_at - STARTS_AT) for one in after] == [(0, timedelta(0)), (1, 2 * DAY)]
    assert mails_to(row_of(outcome).email) == [
        "verify_registration", "registration_confirmed", "registration_day", "registration_changed",
    ]  # fmt: skip


def test_other_parts_change_the_days_that_they_are_on(now):
    event = two_days()
    first, second, third = (part.id for part in event.parts)
    outcome = registered(event, part_ids=(first, second, third))

    row = row_of(outcome)
    person = a_person(row.name, part_ids=(first,))
    change_registration(outcome.token, person, version=row.version, now=now)

    sent = messages(outcome)
    assert [one[:3] for one in sent[2:]] == [
        ("registration_changed", "REQUEST", 1),
        ("registration_day", "CANCEL", 1),
    ]
    assert [there for _c, _t, there in count_seats(event)] == [1, 1, 0, 0]


def test_days_are_those_of_the_place_whatever_the_day_is_elsewhere(now):
    # 22:30 UTC is half past midnight in Vaasa, and half past eleven in the evening before in Umeå.
    night = STARTS_AT.replace(hour=22, minute=30)
    evening, late = a_part("Dinner", starts_at=night - 4 * HOUR), a_part("Night walk", starts_at=night)
    event = an_event(parts=[evening, late], ends_at=STARTS_AT + 2 * DAY)
    parts = tuple(part.id for part in event.parts)
    outcome = registered(
        event, an_application(event, leader=a_person(time_zone="Europe/Stockholm", part_ids=parts))
    )

    receive_mail(answer(invited(outcome, 0), "DECLINED"), now=now + 2 * HOUR)

    assert [(one.starts_at, one.status) for one in entries_of(outcome)] == [
        (night - 4 * HOUR, "CANCELLED"),
        (night, "CONFIRMED"),
    ]
    assert [there for _c, _t, there in count_seats(event)] == [1, 0, 1]


def test_hours_stay_those_of_the_clock_when_it_is_changed_between_two_days(now):
    # In the night to 28 March 2027 clocks go forward: eight in the morning is an hour earlier in UTC.
    saturday = STARTS_AT.replace(month=3, day=27, hour=6)
    parts = [a_part("Saturday", starts_at=saturday), a_part("Sunday", starts_at=saturday + 23 * HOUR)]
    event = an_event(parts=parts, starts_at=saturday, ends_at=saturday + 2 * DAY)

    outcome = registered(event, part_ids=tuple(part.id for part in event.parts))

    first, second = (content for *_more, content in messages(outcome))
    assert b"DTSTART;TZID=Europe/Helsinki:20270327T080000" in first
    assert b"DTSTART;TZID=Europe/Helsinki:20270328T080000" in second


def test_a_day_that_was_given_back_comes_again_with_its_uid(now):
    event = two_days()
    everything = tuple(part.id for part in event.parts)
    outcome = registered(event, part_ids=everything)
    before = entries_of(outcome)

    for parts in (everything[:2], everything):
        row = row_of(outcome)
        change_registration(outcome.token, a_person(row.name, part_ids=parts), version=row.version, now=now)

    after = entries_of(outcome)
    assert [one.uid for one in after] == [one.uid for one in before]
    assert [(one.status, one.sequence) for one in after] == [("CONFIRMED", 0), ("CONFIRMED", 2)]
    assert [there for _c, _t, there in count_seats(event)] == [1, 1, 1, 1]
    assert messages(outcome)[-1][:3] == ("registration_changed", "REQUEST", 2)


def test_a_no_from_the_calendar_gives_the_place_back_and_says_so(now):
    event = an_event(capacity=1)
    outcome = registered(event)
    waiting = registered(event, joins_waiting_list=True)

    receive_mail(answer(invited(outcome), "DECLINED"), now=now + 2 * HOUR)

    assert state_of(outcome) == RegistrationState.CANCELLED
    assert "Your calendar told us" in text_of(outcome)
    assert state_of(waiting) == RegistrationState.OFFERED
    judge_by_libical(outcome)


def test_a_no_to_one_day_leaves_the_others(now):
    event = two_days()
    outcome = registered(event, part_ids=tuple(part.id for part in event.parts))

    receive_mail(answer(invited(outcome, 1), "DECLINED"), now=now + 2 * HOUR)

    assert state_of(outcome) == RegistrationState.REGISTERED
    assert [one.status for one in entries_of(outcome)] == ["CONFIRMED", "CANCELLED"]
    assert [there for _c, _t, there in count_seats(event)] == [1, 1, 1, 0]


def test_a_yes_is_noted_and_another_time_is_refused_in_words(now):
    event = an_event()
    outcome = registered(event)
    host = invited(outcome)
    times = "DTSTART:20270403T070000Z\nDTEND:20270403T110000Z"

    receive_mail(answer(host, "ACCEPTED"), now=now + HOUR)
    proposal = answer(host, "TENTATIVE", method="COUNTER", times=times, at=NOW + 3 * HOUR)
    receive_mail(proposal, now=now + 4 * HOUR)
    receive_mail(proposal, now=now + 4 * HOUR)

    assert [one[:2] for one in messages(outcome)] == [
        ("registration_confirmed", "REQUEST"),
        ("registration_counter", "DECLINECOUNTER"),
    ]
    assert state_of(outcome) == RegistrationState.REGISTERED


def test_a_member_gets_the_entry_when_the_own_link_was_used(now):
    event = an_event()
    member = a_person("Anna Berg")
    registered(event, an_application(event, member))

    complete_member(page_token(member.email), replace(member, role="Engineer"), now=now)

    assert mails_to(member.email) == ["registration_member", "registration_confirmed"]


def test_a_place_goes_to_somebody_else_and_the_old_link_opens_nothing(now):
    event = an_event()
    outcome = registered(event)
    old = row_of(outcome).email

    hand_over(outcome.token, name="Bo Lind", email="bo@example.org", now=now)
    complete_member(page_token("bo@example.org"), a_person("Bo Lind", email="bo@example.org"), now=now)

    assert mails_to(old)[-1] == "registration_handed_over"
    assert mails_to("bo@example.org") == ["registration_member", "registration_confirmed"]
    assert [one.status for one in entries_of(outcome)] == ["CONFIRMED"]
    assert count_seats(event)[0][2] == 1


def test_who_cancels_reads_it_and_the_calendar_forgets_the_entry(now):
    event = an_event()
    outcome = registered(event)

    cancel_registration(outcome.token, now=now)
    cancel_registration(outcome.token, now=now)

    assert [one[:3] for one in messages(outcome)][1:] == [("registration_cancelled", "CANCEL", 1)]


def two_days():
    """Three parts: two on the first day with a pause between them, one on the second."""
    parts = [a_part("Opening"), a_part("Workshop", hours=2), a_part("Tour", hours=24)]
    return an_event(parts=parts, ends_at=STARTS_AT + 3 * DAY)


def move(event, by: timedelta) -> None:
    session = read_session()
    session.rollback()
    plan = plan_of(find_event(session, event.slug))
    moved = replace(plan, starts_at=plan.starts_at + by, ends_at=plan.ends_at + by)
    change_event(event.slug, moved, who=STAFF, now=NOW)


def entries_of(outcome) -> list[CalendarEntry]:
    database.session.rollback()
    found = (
        select(CalendarEntry)
        .join(RegistrationEntry, RegistrationEntry.calendar_entry_id == CalendarEntry.id)
        .where(RegistrationEntry.registration_id == outcome.registration_id)
        .order_by(RegistrationEntry.day)
    )
    entries = list(database.session.scalars(found.execution_options(populate_existing=True)))
    database.session.expunge_all()
    return entries


def invited(outcome, number: int = 0) -> Invited:
    """What the person's calendar holds of one day."""
    entry = entries_of(outcome)[number]
    attendee = database.session.scalars(select(Attendee).where(Attendee.entry_id == entry.id)).one()
    return Invited(
        0, entry.uid, attendee.organizer_token, attendee.email, entry.sequence, entry.starts_at, entry.ends_at
    )


def messages(outcome) -> list[tuple[str, str, int, bytes]]:
    """Kind, method, SEQUENCE and content of what went to the person's calendar."""
    database.session.rollback()
    found = select(OutboxMessage).where(
        OutboxMessage.registration_id == outcome.registration_id, OutboxMessage.calendar_uid.is_not(None)
    )
    rows = database.session.scalars(found.order_by(OutboxMessage.id)).all()
    return [(row.kind, *_calendar_of(row)) for row in rows]


def _calendar_of(row: OutboxMessage) -> tuple[str, int, bytes]:
    mail = message_from_bytes(row.raw, policy=policy.default)
    part = next(one for one in mail.walk() if one.get_content_type() == "text/calendar")
    content = part.get_payload(decode=True)
    return str(part.get_param("method")), row.calendar_sequence or 0, content


def text_of(outcome) -> str:
    """The words of the newest mail."""
    database.session.rollback()
    found = select(OutboxMessage).where(OutboxMessage.registration_id == outcome.registration_id)
    row = database.session.scalars(found.order_by(OutboxMessage.id.desc()).limit(1)).one()
    body = message_from_bytes(row.raw, policy=policy.default).get_body(("plain",))
    return body.get_content()


def uid_of(content: bytes) -> bytes:
    return next(line for line in content.split(b"\r\n") if line.startswith(b"UID:"))


def judge_by_libical(outcome) -> None:
    """A library of other people takes each message for what it is meant to be."""
    libical = find_libical()
    if libical is None:
        return  # tests/adapters say that it is missing
    email = row_of(outcome).email
    sent = [content for *_more, content in messages(outcome)]
    assert libical.classify(sent[0], None, user=email) == "REQUEST-NEW"
    for old, new in pairwise(sent):
        kinds = ("CANCEL-EVENT",) if b"METHOD:CANCEL" in new else ("REQUEST-RESCHEDULE", "REQUEST-UPDATE")
        assert libical.classify(new, old, user=email) in kinds
        assert libical.find_errors(new) == []
