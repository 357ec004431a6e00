"""What happens when several things happen to one registration at once."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from bookings.db import database, read_session
from bookings.domain.errors import LinkNotFoundError
from bookings.domain.links import build_member_token
from bookings.domain.registrations import RegistrationState
from bookings.models.events import Event
from bookings.models.meetings import Meeting
from bookings.models.registrations import Registration
from bookings.services.advisers import book_advice, follow_visitors
from bookings.services.events import change_event
from bookings.services.registrations import (
    accept_offer,
    approve_registration,
    bring_entries_in_line,
    cancel_by_staff,
    cancel_registration,
    change_by_staff,
    complete_member,
    expire_registrations,
    forget_unproved_registrations,
    hand_over,
    register,
    verify_registration,
)
from tests.support.advisers import a_wish, an_adviser, an_advisory_day, calendar_mails
from tests.support.events import STAFF, a_part, a_plan, again, an_event
from tests.support.registrations import (
    a_person,
    an_application,
    count_seats,
    link_in_mail,
    page_token,
    registered,
    row_of,
    state_of,
)

pytestmark = pytest.mark.usefixtures("app_context")
HOUR = timedelta(hours=1)


def members_of(outcome):
    found = select(Registration).where(Registration.leader_id == row_of(outcome).id).order_by(Registration.id)
    return list(read_session().scalars(found.execution_options(populate_existing=True)))


def proof_of(email):
    """The token of the newest mail that asks whether it was them."""
    return link_in_mail(email, "/registrations/verify/").rpartition("/")[2].partition("?")[0]


def test_who_proves_an_own_form_stays_when_the_group_form_with_that_address_expires(now):
    event = an_event(capacity=5)
    bea = a_person("Bea")
    group = register(an_application(event, bea), now=now)
    own = register(an_application(event, leader=bea), now=now + timedelta(minutes=5))
    verify_registration(proof_of(bea.email), now=now + timedelta(minutes=6))

    expire_registrations(now=now + 2 * HOUR)

    assert own.reference
    assert state_of(group) is RegistrationState.EXPIRED
    [member] = members_of(group)
    assert member.state == RegistrationState.REGISTERED
    assert count_seats(event)[0][1:] == (1, 1)


def test_a_cancelled_member_is_not_brought_back_by_the_leaders_proof(now):
    event = an_event(capacity=2)
    group = register(an_application(event, a_person("Bo")), now=now)
    [member] = members_of(group)
    cancel_by_staff(member.id, reason="Ill", who=STAFF, now=now)

    verify_registration(group.token, now=now)

    [member] = members_of(group)
    assert (state_of(group), member.state) == (RegistrationState.REGISTERED, RegistrationState.CANCELLED)
    assert count_seats(event)[0][1:] == (1, 1)


def test_seats_are_given_back_when_staff_want_to_be_asked_before_the_address_is_proved(now):
    event = an_event(capacity=1)
    sent = register(an_application(event), now=now)
    database.session.execute(update(Event).where(Event.id == event.id).values(needs_approval=True))
    database.session.commit()

    verify_registration(sent.token, now=now)
    while_asked = count_seats(event)[0][1:]
    approve_registration(row_of(sent).id, reason="", who=STAFF, now=now)

    assert while_asked == (0, 0)
    assert state_of(sent) is RegistrationState.REGISTERED
    assert count_seats(event)[0][1:] == (1, 1)


def test_whom_a_place_is_handed_to_gets_the_entry_once_the_page_is_complete(now):
    event = an_event()
    came = registered(event)
    hand_over(came.token, name="Bo", email="bo@example.org", now=now)

    complete_member(page_token("bo@example.org"), a_person("Bo", email="bo@example.org"), now=now)

    assert [one.method for one in calendar_mails("bo@example.org")] == ["REQUEST"]
    assert row_of(came).verified_at is not None


def test_a_corrected_address_is_asked_for_its_proof_and_the_wrong_one_proves_nothing(now):
    event = an_event()
    sent = register(an_application(event), now=now)
    row = row_of(sent)

    change_by_staff(
        row.id, a_person("Right", email="right@example.org"), version=row.version, who=STAFF, now=now
    )

    with pytest.raises(LinkNotFoundError):
        verify_registration(sent.token, now=now)
    assert state_of(sent) is RegistrationState.UNVERIFIED
    verify_registration(proof_of("right@example.org"), now=now)
    assert state_of(sent) is RegistrationState.REGISTERED


def test_a_member_who_was_proved_in_the_queue_gets_the_entry_with_the_place(now):
    event = an_event(capacity=2)
    first = registered(event)
    second = registered(event)
    group = registered(event, an_application(event, a_person("Bo"), joins_waiting_list=True))
    [member] = members_of(group)
    bo = a_person("Bo")
    complete_member(build_member_token(group.token, member.id), bo, now=now)
    complete_member(page_token(bo.email), bo, now=now)
    for one in (first, second):
        cancel_registration(one.token, reason="", now=now + HOUR)

    accept_offer(group.token, now=now + 2 * HOUR)

    assert [one.method for one in calendar_mails(bo.email)] == ["REQUEST"]


def test_a_time_with_an_adviser_that_nobody_confirmed_is_forgotten_with_the_rest(now):
    event = an_advisory_day()
    book_advice(a_wish(event, an_adviser(event)), now=now)
    other = register(an_application(an_event("Other day")), now=now)
    expire_registrations(now=now + 2 * HOUR)
    follow_visitors(now=now + 2 * HOUR)

    forget_unproved_registrations(now=now + timedelta(days=9))

    left = read_session().scalar(select(func.count()).select_from(Registration))
    meetings = read_session().scalar(select(func.count()).select_from(Meeting))
    assert other.reference
    assert (left, meetings) == (0, 0)


def test_an_event_that_moves_takes_its_parts_along_and_everybody_hears_of_it_once(now):
    event = an_event(parts=[a_part("Wind"), a_part("Waste", hours=2)])
    who = a_person(part_ids=tuple(part.id for part in event.parts))
    registered(event, an_application(event, leader=who))
    week = timedelta(days=7)
    moved = a_plan(starts_at=event.starts_at + week, place_id=event.place_id, capacity=event.capacity)

    change_event(event.slug, moved, who=STAFF, now=now + HOUR)
    bring_entries_in_line(now=now + HOUR)
    bring_entries_in_line(now=now + 2 * HOUR)

    after = again(event.slug)
    assert [part.starts_at for part in after.parts] == [part.starts_at + week for part in event.parts]
    told = calendar_mails(who.email)
    assert [(one.method, one.sequence) for one in told] == [("REQUEST", 0), ("REQUEST", 1)]
    assert told[1].starts_at == told[0].starts_at + week
    assert told[1].uid == told[0].uid
