"""Calendar entries of meetings: each side has one of its own, with one UID for life. Parts of use cases."""

from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bookings.adapters.ical.values import EntryStatus
from bookings.domain.meetings import REMINDER_MINUTES
from bookings.i18n import gettext as _
from bookings.i18n import in_language
from bookings.models.calendar import CalendarEntry
from bookings.models.meetings import MeetingPerson
from bookings.queries.meetings.day import Day, MeetingView, PersonView
from bookings.services.calendar import describe_time
from bookings.services.entries import (
    Addressee,
    EntryPlan,
    add_entry,
    call_off_entry,
    change_entry,
    give_entry_to,
    organizer_address,
    tell_calendar,
)
from bookings.services.entry_mails import tell_gone
from bookings.services.meetings.letters import (
    Desk,
    Letter,
    describe_side,
    event_title,
    place_of,
    rows_of,
    send_letter,
)


def list_sides(session: Session, meeting_id: int) -> list[MeetingPerson]:
    """Both sides of a meeting with their entries."""
    query = (
        select(MeetingPerson)
        .where(MeetingPerson.meeting_id == meeting_id)
        .order_by(MeetingPerson.id)
        .options(joinedload(MeetingPerson.calendar_entry).selectinload(CalendarEntry.attendees))
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def announce(desk: Desk, meeting: MeetingView) -> None:
    """Both hear of the meeting, or of its new time, with a REQUEST; who knows it already hears nothing."""
    for side in list_sides(desk.session, meeting.id):
        person = desk.day.people.get(side.registration_id or 0)
        if person is None:
            continue
        plan, entry, before = plan_entry(desk.day, meeting, person), side.calendar_entry, ""
        if entry is None:
            entry = add_entry(desk.session, _addressee(person), plan, now=desk.now)
            side.calendar_entry_id = entry.id
        else:
            is_off = entry.status == EntryStatus.CANCELLED.value
            before = "" if is_off else _describe_entry(entry, person)
            has_moved = change_entry(entry, plan)
            give_entry_to(entry, _addressee(person))
            if not has_moved:
                continue
        _send(desk, meeting, person, entry, before=before)


def call_off(desk: Desk, meeting: MeetingView, whys: Mapping[int, str]) -> None:
    """Both entries are off; who is in `whys` (other, staff, left, own or plan) gets the CANCEL with it."""
    for side in list_sides(desk.session, meeting.id):
        entry, person = side.calendar_entry, desk.day.people.get(side.registration_id or 0)
        is_held = entry is not None and call_off_entry(entry)
        if person is None and entry is not None and is_held:
            tell_gone(desk.session, entry, now=desk.now)
        if person is None or person.id not in whys:
            continue
        letter = _write_off(desk.day, meeting, person, why=whys[person.id])
        calendar = tell_calendar(entry, "CANCEL", now=desk.now) if entry is not None and is_held else None
        reply_to = organizer_address(entry) if entry is not None else None
        send_letter(desk, person, letter, calendar=calendar, reply_to=reply_to)


def tell_stand_in(desk: Desk, meeting: MeetingView, person_id: int) -> None:
    """The other side of this person's reads who comes, and the words of the entry follow; nothing moves."""
    other = desk.day.people.get(meeting.other_of(person_id))
    side = next(one for one in list_sides(desk.session, meeting.id) if one.registration_id != person_id)
    if other is None or side.calendar_entry is None:
        return
    change_entry(side.calendar_entry, plan_entry(desk.day, meeting, other))
    calendar = tell_calendar(side.calendar_entry, "REQUEST", now=desk.now, alarm_minutes=REMINDER_MINUTES)
    letter = _write_stand_in(desk.day, meeting, other)
    send_letter(desk, other, letter, calendar=calendar, reply_to=organizer_address(side.calendar_entry))


def _write_stand_in(day: Day, meeting: MeetingView, person: PersonView) -> Letter:
    absent = day.people[meeting.other_of(person.id)]
    with in_language(person.language):
        colleague = meeting.stand_ins.get(absent.id)
        line = (
            _("%(colleague)s comes in the place of %(name)s.", colleague=colleague, name=absent.name)
            if colleague
            else _("%(name)s comes after all.", name=absent.name)
        )
        return Letter(
            kind="meeting_stand_in",
            occasion=f"{meeting.id}:{meeting.version}",
            subject=_("Who comes to your meeting with %(name)s", name=absent.name),
            lines=[line, _("Time and place stay as they are.")],
            rows=rows_of(day, meeting, person),
            action=_("Open your schedule"),
            expires_at=meeting.ends_at,
        )


def _write_off(day: Day, meeting: MeetingView, person: PersonView, *, why: str) -> Letter:
    other = day.people.get(meeting.other_of(person.id))
    with in_language(person.language):
        name = other.name if other else _("the other side")
        reasons = {
            "other": _("The other side called it off."),
            "staff": _("The organisers called it off."),
            "left": _("The other side cannot come to the event."),
            "own": _("You called it off; your calendar is told by this mail."),
            "plan": _("The plan of the day has changed."),
        }
        return Letter(
            kind="meeting_cancelled",
            occasion=str(meeting.id),
            subject=_("Called off: meeting with %(name)s", name=name),
            lines=[
                _("Your meeting with %(name)s does not take place.", name=name),
                reasons[why],
                _("The time is free again: on your page you see who else could meet you then."),
            ],
            rows=rows_of(day, meeting, person) if other else (),
            action=_("Open your schedule"),
        )


def plan_entry(day: Day, meeting: MeetingView, person: PersonView) -> EntryPlan:
    """What this person's calendar shows of the meeting."""
    other = day.people[meeting.other_of(person.id)]
    with in_language(person.language):
        where = place_of(day, meeting.table_id, is_whole=True)
        who = describe_side(day, meeting, other.id)
        lines = [event_title(day, person), who, other.role, other.profile.offers]
        return EntryPlan(
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            time_zone=day.view.time_zone,
            location=where,
            summary=_("Meeting: %(who)s", who=", ".join(x for x in (other.name, other.organisation) if x)),
            description="\n\n".join(line for line in lines if line),
        )


def _describe_entry(entry: CalendarEntry, person: PersonView) -> str:
    with in_language(person.language):
        return f"{describe_time(entry.starts_at, entry.ends_at, entry.time_zone)}, {entry.location}"


def _addressee(person: PersonView) -> Addressee:
    return Addressee(email=person.email, name=person.name, language=person.language)


def _send(desk: Desk, meeting: MeetingView, person: PersonView, entry: CalendarEntry, *, before: str) -> None:
    calendar = tell_calendar(entry, "REQUEST", now=desk.now, alarm_minutes=REMINDER_MINUTES)
    letter = _write_news(desk.day, meeting, person, before=before, occasion=f"{meeting.id}:{entry.sequence}")
    send_letter(desk, person, letter, calendar=calendar, reply_to=organizer_address(entry))


def _write_news(day: Day, meeting: MeetingView, person: PersonView, *, before: str, occasion: str) -> Letter:
    with in_language(person.language):
        name = day.people[meeting.other_of(person.id)].name
        new = _("Meeting with %(name)s", name=name), _("The entry for your calendar is in this mail.")
        moved = _("Moved: meeting with %(name)s", name=name), _("Your calendar follows by this mail.")
        subject, line = moved if before else new
        return Letter(
            kind="meeting_moved" if before else "meeting_agreed",
            occasion=occasion,
            subject=subject,
            lines=[line],
            rows=[*rows_of(day, meeting, person), *([(_("Before"), before)] if before else [])],
            action=_("Open your schedule"),
            expires_at=meeting.ends_at,
        )
