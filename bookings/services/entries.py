"""Calendar entries of people: at an event, in a meeting. Parts of use cases; what slots add is in `calendar`.

One entry has one attendee, who alone knows its organizer address. Its UID is for life; SEQUENCE rises with
each change of time or place and with each CANCEL (RFC 5546 2.1.4), and not for words.
"""

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from bookings.adapters.ical.build import build_cancel, build_decline_counter, build_request
from bookings.adapters.ical.values import Attendee as Invited
from bookings.adapters.ical.values import EntryStatus, InvitationEntry, Organizer, PartStat
from bookings.db import table_of
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.services.outbox import CalendarMail
from bookings.settings import current_settings

Method = Literal["REQUEST", "CANCEL", "DECLINECOUNTER"]
_BUILDERS = {"REQUEST": build_request, "CANCEL": build_cancel, "DECLINECOUNTER": build_decline_counter}
_ENTRIES, _ATTENDEES = table_of(CalendarEntry), table_of(Attendee)
_ADD_ENTRY = insert(_ENTRIES).returning(_ENTRIES.c.id)
_ADD_ATTENDEE = insert(_ATTENDEES)
_LONGEST_LINE = 254
_LONGEST_TEXT = 4000


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Whose calendar it is, and in which language it is written."""

    email: str
    name: str
    language: str


@dataclass(frozen=True, kw_only=True)
class EntryPlan:
    """What a calendar should show. Instants in UTC, `time_zone` that of the place."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    location: str
    summary: str
    description: str = ""

    @property
    def when_and_where(self) -> tuple[datetime, datetime, str, str]:
        """The change of any of these raises SEQUENCE."""
        return self.starts_at, self.ends_at, self.time_zone, self.location[:_LONGEST_LINE]


def add_entry(session: Session, addressee: Addressee, plan: EntryPlan, *, now: datetime) -> CalendarEntry:
    """A new entry that nobody was told of yet; it has its id."""
    entry = build_entry(addressee, plan, now=now)
    session.add(entry)
    session.flush()
    return entry


def build_entry(addressee: Addressee, plan: EntryPlan, *, now: datetime) -> CalendarEntry:
    """A new entry in no session yet, for who stores many: `save_entry` writes it without the ORM's toil."""
    entry = CalendarEntry(
        uid=f"{secrets.token_hex(16)}@{current_settings().mail.domain}",
        sequence=0,
        status=EntryStatus.CONFIRMED.value,
        created_at=now,
        changed_at=now,
        attendees=[
            Attendee(
                asked_sequence=0,
                email=addressee.email,
                name=addressee.name,
                language=addressee.language,
                partstat=PartStat.ACCEPTED.value,
                # Lower case and digits: mail servers may fold the case of an address.
                organizer_token=secrets.token_hex(16),
            )
        ],
    )
    _write(entry, plan)
    return entry


def save_entry(session: Session, entry: CalendarEntry) -> int:
    """Write an entry that was built, as it is now, and return its id."""
    entry_id: int = session.execute(_ADD_ENTRY, _columns_of(entry, _ENTRIES)).scalar_one()
    session.execute(_ADD_ATTENDEE, {**_columns_of(entry.attendees[0], _ATTENDEES), "entry_id": entry_id})
    return entry_id


def _columns_of(row: CalendarEntry | Attendee, table: Table) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in table.c if column.key != "id"}


def change_entry(entry: CalendarEntry, plan: EntryPlan) -> bool:
    """Write the plan into the entry; True when calendars hold another time or place, or a CANCEL.

    SEQUENCE rises then. The caller sends the REQUEST.
    """
    has_moved = when_and_where(entry) != plan.when_and_where
    was_cancelled = entry.status == EntryStatus.CANCELLED.value
    if entry.announced_at is not None and (has_moved or was_cancelled):
        entry.sequence += 1
    if was_cancelled:
        entry.status = EntryStatus.CONFIRMED.value
    _write(entry, plan)
    return has_moved or was_cancelled


def when_and_where(entry: CalendarEntry) -> tuple[datetime, datetime, str, str]:
    """What calendars were told last of time and place."""
    return entry.starts_at, entry.ends_at, entry.time_zone, entry.location


def call_off_entry(entry: CalendarEntry) -> bool:
    """Note that the entry is off; SEQUENCE rises. False when no calendar holds it."""
    is_held = entry.announced_at is not None and entry.status != EntryStatus.CANCELLED.value
    if is_held:
        entry.status = EntryStatus.CANCELLED.value
        entry.sequence += 1
    return is_held


def give_entry_to(entry: CalendarEntry, addressee: Addressee) -> None:
    """The entry is somebody else's from now on: whoever read the old mailbox cannot answer any more."""
    attendee = entry.attendees[0]
    attendee.language, attendee.name = addressee.language, addressee.name
    if attendee.email != addressee.email:
        attendee.email = addressee.email
        attendee.undeliverable_at = None
        attendee.organizer_token = secrets.token_hex(16)


def tell_calendar(
    entry: CalendarEntry, method: Method, *, now: datetime, alarm_minutes: int | None = None
) -> CalendarMail:
    """The calendar part of the mail that is about to be queued; notes that calendars are told by it."""
    # DTSTAMP counts whole seconds, and a later message has a later one even within the same second.
    entry.changed_at = max(now, entry.changed_at + timedelta(seconds=1))
    if method == "REQUEST":
        entry.announced_at = entry.announced_at or now
        entry.attendees[0].asked_sequence = entry.sequence
    return build_calendar_part(entry, method, alarm_minutes=alarm_minutes)


def build_calendar_part(
    entry: CalendarEntry, method: Method, *, is_list: bool = False, alarm_minutes: int | None = None
) -> CalendarMail:
    """The entry as a part of a mail; `is_list`: several people read the attendee's mailbox."""
    content = _BUILDERS[method](build_invitation(entry, is_list=is_list, alarm_minutes=alarm_minutes))
    return CalendarMail(method=method, content=content, uid=entry.uid, sequence=entry.sequence)


def build_invitation(
    entry: CalendarEntry, *, is_list: bool = False, alarm_minutes: int | None = None
) -> InvitationEntry:
    """The entry as its one attendee is told of it; the calendar rings so many minutes before."""
    attendee = entry.attendees[0]
    return replace(
        build_plain_entry(entry),
        organizer=Organizer(address=organizer_address(entry), name=current_settings().mail.sender_name),
        attendee=Invited(
            address=attendee.email, name=attendee.name, partstat=PartStat(attendee.partstat), is_list=is_list
        ),
        alarm_minutes_before=alarm_minutes,
    )


def build_plain_entry(entry: CalendarEntry) -> InvitationEntry:
    """The entry as a feed shows it: nobody is asked, and nobody is named."""
    return InvitationEntry(
        uid=entry.uid,
        sequence=entry.sequence,
        dtstamp=entry.changed_at,
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        time_zone=entry.time_zone,
        summary=entry.summary,
        description=entry.description,
        location=entry.location,
        status=EntryStatus(entry.status),
        created_at=entry.created_at,
        last_modified_at=entry.changed_at,
    )


def organizer_address(entry: CalendarEntry) -> str:
    """ORGANIZER of the entry, and Reply-To of the mails about it."""
    mail = current_settings().mail
    return f"{mail.reply_local_part}+{entry.attendees[0].organizer_token}@{mail.domain}"


def _write(entry: CalendarEntry, plan: EntryPlan) -> None:
    entry.starts_at, entry.ends_at, entry.time_zone, entry.location = plan.when_and_where
    entry.summary, entry.description = plan.summary[:_LONGEST_LINE], plan.description[:_LONGEST_TEXT]
