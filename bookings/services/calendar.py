"""Calendar entries of slots, and the mails that carry them to hosts.

A slot holds the plan. Its entry holds what calendars were told: one UID for life, and a SEQUENCE that rises
with each change of start, end or place and with each CANCEL.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bookings.adapters.ical.values import EntryStatus, PartStat
from bookings.domain.links import LinkPurpose
from bookings.domain.time import to_local
from bookings.i18n import (
    MAIL_LANGUAGE,
    country_name,
    current_language,
    format_day,
    format_instant_on,
    format_interval,
    format_people,
    in_language,
    language_name,
)
from bookings.i18n import gettext as _
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.directory import HostContact, Place
from bookings.models.slots import Slot
from bookings.queries.slots import list_agreed_hosts
from bookings.services.entries import (
    Method,
    build_calendar_part,
    call_off_entry,
    organizer_address,
)
from bookings.services.links import add_link
from bookings.services.outbox import CalendarMail, Mail, queue_mail, site_url
from bookings.settings import current_settings

_LONGEST_LINE = 254
_LONGEST_TEXT = 4000


@dataclass(frozen=True)
class Told:
    """What calendars say of a slot: the change of any of these raises SEQUENCE."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    location: str


@dataclass(frozen=True, kw_only=True)
class HostLetter:
    """A mail to a host: `template` names its words, `method` what it does to the calendar."""

    template: str
    method: Method | None = None
    before: Told | None = None
    """What was told earlier, so that the mail can say old → new."""
    words: dict[str, Any] | None = None
    occasion: str = ""
    """What makes a repetition another cause than the first time."""


def build_entry(contact: HostContact, plan: Told, *, summary: str, now: datetime) -> CalendarEntry:
    """A new entry that nobody was told of yet, with its one attendee."""
    return CalendarEntry(
        uid=f"{secrets.token_hex(16)}@{current_settings().mail.domain}",
        sequence=0,
        status=EntryStatus.TENTATIVE.value,
        summary=summary[:_LONGEST_LINE],
        location=plan.location[:_LONGEST_LINE],
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        time_zone=plan.time_zone,
        created_at=now,
        changed_at=now,
        attendees=[build_attendee(contact)],
    )


def build_attendee(contact: HostContact) -> Attendee:
    """The host as attendee, with an organizer address that only this person writes to."""
    return Attendee(
        email=contact.email,
        name=contact.name,
        language=contact.language,
        partstat=PartStat.NEEDS_ACTION.value,
        # Lower case and digits: mail servers may fold the case of an address.
        organizer_token=secrets.token_hex(16),
    )


def told(entry: CalendarEntry) -> Told:
    """What calendars were told of this entry last."""
    return Told(entry.starts_at, entry.ends_at, entry.time_zone, entry.location)


def planned(slot: Slot) -> Told:
    """What calendars should be told of this slot."""
    return Told(slot.starts_at, slot.ends_at, slot.time_zone, _location(slot)[:_LONGEST_LINE])


def place_name(place: Place | None) -> str:
    """The name of a town in the language of the moment."""
    if place is None:
        return ""
    names = {"en": place.name_en, "sv": place.name_sv, "fi": place.name_fi}
    return names.get(current_language(), place.name_en)


def _location(slot: Slot) -> str:
    """Site, address and town; the town once only, however the directory writes the others."""
    known = ", ".join(part for part in (slot.site.name, slot.site.address) if part)
    # Always the host's language: the page of somebody else must not make the place look changed.
    with in_language(slot.host_contact.language):
        town = place_name(slot.place)
    return known if town.casefold() in known.casefold() else f"{known}, {town}"


def update_entry(slot: Slot) -> None:
    """Write the plan into the entry; SEQUENCE rises when calendars hold something else, or a CANCEL."""
    entry, plan = slot.calendar_entry, planned(slot)
    was_cancelled = entry.status == EntryStatus.CANCELLED.value
    if entry.announced_at is not None and (was_cancelled or told(entry) != plan):
        entry.sequence += 1
    if was_cancelled:
        entry.status = EntryStatus.TENTATIVE.value
    entry.starts_at, entry.ends_at = plan.starts_at, plan.ends_at
    entry.time_zone, entry.location = plan.time_zone, plan.location
    update_words(slot)


def update_words(slot: Slot) -> None:
    """Write the texts of the plan into the entry: calendars hear of them with the next message."""
    entry = slot.calendar_entry
    with in_language(slot.host_contact.language):
        entry.summary = build_summary(slot.visit.delegation.organisation_name, slot.title)
        entry.description = _describe(slot)[:_LONGEST_TEXT]


def cancel_entry(slot: Slot) -> bool:
    """Note that the entry is off; SEQUENCE rises. False when no calendar holds it."""
    return call_off_entry(slot.calendar_entry)


def build_summary(visitors: str, title: str) -> str:
    """The line that the host sees in the calendar, in the language of the moment."""
    return _("Visit: %(visitors)s – %(title)s", visitors=visitors, title=title)[:_LONGEST_LINE]


def set_partstat(slot: Slot, partstat: PartStat, *, now: datetime | None = None) -> None:
    """Note the host's part; with `now` it is an answer, without it a question that is asked anew."""
    attendee = slot.calendar_entry.attendees[0]
    attendee.partstat = partstat.value
    if now is None:
        attendee.asked_sequence = slot.calendar_entry.sequence
    else:
        attendee.replied_sequence, attendee.replied_at = slot.calendar_entry.sequence, now


def send_to_host(session: Session, slot: Slot, letter: HostLetter, *, now: datetime) -> None:
    """Queue the mail with a fresh link to the answer page, and note what calendars are told by it."""
    entry = slot.calendar_entry
    if letter.method is not None:
        # DTSTAMP counts whole seconds, and a later message has a later one even within the same second.
        entry.changed_at = max(now, entry.changed_at + timedelta(seconds=1))
    if letter.method == "REQUEST":
        entry.announced_at = entry.announced_at or now
        _follow_contact(slot)
    session.flush()
    token = add_link(
        session,
        LinkPurpose.ANSWER_SLOT,
        slot.id,
        now=now,
        expires_at=slot.ends_at + timedelta(days=current_settings().visits.manage_link_days),
        sequence=entry.sequence,
    )
    others = list_agreed_hosts(session, slot) if slot.visit.names_hosts else []
    queue_mail(session, build_host_mail(slot, letter, token=token, others=others), now=now)


def _follow_contact(slot: Slot) -> None:
    """The contact may read mail elsewhere by now: calendars show buttons only to whom they invite."""
    attendee, contact = slot.calendar_entry.attendees[0], slot.host_contact
    if attendee.email != contact.email:
        attendee.email, attendee.name = contact.email, contact.name
        attendee.undeliverable_at = None
        # Whoever reads the old mailbox cannot answer any more.
        attendee.organizer_token = secrets.token_hex(16)


def build_host_mail(slot: Slot, letter: HostLetter, *, token: str, others: Sequence[str] = ()) -> Mail:
    """The mail as it would leave now, perhaps with the names of other hosts; writes nothing."""
    contact, entry = slot.host_contact, slot.calendar_entry
    with in_language(contact.language):
        words = _host_words(slot, letter, token=token)
    words["others"] = list(others) if letter.method != "CANCEL" else []
    return Mail(
        kind=letter.template,
        cause=f"slot:{slot.id}:{letter.template}:{slot.version}.{slot.reminders_sent}{letter.occasion}",
        recipient=contact.email,
        recipient_name=contact.name,
        language=contact.language,
        template=letter.template,
        context=words,
        calendar=_calendar_part(slot, letter.method) if letter.method else None,
        reply_to=organizer_address(entry),
        visit_id=slot.visit_id,
        slot_id=slot.id,
        expires_at=slot.respond_by if letter.template == "reminder_host" else slot.ends_at,
    )


def _calendar_part(slot: Slot, method: Method) -> CalendarMail:
    return build_calendar_part(slot.calendar_entry, method, is_list=slot.host_contact.is_shared)


def _describe(slot: Slot) -> str:
    """Who comes and why. No answer link: calendars are shared more widely than mails."""
    visit = slot.visit
    lines = [
        _who_comes(slot),
        _("Purpose: %(purpose)s", purpose=visit.purpose),
        slot.message,
        _("Reference: %(reference)s", reference=visit.reference),
    ]
    return "\n\n".join(line for line in lines if line)


def _who_comes(slot: Slot) -> str:
    delegation = slot.visit.delegation
    return _(
        "%(organisation)s, %(country)s (%(people)s)",
        organisation=delegation.organisation_name,
        country=country_name(delegation.organisation_country),
        people=people_of(slot),
    )


def people_of(slot: Slot) -> str:
    """Who comes to the stop, in the language of the moment: how many, and which group of how many."""
    visit = slot.visit
    return format_people(visit.delegation.group_size, visit.parallel_groups, slot.group_number)


def _host_words(slot: Slot, letter: HostLetter, *, token: str) -> dict[str, Any]:
    plan = planned(slot)
    delegation = slot.visit.delegation
    return {
        "host_name": slot.host_contact.name,
        "visitors": delegation.organisation_name,
        "country": country_name(delegation.organisation_country),
        "people": people_of(slot),
        "on_behalf_of": delegation.on_behalf_of,
        "purpose": slot.visit.purpose,
        "languages": ", ".join(language_name(code) for code in slot.visit.visit_languages),
        "title": slot.title,
        "message": slot.message,
        "reference": slot.visit.reference,
        "when": describe_time(plan.starts_at, plan.ends_at, plan.time_zone),
        "when_for_reader": _when_for_reader(slot),
        "where": plan.location,
        "before_when": _before_when(letter.before, plan),
        "before_where": letter.before.location
        if letter.before and letter.before.location != plan.location
        else "",
        "respond_by": format_instant_on(slot.respond_by, slot.time_zone) if slot.respond_by else "",
        "answer_url": site_url("slots.show", token=token, **{MAIL_LANGUAGE: slot.host_contact.language}),
        "pdf_url": site_url("printed.for_host", token=token, **{MAIL_LANGUAGE: slot.host_contact.language})
        if letter.method == "REQUEST"
        else "",
        "is_shared": slot.host_contact.is_shared,
        "contact_address": current_settings().mail.contact_address,
        **(letter.words or {}),
    }


def describe_time(starts_at: datetime, ends_at: datetime, time_zone: str) -> str:
    """Day, times and zone in the language of the moment: "Tuesday 12 October 2027, 10:00–11:30 EEST"."""
    day = format_day(to_local(starts_at, time_zone).date())
    return f"{day}, {format_interval(starts_at, ends_at, time_zone)}"


def reads_other_clock(instant: datetime, zone: str, other: str) -> bool:
    """Do the clocks of two zones differ at this instant?"""
    return to_local(instant, zone).utcoffset() != to_local(instant, other).utcoffset()


def _when_for_reader(slot: Slot) -> str:
    """The time on the clocks where the host's organisation is, when the stop is in another zone."""
    place = slot.organisation.place
    if place is None or not reads_other_clock(slot.starts_at, slot.time_zone, place.time_zone):
        return ""
    return describe_time(slot.starts_at, slot.ends_at, place.time_zone)


def _before_when(before: Told | None, plan: Told) -> str:
    if before is None or (before.starts_at, before.ends_at) == (plan.starts_at, plan.ends_at):
        return ""
    return describe_time(before.starts_at, before.ends_at, before.time_zone)
