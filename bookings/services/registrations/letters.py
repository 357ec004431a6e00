"""Mails to people who register. Parts of use cases.

What goes to an address that nobody has proved yet holds no word that a visitor wrote.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from bookings.domain.events import Presence
from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import RegistrationState
from bookings.i18n import MAIL_LANGUAGE, format_instant_on, in_language
from bookings.models.calendar import CalendarEntry
from bookings.models.events import Event, EventPart
from bookings.models.registrations import Registration
from bookings.queries.registrations.groups import Group
from bookings.services.calendar import describe_time, reads_other_clock
from bookings.services.entries import Method, organizer_address, tell_calendar
from bookings.services.outbox import Mail, queue_mail, site_url
from bookings.services.registrations.days import Changes, is_afar, part_line, text_of, where_of
from bookings.services.registrations.links import add_links, add_page_link
from bookings.settings import current_settings

When = tuple[datetime, datetime, str, str]


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A mail: `template` names its words, `method` what it does to the calendar by `entry`."""

    template: str
    method: Method | None = None
    entry: CalendarEntry | None = None
    before: When | None = None
    """What was told earlier, so that the mail can say old → new."""
    words: dict[str, Any] = field(default_factory=dict)
    occasion: str = ""
    """What makes a repetition another cause than the first time."""
    expires_at: datetime | None = None
    has_page: bool = True


def send_letter(
    session: Session,
    group: Group,
    person: Registration,
    letter: Letter,
    *,
    now: datetime,
    token: str | None = None,
) -> None:
    """Queue a mail with the link of the person's page (`token`, or a new one); nothing without an address."""
    if not person.email:
        return
    if token is None and letter.has_page:
        token = add_page_link(session, group, person, now=now)
    entry = letter.entry
    calendar = tell_calendar(entry, letter.method, now=now) if entry and letter.method else None
    mail = Mail(
        kind=letter.template,
        cause=f"registration:{person.id}:{letter.template}:{person.version}{letter.occasion}",
        recipient=person.email,
        recipient_name=person.name,
        language=person.language,
        template=letter.template,
        context=_build_words(group, person, letter, token),
        calendar=calendar,
        reply_to=organizer_address(entry) if entry else None,
        registration_id=person.id,
        expires_at=letter.expires_at or group.event.ends_at,
    )
    queue_mail(session, mail, now=now)


def send_verification(session: Session, event: Event, person: Registration, *, now: datetime) -> str:
    """The first mail: what staff wrote about the event, and two links. Returns the token that confirms."""
    rules = current_settings().registrations
    verify_by = now + timedelta(hours=rules.verify_link_hours)
    token = secrets.token_urlsafe(32)
    add_links(
        session, LinkPurpose.VERIFY_REGISTRATION, [(token, person.id, None)], now=now, expires_at=verify_by
    )
    in_own = {MAIL_LANGUAGE: person.language}
    with in_language(person.language):
        words = {
            "title": text_of(event.title),
            "when": describe_time(event.starts_at, event.ends_at, event.time_zone),
            "hours": rules.verify_link_hours,
            "minutes": rules.hold_minutes,
            "verify_url": site_url("registrations.verify", token=token, **in_own),
            "not_me_url": site_url("registrations.not_me", token=token, **in_own),
        }
    mail = Mail(
        kind="verify_registration",
        cause=f"registration:{person.id}:verify:{now.isoformat()}",
        recipient=person.email,
        language=person.language,
        template="verify_registration",
        context=words,
        registration_id=person.id,
        expires_at=min(verify_by, event.ends_at),
    )
    queue_mail(session, mail, now=now)
    return token


def send_changes(session: Session, group: Group, changes: Changes, *, now: datetime) -> None:
    """One mail that says what is new; where several days changed, a short one for each further day."""
    if changes:
        send_news(session, group, changes, Letter(template="registration_changed"), now=now)


def send_news(session: Session, group: Group, changes: Changes, letter: Letter, *, now: datetime) -> None:
    """The letter with the first day that is new for calendars, if one is; a short one for each other day."""
    person = group.leader
    letter = replace(letter, method="REQUEST" if changes.told else None)
    token = send_days(session, group, person, changes.told, letter, now=now)
    for number, entry in enumerate(changes.gone):
        gone = Letter(template="registration_day", method="CANCEL", entry=entry, occasion=f":off:{number}")
        send_letter(session, group, person, gone, now=now, token=token)


def send_days(
    session: Session,
    group: Group,
    person: Registration,
    told: Sequence[tuple[CalendarEntry, When | None]],
    letter: Letter,
    *,
    now: datetime,
) -> str:
    """The letter with the first entry; calendars take one a mail, so each further day has a mail of its own.

    Returns the token of the person's page.
    """
    token = add_page_link(session, group, person, now=now)
    for number, (entry, before) in enumerate(told):
        is_first = number == 0
        one = Letter(
            template=letter.template if is_first else "registration_day",
            method=letter.method,
            entry=entry,
            before=before,
            words=letter.words,
            occasion=f"{letter.occasion}:{number}",
        )
        send_letter(session, group, person, one, now=now, token=token)
    if not told:
        send_letter(session, group, person, letter, now=now, token=token)
    return token


def _build_words(group: Group, person: Registration, letter: Letter, token: str | None) -> dict[str, Any]:
    event = group.event
    with in_language(person.language):
        starts_at, ends_at, zone = _time_of(event, letter.entry)
        before = letter.before
        return {
            "name": person.name,
            "title": text_of(event.title),
            "reference": person.reference,
            "when": describe_time(starts_at, ends_at, zone),
            "when_for_reader": _on_own_clock(person, starts_at, ends_at, zone),
            "where": where_of(event, online=is_afar(event, person)),
            "join_url": _join_url(event, person),
            "parts": _list_parts(event, group.parts.get(person.id, ()), letter.entry),
            "before_when": _before_when(before, (starts_at, ends_at)),
            "before_where": before[3]
            if before and letter.entry and before[3] != letter.entry.location
            else "",
            "page_url": _page_url("registrations.show", person, token),
            "is_group": len(group.people) > 1,
            "is_off": letter.method == "CANCEL",
            "contact_address": current_settings().mail.contact_address,
            **letter.words,
        }


def _page_url(endpoint: str, person: Registration, token: str | None) -> str:
    return site_url(endpoint, token=token, **{MAIL_LANGUAGE: person.language}) if token else ""


def _time_of(event: Event, entry: CalendarEntry | None) -> tuple[datetime, datetime, str]:
    if entry is None:
        return event.starts_at, event.ends_at, event.time_zone
    return entry.starts_at, entry.ends_at, entry.time_zone


def _on_own_clock(person: Registration, starts_at: datetime, ends_at: datetime, zone: str) -> str:
    if not reads_other_clock(starts_at, zone, person.time_zone):
        return ""
    return describe_time(starts_at, ends_at, person.time_zone)


def _join_url(event: Event, person: Registration) -> str:
    has_place = person.state == RegistrationState.REGISTERED
    return event.online_url if has_place and event.presence != Presence.ON_SITE else ""


def _list_parts(event: Event, parts: Sequence[EventPart], entry: CalendarEntry | None) -> list[str]:
    """The chosen parts, those of the entry's day where the mail is about one day."""
    shown = [part for part in parts if entry is None or entry.starts_at <= part.starts_at < entry.ends_at]
    return [part_line(event, part) for part in shown]


def _before_when(before: When | None, plan: tuple[datetime, datetime]) -> str:
    if before is None or before[:2] == plan:
        return ""
    return describe_time(before[0], before[1], before[2])


def say_until(person: Registration, event: Event, moment: datetime) -> str:
    """An instant on the clocks of the event's place, in the person's language."""
    with in_language(person.language):
        return format_instant_on(moment, event.time_zone)
