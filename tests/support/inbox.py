"""Hosts who were asked, and the mails that their calendar programs send back."""

import json
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from bookings.db import database
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.inbox import InboxMessage
from bookings.models.slots import ProposedTime, Slot
from bookings.services.slots import add_slot
from bookings.services.visits import release_visit
from tests.support.builders import a_directory, a_visit, save
from tests.support.clock import NOW
from tests.support.stories import STAFF, plan

DOMAIN = "kvarken.example"


@dataclass(frozen=True)
class Invited:
    """A host who was asked: what the calendar program knows."""

    slot_id: int
    uid: str
    token: str
    email: str
    sequence: int
    starts_at: datetime
    ends_at: datetime

    @property
    def address(self) -> str:
        return f"answer+{self.token}@{DOMAIN}"


def an_invited_host(*slugs: str, hour: float = 8) -> list[Invited]:
    """Hosts of one visit, released: each holds an invitation; the first one for this hour of UTC."""
    a_directory()
    reference = a_visit().reference
    ids = [
        add_slot(reference, plan(slug, hour + 3 * index), who=STAFF, now=NOW)
        for index, slug in enumerate(slugs or ("stormossen",))
    ]
    release_visit(reference, who=STAFF, now=NOW)
    return [invited(slot_id) for slot_id in ids]


def invited(slot_id: int) -> Invited:
    """What the host's calendar holds now."""
    database.session.rollback()
    entry, attendee = database.session.execute(
        select(CalendarEntry, Attendee)
        .join(Attendee, Attendee.entry_id == CalendarEntry.id)
        .join(Slot, Slot.calendar_entry_id == CalendarEntry.id)
        .where(Slot.id == slot_id)
        .order_by(Attendee.id)
    ).first()
    return Invited(
        slot_id, entry.uid, attendee.organizer_token, attendee.email, entry.sequence, entry.starts_at,
        entry.ends_at,
    )  # fmt: skip


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def calendar(
    host: Invited,
    partstat: str = "ACCEPTED",
    *,
    method: str = "REPLY",
    at: datetime | None = NOW + timedelta(hours=1),
    sequence: int | None = -1,
    attendee: str | None = None,
    parameters: str = "",
    times: str | None = None,
    more: str = "",
    zones: str = "",
    organizer: bool = True,
) -> str:
    """An iTIP message as a plain client writes it."""
    lines = [
        "BEGIN:VCALENDAR", "PRODID:-//Example//Client//EN", "VERSION:2.0", f"METHOD:{method}", zones,
        "BEGIN:VEVENT", f"UID:{host.uid}",
        f"DTSTAMP:{stamp(at)}" if at else "",
        times if times is not None else f"DTSTART:{stamp(host.starts_at)}\nDTEND:{stamp(host.ends_at)}",
        f"ORGANIZER:mailto:{host.address}" if organizer else "",
        f"ATTENDEE;PARTSTAT={partstat}{parameters}:mailto:{attendee or host.email}",
        "" if sequence is None else f"SEQUENCE:{host.sequence if sequence == -1 else sequence}",
        more, "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "\r\n".join(line for text in lines if text for line in text.splitlines()) + "\r\n"


_numbers = iter(range(1, 10**9))


def mail(
    content: str = "",
    *,
    to: str,
    sender: str,
    name: str = "Host",
    headers: str = "",
    text: str = "ok",
    method: str = "REPLY",
    charset: str = "utf-8",
    message_id: str = "",
    content_type: str = "",
) -> bytes:
    """A mail with a calendar part, or with the text alone."""
    head = (
        f"From: {name} <{sender}>\r\nTo: {to}\r\nSubject: Accepted: visit\r\n"
        f"Date: Mon, 01 Feb 2027 10:00:00 +0000\r\n"
        f"Message-ID: <{message_id or f'm{next(_numbers)}@mail.example'}>\r\nMIME-Version: 1.0\r\n{headers}"
    )
    if not content:
        return f"{head}Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n".encode()
    kind = content_type or f"text/calendar; charset={charset}; method={method}"
    body = b64encode(content.encode(charset, "replace")).decode()
    return (
        f'{head}Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
        f"--b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{body}\r\n--b--\r\n"
    ).encode()


def answer(host: Invited, partstat: str = "ACCEPTED", **more: Any) -> bytes:
    """The usual answer of the host to the own address."""
    return mail(calendar(host, partstat, **more), to=host.address, sender=host.email)


def situation(slot_id: int) -> dict[str, Any]:
    """What is stored of a slot and of its host's answer."""
    database.session.rollback()
    slot = database.session.scalars(select(Slot).where(Slot.id == slot_id)).one()
    attendee = database.session.scalars(
        select(Attendee).where(Attendee.entry_id == slot.calendar_entry_id).order_by(Attendee.id)
    ).first()
    offered = database.session.execute(
        select(ProposedTime.starts_at, ProposedTime.ends_at).where(ProposedTime.slot_id == slot_id)
    ).all()
    return {
        "state": slot.state,
        "partstat": attendee.partstat,
        "comment": slot.answer_comment,
        "proposed": [tuple(row) for row in offered],
    }


def inbox_rows() -> list[InboxMessage]:
    database.session.rollback()
    return list(database.session.scalars(select(InboxMessage).order_by(InboxMessage.id)))


def the_samples_scenario(manifest: dict[str, Any], host_email: str) -> dict[str, int]:
    """The manifest's state: one slot of this host, announced and moved once; other hosts are guests of it."""
    scenario = manifest["scenario"]
    directory = a_directory()
    reference = a_visit().reference
    ids = {}
    current = scenario["current"]
    moments = [(scenario["uid"], current["sequence"], current["dtstart"], current["dtend"])]
    moments += [(one["uid"], one["sequence"], one["dtstart"], None) for one in scenario["other_events"]]
    for index, (uid, sequence, start, end) in enumerate(moments):
        slug = list(directory)[index]
        starts_at = datetime.fromisoformat(start)
        ends_at = datetime.fromisoformat(end) if end else starts_at + timedelta(hours=1)
        ids[uid] = _announced(reference if index < 2 else a_visit().reference, slug, starts_at, ends_at)
        people = (
            [host_email, *scenario["attendees"]] if index == 0 else [scenario["other_events"][0]["attendee"]]
        )
        _retell(ids[uid], uid, sequence, list(dict.fromkeys(people)), scenario if index == 0 else None)
    return ids


def _announced(reference: str, slug: str, starts_at: datetime, ends_at: datetime) -> int:
    slot_id = add_slot(reference, plan(slug, starts_at=starts_at, ends_at=ends_at), who=STAFF, now=NOW)
    release_visit(reference, who=STAFF, now=NOW)
    return slot_id


def _retell(
    slot_id: int, uid: str, sequence: int, people: list[str], scenario: dict[str, Any] | None
) -> None:
    database.session.rollback()
    entry = database.session.scalars(
        select(CalendarEntry).join(Slot, Slot.calendar_entry_id == CalendarEntry.id).where(Slot.id == slot_id)
    ).one()
    entry.uid, entry.sequence = uid, sequence
    first = database.session.scalars(select(Attendee).where(Attendee.entry_id == entry.id)).one()
    names = {"sofia.lindqvist@umea-cleantech.example": "Sofia Lindqvist"}
    for position, person in enumerate(people):
        row = first if position == 0 else Attendee(entry_id=entry.id, language="en")
        row.email, row.name, row.asked_sequence = person, names.get(person, person), sequence
        token = scenario["attendees"][person]["token"] if scenario else f"{slot_id:032x}"
        row.organizer_token = token
        row.partstat = "NEEDS-ACTION"
        save(entry, row)


def load_manifest(folder: Any) -> dict[str, Any]:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
