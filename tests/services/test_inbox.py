"""Answers by mail have the effect of the answer page; what is not certain waits for staff."""

import os
import random
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bookings.db import database
from bookings.domain.errors import TransitionNotAllowedError
from bookings.models.calendar import Attendee
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import ProposedTime
from bookings.services.inbox import (
    accept_alias,
    count_message,
    ignore_message,
    prune_inbox,
    receive_mail,
    reply_to_message,
)
from bookings.services.slots import (
    accept_slot,
    add_slot,
    answer_maybe,
    change_slot,
    decline_slot,
    take_proposal,
    withdraw_slot,
)
from bookings.services.visits import release_visit
from tests.support.builders import a_visit
from tests.support.clock import NOW
from tests.support.inbox import (
    an_invited_host,
    answer,
    calendar,
    inbox_rows,
    invited,
    mail,
    situation,
)
from tests.support.stories import (
    STAFF,
    audit_of,
    calendar_messages,
    holds_of,
    host_token,
    kinds,
    plan,
    slot_row,
)

pytestmark = pytest.mark.usefixtures("app_context")
one_database = pytest.mark.sqlite_only


@pytest.mark.parametrize(
    ("partstat", "state"), [("ACCEPTED", "accepted"), ("TENTATIVE", "tentative"), ("DECLINED", "declined")]
)
def test_an_answer_from_a_calendar_has_the_effect_of_the_page(now, partstat, state):
    by_mail, by_page = an_invited_host("stormossen", "westenergy")

    received = receive_mail(answer(by_mail, partstat), now=now)
    press = {"ACCEPTED": accept_slot, "TENTATIVE": answer_maybe, "DECLINED": decline_slot}[partstat]
    press(host_token(by_page.slot_id), now=now)

    assert (received.verdict, situation(by_mail.slot_id)["state"]) == ("record-response", state)
    for look in (situation, holds_of, audit_of, calendar_messages):
        assert look(by_mail.slot_id) == look(by_page.slot_id)


def test_a_counter_proposal_is_stored_and_can_be_taken(now):
    (host,) = an_invited_host()
    times = "DTSTART;TZID=FLE Standard Time:20270317T120000\nDTEND;TZID=FLE Standard Time:20270317T133000"

    receive_mail(answer(host, "TENTATIVE", method="COUNTER", times=times, more="COMMENT:Onsdag?"), now=now)

    seen = situation(host.slot_id)
    start = datetime(2027, 3, 17, 10, tzinfo=UTC)
    assert seen == {
        "state": "countered", "partstat": "TENTATIVE", "comment": "Onsdag?",
        "proposed": [(start, start + timedelta(minutes=90))],
    }  # fmt: skip
    database.session.rollback()
    proposal = database.session.scalar(select(func.max(ProposedTime.id)))
    take_proposal(host.slot_id, proposal, who=STAFF, now=now)
    assert invited(host.slot_id).sequence == 1


@one_database
def test_a_no_with_another_time_keeps_both(now):
    (host,) = an_invited_host()
    times = "DTSTART:20270317T100000Z\nDTEND:20270317T113000Z"

    receive_mail(answer(host, "DECLINED", method="COUNTER", times=times), now=now)

    assert (situation(host.slot_id)["state"], situation(host.slot_id)["partstat"]) == (
        "countered",
        "DECLINED",
    )


def test_the_same_mail_twice_changes_nothing_and_tells_nobody_twice(now):
    (host,) = an_invited_host()
    raw = answer(host, "DECLINED")
    receive_mail(raw, now=now)
    before = (situation(host.slot_id), kinds(), len(inbox_rows()))

    again = receive_mail(b"Received: by another way\r\n" + raw.replace(b"\r\n", b"\n"), now=now, door="imap")
    copy = receive_mail(answer(host, "DECLINED"), now=now)

    assert (again.verdict, again.message_id) == ("no-op", None)
    assert copy.verdict == "no-op"
    assert (situation(host.slot_id), kinds()) == before[:2]


@one_database
def test_a_host_may_change_mind_in_any_order_and_the_calendar_follows(now):
    (host,) = an_invited_host()
    steps = ["DECLINED", "TENTATIVE", "ACCEPTED", "TENTATIVE", "DECLINED", "ACCEPTED"]

    states = []
    for minute, partstat in enumerate(steps):
        receive_mail(answer(host, partstat, at=now + timedelta(minutes=minute)), now=now)
        states.append(situation(host.slot_id)["state"])

    assert states == ["declined", "tentative", "accepted", "tentative", "declined", "accepted"]
    assert [method for method, _ in calendar_messages(host.slot_id)][-1] == "REQUEST"


@one_database
def test_answers_by_page_and_by_calendar_mixed_at_random_end_equal(now):
    by_mail, mixed = an_invited_host("stormossen", "westenergy")
    generator = random.Random(11)
    press = {"ACCEPTED": accept_slot, "TENTATIVE": answer_maybe, "DECLINED": decline_slot}

    for minute in range(12):
        at, partstat = now + timedelta(minutes=minute), generator.choice(list(press))
        receive_mail(answer(invited(by_mail.slot_id), partstat, at=at), now=at)
        if generator.random() < 0.5:
            press[partstat](host_token(mixed.slot_id), now=at)
        else:
            receive_mail(answer(invited(mixed.slot_id), partstat, at=at), now=at)

        for look in (situation, holds_of, calendar_messages):
            assert look(by_mail.slot_id) == look(mixed.slot_id)


def test_random_orders_of_six_answers_to_two_versions_end_as_their_own_times_say(now):
    """Late, repeated, in any order, some about the time before the move: a sample of the rules."""
    generator = random.Random(7)
    states = {"ACCEPTED": "accepted", "DECLINED": "declined", "TENTATIVE": "tentative", None: "pending"}
    for number in range(int(os.environ.get("BOOKINGS_TEST_ORDERS", "10"))):
        database.session.rollback()
        database.session.remove()
        host = _moved_host(number)
        answers = [
            (now + timedelta(minutes=minute), generator.choice(list(states)[:3]), generator.choice([0, 1, 1]))
            for minute in generator.sample(range(60), 4)
        ]
        expected = max((one for one in answers if one[2] == 1), default=(now, None, 1))[1]

        for at, partstat, sequence in generator.sample([*answers, *answers[:2]], 6):
            receive_mail(answer(host, partstat, at=at, sequence=sequence), now=now + timedelta(hours=2))

        seen = situation(host.slot_id)
        # A yes that was taken back is a cancelled stop.
        assert seen["state"] in {states[expected], "cancelled" if expected == "DECLINED" else ""}
        assert seen["partstat"] == (expected or "NEEDS-ACTION")


def _moved_host(number):
    """Asked for one time, and then for another."""
    slot_id = _another_host(number).slot_id
    row = slot_row(slot_id)
    times = {"starts_at": row.starts_at + timedelta(hours=4), "ends_at": row.ends_at + timedelta(hours=4)}
    change_slot(slot_id, plan("stormossen", **times), version=row.version, who=STAFF, now=NOW)
    return invited(slot_id)


def _another_host(number):
    if number == 0:
        return an_invited_host()[0]
    reference = a_visit().reference
    start = datetime(2027, 3, 17, 8, tzinfo=UTC) + timedelta(days=number)
    more = {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    slot_id = add_slot(reference, plan("stormossen", **more), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    return invited(slot_id)


def test_a_late_yes_to_a_time_that_is_off_waits_for_staff(now):
    (host,) = an_invited_host()
    withdraw_slot(host.slot_id, who=STAFF, now=now)

    received = receive_mail(answer(host), now=now)

    assert (received.verdict, received.reason) == ("flag-for-review", "not_possible")
    assert [row.state for row in inbox_rows()] == ["open"]


@one_database
def test_a_refresh_sends_the_current_invitation_to_this_attendee_only_and_not_in_a_storm(now):
    first, _second = an_invited_host("stormossen", "westenergy")
    before = len(kinds())

    for _ in range(3):
        receive_mail(answer(first, "NEEDS-ACTION", method="REFRESH"), now=now)

    assert kinds()[before:] == ["invitation"]
    assert calendar_messages(first.slot_id) == [("REQUEST", 0), ("REQUEST", 0)]


@one_database
def test_a_bounce_marks_the_address_and_a_delay_does_not(now):
    (host,) = an_invited_host()
    for status, action, verdict in (
        ("4.4.1", "delayed", "log-only"),
        ("5.1.1", "failed", "mark-undeliverable"),
    ):
        report = (
            f"From: MAILER-DAEMON@mx.example\r\nTo: {host.address}\r\nMessage-ID: <{status}@mx>\r\n"
            'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n--b\r\n'
            "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx\r\n\r\n"
            f"Final-Recipient: rfc822; {host.email}\r\nAction: {action}\r\nStatus: {status}\r\n--b--\r\n"
        )

        assert receive_mail(report.encode(), now=now).verdict == verdict

    assert [row.state for row in inbox_rows()] == ["logged", "open"]
    assert database.session.scalar(select(Attendee.undeliverable_at)) == now


def test_a_bounce_in_words_that_quotes_our_mail_alone_is_marked_beside_its_slot(now):
    first, second = an_invited_host("stormossen", "westenergy")
    quoted = select(OutboxMessage.message_id).where(OutboxMessage.slot_id == second.slot_id)
    words = (
        "From: MAILER-DAEMON@mx.example\r\nTo: visits@kvarken.example\r\nMessage-ID: <q@mx>\r\n\r\n"
        f"Hi. This is the qmail-send program.\r\n<{second.email}>:\r\nNo mailbox by that name. (#5.1.1)\r\n"
        "--- Below this line is a copy of the message.\r\n\r\n"
        f"Message-ID: {database.session.scalars(quoted).one()}\r\n"
    )

    received = receive_mail(words.encode(), now=now)

    assert (received.verdict, inbox_rows()[0].slot_id) == ("mark-undeliverable", second.slot_id)
    lost = select(Attendee.email).where(Attendee.undeliverable_at == now)
    assert database.session.scalars(lost).all() == [second.email] != [first.email]


@one_database
@pytest.mark.parametrize(
    ("headers", "sender", "verdict"),
    [
        ("", "host", "flag-for-review"),
        ("Authentication-Results: mx.own.example; dmarc=pass\r\n", "host", "record-response"),
        ("Authentication-Results: mx.own.example; dmarc=pass\r\n", "other", "flag-for-review"),
        ("Authentication-Results: mx.evil.example; dmarc=pass\r\n", "host", "flag-for-review"),
    ],
)
@pytest.mark.settings(inbox={"authserv_id": "mx.own.example"})
def test_without_a_token_only_a_proved_sender_counts(now, headers, sender, verdict):
    (host,) = an_invited_host()
    sender = host.email if sender == "host" else "x@evil.example"
    raw = mail(calendar(host, organizer=False), to="visits@kvarken.example", sender=sender, headers=headers)

    assert receive_mail(raw, now=now).verdict == verdict


@one_database
def test_an_alias_counts_once_staff_say_so_and_then_by_itself(now):
    (host,) = an_invited_host()
    receive_mail(answer(host, "ACCEPTED", attendee="other@stormossen.example"), now=now)
    (row,) = inbox_rows()
    assert (row.reason, situation(host.slot_id)["state"]) == ("alias", "pending")

    accept_alias(row.id, who=STAFF, now=now)
    later = answer(host, "TENTATIVE", attendee="other@stormossen.example", at=now + timedelta(hours=3))
    received = receive_mail(later, now=now)

    assert received.verdict == "record-response"
    assert situation(host.slot_id)["state"] == "tentative"


@one_database
def test_staff_count_an_answer_once_and_no_answer_never(now):
    (host,) = an_invited_host()
    receive_mail(answer(host, "ACCEPTED", sequence=7), now=now)
    receive_mail(mail(to=host.address, sender=host.email, text="Can we meet?"), now=now)
    answered, text = inbox_rows()

    count_message(answered.id, who=STAFF, now=now)

    assert situation(host.slot_id)["state"] == "accepted"
    with pytest.raises(TransitionNotAllowedError):
        count_message(answered.id, who=STAFF, now=now)
    with pytest.raises(TransitionNotAllowedError):
        count_message(text.id, who=STAFF, now=now)


@one_database
def test_a_person_s_text_is_answered_from_the_inbox_and_set_aside_otherwise(now):
    (host,) = an_invited_host()
    for number in range(2):
        receive_mail(mail(to=host.address, sender=host.email, text=f"Question {number}"), now=now)
    first, second = inbox_rows()

    reply_to_message(first.id, "Yes, by the north gate.\n\nWelcome!", who=STAFF, now=now)
    ignore_message(second.id, who=STAFF, now=now)

    assert [(row.verdict, row.state, row.resolution) for row in inbox_rows()] == [
        ("route-to-staff", "decided", "reply"),
        ("route-to-staff", "decided", "ignore"),
    ]
    sent = database.session.scalars(select(OutboxMessage).where(OutboxMessage.kind == "inbox_reply")).one()
    assert (sent.recipient, sent.sender) == (host.email, host.address)
    assert sent.subject == "Re: Accepted: visit"


@one_database
@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"parameters": ";DELEGATED-TO=\"mailto:c@x.example\"", "partstat": "DELEGATED"}, "delegated"),
        ({"method": "REQUEST"}, "foreign_method"),
        ({"method": "CANCEL"}, "foreign_method"),
        ({"attendee": "somebody@else.example"}, "not_invited"),
        ({"sequence": 5}, "never_sent"),
        ({"method": "COUNTER", "times": "DTSTART;TZID=Nowhere:20270317T100000"}, "times_unclear"),
        ({"method": "COUNTER", "times": "DTSTART:20200317T100000Z\nDTEND:20200317T110000Z"}, "times_unclear"),
    ],
)  # fmt: skip
def test_what_is_not_certain_waits_with_its_reason(now, more, reason):
    (host,) = an_invited_host()
    before = situation(host.slot_id)

    received = receive_mail(answer(host, more.pop("partstat", "ACCEPTED"), **more), now=now)

    after = situation(host.slot_id)
    assert (received.reason, [row.state for row in inbox_rows()]) == (reason, ["open"])
    assert after == (before if reason != "delegated" else {**before, "partstat": "DELEGATED"})


@one_database
def test_one_mail_answers_several_entries_of_the_same_person_only(now):
    first, other = an_invited_host("stormossen", "westenergy")
    foreign = calendar(other, "DECLINED").split("BEGIN:VEVENT")[1].split("END:VCALENDAR")[0]
    content = calendar(first).replace("END:VCALENDAR", f"BEGIN:VEVENT{foreign}END:VCALENDAR")

    receive_mail(mail(content, to=first.address, sender=first.email), now=now)

    assert (situation(first.slot_id)["state"], situation(other.slot_id)["state"]) == ("accepted", "pending")


@one_database
def test_texts_go_after_days_unless_somebody_still_has_to_look(now):
    (host,) = an_invited_host()
    receive_mail(answer(host), now=now)
    receive_mail(mail(to=host.address, sender=host.email, text="Question"), now=now)

    prune_inbox(now=now + timedelta(days=15))

    settled, waiting = inbox_rows()
    assert (settled.text, settled.raw) == ("", b"")
    assert (waiting.text, bool(waiting.raw)) == ("Question", True)


@one_database
def test_an_answer_to_the_time_before_a_move_leaves_the_host_owing_one(now):
    (host,) = an_invited_host()
    row = slot_row(host.slot_id)
    change_slot(host.slot_id, plan("stormossen", 12), version=row.version, who=STAFF, now=now)

    received = receive_mail(answer(host, "ACCEPTED", sequence=0), now=now)

    assert received.verdict == "record-as-answer-to-old-version"
    assert situation(host.slot_id)["state"] == "pending"
