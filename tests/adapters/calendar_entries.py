"""Entries to build calendar messages from, and what calendar programs are known to refuse."""

import re
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from bookings.adapters.ical.values import Attendee, InvitationEntry, Organizer

QUEUED_AT = datetime(2027, 5, 1, 12, tzinfo=UTC)
STARTS_AT = datetime(2027, 5, 18, 7, tzinfo=UTC)


def an_entry(**changes: Any) -> InvitationEntry:
    values: dict[str, Any] = {
        "uid": "slot-7f3a@kvarken.example",
        "sequence": 0,
        "dtstamp": QUEUED_AT,
        "starts_at": STARTS_AT,
        "ends_at": STARTS_AT + timedelta(minutes=90),
        "time_zone": "Europe/Helsinki",
        "summary": "Studiebesök: Nordic Battery AB",
        "description": "Besök från Québec, fyra personer.\nSvara gärna i kalendern.",
        "location": "Storgatan 1, Vasa",
        "url": "https://visits.example/slots/abc",
        "organizer": Organizer(address="answer+b3Zn8wYh5JtG6fAe@kvarken.example", name="Kvarken Visits"),
        "attendee": Attendee(address="mikko.virtanen@vaasa-energia.example", name="Mikko Virtanen"),
        "created_at": QUEUED_AT,
        "last_modified_at": QUEUED_AT,
    }
    return InvitationEntry(**values | changes)


def unfolded(content: bytes) -> list[str]:
    """The content lines of a calendar."""
    return content.decode().replace("\r\n ", "").removesuffix("\r\n").split("\r\n")


def find_faults(raw: bytes) -> set[str]:
    """What Outlook, Gmail or Exchange would refuse in a mail with an invitation."""
    mail = message_from_bytes(raw, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    part = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    faults = (
        _method_faults(part.get_param("method"), content) | _people_faults(content) | _event_faults(content)
    )
    return faults | (
        {"line over 75 octets"} if any(len(line) > 75 for line in content.split(b"\r\n")) else set()
    )


def _method_faults(parameter: object, content: bytes) -> set[str]:
    methods = [line.partition(":")[2] for line in unfolded(content) if line.startswith("METHOD")]
    faults = set()
    if len(methods) != 1:
        faults.add("METHOD not once")
    if parameter is None or parameter not in methods:
        faults.add("method parameter differs")
    return faults


def _people_faults(content: bytes) -> set[str]:
    faults = set()
    for name in ("ORGANIZER", "ATTENDEE"):
        lines = [line for line in unfolded(content) if line.startswith(name)]
        if len(lines) != 1 or not re.search(r":mailto:[^\s@]+@[^\s@]+$", lines[0]):
            faults.add(f"{name} not one mailto")
    return faults


def _event_faults(content: bytes) -> set[str]:
    lines = unfolded(content)
    event = lines[lines.index("BEGIN:VEVENT") + 1 : lines.index("END:VEVENT")]
    values = {re.split("[:;]", line)[0]: line.rpartition(":")[2] for line in event}
    faults = set()
    if "DTEND" in values and values["DTEND"] <= values["DTSTART"]:
        faults.add("ends before it starts")
    if "METHOD:CANCEL" in lines and values.get("STATUS") != "CANCELLED":
        faults.add("CANCEL without STATUS:CANCELLED")
    if "END:VALARM" in event[:-1]:
        faults.add("properties after the alarm")
    return faults | {f"empty {line[:-1]}" for line in event if line.endswith(":")}
