"""A mail that did not reach a host: shown beside the slot, and sent once more to the address of today."""

import icalendar
import pytest
from flask import Flask
from sqlalchemy import update

from bookings.db import read_session, transaction
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.slots import SlotState
from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from bookings.models.directory import HostContact
from bookings.queries.outbox import build_refusals, list_came_back, refused_mails
from bookings.queries.stacks import Stack
from bookings.services.inbox import receive_mail
from bookings.services.slots import reopen_slot, resend_invitation, withdraw_slot
from tests.support.inbox import Invited, an_invited_host, answer, invited, situation
from tests.support.mailbox import SMTPSink
from tests.support.stories import STAFF, audit_of, slot_row
from tests.support.tree import ROOT

A_BOUNCE = ROOT / "tests" / "calendar-mails" / "bounce-unknown-user.eml"
NEW = "new.address@stormossen.example"


@pytest.fixture(autouse=True)
def in_app(app_context: Flask) -> None:
    """Use cases are called at once."""


def correct_address(host: Invited) -> None:
    with transaction() as session:
        session.execute(update(HostContact).where(HostContact.email == host.email).values(email=NEW))


def send_all(app: Flask, now) -> None:
    worker = Worker(app, schedule=Schedule(jobs=()), clock=lambda: now)
    while worker.work_once():
        pass


def refusals(slot_id: int) -> dict[int, str]:
    read_session().rollback()
    return build_refusals(Stack(**refused_mails()).read(read_session(), {"slot_ids": [slot_id]}))


def test_a_550_stands_beside_the_slot_until_the_corrected_address_takes_the_mail(
    app: Flask, smtp_sink: SMTPSink, now
):
    (host,) = an_invited_host()
    smtp_sink.answers[host.email] = "550 5.1.1 no such person"
    send_all(app, now)
    refused = refusals(host.slot_id)

    correct_address(host)
    resend_invitation(host.slot_id, who=STAFF, now=now)
    send_all(app, now)

    assert refused == {host.slot_id: "550 5.1.1 no such person"}
    (mail,) = smtp_sink.to(NEW)
    (event,) = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")
    assert (str(event["UID"]), event["SEQUENCE"]) == (host.uid, 0)
    assert str(event["ATTENDEE"]).lower() == f"mailto:{NEW}"
    assert refusals(host.slot_id) == {}
    assert "resend" in audit_of(host.slot_id)


def test_the_new_address_answers_and_the_old_one_cannot_any_more(app: Flask, smtp_sink: SMTPSink, now):
    (host,) = an_invited_host()
    correct_address(host)
    resend_invitation(host.slot_id, who=STAFF, now=now)
    again = invited(host.slot_id)

    receive_mail(answer(host, "DECLINED"), now=now, door="pipe")
    by_the_old = situation(host.slot_id)["state"]
    receive_mail(answer(again, "ACCEPTED"), now=now, door="pipe")

    assert (again.uid, again.email, again.token != host.token) == (host.uid, NEW, True)
    assert (by_the_old, situation(host.slot_id)["state"]) == ("pending", "accepted")


def test_a_mail_that_comes_back_is_listed_until_it_is_sent_again(app: Flask, smtp_sink: SMTPSink, now):
    (host,) = an_invited_host()
    receive_mail(A_BOUNCE.read_bytes(), now=now, door="pipe", recipients=[host.address])
    listed = list_came_back(read_session())

    resend_invitation(host.slot_id, who=STAFF, now=now)
    read_session().rollback()

    assert [(one.slot_id, one.email, one.since) for one in listed] == [(host.slot_id, host.email, now)]
    assert list_came_back(read_session()) == []


def test_a_slot_that_is_asked_again_goes_to_the_new_address(app: Flask, smtp_sink: SMTPSink, now):
    (host,) = an_invited_host()
    withdraw_slot(host.slot_id, who=STAFF, now=now)
    correct_address(host)

    reopen_slot(host.slot_id, who=STAFF, now=now)
    send_all(app, now)

    (mail,) = smtp_sink.to(NEW)
    (event,) = icalendar.Calendar.from_ical(mail.calendar).walk("VEVENT")
    assert (str(event["UID"]), str(event["ATTENDEE"]).lower()) == (host.uid, f"mailto:{NEW}")


def test_a_stop_that_is_off_is_not_sent_again(now):
    (host,) = an_invited_host()
    withdraw_slot(host.slot_id, who=STAFF, now=now)

    with pytest.raises(TransitionNotAllowedError):
        resend_invitation(host.slot_id, who=STAFF, now=now)

    assert slot_row(host.slot_id).state == SlotState.WITHDRAWN
