"""What participants read by mail of their meetings, in their own language and zone. Parts of use cases."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bookings.domain.events import choose_text
from bookings.domain.links import LinkPurpose
from bookings.i18n import country_name, current_language, format_instant_on, in_language
from bookings.i18n import gettext as _
from bookings.models.meetings import MeetingRequest
from bookings.queries.meetings.day import Day, MeetingView, PersonView, SlotView
from bookings.services.calendar import describe_time, reads_other_clock
from bookings.services.links import add_link
from bookings.services.outbox import CalendarMail, Mail, queue_mail, site_url
from bookings.settings import current_settings

_LINK_LIVES_ON = timedelta(days=60)
"""So long after the last question is asked: a schedule's link leads to the ratings too."""


@dataclass(frozen=True)
class Desk:
    """What letters are written from: the day as it stands now, in the transaction that they leave with."""

    session: Session
    day: Day
    now: datetime


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail: its words are made in the reader's language by the functions below."""

    kind: str
    occasion: str
    """What makes it another mail than the one before of its kind."""
    subject: str
    lines: Sequence[str]
    rows: Sequence[tuple[str, str]] = field(default_factory=tuple)
    action: str = ""
    endpoint: str = "meetings.show"
    expires_at: datetime | None = None


def send_letter(
    desk: Desk,
    person: PersonView,
    letter: Letter,
    *,
    calendar: CalendarMail | None = None,
    reply_to: str | None = None,
) -> None:
    """Queue the mail with a link to the person's own page."""
    day, follow_up = desk.day, timedelta(days=current_settings().event_mails.follow_up_days)
    token = add_link(
        desk.session,
        LinkPurpose.MANAGE_REGISTRATION,
        person.id,
        now=desk.now,
        expires_at=day.view.ends_at + follow_up + _LINK_LIVES_ON,
    )
    mail = Mail(
        kind=letter.kind,
        cause=f"meetings:{day.view.event_id}:{letter.kind}:{letter.occasion}:{person.id}",
        recipient=person.email,
        recipient_name=person.name,
        language=person.language,
        template="meeting",
        context={
            "title": letter.subject,
            "event": event_title(day, person),
            "lines": list(letter.lines),
            "rows": list(letter.rows),
            "action": letter.action,
            "action_url": site_url(letter.endpoint, token=token, hl=person.language),
        },
        calendar=calendar,
        reply_to=reply_to,
        expires_at=letter.expires_at,
        registration_id=person.id,
    )
    queue_mail(desk.session, mail, now=desk.now)


def event_title(day: Day, person: PersonView) -> str:
    """The name of the event in the person's language."""
    return choose_text(day.view.title, person.language)


def describe_person(person: PersonView) -> str:
    """ "Anna Berg, Stormossen, Finland", in the language of the moment."""
    country = country_name(person.country) if person.country else ""
    return ", ".join(part for part in (person.name, person.organisation, country) if part)


def describe_side(day: Day, meeting: MeetingView, person_id: int) -> str:
    """Who sits there for this side: the person, or a colleague in their place."""
    person, colleague = day.people[person_id], meeting.stand_ins.get(person_id)
    if not colleague:
        return describe_person(person)
    return _("%(colleague)s, in the place of %(name)s", colleague=colleague, name=describe_person(person))


def place_of(day: Day, table_id: int, *, is_whole: bool = False) -> str:
    """Where the meeting is, in the language of the moment: the table, and the house or the link.

    `is_whole`: with street and town, for calendars.
    """
    table = day.table_by_id[table_id]
    name = table.label or _("Table %(number)d", number=table.number)
    if day.view.presence == "online":
        return table.online_url or day.view.online_url or name
    house = day.view.place.tell(current_language()) if is_whole else day.view.place.house
    return ", ".join(part for part in (name, house) if part)


def rows_of(day: Day, meeting: MeetingView, person: PersonView) -> list[tuple[str, str]]:
    """Whom, when in both zones, and where."""
    return [
        (_("With"), describe_side(day, meeting, meeting.other_of(person.id))),
        *_times_of(day, meeting, person, _("When")),
        (_("Where"), place_of(day, meeting.table_id)),
    ]


def _times_of(
    day: Day, times: MeetingView | SlotView, person: PersonView, label: str
) -> list[tuple[str, str]]:
    """The time at the place, and on the reader's own clocks where these show another one."""
    zone = day.view.time_zone
    rows = [(label, describe_time(times.starts_at, times.ends_at, zone))]
    if reads_other_clock(times.starts_at, zone, person.time_zone):
        own = describe_time(times.starts_at, times.ends_at, person.time_zone)
        rows.append((_("On your own clock"), own))
    return rows


def tell_asked(
    desk: Desk, asker: PersonView, asked: PersonView, request: MeetingRequest, *, is_reminder: bool = False
) -> None:
    """Somebody asks for a meeting, or still waits for the answer."""
    wanted = desk.day.slot_by_id.get(request.slot_id or 0)
    with in_language(asked.language):
        until = format_instant_on(request.expires_at, desk.day.view.time_zone)
        who = describe_person(asker)
        lead = (
            _("%(who)s still waits for your answer.", who=who)
            if is_reminder
            else _("%(who)s would like to meet you.", who=who)
        )
        letter = Letter(
            kind="meeting_reminder" if is_reminder else "meeting_request",
            occasion=str(request.id),
            subject=_("%(name)s asks you for a meeting", name=asker.name),
            lines=[
                lead,
                *([request.message] if request.message else []),
                _("Answer by %(time)s. Until you say yes, the request takes nobody's time.", time=until),
            ],
            rows=_times_of(desk.day, wanted, asked, _("Wished time")) if wanted else (),
            action=_("Read and answer"),
            expires_at=request.expires_at,
        )
    send_letter(desk, asked, letter)


def tell_refused(desk: Desk, asker: PersonView, asked: PersonView, request: MeetingRequest) -> None:
    """The other one said no."""
    with in_language(asker.language):
        letter = Letter(
            kind="meeting_declined",
            occasion=str(request.id),
            subject=_("No meeting with %(name)s", name=asked.name),
            lines=[
                _("%(name)s cannot meet you at this event.", name=asked.name),
                _("On your page you find others whose interests fit yours."),
            ],
            action=_("Find others"),
            endpoint="meetings.others",
        )
    send_letter(desk, asker, letter)


def tell_schedule(desk: Desk, person: PersonView) -> None:
    """The provisional schedule, to say what has to change, or the final one."""
    day = desk.day
    meetings = [one for one in day.schedules.get(person.id, []) if day.has_both(one)]
    is_final = day.view.phase == "final"
    with in_language(person.language):
        rows = [
            (
                describe_time(one.starts_at, one.ends_at, day.view.time_zone),
                f"{describe_side(day, one, one.other_of(person.id))} · {place_of(day, one.table_id)}",
            )
            for one in meetings
        ]
        lines = [
            _("Your meetings stand. Each comes with an entry for your calendar in a mail of its own.")
            if is_final
            else _("This is what your meetings could be. Nothing is fixed yet.")
        ]
        if not meetings:
            lines = [_("No meeting could be placed for you so far. Your page says why.")]
        if not is_final and day.view.feedback_by:
            until = format_instant_on(day.view.feedback_by, day.view.time_zone)
            lines.append(_("Tell us by %(time)s what does not suit you.", time=until))
        letter = Letter(
            kind="meetings_final" if is_final else "meetings_provisional",
            occasion=str(day.view.version),
            subject=_("Your meetings") if is_final else _("Your meetings, provisionally"),
            lines=lines,
            rows=rows,
            action=_("Open your schedule"),
            expires_at=day.view.ends_at,
        )
    send_letter(desk, person, letter)
