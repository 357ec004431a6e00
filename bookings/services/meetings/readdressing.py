"""Staff corrected a participant's address: the wrong mailbox forgets the meetings, the right one gets them.

Parts of use cases. Times with advisers follow by their own job.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from bookings.domain.meetings import MeetingState
from bookings.models.calendar import CalendarEntry
from bookings.models.meetings import Meeting, MeetingPerson
from bookings.queries.meetings.day import load_day
from bookings.services.entries import call_off_entry
from bookings.services.entry_mails import tell_left
from bookings.services.meetings.calendar import announce
from bookings.services.meetings.letters import Desk


def leave_meeting_mailbox(session: Session, registration_id: int, *, now: datetime) -> list[int]:
    """The entries of meetings to come leave this mailbox's calendar. Returns the meetings."""
    sides = session.scalars(
        select(MeetingPerson)
        .join(Meeting, Meeting.id == MeetingPerson.meeting_id)
        .where(
            MeetingPerson.registration_id == registration_id,
            Meeting.state == MeetingState.AGREED,
            Meeting.starts_at > now,
            Meeting.second_id.is_not(None),
        )
        .order_by(MeetingPerson.id)
        .options(joinedload(MeetingPerson.calendar_entry).selectinload(CalendarEntry.attendees))
        .execution_options(populate_existing=True)
    ).all()
    left = []
    for side in sides:
        if side.calendar_entry is not None and call_off_entry(side.calendar_entry):
            tell_left(session, side.calendar_entry, now=now)
            left.append(side.meeting_id)
    return left


def reach_meeting_mailbox(
    session: Session, event_id: int, meeting_ids: Collection[int], *, now: datetime
) -> None:
    """What left a mailbox comes to the one that the participant has now; nobody else hears of it."""
    if not meeting_ids:
        return
    session.flush()
    desk = Desk(session, load_day(session, event_id), now)
    for view in desk.day.meetings:
        if view.id in meeting_ids and desk.day.has_both(view):
            announce(desk, view)
