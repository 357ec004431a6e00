"""What a person's calendar shows of an event: one entry for each local day. Parts of use cases."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus
from bookings.db import table_of
from bookings.domain.events import EventKind, Presence, choose_text
from bookings.domain.time import local_day, to_local
from bookings.i18n import current_language, format_interval, in_language
from bookings.i18n import gettext as _
from bookings.models.calendar import CalendarEntry
from bookings.models.events import Event, EventPart
from bookings.models.registrations import Registration, RegistrationEntry
from bookings.queries.event_places import place_of_event, place_of_part
from bookings.queries.registrations.groups import load_entries
from bookings.services.entries import (
    Addressee,
    EntryPlan,
    add_entry,
    build_entry,
    call_off_entry,
    change_entry,
    give_entry_to,
    save_entry,
)

_MIDNIGHT = time()
_ADD_DAYS = insert(table_of(RegistrationEntry))


def plan_days(event: Event, person: Registration, parts: Sequence[EventPart]) -> dict[date, EntryPlan]:
    """The entries that this person's calendar should hold, by local day of the event's place."""
    if event.kind == EventKind.ADVISORY_DAY:
        return {}  # what is in calendars there is the booked time
    with in_language(person.language):
        if not parts:
            starts_at, ends_at = _hours(event, person)
            return {local_day(starts_at, event.time_zone): _plan(event, person, starts_at, ends_at, ())}
        ordered = sorted(parts, key=lambda part: (part.starts_at, part.id))
        days = groupby(ordered, key=lambda part: local_day(part.starts_at, event.time_zone))
        return {day: _plan_day(event, person, list(of_day)) for day, of_day in days}


def build_days(
    event: Event, person: Registration, parts: Sequence[EventPart], *, now: datetime
) -> dict[date, CalendarEntry]:
    """The first entries of somebody who has a place now; `save_days` stores them."""
    addressee = Addressee(email=person.email, name=person.name, language=person.language)
    return {
        day: build_entry(addressee, plan, now=now) for day, plan in plan_days(event, person, parts).items()
    }


def save_days(session: Session, person: Registration, days: Mapping[date, CalendarEntry]) -> None:
    """Every place at an event costs these rows, so they are written without the ORM."""
    rows = [
        {"calendar_entry_id": save_entry(session, entry), "registration_id": person.id, "day": day}
        for day, entry in days.items()
    ]
    if rows:
        session.execute(_ADD_DAYS, rows)


def take_over_days(
    session: Session, event: Event, person: Registration, parts: Sequence[EventPart], *, now: datetime
) -> list[CalendarEntry]:
    """The entries of a place that somebody else may have had: they are this person's from now on."""
    entries = load_entries(session, [person.id]).get(person.id, [])
    give_days_to(person, entries)
    changes = bring_in_line(session, event, person, parts, entries, now=now)
    return [entry for entry, _before in changes.told]


def give_days_to(person: Registration, entries: Sequence[RegistrationEntry]) -> None:
    """Whoever read the old mailbox answers for nobody any more."""
    for entry in entries:
        addressee = Addressee(email=person.email, name=person.name, language=person.language)
        give_entry_to(entry.calendar_entry, addressee)


class Changes:
    """Which entries calendars have to hear of, in the order of days."""

    def __init__(self) -> None:
        self.told: list[tuple[CalendarEntry, tuple[datetime, datetime, str, str] | None]] = []
        """Entries to send a REQUEST of, with what calendars held before (None: nothing)."""
        self.gone: list[CalendarEntry] = []
        """Entries to send a CANCEL of."""

    def __bool__(self) -> bool:
        return bool(self.told or self.gone)


def bring_in_line(
    session: Session,
    event: Event,
    person: Registration,
    parts: Sequence[EventPart],
    entries: Sequence[RegistrationEntry],
    *,
    now: datetime,
) -> Changes:
    """Make the entries what the plan says. A day that moves keeps its entry: one UID for life."""
    changes = Changes()
    plans = plan_days(event, person, parts)
    kept = {entry.day: entry for entry in entries}
    standing = [entry for entry in entries if entry.calendar_entry.status != EntryStatus.CANCELLED.value]
    moving = [entry for entry in standing if entry.day not in plans]
    for day, plan in sorted(plans.items()):
        entry = kept.get(day) or (moving.pop(0) if moving else None)
        if entry is None:
            changes.told.append((_add_day(session, event, person, day, plan, now=now), None))
            continue
        entry.day = day
        _change(changes, entry.calendar_entry, plan)
    for entry in moving:
        if call_off_entry(entry.calendar_entry):
            changes.gone.append(entry.calendar_entry)
    return changes


def call_off_days(entries: Sequence[RegistrationEntry]) -> list[CalendarEntry]:
    """The entries that calendars hold, noted as off."""
    return [entry.calendar_entry for entry in entries if call_off_entry(entry.calendar_entry)]


def where_of(event: Event, *, online: bool) -> str:
    """The place in the language of the moment."""
    return _("Online") if online else place_of_event(event).tell(current_language())


def is_afar(event: Event, person: Registration) -> bool:
    """Does this person look on from afar?"""
    return Presence.ONLINE in (event.presence, person.ticket.presence)


def _change(changes: Changes, entry: CalendarEntry, plan: EntryPlan) -> None:
    before = (entry.starts_at, entry.ends_at, entry.time_zone, entry.location)
    was_told = entry.announced_at is not None and entry.status != EntryStatus.CANCELLED.value
    words = _told_of(entry)
    if change_entry(entry, plan) or entry.announced_at is None or words != _told_of(entry):
        changes.told.append((entry, before if was_told else None))


def _told_of(entry: CalendarEntry) -> tuple[str, str]:
    """Title and chosen parts with their times and rooms. A better description alone is no news."""
    _summary_of_event, _gap, parts = entry.description.partition("\n\n")
    return entry.summary, parts


def _add_day(
    session: Session, event: Event, person: Registration, day: date, plan: EntryPlan, *, now: datetime
) -> CalendarEntry:
    addressee = Addressee(email=person.email, name=person.name, language=person.language)
    entry = add_entry(session, addressee, plan, now=now)
    session.add(
        RegistrationEntry(
            calendar_entry_id=entry.id, registration_id=person.id, day=day, calendar_entry=entry
        )
    )
    return entry


def _hours(event: Event, person: Registration) -> tuple[datetime, datetime]:
    """The event's time; with a day ticket of a longer event, its hours on that day."""
    day, zone = person.ticket.valid_on, event.time_zone
    first, last = local_day(event.starts_at, zone), local_day(event.ends_at - timedelta(minutes=1), zone)
    if day is None or first == last or not first <= day <= last:
        return event.starts_at, event.ends_at
    opens, closes = (to_local(moment, zone).time() for moment in (event.starts_at, event.ends_at))
    starts_at = datetime.combine(day, opens, ZoneInfo(zone)).astimezone(UTC)
    ends_at = datetime.combine(day, closes, ZoneInfo(zone)).astimezone(UTC)
    if ends_at <= starts_at:
        ends_at = datetime.combine(day + timedelta(days=1), _MIDNIGHT, ZoneInfo(zone)).astimezone(UTC)
    return starts_at, ends_at


def _plan_day(event: Event, person: Registration, parts: Sequence[EventPart]) -> EntryPlan:
    ends_at = max(part.ends_at for part in parts)
    return _plan(event, person, parts[0].starts_at, ends_at, parts)


def _plan(
    event: Event,
    person: Registration,
    starts_at: datetime,
    ends_at: datetime,
    parts: Sequence[EventPart],
) -> EntryPlan:
    return EntryPlan(
        starts_at=starts_at,
        ends_at=ends_at,
        time_zone=event.time_zone,
        location=where_of(event, online=is_afar(event, person)),
        summary=text_of(event.title),
        description=_describe(event, person, parts),
    )


def _describe(event: Event, person: Registration, parts: Sequence[EventPart]) -> str:
    """No link to the person's page: calendars are shared more widely than mails."""
    lines = [text_of(event.summary), *(part_line(event, part) for part in parts)]
    if event.online_url and event.presence != Presence.ON_SITE and is_afar(event, person):
        lines.append(_("Join here: %(url)s", url=event.online_url))
    lines.append(_("Reference: %(reference)s", reference=person.reference))
    return "\n\n".join(line for line in lines if line)


def part_line(event: Event, part: EventPart) -> str:
    """A chosen part as mails and calendars list it, on the clocks of its place, in the language of the
    moment."""
    zone, where = place_of_part(part, event_zone=event.time_zone)
    line = f"{format_interval(part.starts_at, part.ends_at, zone)} {text_of(part.title)}"
    return f"{line} ({where})" if where else line


def text_of(texts: Mapping[str, str]) -> str:
    """The text in the language of the moment."""
    return choose_text(texts, current_language())
