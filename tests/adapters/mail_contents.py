"""Mails to compose and send in tests."""

from datetime import UTC, datetime
from typing import Any

from bookings.adapters.ical.build import build_request
from bookings.adapters.mail.compose import CalendarPart, Mailbox, MailContent
from tests.adapters.calendar_entries import an_entry

SENT_AT = datetime(2027, 5, 6, 9, 12, 31, tzinfo=UTC)
REQUEST = build_request(an_entry())
INVITATION = CalendarPart(method="REQUEST", content=REQUEST)


def a_mail(**changes: Any) -> MailContent:
    values: dict[str, Any] = {
        "sender": Mailbox(address="visits@kvarken.example", name="Kvarken Visits"),
        "recipient": Mailbox(address="mikko.virtanen@vaasa-energia.example", name="Mikko Virtanen"),
        "reply_to": Mailbox(address="answer+b3Zn8wYh5JtG6fAe@kvarken.example", name="Kvarken Visits"),
        "subject": "Inbjudan: Studiebesök",
        "date": SENT_AT,
        "message_id": "<0123456789abcdef@kvarken.example>",
        "text": "Välkommen! Svara: https://visits.example/slots/abc.",
        "html": '<p>Välkommen! <a href="https://visits.example/slots/abc">Svara</a></p>',
    }
    return MailContent(**values | changes)
