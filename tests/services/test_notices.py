"""What staff hear by mail: one mail for each decision of somebody else, to the one whom it concerns."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.models.staff import StaffUser
from bookings.models.visits import VisitRequest
from bookings.services.inbox import receive_mail
from bookings.services.requests import submit_request, verify_request
from bookings.services.slots import accept_slot, decline_slot, expire_slots, propose_times
from bookings.services.staff import change_profile
from bookings.services.visits import answer_question, ask_visitor, cancel_visit_by_visitor, wish_change
from bookings.services.visits.ownership import assign_owner
from tests.services.test_requests import SENT, WISH
from tests.support.inbox import Invited, an_invited_host
from tests.support.own_pages import a_proposed_visit, a_released_visit
from tests.support.staff import an_account
from tests.support.stories import STAFF, MailSeen, mails

pytestmark = pytest.mark.usefixtures("app_context")
OFFICE = "contact@kvarken.example"


def notices() -> list[MailSeen]:
    return [mail for mail in mails() if mail.kind.startswith("staff_")]


def told() -> list[tuple[str, str]]:
    return [(mail.kind, mail.recipient) for mail in notices()]


def token(address: str) -> str:
    return address.rpartition("/")[2]


def the_reference() -> str:
    database.session.rollback()
    return database.session.scalars(select(VisitRequest.reference)).one()


def test_a_hosts_no_reaches_staff_once_with_its_reason(now):
    _own, hosts = a_released_visit()

    for _ in range(2):
        decline_slot(token(hosts[0]), reason="We are closed that week.", now=now)

    (mail,) = notices()
    assert (mail.kind, mail.recipient) == ("staff_host_declined", OFFICE)
    assert mail.subject.startswith(f"{the_reference()}: Stormossen cannot receive ")
    assert "We are closed that week." in mail.text
    assert "Stormossen, Tuesday 16 March 2027, 09:00–10:30 EET" in mail.text
    assert f"/staff/visits/{the_reference()}" in mail.text


def test_another_time_is_named_with_its_zone(now):
    _own, hosts = a_released_visit()
    start = now + timedelta(days=40)

    propose_times(
        token(hosts[0]), times=[(start, start + timedelta(hours=1))], comment="Rather then", now=now
    )

    (mail,) = notices()
    assert mail.kind == "staff_host_proposed"
    assert "Proposed: " in mail.text
    assert "EET" in mail.text
    assert "Rather then" in mail.text


def test_hosts_whose_time_runs_out_together_are_one_mail(now):
    a_released_visit()

    expire_slots(now=now + timedelta(days=30))
    expire_slots(now=now + timedelta(days=31))

    (mail,) = notices()
    assert mail.kind == "staff_hosts_silent"
    assert "2 hosts have not answered in time" in mail.subject
    assert "Vakin" in mail.text


def test_a_yes_that_is_taken_back_is_told_as_such(now):
    _own, hosts = a_released_visit()
    accept_slot(token(hosts[0]), now=now)

    decline_slot(token(hosts[0]), now=now + timedelta(hours=1))

    assert told() == [("staff_host_took_back", OFFICE)]


def test_a_visitors_wish_answer_and_cancelling_reach_staff_in_the_visitors_words(now):
    own, _hosts = a_proposed_visit()
    wish_change(token(own), "More about wood, please", now=now)
    ask_visitor(the_reference(), "Which mill?", who=STAFF, now=now)
    answer_question(token(own), "The one in Obbola", now=now)
    cancel_visit_by_visitor(token(own), "No budget", now=now)
    cancel_visit_by_visitor(token(own), "No budget", now=now)

    assert told() == [
        ("staff_visitor_wished", OFFICE),
        ("staff_visitor_answered", OFFICE),
        ("staff_visitor_cancelled", OFFICE),
    ]
    words = ("More about wood, please", "The one in Obbola", "No budget")
    assert [word in mail.text for word, mail in zip(words, notices(), strict=True)] == [True] * 3
    assert "You asked: Which mill?" in notices()[1].text


def test_whoever_looks_after_the_visit_reads_in_their_language_unless_they_switched_it_off(app, now):
    own, _hosts = a_proposed_visit()
    owner = an_account(app)
    change_profile(owner, name="Test Owner", language="sv", wants_mails=True, now=now)
    assign_owner(the_reference(), owner, who=STAFF, now=now)

    wish_change(token(own), "Later in the day", now=now)
    change_profile(owner, name="Test Owner", language="sv", wants_mails=False, now=now)
    wish_change(token(own), "Earlier in the day", now=now)

    (mail,) = notices()
    assert mail.recipient == "coordinator@staff.example"
    assert "Later in the day" in mail.text
    assert "/staff/account" in mail.text


def test_the_visits_of_a_closed_account_are_told_to_the_shared_address(app, now):
    own, _hosts = a_proposed_visit()
    owner = an_account(app)
    assign_owner(the_reference(), owner, who=STAFF, now=now)
    database.session.get_one(StaffUser, owner).active = False
    database.session.commit()

    wish_change(token(own), "Later in the day", now=now)

    assert told() == [("staff_visitor_wished", OFFICE)]


@pytest.mark.settings(mail={"staff_address": "office@umea.example", "staff_language": "fi"})
def test_the_shared_address_and_its_language_are_settings(now):
    own, _hosts = a_proposed_visit()

    wish_change(token(own), "Later in the day", now=now)

    assert told() == [("staff_visitor_wished", "office@umea.example")]


def test_a_request_whose_address_is_proved_is_new_work(now):
    sent = submit_request(WISH, sent=SENT, now=now)
    assert notices() == []

    for _ in range(2):
        verify_request(sent.verify_token or "", now=now)

    (mail,) = notices()
    assert mail.kind == "staff_new_request"
    assert mail.subject == f"{sent.reference}: New request from {WISH.organisation.name}"
    assert WISH.purpose in mail.text


def a_bounce(host: Invited, number: int) -> bytes:
    return (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {host.address}\r\nMessage-ID: <bounce-{number}@mx>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n'
        "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
        f"Final-Recipient: rfc822; {host.email}\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n"
    ).encode()


def test_an_address_whose_mails_come_back_is_told_once(now):
    (host,) = an_invited_host("stormossen")

    for number in (1, 2):
        receive_mail(a_bounce(host, number), now=now + timedelta(minutes=number))

    (mail,) = notices()
    assert mail.kind == "staff_bounced"
    assert host.email in mail.subject
