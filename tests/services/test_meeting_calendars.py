"""Meetings in calendars: one entry for each side from first to last, and a colleague who stands in."""

from datetime import timedelta
from email import message_from_bytes, policy
from itertools import pairwise

import pytest
from sqlalchemy import select

from bookings.db import database, read_session
from bookings.domain.event_errors import MeetingNotPossibleError
from bookings.domain.meetings import MatchMode
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.meetings import MeetingPerson
from bookings.models.outbox import OutboxMessage
from bookings.queries.meetings.day import load_day_by_slug
from bookings.services.inbox import receive_mail
from bookings.services.meetings import (
    accept_request,
    ask_for_meeting,
    cancel_meeting,
    move_meeting,
    name_stand_in,
)
from bookings.services.registrations import change_by_staff
from tests.adapters.foreign_libical import find_libical
from tests.support.events import STAFF
from tests.support.inbox import Invited, answer
from tests.support.meetings import (
    a_guest,
    a_match_day,
    body_of,
    guests,
    mails_about,
    row_of,
    slots_of,
    standing,
)
from tests.support.registrations import a_person

pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.sqlite_only]
HOUR = timedelta(hours=1)


def test_a_meeting_is_born_moves_and_ends_in_foreign_calendars_with_one_uid(now):
    event, asker, _asked, meeting = an_agreed_meeting(now)
    move_meeting(event.slug, meeting.id, slots_of(event)[8].id, who=STAFF, now=now + HOUR)
    cancel_meeting(asker, meeting.id, now=now + 2 * HOUR)

    person = row_of(asker)
    sent = calendar_messages(person.id)

    assert [one[:3] for one in sent] == [
        ("meeting_agreed", "REQUEST", 0), ("meeting_moved", "REQUEST", 1), ("meeting_cancelled", "CANCEL", 2),
    ]  # fmt: skip
    assert len({uid for *_more, uid, _content in sent}) == 1
    judge_by_libical([content for *_more, content in sent], person.email)


def test_a_corrected_address_takes_the_meeting_out_of_the_wrong_calendar_into_the_right_one(now):
    event, asker, asked, meeting = an_agreed_meeting(now)
    row, wrong, right = row_of(asker), row_of(asker).email, "right@guests.example"
    before = calendar_messages(row_of(asked).id)
    uid = calendar_messages(row.id)[0][3]

    change_by_staff(row.id, a_person(row.name, email=right), version=row.version, who=STAFF, now=now + HOUR)

    mails = select(OutboxMessage).where(OutboxMessage.calendar_uid == uid).order_by(OutboxMessage.id)
    sent = [(one.recipient, one.kind, one.calendar_sequence) for one in database.session.scalars(mails)]
    assert sent == [(wrong, "meeting_agreed", 0), (wrong, "meeting_left", 1), (right, "meeting_agreed", 2)]
    assert calendar_messages(row_of(asked).id) == before
    assert [one.id for one in standing(event)] == [meeting.id]


def test_a_time_that_has_just_been_taken_is_told_apart_from_a_day_without_a_common_time(now):
    event, _asker, asked, meeting = an_agreed_meeting(now)
    late = ask_for_meeting(a_guest(event), row_of(asked).reference, now=now)

    with pytest.raises(MeetingNotPossibleError, match="gone"):
        accept_request(asked, late, slot_id=meeting.slot_id, now=now)


def test_a_no_from_the_calendar_calls_the_meeting_off_and_tells_the_other(now):
    event, asker, asked, _meeting = an_agreed_meeting(now)

    receive_mail(answer(invited(asker), "DECLINED"), now=now + 2 * HOUR)
    receive_mail(answer(invited(asked), "DECLINED"), now=now + 3 * HOUR)

    assert standing(event) == []
    told = {mail.recipient for mail in mails_about("meeting_cancelled")}
    assert told == {row_of(asker).email, row_of(asked).email}
    assert [one[1] for one in calendar_messages(row_of(asked).id)] == ["REQUEST", "CANCEL"]


def an_agreed_meeting(now):
    event = a_match_day(mode=MatchMode.ASK)
    asker, asked = guests(event, 2)
    accept_request(asked, ask_for_meeting(asker, row_of(asked).reference, now=now), now=now)
    return event, asker, asked, standing(event)[0]


def invited(token: str) -> Invited:
    """What the person's calendar holds."""
    query = (
        select(CalendarEntry, Attendee)
        .join(Attendee, Attendee.entry_id == CalendarEntry.id)
        .join(MeetingPerson, MeetingPerson.calendar_entry_id == CalendarEntry.id)
        .where(MeetingPerson.registration_id == row_of(token).id)
    )
    entry, attendee = database.session.execute(query).one()
    return Invited(
        0, entry.uid, attendee.organizer_token, attendee.email, entry.sequence, entry.starts_at, entry.ends_at
    )


def calendar_messages(registration_id: int) -> list[tuple[str, str, int, str, bytes]]:
    """Kind, method, SEQUENCE, UID and content of what went to the person's calendar."""
    database.session.rollback()
    query = select(OutboxMessage).where(
        OutboxMessage.registration_id == registration_id, OutboxMessage.calendar_uid.is_not(None)
    )
    found = []
    for row in database.session.scalars(query.order_by(OutboxMessage.id)):
        parts = message_from_bytes(row.raw, policy=policy.default).walk()
        part = next(one for one in parts if one.get_content_type() == "text/calendar")
        method, content = part.get_param("method"), part.get_payload(decode=True)
        found.append((row.kind, method, row.calendar_sequence, row.calendar_uid, content))
    return found


def judge_by_libical(sent: list[bytes], email: str) -> None:
    """A library of other people takes each message for what it is meant to be."""
    libical = find_libical()
    if libical is None:
        return  # tests/adapters say that it is missing
    assert libical.classify(sent[0], None, user=email) == "REQUEST-NEW"
    for old, new in pairwise(sent):
        kinds = ("CANCEL-EVENT",) if b"METHOD:CANCEL" in new else ("REQUEST-RESCHEDULE",)
        assert libical.classify(new, old, user=email) in kinds
        assert libical.find_errors(new) == []


def test_a_colleague_stands_in_the_other_reads_who_comes_and_nothing_moves(now):
    event, asker, asked, meeting = an_agreed_meeting(now)
    own = row_of(asker)

    name_stand_in(asker, meeting.id, "Cecilia Holm", now=now + HOUR)

    mails = mails_about("meeting_stand_in")
    assert [mail.recipient for mail in mails] == [row_of(asked).email]
    assert f"Cecilia Holm comes in the place of {own.name}." in body_of(mails[0])
    sent = calendar_messages(row_of(asked).id)
    assert [one[1:3] for one in sent] == [("REQUEST", 0), ("REQUEST", 0)]
    assert "Cecilia Holm" in sent[1][4].decode()
    move_meeting(event.slug, meeting.id, slots_of(event)[8].id, who=STAFF, now=now + 2 * HOUR)
    day = load_day_by_slug(read_session(), event.slug)
    assert day.meetings[0].stand_ins == {}


def test_a_colleague_who_stands_in_is_in_one_place_only(now):
    event = a_match_day(mode=MatchMode.ASK)
    anna = a_guest(event, "Anna Berg", organisation="Stormossen")
    cecilia = a_guest(event, "Cecilia Holm", organisation="Stormossen")
    one, two, three = guests(event, 3)
    slot, later = slots_of(event)[3].id, slots_of(event)[5].id
    for asked in (one, two):
        request = ask_for_meeting(anna, row_of(asked).reference, now=now)
        accept_request(asked, request, slot_id=slot if asked == one else later, now=now)
    taken = ask_for_meeting(cecilia, row_of(three).reference, now=now)
    accept_request(three, taken, slot_id=slot, now=now)
    first, second, _third = standing(event)

    with pytest.raises(MeetingNotPossibleError, match="colleague"):
        name_stand_in(anna, first.id, "cecilia holm", now=now)
    name_stand_in(anna, second.id, "Cecilia Holm", now=now)

    day = load_day_by_slug(read_session(), event.slug)
    assert later in day.taken(row_of(cecilia).id)
    assert later not in day.free_slots(row_of(cecilia).id)


def test_the_name_of_a_colleague_can_be_put_right(now):
    event = a_match_day(mode=MatchMode.ASK)
    anna, cecilia = (
        a_guest(event, name, organisation="Stormossen") for name in ("Anna Berg", "Cecilia Holm")
    )
    (other,) = guests(event, 1)
    accept_request(other, ask_for_meeting(anna, row_of(other).reference, now=now), now=now)
    meeting = standing(event)[0]
    name_stand_in(anna, meeting.id, "cecilia holm", now=now)

    name_stand_in(anna, meeting.id, "Cecilia Holm", now=now)

    day = load_day_by_slug(read_session(), event.slug)
    assert day.meetings[0].stand_ins == {row_of(anna).id: "Cecilia Holm"}
    assert day.stood_in == {row_of(cecilia).id: {meeting.slot_id}}


def test_a_sixth_name_in_a_day_is_refused_and_whoever_comes_after_all_may_say_so(now):
    _event, asker, asked, meeting = an_agreed_meeting(now)
    for number in range(5):
        name_stand_in(asker, meeting.id, f"Colleague {number}", now=now)

    with pytest.raises(MeetingNotPossibleError, match="renamed"):
        name_stand_in(asker, meeting.id, "Colleague 5", now=now)

    assert len(mails_about("meeting_stand_in")) == 5
    name_stand_in(asked, meeting.id, "Cecilia Holm", now=now)
    name_stand_in(asker, meeting.id, "", now=now)
    name_stand_in(asker, meeting.id, "Colleague 5", now=now + timedelta(days=1))


def test_without_an_organisation_nobody_is_a_colleague(now):
    event = a_match_day(mode=MatchMode.ASK)
    nowhere = {"organisation_name": "", "organisation_key": ""}
    alone, namesake = (a_guest(event, name, **nowhere) for name in ("Anna Berg", "Cecilia Holm"))
    (other,) = guests(event, 1)
    accept_request(other, ask_for_meeting(alone, row_of(other).reference, now=now), now=now)
    meeting = standing(event)[0]

    name_stand_in(alone, meeting.id, "Cecilia Holm", now=now)

    day = load_day_by_slug(read_session(), event.slug)
    assert meeting.slot_id in day.free_slots(row_of(namesake).id)


def test_the_calendar_rings_ten_minutes_before_and_no_mail_is_sent_for_it(now):
    _event, asker, _asked, meeting = an_agreed_meeting(now)

    content = calendar_messages(row_of(asker).id)[0][4].decode()

    assert content.count("BEGIN:VALARM") == content.count("TRIGGER:-PT10M") == 1
    cancel_meeting(asker, meeting.id, now=now)
    assert "VALARM" not in calendar_messages(row_of(asker).id)[1][4].decode()
