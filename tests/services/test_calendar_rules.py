"""What holds for all messages about one entry, however much happens to it: docs/calendar.md, part 1."""

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from icalendar import Calendar, Event
from sqlalchemy import select

from bookings.db import database
from bookings.models.outbox import OutboxMessage
from bookings.services.slots import accept_slot, change_slot, reopen_slot, withdraw_slot
from tests.support.builders import a_directory, a_visit
from tests.support.stages import asked
from tests.support.stories import STAFF, host_token, plan, slot_row

pytestmark = [pytest.mark.usefixtures("app_context"), pytest.mark.sqlite_only]
_WEIGHT_OF_TOKEN = 32
"""Hexadecimal digits of 128 bits."""


@dataclass(frozen=True)
class Sent:
    """One mail with its calendar message, read by a foreign parser."""

    envelope: str
    message: EmailMessage
    method: str
    event: Event

    @property
    def organizer(self) -> str:
        return str(self.event["ORGANIZER"]).removeprefix("mailto:")

    @property
    def stamp(self) -> datetime:
        return self.event["DTSTAMP"].dt

    def text(self, kind: str) -> str:
        return " ".join(self.message.get_body((kind,)).get_content().split())


def sent_to(host: str) -> list[Sent]:
    """All messages to a host in the order in which they leave."""
    database.session.rollback()
    rows = database.session.scalars(
        select(OutboxMessage)
        .where(
            OutboxMessage.recipient == f"visits@{host}.example", OutboxMessage.calendar_sequence.is_not(None)
        )
        .order_by(OutboxMessage.id)
    )
    return [_read(row.sender, row.raw) for row in rows]


def _read(envelope: str, raw: bytes) -> Sent:
    message = message_from_bytes(raw, policy=default)
    part = next(one for one in message.walk() if one.get_content_type() == "text/calendar")
    calendar = Calendar.from_ical(part.get_content())
    [event] = calendar.walk("VEVENT")
    assert part.get_param("method") == str(calendar["METHOD"])
    return Sent(envelope, message, str(calendar["METHOD"]), event)


@pytest.fixture
def story(app_context, now) -> list[Sent]:
    """Asked, accepted, moved, withdrawn and asked again, all within one second."""
    a_directory()
    slot_id, _other = asked(a_visit(contact_time_zone="Asia/Tokyo").reference, now=now)
    accept_slot(host_token(slot_id), now=now)
    change_slot(slot_id, plan("stormossen", 10), version=slot_row(slot_id).version, who=STAFF, now=now)
    withdraw_slot(slot_id, who=STAFF, now=now)
    reopen_slot(slot_id, who=STAFF, now=now)
    return sent_to("stormossen")


def test_one_organizer_address_stands_for_ever_in_calendar_reply_to_and_envelope(story, app_context):
    [address] = {sent.organizer for sent in story}
    token = address.partition("+")[2].partition("@")[0]

    for sent in story:
        assert sent.message["Reply-To"].addresses[0].addr_spec == sent.organizer == sent.envelope
        assert sent.message["From"].addresses[0].domain == address.partition("@")[2]
        assert sent.message["From"].addresses[0].display_name == str(sent.event["ORGANIZER"].params["CN"])
    assert len(token) >= _WEIGHT_OF_TOKEN
    assert {sent.organizer for sent in sent_to("westenergy")}.isdisjoint({address})


def test_each_message_names_its_reader_only(story):
    for sent in (*story, *sent_to("westenergy")):
        [recipient] = sent.message["To"].addresses
        attendee = sent.event["ATTENDEE"]
        assert not isinstance(attendee, list)
        assert str(attendee) == f"mailto:{recipient.addr_spec}"
        assert b"westenergy" not in sent.event.to_ical() or recipient.addr_spec.endswith("westenergy.example")


def test_the_uid_stays_sequence_never_falls_and_each_stamp_is_later(story):
    [uid] = {str(sent.event["UID"]) for sent in story}

    assert " " not in uid
    assert [(sent.method, sent.event["SEQUENCE"]) for sent in story] == [
        ("REQUEST", 0),
        ("REQUEST", 0),
        ("REQUEST", 1),
        ("CANCEL", 2),
        ("REQUEST", 3),
    ]
    stamps = [sent.stamp for sent in story]
    assert stamps == sorted(set(stamps))


def test_text_and_html_say_what_the_calendar_says_and_what_was_before(story):
    moved = story[2]

    for kind in ("plain", "html"):
        text = moved.text(kind)
        for said in (
            "Tuesday 16 March 2027, 11:00–12:30 EET",
            "Tuesday 16 March 2027, 12:00–13:30 EET",
            "Until now",
            "Stormossen visitor centre",
            "The calendar of Gmail may show it only after you have answered",
        ):
            assert said in text
        for answer in ("accept", "propose", "decline"):
            assert f"answer={answer}" in text
    assert moved.event["DTSTART"].dt.isoformat() == "2027-03-16T12:00:00+02:00"


def test_a_calendar_holds_no_link_that_answers(story):
    for sent in story:
        assert "/slots/" not in sent.event.to_ical().decode()
        assert "URL" not in sent.event
