"""Proving the address of a registration, or saying that it was somebody else."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import LinkNotFoundError, TransitionNotAllowedError
from bookings.domain.event_errors import AlreadyRegisteredError, RegistrationClosedError
from bookings.domain.events import EventKind, EventState
from bookings.domain.limits import DAY, Limit, fold_mailbox
from bookings.domain.links import LinkPurpose
from bookings.domain.newsletter import StopReason
from bookings.domain.registrations import Outcome, RegistrationState
from bookings.domain.visits import Actor
from bookings.models.registrations import Registration
from bookings.queries.links import find_any_link, find_link
from bookings.queries.newsletter import is_stopped
from bookings.queries.registrations.groups import Group, is_address_live, load_group
from bookings.services.limits import count_act
from bookings.services.newsletter import (
    queue_newsletter_confirmation,
    stop_mailbox,
    withdraw_newsletter_wish,
)
from bookings.services.registrations.letters import send_verification
from bookings.services.registrations.links import add_page_link
from bookings.services.registrations.rows import REGISTRANT, close, note
from bookings.services.registrations.seats import free_seats, open_group
from bookings.services.registrations.settling import count_waiting, settle
from bookings.services.registrations.waiting import promote
from bookings.settings import current_settings

_UNPROVED = (RegistrationState.UNVERIFIED, RegistrationState.EXPIRED)
NOT_ME = "not_me"


@retry_conflicts
def verify_registration(token: str, *, now: datetime) -> Outcome:
    """Prove the address: the registration gets its place, waits in the queue, or waits for staff.

    Pressing twice is harmless. Whose time was over may still find seats. Raises LinkNotFoundError,
    LinkExpiredError, TransitionNotAllowedError, RegistrationClosedError, EventFullError or
    AlreadyRegisteredError (by another form meanwhile).
    """
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.VERIFY_REGISTRATION, now=now)
        room, group = open_group(session, link.subject_id)
        leader = group.leader
        if leader.verified_at is not None:
            return _tell(session, group, add_page_link(session, group, leader, now=now))
        _check_provable(session, group, now=now)
        # Who was cancelled or came by another way meanwhile is not brought back by this.
        group.people = [one for one in group.people if one.state in _UNPROVED]
        leader.verified_at = now
        leader.is_held_for_moderation = False
        page_token = settle(session, room, group, who=REGISTRANT, now=now)
        queue_newsletter_confirmation(
            session, leader.email, reference=leader.reference, registration_id=leader.id, now=now
        )
        return _tell(session, group, page_token)


@retry_conflicts
def report_not_me(token: str, *, now: datetime) -> None:
    """Somebody else used the address: the seats are free again, and no further mail goes there.

    Pressing twice is harmless, and the link goes on working when it no longer confirms. Raises
    LinkNotFoundError.
    """
    with transaction() as session:
        link = find_any_link(session, token, LinkPurpose.VERIFY_REGISTRATION)
        room, group = open_group(session, link.subject_id)
        leader = group.leader
        if leader.verified_at is None and leader.state in _UNPROVED:
            unproved = [one for one in group.people if one.state in _UNPROVED]
            free_seats(session, unproved)
            close(unproved, RegistrationState.CANCELLED, by=Actor.VISITOR, reason=NOT_ME, now=now)
            note(session, NOT_ME, leader, who=REGISTRANT, now=now)
            withdraw_newsletter_wish(session, leader.email, reference=leader.reference, now=now)
            session.flush()
            promote(session, room, now=now)
        if leader.closed_reason == NOT_ME:
            stop_mailbox(session, leader.email, StopReason.NOT_ME, now=now)


def resend_verification(registration_id: int, *, who: Who, now: datetime) -> None:
    """Staff let a registration pass that was held, or send the first mail once more. Raises NotFoundError."""
    with transaction() as session:
        group = load_group(session, registration_id)
        leader = group.leader
        is_advice = group.event.kind == EventKind.ADVISORY_DAY
        if leader.state not in _UNPROVED or leader.verified_at is not None or is_advice:
            raise TransitionNotAllowedError("registration", leader.state, "resend")
        leader.is_held_for_moderation = False
        _begin_anew(leader, now=now)
        note(session, "resend_verification", leader, who=who, now=now)
        send_verification(session, group.event, leader, now=now)


def resend_verification_by_link(token: str, *, now: datetime) -> None:
    """Who holds an old link gets a fresh one; over the limits nothing happens. Raises LinkNotFoundError."""
    with transaction() as session:
        link = find_any_link(session, token, LinkPurpose.VERIFY_REGISTRATION)
        if session.get(Registration, link.subject_id) is None:
            raise LinkNotFoundError
        group = load_group(session, link.subject_id)
        _resend(session, group, now=now)


def _resend(session: Session, group: Group, *, now: datetime) -> None:
    leader = group.leader
    if leader.state not in _UNPROVED or leader.verified_at is not None or leader.is_held_for_moderation:
        return
    if group.event.kind == EventKind.ADVISORY_DAY:
        return  # the time with the adviser is booked anew
    most = 2 * current_settings().limits.registrations_per_mailbox_day
    limit = Limit("registration_resend", fold_mailbox(leader.email), most, DAY)
    if count_act(session, [limit], now=now) or is_stopped(session, leader.email):
        return
    _begin_anew(leader, now=now)
    note(session, "resend_verification", leader, who=REGISTRANT, now=now)
    send_verification(session, group.event, leader, now=now)


def _begin_anew(leader: Registration, *, now: datetime) -> None:
    """The mail promises to keep the place for a while from now on."""
    if leader.state == RegistrationState.UNVERIFIED:
        leader.respond_by = now + timedelta(minutes=current_settings().registrations.hold_minutes)


def _check_provable(session: Session, group: Group, *, now: datetime) -> None:
    event, leader = group.event, group.leader
    is_late = leader.state == RegistrationState.EXPIRED
    if is_late and is_address_live(session, event.id, leader.email, but=leader.id):
        raise AlreadyRegisteredError
    if leader.state not in _UNPROVED:
        raise TransitionNotAllowedError("registration", leader.state, "verify")
    if event.state == EventState.CANCELLED:
        raise RegistrationClosedError("cancelled")
    if now >= event.ends_at or (leader.state == RegistrationState.EXPIRED and now >= event.starts_at):
        raise RegistrationClosedError("closed")


def _tell(session: Session, group: Group, token: str | None) -> Outcome:
    leader = group.leader
    state = RegistrationState(leader.state)
    place = (
        count_waiting(session, group.event.id, until=leader.id)
        if state == RegistrationState.WAITING
        else None
    )
    return Outcome(leader.reference, state, place, token=token, registration_id=leader.id)
