"""Staff give somebody another kind of ticket: seats, queue, calendars, and what the person reads."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.errors import NotFoundError, RecordChangedError, TransitionNotAllowedError
from bookings.domain.event_errors import EventFullError, PartNotAvailableError
from bookings.domain.events import Presence
from bookings.domain.registrations import RegistrationState
from bookings.domain.time import local_day
from bookings.models.audit import AuditEntry
from bookings.models.outbox import OutboxMessage
from bookings.services.registrations import add_registration, cancel_by_staff, change_ticket, register
from tests.support.clock import NOW
from tests.support.events import STAFF, STARTS_AT, a_part, a_ticket, an_event
from tests.support.registrations import (
    a_person,
    an_application,
    count_seats,
    mails_to,
    registered,
    row_of,
    state_of,
)

pytestmark = pytest.mark.usefixtures("app_context")
DAY = timedelta(days=1)


def test_the_seat_of_the_old_kind_is_free_and_one_of_the_new_kind_is_taken():
    event = an_event(
        capacity=10, tickets=[a_ticket(capacity=2), a_ticket("Partner", capacity=3, is_partner=True)]
    )
    outcome = come(event)
    before = count_seats(event)

    give(event, outcome, 1)
    after = count_seats(event)
    give(event, outcome, 0)

    assert [taken for _capacity, taken, _seats in before] == [1, 1, 0]
    assert [taken for _capacity, taken, _seats in after] == [0, 0, 1]
    assert count_seats(event) == before


def test_the_same_time_leaves_calendars_alone_and_the_person_reads_of_it():
    event = an_event(tickets=[a_ticket(), a_ticket("Student")])
    outcome = come(event, language="sv")

    give(event, outcome, 1)

    mail = newest_mail(outcome)
    assert mails_to(row_of(outcome).email) == ["registration_confirmed", "registration_ticket"]
    assert mail.calendar_uid is None
    assert b"Student (sv)" in mail.raw
    assert b"Participant (sv)" in mail.raw
    assert actions(outcome)[-1] == (
        "change_ticket",
        {"before": event.tickets[0].id, "after": event.tickets[1].id},
    )


def test_a_ticket_of_another_day_moves_the_entry_of_the_calendar():
    first = local_day(STARTS_AT, "Europe/Helsinki")
    days = [a_ticket(f"Day {number}", valid_on=first + number * DAY) for number in range(2)]
    event = an_event(ends_at=STARTS_AT + DAY + timedelta(hours=4), tickets=days)
    outcome = come(event)
    confirmed = newest_mail(outcome)

    give(event, outcome, 1)

    moved = newest_mail(outcome)
    assert (moved.kind, moved.calendar_uid) == ("registration_ticket", confirmed.calendar_uid)
    assert (confirmed.calendar_sequence, moved.calendar_sequence) == (0, 1)


def test_from_afar_to_the_hall_the_calendar_hears_of_the_place():
    event = an_event(
        presence=Presence.BOTH, online_url="https://meet.example/1", capacity=1,
        tickets=[a_ticket("In the hall"), a_ticket("From afar", presence=Presence.ONLINE)],
    )  # fmt: skip
    outcome = come(event, ticket=1)

    give(event, outcome, 0)

    assert newest_mail(outcome).calendar_sequence == 1
    assert count_seats(event)[0] == (1, 1, 1)


def test_a_full_kind_is_refused_and_everything_stays():
    event = an_event(tickets=[a_ticket(), a_ticket("Dinner", capacity=1)])
    come(event, ticket=1)
    outcome = come(event)
    before = count_seats(event)

    with pytest.raises(EventFullError) as refused:
        give(event, outcome, 1)

    assert refused.value.what[0]["en"] == "Dinner"
    assert row_of(outcome).ticket_id == event.tickets[0].id
    assert count_seats(event) == before
    assert mails_to(row_of(outcome).email) == ["registration_confirmed"]


def test_the_seat_that_is_left_is_offered_to_the_next_in_the_queue():
    event = an_event(tickets=[a_ticket(capacity=1), a_ticket("Partner", capacity=1, is_partner=True)])
    outcome = come(event)
    waiting = registered(event, joins_waiting_list=True)

    give(event, outcome, 1)

    assert state_of(waiting) == RegistrationState.OFFERED


def test_somebody_in_the_queue_is_offered_a_place_of_the_new_kind():
    event = an_event(tickets=[a_ticket(capacity=1), a_ticket("Partner", capacity=1, is_partner=True)])
    come(event)
    waiting = registered(event, joins_waiting_list=True)

    give(event, waiting, 1)

    assert state_of(waiting) == RegistrationState.OFFERED
    assert [taken for _capacity, taken, _seats in count_seats(event)][1:] == [1, 1]


def test_parts_that_the_new_kind_does_not_cover_are_a_refusal():
    event = an_event(
        parts=[a_part("Tour")], presence=Presence.BOTH, online_url="https://meet.example/1",
        tickets=[a_ticket("In the hall"), a_ticket("From afar", presence=Presence.ONLINE)],
    )  # fmt: skip
    outcome = come(event, part_ids=(event.parts[0].id,))

    with pytest.raises(PartNotAvailableError):
        give(event, outcome, 1)


def test_an_address_that_nobody_proved_gets_no_mail():
    event = an_event(tickets=[a_ticket(capacity=1), a_ticket("Student", capacity=1)])
    application = an_application(event)
    outcome = register(application, now=NOW)

    give(event, outcome, 1)

    assert mails_to(application.leader.email) == ["verify_registration"]
    assert [taken for _capacity, taken, _seats in count_seats(event)][1:] == [0, 1]


def test_what_changed_meanwhile_or_is_over_or_is_elsewhere_is_refused():
    event, other = an_event(tickets=[a_ticket(), a_ticket("Student")]), an_event("Another day")
    outcome = come(event)
    row = row_of(outcome)

    with pytest.raises(RecordChangedError):
        change_ticket(row.id, event.tickets[1].id, version=row.version - 1, who=STAFF, now=NOW)
    with pytest.raises(NotFoundError):
        change_ticket(row.id, other.tickets[0].id, version=row.version, who=STAFF, now=NOW)
    cancel_by_staff(row.id, reason="", who=STAFF, now=NOW)
    with pytest.raises(TransitionNotAllowedError):
        give(event, outcome, 1)


def come(event, *, ticket=0, **columns):
    """Somebody is entered by staff with one of the event's kinds of ticket."""
    application = an_application(event, leader=a_person(**columns), ticket_id=event.tickets[ticket].id)
    return add_registration(application, who=STAFF, now=NOW)


def give(event, outcome, ticket):
    row = row_of(outcome)
    return change_ticket(row.id, event.tickets[ticket].id, version=row.version, who=STAFF, now=NOW)


def newest_mail(outcome) -> OutboxMessage:
    session = read_session()
    session.rollback()
    found = select(OutboxMessage).where(OutboxMessage.registration_id == row_of(outcome).id)
    mail = session.scalars(found.order_by(OutboxMessage.id.desc()).limit(1)).one()
    assert mail.raw
    return mail


def actions(outcome) -> list[tuple[str, dict[str, int]]]:
    """What the trail says of a registration."""
    found = select(AuditEntry.action, AuditEntry.detail).where(
        AuditEntry.noun == "registration", AuditEntry.subject_id == row_of(outcome).id
    )
    return [tuple(row) for row in read_session().execute(found.order_by(AuditEntry.id))]
