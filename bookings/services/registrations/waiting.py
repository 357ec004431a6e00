"""The queue moves: offers are made, taken, refused, and lapse."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bookings.db import read_session, retry_conflicts, transaction
from bookings.domain.audit import SYSTEM, Who
from bookings.domain.errors import TransitionNotAllowedError
from bookings.domain.event_errors import OfferLapsedError
from bookings.domain.events import EventState
from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import OfferState, Outcome, RegistrationState
from bookings.domain.visits import Actor
from bookings.domain.waiting import Promotion, offer_until, plan_promotion
from bookings.models.registrations import Offer, WaitingListEntry
from bookings.queries.links import find_link
from bookings.queries.registrations.groups import Group, load_event, load_group
from bookings.queries.registrations.pools import list_events_to_promote
from bookings.services.registrations.letters import Letter, say_until, send_letter
from bookings.services.registrations.rows import REGISTRANT, close, note, set_state
from bookings.services.registrations.seats import Room, free_seats, open_group, open_room, take_seats
from bookings.services.registrations.settling import confirm
from bookings.settings import current_settings

_MOST_AT_ONCE = 50
"""Offers of one transaction: nobody waits long for an event whose capacity was raised by hundreds."""
_UNSEEN = {"synchronize_session": False}


def promote_waiting(event_id: int, *, now: datetime) -> int:
    """Offer seats that are free to who waits for them, in order. Returns how many offers were made."""
    made = 0
    while True:
        found = _promote_some(event_id, now=now)
        made += found
        if found < _MOST_AT_ONCE:
            return made


def promote_all(*, now: datetime) -> None:
    """The job: places that came free without anybody giving one back (staff raised a capacity)."""
    for event_id in list_events_to_promote(read_session(), now=now):
        promote_waiting(event_id, now=now)


@retry_conflicts
def accept_offer(token: str, *, now: datetime) -> Outcome:
    """The offered place is taken. Raises LinkNotFoundError, LinkExpiredError, TransitionNotAllowedError, or
    OfferLapsedError.
    """
    with transaction() as session:
        _room, group = _open_offer(session, token, now=now)
        _settle_offer(session, group, OfferState.TAKEN, now=now)
        page_token = confirm(session, group, who=REGISTRANT, now=now)
        return _outcome(group, page_token)


@retry_conflicts
def decline_offer(token: str, *, now: datetime) -> Outcome:
    """The offered place goes to the next. Raises as `accept_offer`."""
    with transaction() as session:
        room, group = _open_offer(session, token, now=now)
        _end_offer(
            session, room, group, OfferState.DECLINED, RegistrationState.CANCELLED, who=REGISTRANT, now=now
        )
        return _outcome(group, token)


def promote(session: Session, room: Room, *, now: datetime) -> int:
    """Offer what is free to who waits for it. Part of every use case that gives seats back."""
    event = room.event
    until = offer_until(
        event.starts_at, longest=timedelta(hours=current_settings().registrations.offer_hours), now=now
    )
    if event.state != EventState.PUBLISHED or until is None:
        return 0
    fresh = open_room(session, event)
    if not fresh.queue:
        return 0
    plan = plan_promotion(fresh.queue, fresh.seating.free, lets_smaller_pass=event.lets_smaller_pass)
    offered = plan.offered[:_MOST_AT_ONCE]
    for entry_id in offered:
        _offer(session, fresh, entry_id, until=until, now=now)
    if len(offered) == len(plan.offered):
        _note_standing(session, plan)
    return len(offered)


def lapse_offer(session: Session, registration_id: int, *, now: datetime) -> None:
    """Nobody took it in time: the next is asked. Part of a use case."""
    room, group = open_group(session, registration_id)
    leader = group.leader
    if leader.state != RegistrationState.OFFERED or leader.respond_by is None or leader.respond_by > now:
        return
    _end_offer(session, room, group, OfferState.LAPSED, RegistrationState.EXPIRED, who=SYSTEM, now=now)


def leave_queue(session: Session, group: Group, state: OfferState, *, now: datetime) -> None:
    """The group no longer waits, and an offer that is open is settled."""
    _settle_offer(session, group, state, now=now)


@retry_conflicts
def _promote_some(event_id: int, *, now: datetime) -> int:
    with transaction() as session:
        return promote(session, open_room(session, load_event(session, event_id)), now=now)


def _offer(session: Session, room: Room, entry_id: int, *, until: datetime, now: datetime) -> None:
    entry = session.get_one(WaitingListEntry, entry_id)
    group = load_group(session, entry.registration_id)
    group.people = [one for one in group.people if one.state == RegistrationState.WAITING]
    take_seats(room, group)
    set_state(group.people, RegistrationState.OFFERED, respond_by=until)
    entry.blocked_pool_id = None
    session.add(Offer(waiting_list_entry_id=entry_id, state=OfferState.OPEN, made_at=now, expires_at=until))
    note(
        session, "offer", group.leader, who=SYSTEM, now=now, people=len(group.people), until=until.isoformat()
    )
    session.flush()
    words = {"until": say_until(group.leader, group.event, until)}
    letter = Letter(template="registration_offer", words=words, expires_at=until)
    send_letter(session, group, group.leader, letter, now=now)


def _note_standing(session: Session, plan: Promotion) -> None:
    """Why each of the others stands where it stands."""
    for entry_id, pool_id in plan.blocked.items():
        values = {"blocked_pool_id": pool_id}
        statement = update(WaitingListEntry).where(
            WaitingListEntry.id == entry_id, WaitingListEntry.blocked_pool_id.is_distinct_from(pool_id)
        )
        session.execute(statement.values(values), execution_options=_UNSEEN)
    for entry_id, times in plan.passed.items():
        session.execute(
            update(WaitingListEntry)
            .where(WaitingListEntry.id == entry_id)
            .values(passed_over=WaitingListEntry.passed_over + times),
            execution_options=_UNSEEN,
        )


def _open_offer(session: Session, token: str, *, now: datetime) -> tuple[Room, Group]:
    link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
    room, group = open_group(session, link.subject_id)
    leader, zone = group.leader, group.event.time_zone
    if leader.state == RegistrationState.EXPIRED:
        raise OfferLapsedError(None, zone)
    if leader.state != RegistrationState.OFFERED or leader.leader_id is not None:
        raise TransitionNotAllowedError("registration", leader.state, "answer_offer")
    if leader.respond_by is not None and leader.respond_by <= now:
        raise OfferLapsedError(leader.respond_by, zone)
    group.people = [one for one in group.people if one.state == RegistrationState.OFFERED]
    return room, group


def _end_offer(  # noqa: PLR0913 - which offer, how it ended, and by whom
    session: Session,
    room: Room,
    group: Group,
    offer: OfferState,
    state: RegistrationState,
    *,
    who: Who,
    now: datetime,
) -> None:
    group.people = [one for one in group.people if one.state == RegistrationState.OFFERED]
    _settle_offer(session, group, offer, now=now)
    free_seats(session, group.people)
    by = Actor.VISITOR if who == REGISTRANT else Actor.SYSTEM
    close(group.people, state, by=by, reason=f"offer_{offer}", now=now)
    note(session, f"offer_{offer}", group.leader, who=who, now=now)
    session.flush()
    send_letter(session, group, group.leader, Letter(template=f"offer_{offer}"), now=now)
    promote(session, room, now=now)


def _settle_offer(session: Session, group: Group, state: OfferState, *, now: datetime) -> None:
    entries = select(WaitingListEntry.id).where(WaitingListEntry.registration_id == group.leader.id)
    session.execute(
        update(Offer)
        .where(Offer.waiting_list_entry_id.in_(entries), Offer.state == OfferState.OPEN)
        .values(state=state, settled_at=now),
        execution_options=_UNSEEN,
    )
    session.execute(
        update(WaitingListEntry)
        .where(WaitingListEntry.registration_id == group.leader.id, WaitingListEntry.left_at.is_(None))
        .values(left_at=now),
        execution_options=_UNSEEN,
    )


def _outcome(group: Group, token: str | None) -> Outcome:
    leader = group.leader
    return Outcome(leader.reference, RegistrationState(leader.state), token=token, registration_id=leader.id)
