"""What was done to a matchmaking day and to one of its meetings: conditions for the trail."""

from sqlalchemy import ColumnElement, select

from bookings.models.audit import AuditEntry
from bookings.models.meetings import Meeting

_OF_DAY = (
    "set_up_meetings",
    "ask_solver",
    "apply_schedule",
    "release_provisional",
    "release_final",
    "drop_schedules",
)


def of_meeting(meeting_id: int) -> ColumnElement[bool]:
    """Agreed, moved, pinned, called off and the like: since there is the meeting, for a schedule that is laid
    anew may give an id once more."""
    since = select(Meeting.created_at).where(Meeting.id == meeting_id).scalar_subquery()
    is_of_id = (AuditEntry.noun == "meeting") & (AuditEntry.subject_id == meeting_id)
    return is_of_id & (AuditEntry.happened_at >= since)


def of_matchmaking(event_id: int) -> ColumnElement[bool]:
    """How the schedule of the day came about."""
    is_of_event = (AuditEntry.noun == "event") & (AuditEntry.subject_id == event_id)
    return is_of_event & AuditEntry.action.in_(_OF_DAY)
