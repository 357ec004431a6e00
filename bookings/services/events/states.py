"""An event is shown to everybody, decided on, or called off."""

from datetime import datetime

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.event_errors import EventNotReadyError
from bookings.domain.events import EventState, Readiness, list_missing
from bookings.models.events import Event
from bookings.services.events.opening import NOUN, check_is_changeable, note_event, open_event
from bookings.services.events.plans import plan_of


@retry_conflicts
def publish_event(slug: str, *, version: int | None = None, who: Who, now: datetime) -> None:
    """Everybody sees the draft from now on.

    Raises NotFoundError, RecordChangedError, TransitionNotAllowedError, EventNotReadyError.
    """
    with transaction() as session:
        event = open_event(session, slug, version)
        if event.state != EventState.DRAFT:
            raise TransitionNotAllowedError(NOUN, event.state, "publish")
        missing = list_missing(readiness_of(event), now=now)
        if missing:
            raise EventNotReadyError(missing)
        event.state, event.published_at = EventState.PUBLISHED, now
        note_event(session, event, "publish_event", who=who, now=now)


@retry_conflicts
def cancel_event(slug: str, *, reason: str, version: int | None = None, who: Who, now: datetime) -> None:
    """The event does not take place; those who are registered hear of it by a job.

    Raises NotFoundError, RecordChangedError, TransitionNotAllowedError.
    """
    with transaction() as session:
        event = open_event(session, slug, version)
        _call_off(event, reason, now=now)
        note_event(session, event, "cancel_event", who=who, now=now)


@retry_conflicts
def decide_event(
    slug: str, *, takes_place: bool, reason: str = "", version: int | None = None, who: Who, now: datetime
) -> None:
    """Go or no-go of an event that needs a number of people; a no is a cancellation with its reason.

    Raises NotFoundError, RecordChangedError, TransitionNotAllowedError.
    """
    with transaction() as session:
        event = open_event(session, slug, version)
        if event.minimum is None or event.decided_at is not None or event.state != EventState.PUBLISHED:
            raise TransitionNotAllowedError(NOUN, event.state, "decide")
        event.decided_at = now
        if not takes_place:
            _call_off(event, reason, now=now)
        note_event(session, event, "decide_event", who=who, now=now, takes_place=takes_place)


def readiness_of(event: Event) -> Readiness:
    """What the event, loaded with parts and ticket kinds, is looked at for."""
    return Readiness(plan=plan_of(event), part_count=len(event.parts), ticket_count=len(event.tickets))


def _call_off(event: Event, reason: str, *, now: datetime) -> None:
    check_is_changeable(event, "cancel")
    if now >= event.ends_at:
        raise TransitionNotAllowedError(NOUN, "past", "cancel")
    event.state, event.cancelled_at, event.cancelled_reason = EventState.CANCELLED, now, reason
