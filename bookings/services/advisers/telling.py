"""What advisers and their visitors are told, by mail and in their calendars. Parts of use cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bookings.domain.event_places import EventPlace
from bookings.domain.events import choose_text
from bookings.domain.links import LinkPurpose
from bookings.domain.meetings import STANDING_MEETINGS
from bookings.i18n import MAIL_LANGUAGE, country_name, current_language, in_language
from bookings.i18n import gettext as _
from bookings.models.calendar import CalendarEntry
from bookings.models.events import Event
from bookings.models.meetings import Adviser, Meeting, MeetingPerson
from bookings.models.registrations import Registration
from bookings.queries.event_places import WITH_PLACE, find_event_place, place_of_event
from bookings.services.calendar import describe_time, reads_other_clock
from bookings.services.entries import (
    Addressee,
    EntryPlan,
    Method,
    add_entry,
    call_off_entry,
    change_entry,
    give_entry_to,
    organizer_address,
    tell_calendar,
    when_and_where,
)
from bookings.services.links import add_link
from bookings.services.outbox import Mail, queue_mail, site_url
from bookings.settings import current_settings

_VISITOR, _ADVISER = "advice_visitor", "advice_adviser"


@dataclass(frozen=True, kw_only=True)
class AdviceFacts:
    """One booked meeting with all whom it concerns."""

    meeting: Meeting
    event: Event
    adviser: Adviser
    visitor: Registration


def load_facts(session: Session, meeting: Meeting) -> AdviceFacts:
    """The meeting with its people and their calendar entries."""
    return AdviceFacts(
        meeting=meeting,
        event=session.get_one(Event, meeting.event_id, options=[WITH_PLACE], populate_existing=True),
        adviser=session.get_one(Adviser, meeting.adviser_id),
        visitor=session.get_one(Registration, meeting.first_id),
    )


def tell_booked(session: Session, facts: AdviceFacts, *, visitor_url: str, now: datetime) -> None:
    """Both have the meeting in their calendars, new or moved: one mail each, with what it was before."""
    for side in _sides(session, facts):
        _tell(session, facts, side, "REQUEST", visitor_url=visitor_url, now=now)


def tell_cancelled(
    session: Session, facts: AdviceFacts, *, by: str, reason: str, visitor_url: str, now: datetime
) -> None:
    """Whoever has it in a calendar gets a CANCEL; `by` is visitor, adviser or staff."""
    for side in _sides(session, facts):
        if side.entry is not None and call_off_entry(side.entry):
            _tell(session, facts, side, "CANCEL", visitor_url=visitor_url, now=now, by=by, reason=reason)


def hand_over_entries(session: Session, adviser: Adviser, event: Event, *, now: datetime) -> None:
    """Another mailbox: the old one gets a CANCEL for each meeting, the new one new entries."""
    meetings = session.scalars(
        select(Meeting).where(Meeting.adviser_id == adviser.id, Meeting.state.in_(STANDING_MEETINGS))
    )
    for meeting in list(meetings):
        facts = load_facts(session, meeting)
        side = next(side for side in _sides(session, facts) if side.is_adviser)
        if side.entry is None:
            continue
        old = side.entry.attendees[0]
        if old.email == adviser.email:
            give_entry_to(side.entry, _addressee(facts, side))
            continue
        call_off_entry(side.entry)
        _tell(session, facts, side, "CANCEL", visitor_url="", now=now, by="staff", to=old.email)
        side.person.calendar_entry_id = None
        session.flush()
        _tell(session, facts, _Side(side.person, None), "REQUEST", visitor_url="", now=now)


def tell_adviser_of_page(
    session: Session, adviser: Adviser, event: Event, *, token: str, now: datetime
) -> None:
    """The link of the page that shows who comes when."""
    with in_language(adviser.language):
        words = {
            "event_title": choose_text(event.title, adviser.language),
            "when": describe_time(adviser.starts_at, adviser.ends_at, event.time_zone),
            "where": _tell_place(find_event_place(session, event.id)),
            "page_url": site_url("advisers.day", token=token, **{MAIL_LANGUAGE: adviser.language}),
            "contact_address": current_settings().mail.contact_address,
        }
    queue_mail(
        session,
        Mail(
            kind="adviser_page",
            cause=f"adviser:{adviser.id}:page:{now.isoformat()}",
            recipient=adviser.email,
            recipient_name=adviser.name,
            language=adviser.language,
            template="adviser_page",
            context=words,
            expires_at=adviser.ends_at,
        ),
        now=now,
    )


def queue_advice_verification(session: Session, event: Event, person: Registration, *, now: datetime) -> str:
    """The first mail: what staff wrote about the event, and a link. Returns the token that confirms."""
    rules = current_settings().registrations
    token = add_link(
        session,
        LinkPurpose.VERIFY_REGISTRATION,
        person.id,
        now=now,
        expires_at=now + timedelta(minutes=rules.hold_minutes),
    )
    with in_language(person.language):
        words = {
            "event_title": choose_text(event.title, person.language),
            "minutes": rules.hold_minutes,
            "verify_url": site_url("advisers.verify", token=token, **{MAIL_LANGUAGE: person.language}),
        }
    queue_mail(
        session,
        Mail(
            kind="advice_verify",
            cause=f"registration:{person.id}:advice:{now.isoformat()}",
            recipient=person.email,
            language=person.language,
            template="advice_verify",
            context=words,
            registration_id=person.id,
            expires_at=now + timedelta(minutes=rules.hold_minutes),
        ),
        now=now,
    )
    return token


@dataclass(frozen=True)
class _Side:
    person: MeetingPerson
    entry: CalendarEntry | None

    @property
    def is_adviser(self) -> bool:
        return self.person.adviser_id is not None


def _sides(session: Session, facts: AdviceFacts) -> Sequence[_Side]:
    rows = session.execute(
        select(MeetingPerson, CalendarEntry)
        .join(CalendarEntry, CalendarEntry.id == MeetingPerson.calendar_entry_id, isouter=True)
        .where(MeetingPerson.meeting_id == facts.meeting.id)
        .order_by(MeetingPerson.id)
        .options(selectinload(CalendarEntry.attendees))
        .execution_options(populate_existing=True)
    )
    return [_Side(person, entry) for person, entry in rows]


def _tell(  # noqa: PLR0913 - who is told what of which meeting
    session: Session,
    facts: AdviceFacts,
    side: _Side,
    method: Method,
    *,
    visitor_url: str,
    now: datetime,
    by: str = "",
    reason: str = "",
    to: str = "",
) -> None:
    addressee = _addressee(facts, side)
    with in_language(addressee.language):
        plan = _plan(facts, side)
        entry, before = side.entry, ""
        if entry is None:
            entry = add_entry(session, addressee, plan, now=now)
            side.person.calendar_entry_id = entry.id
        elif method == "REQUEST":
            told = when_and_where(entry)
            before = describe_time(*told[:3]) if told[:3] != plan.when_and_where[:3] else ""
            change_entry(entry, plan)
        part = tell_calendar(entry, method, now=now)
        session.flush()
        words = {**_words(facts, side), "before": before, "by": by, "reason": reason, "page_url": visitor_url}
    template = (_ADVISER if side.is_adviser else _VISITOR) + ("_cancelled" if method == "CANCEL" else "")
    mail = Mail(
        kind=template,
        cause=f"advice:{facts.meeting.id}:{method}:{part.sequence}.{facts.meeting.version}",
        recipient=to or addressee.email,
        recipient_name=addressee.name,
        language=addressee.language,
        template=template,
        context=words,
        calendar=part,
        reply_to=organizer_address(entry),
        registration_id=None if side.is_adviser else facts.visitor.id,
        expires_at=facts.meeting.ends_at,
    )
    queue_mail(session, mail, now=now)


def _addressee(facts: AdviceFacts, side: _Side) -> Addressee:
    one = facts.adviser if side.is_adviser else facts.visitor
    return Addressee(email=one.email, name=one.name, language=one.language)


def _plan(facts: AdviceFacts, side: _Side) -> EntryPlan:
    meeting, title = facts.meeting, choose_text(facts.event.title, _addressee(facts, side).language)
    other = facts.visitor.name if side.is_adviser else facts.adviser.name
    lines = [title, meeting.subject if side.is_adviser else "", facts.event.online_url]
    return EntryPlan(
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        time_zone=meeting.time_zone,
        location=_tell_place(place_of_event(facts.event)),
        summary=_("Advice: %(name)s", name=other),
        description="\n\n".join(line for line in lines if line),
    )


def _words(facts: AdviceFacts, side: _Side) -> dict[str, Any]:
    meeting, event, visitor = facts.meeting, facts.event, facts.visitor
    own_zone = facts.adviser.time_zone if side.is_adviser else visitor.time_zone
    times = meeting.starts_at, meeting.ends_at
    is_elsewhere = reads_other_clock(meeting.starts_at, meeting.time_zone, own_zone)
    return {
        "event_title": choose_text(event.title, _addressee(facts, side).language),
        "adviser": facts.adviser.name,
        "adviser_organisation": facts.adviser.organisation_name,
        "visitor": visitor.name,
        "visitor_organisation": visitor.organisation_name,
        "country": country_name(visitor.country) if visitor.country else "",
        "subject_text": meeting.subject,
        "when": describe_time(*times, meeting.time_zone),
        "when_for_reader": describe_time(*times, own_zone) if is_elsewhere else "",
        "where": _tell_place(place_of_event(event)),
        "online_url": event.online_url,
        "reference": visitor.reference,
        "contact_address": current_settings().mail.contact_address,
    }


def _tell_place(place: EventPlace) -> str:
    return place.tell(current_language()) or _("Online")
