"""Registering: proof, groups, limits, who is told what."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bookings.domain.event_errors import (
    AccessCodeError,
    EventFullError,
    GroupTooLargeError,
    OrganisationLimitError,
    PartNotAvailableError,
    RegistrationClosedError,
)
from bookings.domain.registrations import RegistrationState
from bookings.services.registrations import (
    accept_offer,
    add_registration,
    approve_registration,
    cancel_registration,
    decline_offer,
    expire_registrations,
    register,
    report_not_me,
    verify_registration,
)
from tests.support.events import STAFF, a_part, a_ticket, an_event
from tests.support.registrations import (
    a_group,
    a_person,
    an_application,
    count_seats,
    mails_to,
    queue_of,
    registered,
    row_of,
    state_of,
)

pytestmark = pytest.mark.usefixtures("app_context")


def test_a_form_keeps_a_seat_and_the_proof_makes_it_a_place(now):
    event = an_event(capacity=5)

    sent = register(an_application(event), now=now)
    kept = count_seats(event)
    outcome = verify_registration(sent.token, now=now)

    assert kept == [(5, 1, 1)]
    assert (sent.state, outcome.state) == (RegistrationState.UNVERIFIED, RegistrationState.REGISTERED)
    assert outcome.reference == sent.reference
    assert mails_to(row_of(sent).email) == ["verify_registration", "registration_confirmed"]


def test_the_same_form_twice_is_one_registration(now):
    event = an_event(capacity=5)
    application = an_application(event)

    first, second = register(application, now=now), register(application, now=now)

    assert first.reference == second.reference
    assert count_seats(event) == [(5, 1, 1)]


def test_pressing_confirm_twice_is_harmless(now):
    event = an_event(capacity=5)
    sent = register(an_application(event), now=now)

    first, second = (verify_registration(sent.token, now=now) for _ in range(2))

    assert first.state == second.state == RegistrationState.REGISTERED
    assert mails_to(row_of(sent).email) == ["verify_registration", "registration_confirmed"]


def test_an_address_that_is_known_at_the_event_gets_its_own_link_and_nobody_sees_the_difference(now):
    event = an_event(capacity=5)
    person = a_person()
    first = registered(event, an_application(event, leader=person))

    again = register(an_application(event, leader=person), now=now)

    assert (again.state, again.registration_id) == (RegistrationState.UNVERIFIED, None)
    assert again.reference != first.reference
    assert mails_to(person.email)[-1] == "registration_again"
    assert count_seats(event) == [(5, 1, 1)]


def test_seats_of_an_unproved_address_are_free_after_an_hour_and_may_be_found_again(now):
    event = an_event(capacity=1)
    sent = register(an_application(event), now=now)

    expire_registrations(now=now + timedelta(minutes=61))
    freed = count_seats(event)
    late = verify_registration(sent.token, now=now + timedelta(hours=2))

    assert freed == [(1, 0, 0)]
    assert late.state == RegistrationState.REGISTERED


def test_who_proves_too_late_for_a_full_event_stands_in_the_queue(now):
    event = an_event(capacity=1)
    sent = register(an_application(event), now=now)
    expire_registrations(now=now + timedelta(minutes=61))
    registered(event, now=now + timedelta(minutes=62))

    late = verify_registration(sent.token, now=now + timedelta(hours=2))

    assert (late.state, late.waiting_place) == (RegistrationState.WAITING, 1)


def test_a_full_event_refuses_and_names_what_is_full(now):
    event = an_event(capacity=9, parts=[a_part("Workshop", capacity=1)])
    part = event.parts[0].id
    registered(event, part_ids=(part,))

    with pytest.raises(EventFullError) as refusal:
        register(an_application(event, part_ids=(part,)), now=now)

    assert refusal.value.what[0]["en"] == "Workshop"
    assert refusal.value.waiting_list_is_open
    assert register(an_application(event), now=now).state == RegistrationState.UNVERIFIED


def test_a_group_comes_whole_or_not_at_all(now):
    event = an_event(capacity=5)
    registered(event, a_group(event, 3))

    with pytest.raises(EventFullError):
        register(a_group(event, 3), now=now)

    assert count_seats(event) == [(5, 3, 3)]


def test_members_get_a_link_without_a_word_of_who_typed_their_address(now):
    event = an_event(capacity=5)
    member = a_person("Buy my pills")

    registered(event, an_application(event, member, leader=a_person("Win a prize")))

    assert mails_to(member.email) == ["registration_member"]


def test_seats_of_partners_are_set_aside_and_need_the_code(now):
    tickets = [a_ticket(), a_ticket("Partner", is_partner=True, capacity=2, access_code="Kvark-26")]
    event = an_event(capacity=3, tickets=tickets)
    registered(event)
    partner = replace(an_application(event), ticket_id=event.tickets[1].id, joins_waiting_list=False)

    with pytest.raises(EventFullError):
        register(an_application(event), now=now)
    with pytest.raises(AccessCodeError):
        register(partner, now=now)
    outcome = registered(event, replace(partner, access_code=" kvark-26 "))

    assert outcome.state == RegistrationState.REGISTERED


@pytest.mark.parametrize("code", ["", "anything"])
def test_without_a_code_only_staff_give_out_what_is_set_aside(now, code):
    event = an_event(capacity=3, tickets=[a_ticket(), a_ticket("Partner", is_partner=True, capacity=2)])
    partner = replace(an_application(event), ticket_id=event.tickets[1].id, access_code=code)

    with pytest.raises(AccessCodeError):
        register(partner, now=now)
    outcome = add_registration(partner, who=STAFF, now=now)

    assert outcome.state == RegistrationState.REGISTERED


def test_rules_of_the_event_are_kept(now):
    event = an_event(
        capacity=50, most_per_organisation=2, largest_group=4, opens_at=now - timedelta(days=1),
        closes_at=now + timedelta(days=2), parts=[a_part()],
    )  # fmt: skip
    registered(event, a_group(event, 2))

    with pytest.raises(OrganisationLimitError):
        register(an_application(event), now=now)
    with pytest.raises(GroupTooLargeError):
        register(a_group(event, 5), now=now)
    with pytest.raises(PartNotAvailableError):
        register(an_application(event, part_ids=(event.parts[0].id + 99,)), now=now)
    with pytest.raises(RegistrationClosedError):
        register(an_application(event), now=now + timedelta(days=3))


def test_this_was_not_me_frees_the_seat_and_stops_further_mail(now):
    event = an_event(capacity=1)
    person = a_person()
    sent = register(an_application(event, leader=person), now=now)

    report_not_me(sent.token, now=now)
    after = count_seats(event)
    register(an_application(event, leader=person), now=now)

    assert after == [(1, 0, 0)]
    assert mails_to(person.email) == ["verify_registration"]


def test_staff_decide_where_they_want_to_and_a_seat_is_taken_with_their_yes(now):
    event = an_event(capacity=1, needs_approval=True)
    first, second = registered(event), registered(event)
    before = count_seats(event)

    yes = approve_registration(first.registration_id, who=STAFF, now=now)
    late = approve_registration(second.registration_id, who=STAFF, now=now)

    assert before == [(1, 0, 0)]
    assert first.state == second.state == RegistrationState.PENDING
    assert (yes.state, late.state) == (RegistrationState.REGISTERED, RegistrationState.WAITING)


def test_staff_enter_somebody_whose_address_counts_as_proved(now):
    event = an_event(capacity=1)

    outcome = add_registration(an_application(event), who=STAFF, now=now)

    assert outcome.state == RegistrationState.REGISTERED
    with pytest.raises(EventFullError):
        add_registration(an_application(event), who=STAFF, now=now)


def test_a_freed_place_is_offered_taken_refused_and_goes_on_to_the_next(now):
    event = an_event(capacity=1)
    first = registered(event)
    second, third = (registered(event, joins_waiting_list=True) for _ in range(2))

    cancel_registration(first.token, now=now)
    assert [state_of(one) for one in (second, third)] == [
        RegistrationState.OFFERED,
        RegistrationState.WAITING,
    ]
    decline_offer(second.token, now=now)
    outcome = accept_offer(third.token, now=now)

    assert state_of(second) == RegistrationState.CANCELLED
    assert outcome.state == RegistrationState.REGISTERED
    assert queue_of(event) == []
    assert count_seats(event) == [(1, 1, 1)]
    assert mails_to(row_of(third).email)[-2:] == ["registration_offer", "registration_confirmed"]


def test_an_offer_lapses_and_the_next_is_asked(now):
    event = an_event(capacity=1)
    first = registered(event)
    second, third = (registered(event, joins_waiting_list=True) for _ in range(2))
    cancel_registration(first.token, now=now)

    expire_registrations(now=now + timedelta(hours=25))

    assert state_of(second) == RegistrationState.EXPIRED
    assert state_of(third) == RegistrationState.OFFERED
    assert mails_to(row_of(second).email)[-1] == "offer_lapsed"
