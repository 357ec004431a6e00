"""A registration is changed, completed by a member, or handed over to somebody else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import CutOffPassedError, RecordChangedError, TransitionNotAllowedError
from bookings.domain.event_errors import AlreadyRegisteredError, PartNotAvailableError, TooManyMailsError
from bookings.domain.limits import list_proof_limits
from bookings.domain.links import MAILED, LinkPurpose
from bookings.domain.registrations import (
    LIVE_STATES,
    SEATED_STATES,
    Outcome,
    Person,
    RegistrationState,
    fold_email,
)
from bookings.models.events import EventPart
from bookings.models.registrations import Registration, RegistrationPart
from bookings.queries.links import find_link
from bookings.queries.registrations.groups import (
    Group,
    is_address_live,
    list_chosen_parts,
    load_entries,
)
from bookings.services.limits import count_act
from bookings.services.meetings.leaving import hand_over_participant
from bookings.services.meetings.readdressing import leave_meeting_mailbox, reach_meeting_mailbox
from bookings.services.registrations.days import bring_in_line, call_off_days, give_days_to
from bookings.services.registrations.letters import Letter, send_changes, send_letter, send_verification
from bookings.services.registrations.links import add_typed_link, revoke_page_links, revoke_verification
from bookings.services.registrations.registering import is_part_open
from bookings.services.registrations.rows import (
    NOUN,
    REGISTRANT,
    note,
    record_consents,
    withdraw_consents,
    write_person,
)
from bookings.services.registrations.seats import (
    Room,
    add_parts,
    free_seats,
    needs_of,
    open_group,
    take_seats,
)
from bookings.services.registrations.settling import full_error, invite_member, welcome
from bookings.services.registrations.waiting import promote
from bookings.settings import current_settings

Consents = Mapping[str, str]
_NONE: Consents = {}
_UNSEEN = {"synchronize_session": False}


@retry_conflicts
def change_registration(
    token: str, person: Person, *, version: int, consents: Consents = _NONE, now: datetime
) -> Outcome:
    """The person's own page: everything but the address, which is changed by handing over.

    Raises LinkNotFoundError, LinkExpiredError, RecordChangedError, TransitionNotAllowedError,
    CutOffPassedError, PartNotAvailableError or EventFullError.
    """
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
        room, group = open_group(session, link.subject_id)
        _check_changeable(group, version, now=now)
        kept = replace(person, email=group.leader.email)
        _change(session, room, group, kept, who=REGISTRANT, until=now, now=now)
        record_consents(session, group.leader.id, consents, language=kept.language, now=now)
        return _tell(group, token)


@retry_conflicts
def change_by_staff(
    registration_id: int, person: Person, *, version: int, who: Who, now: datetime
) -> Outcome:
    """Staff correct anything, the address included; an address that was not proved counts as proved then.

    Raises NotFoundError, RecordChangedError, TransitionNotAllowedError, AlreadyRegisteredError,
    PartNotAvailableError or EventFullError.
    """
    with transaction() as session:
        room, group = open_group(session, registration_id)
        leader = group.leader
        if version != leader.version:
            raise RecordChangedError(NOUN)
        if leader.state not in LIVE_STATES:
            raise TransitionNotAllowedError(NOUN, leader.state, "change")
        has_moved = fold_email(person.email) != leader.email
        is_on = leader.state == RegistrationState.REGISTERED and leader.verified_at is not None
        if has_moved:
            _check_address(session, group, person.email)
        left = _leave_mailbox(session, group, now=now) if has_moved and is_on else []
        _change(session, room, group, person, who=who, until=None, quietly=has_moved and is_on, now=now)
        if has_moved:
            _follow_person(session, group, proved=bool(leader.email), now=now)
        reach_meeting_mailbox(session, group.event.id, left, now=now)
        return _tell(group, None)


@retry_conflicts
def complete_member(token: str, person: Person, *, consents: Consents = _NONE, now: datetime) -> Outcome:
    """A member of a group, or whom a place was handed to, fills in the own page.

    The address is proved when the link came by mail to it. Until then it gets such a mail, and the outcome
    holds the link to go on with: whoever passed the first one on reads nothing that is filled in for another
    address.

    Raises LinkNotFoundError, LinkExpiredError, TransitionNotAllowedError, CutOffPassedError,
    AlreadyRegisteredError, PartNotAvailableError, EventFullError or TooManyMailsError.
    """
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
        room, group = open_group(session, link.subject_id)
        member = group.leader
        _check_changeable(group, member.version, now=now)
        if member.leader_id is None and member.verified_at is not None:
            raise TransitionNotAllowedError(NOUN, member.state, "complete")
        has_moved = fold_email(person.email) != member.email
        if has_moved or member.verified_at is None:
            _check_address(session, group, person.email)
        if has_moved:
            member.verified_at = None
        was_proved = member.verified_at is not None
        _change(session, room, group, person, who=REGISTRANT, until=now, quietly=not was_proved, now=now)
        record_consents(session, member.id, consents, language=person.language, now=now)
        if has_moved:
            revoke_page_links(session, [member.id], now=now)
            token = add_typed_link(session, group, member, now=now)
        if not was_proved and not has_moved and link.sequence == MAILED:
            _prove(session, group, now=now)
        elif has_moved or (not was_proved and member.state == RegistrationState.REGISTERED):
            _ask_for_proof(session, group, now=now)
        return _tell(group, token)


@retry_conflicts
def hand_over(token: str, *, name: str, email: str, now: datetime) -> Outcome:
    """Somebody else comes instead: that person gets a link to complete it, and the old links end.

    Raises LinkNotFoundError, LinkExpiredError, TransitionNotAllowedError, CutOffPassedError or
    AlreadyRegisteredError.
    """
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
        _room, group = open_group(session, link.subject_id)
        person = group.leader
        _check_changeable(group, person.version, now=now)
        if person.state != RegistrationState.REGISTERED:
            raise TransitionNotAllowedError(NOUN, person.state, "hand_over")
        _check_address(session, group, email)
        hand_over_participant(session, person.id, now=now)
        _let_go(session, group, now=now)
        _give_to(person, name, email)
        withdraw_consents(session, person.id, now=now)
        note(session, "hand_over", person, who=REGISTRANT, now=now)
        session.flush()
        welcome_words = {"name": ""}
        send_letter(
            session, group, person, Letter(template="registration_member", words=welcome_words), now=now
        )
        return _tell(group, None)


def _ask_for_proof(session: Session, group: Group, *, now: datetime) -> None:
    """The mail whose link proves the address; neither a mailbox nor a group gets them without end."""
    member, most = group.leader, current_settings().limits.registrations_per_mailbox_day
    head = member.leader_id or member.id
    if count_act(session, list_proof_limits(member.email, f"{head}", most), now=now):
        raise TooManyMailsError(member.email)
    invite_member(session, group, member, now=now)


def _prove(session: Session, group: Group, *, now: datetime) -> None:
    """The link came by mail, so the address is the person's own; who leads the group sees no more of it."""
    member = group.leader
    member.verified_at = now
    revoke_page_links(session, [member.id], only_shown=True, now=now)
    if member.state == RegistrationState.REGISTERED:
        welcome(session, group, member, had_days=True, now=now)


def _let_go(session: Session, group: Group, *, now: datetime) -> None:
    """The one who hands over reads that it is done, and the calendar forgets the entries."""
    person = group.leader
    revoke_page_links(session, [person.id], now=now)
    if others := [one.id for one in group.people[1:]]:
        # The links on the page of the one who goes; those that came by mail are the members' own.
        revoke_page_links(session, others, only_shown=True, now=now)
    entries = load_entries(session, [person.id]).get(person.id, [])
    gone = call_off_days(entries)
    letter = Letter(template="registration_handed_over", method="CANCEL" if gone else None, has_page=False)
    for number, entry in enumerate(gone or [None]):
        one = replace(letter, entry=entry, occasion=f":{number}")
        send_letter(session, group, person, one, now=now)
    session.flush()


def _leave_mailbox(session: Session, group: Group, *, now: datetime) -> list[int]:
    """The mailbox that was written down wrongly forgets the entries; the new one gets them afterwards.

    Returns the meetings among them.
    """
    person = group.leader
    for number, entry in enumerate(call_off_days(load_entries(session, [person.id]).get(person.id, []))):
        letter = Letter(
            template="registration_day", method="CANCEL", entry=entry, occasion=f":left:{number}",
            has_page=False,
        )  # fmt: skip
        send_letter(session, group, person, letter, now=now)
    left = leave_meeting_mailbox(session, person.id, now=now)
    session.flush()
    return left


def _give_to(person: Registration, name: str, email: str) -> None:
    """Nothing that the one before said of himself stays."""
    blank = Person(
        name=name, email=email, language=person.language, time_zone=person.time_zone,
        organisation_name=person.organisation_name, organisation_number=person.organisation_number,
        country=person.country,
    )  # fmt: skip
    write_person(person, blank)
    person.verified_at = None
    person.version += 1


def _check_changeable(group: Group, version: int, *, now: datetime) -> None:
    person = group.leader
    if version != person.version:
        raise RecordChangedError(NOUN)
    if person.state not in LIVE_STATES:
        raise TransitionNotAllowedError(NOUN, person.state, "change")
    if now >= group.event.ends_at:
        raise CutOffPassedError(group.event.ends_at)


def _check_address(session: Session, group: Group, email: str) -> None:
    folded = fold_email(email)
    if folded and is_address_live(session, group.event.id, folded, but=group.leader.id):
        raise AlreadyRegisteredError


def _change(  # noqa: PLR0913 - whose, into what, and by whom
    session: Session,
    room: Room,
    group: Group,
    person: Person,
    *,
    who: Who,
    until: datetime | None,
    quietly: bool = False,
    now: datetime,
) -> None:
    """Write the person, take other seats where other parts are chosen, and tell calendars what is new."""
    row = group.leader
    write_person(row, person)
    withdraw_consents(session, row.id, answered=person.answers.keys(), now=now)
    row.version += 1
    old, new = set(group.part_ids(row)), set(person.part_ids)
    if old != new:
        parts = _find_parts(session, group, new, kept=old, until=until)
        _swap_parts(session, room, group, parts)
    note(session, "change", row, who=who, now=now, has_other_parts=old != new)
    session.flush()
    if row.state == RegistrationState.REGISTERED and row.verified_at is not None and not quietly:
        _tell_calendars(session, group, now=now)
    if old != new:
        promote(session, room, now=now)


def _find_parts(
    session: Session, group: Group, wanted: set[int], *, kept: set[int], until: datetime | None
) -> list[EventPart]:
    """The parts that are chosen now; those that were chosen before may have begun."""
    event, ticket = group.event, group.leader.ticket
    found = [
        part
        for part in list_chosen_parts(session, event.id, wanted)
        if part.id in kept or is_part_open(event, ticket, part, now=until)
    ]
    if missing := wanted - {part.id for part in found}:
        raise PartNotAvailableError(tuple(sorted(missing)))
    return found


def _swap_parts(session: Session, room: Room, group: Group, parts: Sequence[EventPart]) -> None:
    """All seats anew, in one go; what is full leaves everything as it was. Raises EventFullError."""
    row = group.leader
    before = needs_of(room, group, [row])
    old = RegistrationPart.registration_id == row.id
    session.execute(delete(RegistrationPart).where(old), execution_options=_UNSEEN)
    add_parts(session, [(row.id, parts)])
    group.parts[row.id] = list(parts)
    is_unproved = row.state == RegistrationState.UNVERIFIED
    if row.state not in SEATED_STATES or (is_unproved and row.id not in group.seated):
        return
    more = {pool: 1 for pool in needs_of(room, group, [row]) if pool not in before}
    short = room.find_short(more) if more else None
    if short is not None:
        raise full_error(session, room, short)
    free_seats(session, [row])
    take_seats(room, group, [row])


def _tell_calendars(session: Session, group: Group, *, now: datetime) -> None:
    person = group.leader
    entries = load_entries(session, [person.id]).get(person.id, [])
    give_days_to(person, entries)
    parts = group.parts.get(person.id, [])
    changes = bring_in_line(session, group.event, person, parts, entries, now=now)
    send_changes(session, group, changes, now=now)


def _follow_person(session: Session, group: Group, *, proved: bool, now: datetime) -> None:
    """Staff wrote another address: old links end, and the new address gets its own."""
    person = group.leader
    revoke_page_links(session, [person.id], now=now)
    if person.state == RegistrationState.UNVERIFIED and person.leader_id is None:
        revoke_verification(session, person.id, now=now)
        send_verification(session, group.event, person, now=now)
    elif person.state == RegistrationState.REGISTERED and person.verified_at is not None:
        welcome(session, group, person, had_days=True, now=now)
    elif proved and person.verified_at is None and person.leader_id is not None:
        invite_member(session, group, person, now=now)
    elif person.email:
        send_letter(session, group, person, Letter(template="registration_again"), now=now)


def _tell(group: Group, token: str | None) -> Outcome:
    person = group.leader
    return Outcome(person.reference, RegistrationState(person.state), token=token, registration_id=person.id)
