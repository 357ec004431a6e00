"""A form comes in, or staff enter somebody: one form, one registration, however often it is sent."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.event_errors import (
    AccessCodeError,
    AlreadyRegisteredError,
    OrganisationLimitError,
    PartNotAvailableError,
    RegistrationClosedError,
)
from bookings.domain.events import EventState, Presence, is_for_everybody
from bookings.domain.limits import Allowance, list_registration_limits
from bookings.domain.registrations import (
    Application,
    CameBy,
    Outcome,
    RegistrationState,
    check_group,
    check_window,
    fold_email,
    is_code_right,
)
from bookings.domain.text import organisation_key
from bookings.domain.time import local_day
from bookings.models.events import Event, EventPart, TicketKind
from bookings.models.registrations import Registration
from bookings.queries.newsletter import is_stopped
from bookings.queries.registrations.groups import (
    Group,
    count_of_organisation,
    find_door,
    list_chosen_parts,
    list_earlier,
    load_group,
)
from bookings.services.limits import count_act
from bookings.services.newsletter import Wish, add_newsletter_wish
from bookings.services.registrations.letters import Letter, send_letter, send_verification
from bookings.services.registrations.rows import (
    REGISTRANT,
    add_group,
    check_costs,
    make_reference,
    note,
    record_agreed,
)
from bookings.services.registrations.seats import Room, needs_of, open_room, take_seats
from bookings.services.registrations.settling import (
    confirm,
    count_waiting,
    enqueue,
    full_error,
    note_passed,
)
from bookings.settings import current_settings


class SendFirst(Protocol):
    """Queues the mail that proves an address; returns the token of its link."""

    def __call__(self, session: Session, event: Event, person: Registration, *, now: datetime) -> str: ...


@retry_conflicts
def register(application: Application, *, now: datetime) -> Outcome:
    """A visitor's form. Its seats are kept until the address is proved; an address that is known at the event
    gets its own link once more, and the page looks the same.

    Raises NotFoundError, RegistrationClosedError, AccessCodeError, GroupTooLargeError, PartNotAvailableError,
    OrganisationLimitError, CostsNotAcceptedError, EventFullError or AlreadyRegisteredError.
    """
    with transaction() as session:
        return take_form(session, application, now=now)


def take_form(
    session: Session, application: Application, *, now: datetime, send_first: SendFirst = send_verification
) -> Outcome:
    """What `register` does, as a part of use cases; `send_first` queues the mail that proves the address.

    Raises as `register`.
    """
    event, ticket = find_door(session, application.event_slug, application.ticket_id)
    _check_door(application, event, ticket, now=now)
    clause = check_costs(application, event, now=now)
    room = open_room(session, event, ticket=ticket)
    earlier = _list_earlier(session, application, event)
    if sent := _find_sent(earlier, application):
        return sent
    parts = _find_parts(session, application, event, ticket, now=now)
    short = _find_short(room, application, event)
    if short is not None and not (event.has_waiting_list and application.joins_waiting_list):
        raise full_error(session, room, short)
    _check_organisation(session, application, event)
    is_held = _has_to_wait(session, application, now=now)
    if earlier:
        return _answer_again(session, earlier[0].id, send_first, is_held=is_held, now=now)
    group = _write(session, application, event, ticket, parts, is_held=is_held, now=now)
    record_agreed(session, application, group.leader.id, clause, now=now)
    if not (is_held or event.needs_approval or short is not None):
        take_seats(room, group)
    token = None if is_held else send_first(session, event, group.leader, now=now)
    return Outcome(
        group.leader.reference, RegistrationState.UNVERIFIED, token=token, registration_id=group.leader.id
    )


def _write(  # noqa: PLR0913 - the form and its event
    session: Session,
    application: Application,
    event: Event,
    ticket: TicketKind,
    parts: Mapping[int, EventPart],
    *,
    is_held: bool,
    now: datetime,
) -> Group:
    respond_by = now + timedelta(minutes=current_settings().registrations.hold_minutes)
    group = add_group(
        session, application, event, ticket, parts,
        state=RegistrationState.UNVERIFIED, respond_by=respond_by, is_held=is_held, goes_on=False, now=now,
    )  # fmt: skip
    note(
        session, "register", group.leader, who=REGISTRANT, now=now, people=len(group.people), is_held=is_held
    )
    if application.wants_newsletter:
        _add_wish(session, application, group, now=now)
    return group


@retry_conflicts
def add_registration(application: Application, *, who: Who, now: datetime) -> Outcome:
    """Staff enter somebody, a list is imported, or somebody stands at the door: the address counts as proved.

    Opening times, codes and limits don't count for staff, the number of seats does. Raises NotFoundError,
    RegistrationClosedError (cancelled), PartNotAvailableError, EventFullError or AlreadyRegisteredError.
    """
    with transaction() as session:
        event, ticket = find_door(session, application.event_slug, application.ticket_id)
        if event.state == EventState.CANCELLED:
            raise RegistrationClosedError("cancelled")
        room = open_room(session, event)
        earlier = _list_earlier(session, application, event)
        if sent := _find_sent(earlier, application):
            return sent
        if earlier:
            raise AlreadyRegisteredError
        parts = _find_parts(session, application, event, ticket, now=None)
        clause = check_costs(application, event, now=now) if application.accepts_costs else None
        group = add_group(
            session, application, event, ticket, parts,
            state=RegistrationState.WAITING, respond_by=None, now=now,
        )  # fmt: skip
        for person in group.people:
            person.verified_at = now if person.email else None
        record_agreed(session, application, group.leader.id, clause, now=now)
        return _place(session, room, group, application, who=who, now=now)


def _place(
    session: Session, room: Room, group: Group, application: Application, *, who: Who, now: datetime
) -> Outcome:
    """Staff may pass the queue, and those who wait are told that they were passed; nobody passes the rule."""
    leader, needs = group.leader, needs_of(room, group)
    short = None if not application.joins_waiting_list else room.find_short(needs)
    free = room.seating.free
    lacking = [pool for pool, seats in needs.items() if (left := free[pool]) is not None and left < seats]
    note(session, "add", leader, who=who, now=now, people=len(group.people), came_by=application.came_by)
    if not lacking and short is None:
        note_passed(session, room.list_passed(needs))
        take_seats(room, group)
        _confirm_added(session, group, application, who=who, now=now)
        return Outcome(leader.reference, RegistrationState.REGISTERED, registration_id=leader.id)
    if not (application.joins_waiting_list and room.event.has_waiting_list):
        raise full_error(session, room, lacking[0])
    enqueue(session, group, short if short is not None else lacking[0], who=who, now=now)
    place = count_waiting(session, room.event.id)
    return Outcome(leader.reference, RegistrationState.WAITING, place, registration_id=leader.id)


def _confirm_added(
    session: Session, group: Group, application: Application, *, who: Who, now: datetime
) -> None:
    """Whoever stands at the door needs no invitation."""
    if application.came_by is CameBy.WALK_IN:
        for person in group.people:
            person.state, person.registered_at = RegistrationState.REGISTERED, now
            person.told_version = group.event.version
        return
    confirm(session, group, who=who, now=now)


def _list_earlier(session: Session, application: Application, event: Event) -> list[Any]:
    email = fold_email(application.leader.email)
    return list_earlier(session, event.id, form_key=application.form_key, email=email)


def _find_sent(earlier: Sequence[Any], application: Application) -> Outcome | None:
    """The same form again finds what it had made."""
    for row in earlier:
        if application.form_key and row.form_key == application.form_key:
            return Outcome(row.reference, RegistrationState(row.state), registration_id=row.id)
    return None


def _check_door(application: Application, event: Event, ticket: TicketKind, *, now: datetime) -> None:
    if event.state == EventState.CANCELLED:
        raise RegistrationClosedError("cancelled")
    check_window(
        opens_at=event.opens_at, closes_at=event.closes_at, starts_at=event.starts_at,
        time_zone=event.time_zone, now=now,
    )  # fmt: skip
    is_open = is_for_everybody(is_partner=ticket.is_partner, access_code=ticket.access_code)
    if not is_open and not _has_code(application, ticket):
        raise AccessCodeError
    check_group(application, largest_group=event.largest_group)


def _has_code(application: Application, ticket: TicketKind) -> bool:
    return bool(ticket.access_code) and is_code_right(ticket.access_code, application.access_code)


def _find_parts(
    session: Session, application: Application, event: Event, ticket: TicketKind, *, now: datetime | None
) -> Mapping[int, EventPart]:
    wanted = {part for person in application.people for part in person.part_ids}
    found = {
        part.id: part
        for part in list_chosen_parts(session, event.id, wanted)
        if is_part_open(event, ticket, part, now=now)
    }
    if missing := wanted - found.keys():
        raise PartNotAvailableError(tuple(sorted(missing)))
    return found


def is_part_open(event: Event, ticket: TicketKind, part: EventPart, *, now: datetime | None) -> bool:
    """Can somebody with this ticket choose the part? Without `now` also when it has begun."""
    is_afar = ticket.presence == Presence.ONLINE
    fits = part.presence in (Presence.BOTH, Presence.ONLINE if is_afar else Presence.ON_SITE)
    is_on_day = ticket.valid_on in (None, local_day(part.starts_at, event.time_zone))
    return part.is_chosen and fits and is_on_day and (now is None or part.starts_at > now)


def _find_short(room: Room, application: Application, event: Event) -> int | None:
    """The pool that is too full for all of them together; where staff decide first nobody has a seat yet."""
    if event.needs_approval:
        return None
    people = [(application.ticket_id, person.part_ids) for person in application.people]
    return room.find_short(room.seating.count_needs(people))


def _check_organisation(session: Session, application: Application, event: Event) -> None:
    if event.most_per_organisation is None:
        return
    keys = [organisation_key(person.organisation_name) for person in application.people]
    for key in {key for key in keys if key}:
        known = count_of_organisation(session, event.id, key)
        if known + keys.count(key) > event.most_per_organisation:
            raise OrganisationLimitError(event.most_per_organisation)


def _has_to_wait(session: Session, application: Application, *, now: datetime) -> bool:
    limits = current_settings().limits
    allowance = Allowance(
        limits.registrations_per_mailbox_day,
        limits.registrations_per_client_hour,
        limits.registrations_per_network_hour,
    )
    email = application.leader.email
    # All are asked, so that each form takes the same time whatever is known about its address.
    counted = list_registration_limits(email, application.network_address, allowance)
    is_over = count_act(session, counted, now=now)
    return is_stopped(session, email) or is_over or application.looks_automatic


def _answer_again(
    session: Session, registration_id: int, send_first: SendFirst, *, is_held: bool, now: datetime
) -> Outcome:
    """The address has a registration: its owner gets the link of that one, and nobody else learns of it."""
    if not is_held:
        group = load_group(session, registration_id)
        person = group.leader
        if person.state != RegistrationState.UNVERIFIED:
            letter = Letter(template="registration_again", occasion=f":{now.isoformat()}")
            send_letter(session, group, person, letter, now=now)
        elif not person.is_held_for_moderation:
            send_first(session, group.event, person, now=now)
        note(session, "register_again", person, who=REGISTRANT, now=now)
    return Outcome(make_reference(), RegistrationState.UNVERIFIED)


def _add_wish(session: Session, application: Application, group: Group, *, now: datetime) -> None:
    wish = Wish(
        group.leader.email, group.leader.language, application.newsletter_wording, group.leader.reference,
        application.network_address,
    )  # fmt: skip
    add_newsletter_wish(session, wish, now=now)
