"""What calendars answer to the invitation of an event. Parts of use cases."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus, PartStat
from bookings.domain.audit import SYSTEM
from bookings.domain.registrations import RegistrationState, fold_email
from bookings.domain.time import local_day
from bookings.models.calendar import CalendarEntry
from bookings.models.registrations import Registration, RegistrationEntry
from bookings.queries.registrations.groups import Group, load_entries
from bookings.services.entries import call_off_entry
from bookings.services.registrations.ending import End, drop_day, end_registration
from bookings.services.registrations.letters import Letter, send_letter
from bookings.services.registrations.rows import REGISTRANT, note
from bookings.services.registrations.seats import Room, open_group


@dataclass
class Attending:
    """Somebody's registration, locked, with the entry that was answered."""

    room: Room
    group: Group
    entries: list[RegistrationEntry]
    entry: CalendarEntry


def open_attending(session: Session, registration_id: int, entry_id: int) -> Attending:
    """Lock what an answer may change."""
    room, group = open_group(session, registration_id)
    entries = load_entries(session, [registration_id])[registration_id]
    entry = next(one.calendar_entry for one in entries if one.calendar_entry_id == entry_id)
    return Attending(room, group, entries, entry)


def record_answer(
    session: Session, found: Attending, partstat: PartStat, *, answered_at: datetime, now: datetime
) -> None:
    """Yes and perhaps are noted. A no gives that day back; when no day is left, the registration ends."""
    attendee = found.entry.attendees[0]
    attendee.partstat = partstat.value
    attendee.replied_sequence, attendee.replied_at = found.entry.sequence, answered_at
    session.flush()
    person = found.group.leader
    if partstat is PartStat.DECLINED and person.state == RegistrationState.REGISTERED:
        _decline(session, found, now=now)


def refuse_proposal(
    session: Session, found: Attending, *, occasion: str, answered_at: datetime, now: datetime
) -> None:
    """An event moves for nobody: the calendar is told so, and the person in words."""
    attendee = found.entry.attendees[0]
    attendee.replied_sequence, attendee.replied_at = found.entry.sequence, answered_at
    letter = Letter(
        template="registration_counter", method="DECLINECOUNTER", entry=found.entry, occasion=f":{occasion}"
    )
    send_letter(session, found.group, found.group.leader, letter, now=now)


def repeat_invitation(session: Session, found: Attending, *, now: datetime) -> bool:
    """A calendar asks for the invitation again. False when there is none to send."""
    is_on = found.entry.status != EntryStatus.CANCELLED.value
    if not is_on or found.group.leader.state != RegistrationState.REGISTERED:
        return False
    occasion = f":refresh:{now:%Y%m%dT%H%M%S%f}"
    letter = Letter(template="registration_day", method="REQUEST", entry=found.entry, occasion=occasion)
    send_letter(session, found.group, found.group.leader, letter, now=now)
    return True


def note_lost_guest(session: Session, registration_id: int, address: str, *, now: datetime) -> None:
    """Mails to the address come back: staff read it beside the registration, if it still has this address."""
    person = session.get(Registration, registration_id)
    if person is not None and person.email == fold_email(address) and person.undeliverable_at is None:
        person.undeliverable_at = now
        note(session, "mail_came_back", person, who=SYSTEM, now=now)


def _decline(session: Session, found: Attending, *, now: datetime) -> None:
    others = [
        one
        for one in found.entries
        if one.calendar_entry is not found.entry and one.calendar_entry.status != EntryStatus.CANCELLED.value
    ]
    if not others:
        end = End(why="calendar", who=REGISTRANT)
        end_registration(session, found.room, found.group, end, now=now)
        return
    call_off_entry(found.entry)
    event, person = found.group.event, found.group.leader
    day = local_day(found.entry.starts_at, event.time_zone)
    parts = found.group.parts.get(person.id, [])
    gone = [part.id for part in parts if local_day(part.starts_at, event.time_zone) == day]
    drop_day(session, found.room, found.group, gone, who=REGISTRANT, now=now)
    letter = Letter(template="registration_day", method="CANCEL", entry=found.entry, occasion=":declined")
    send_letter(session, found.group, person, letter, now=now)
