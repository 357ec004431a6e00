"""What was done to a matchmaking day and to one of its meetings: conditions for the trail."""

from sqlalchemy import ColumnElement

from bookings.models.audit import AuditEntry

_OF_DAY = ("set_up_meetings", "ask_solver", "apply_schedule", "release_provisional", "release_final")


def of_meeting(meeting_id: int) -> ColumnElement[bool]:
    """Agreed, moved, pinned, called off and the like."""
    return (AuditEntry.noun == "meeting") & (AuditEntry.subject_id == meeting_id)


def of_matchmaking(event_id: int) -> ColumnElement[bool]:
    """How the schedule of the day came about."""
    is_of_event = (AuditEntry.noun == "event") & (AuditEntry.subject_id == event_id)
    return is_of_event & AuditEntry.action.in_(_OF_DAY)
