"""The rows of a new registration, and what each change of one leaves behind. Parts of use cases."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.agreement import check_costs_accepted, hash_clause
from bookings.domain.audit import Who
from bookings.domain.registrations import (
    Application,
    Person,
    RegistrationState,
    build_badge_code,
    build_registration_reference,
    fold_email,
)
from bookings.domain.text import fold, organisation_key, shorten_address
from bookings.domain.visits import Actor
from bookings.i18n import in_language
from bookings.models.events import Event, EventPart, TicketKind
from bookings.models.registrations import Registration, RegistrationAgreement, RegistrationConsent
from bookings.queries.registrations.groups import Group
from bookings.services.agreement import Clause, build_clause
from bookings.services.audit import add_audit
from bookings.services.registrations.seats import add_parts

REGISTRANT = Who(Actor.VISITOR, "registrant")
NOUN = "registration"
_PEOPLE = table_of(Registration)
_ADD_PERSON = insert(_PEOPLE).returning(_PEOPLE.c.id)
_ADD_AGREEMENT, _ADD_CONSENTS = (
    insert(table_of(one)) for one in (RegistrationAgreement, RegistrationConsent)
)
_LONGEST_KEY = 4000
_LONGEST_LINE = 254


def make_reference() -> str:
    """A reference that nobody has."""
    return build_registration_reference(tuple(secrets.token_bytes(8)))


def add_group(  # noqa: PLR0913 - the form, its event, and in which state it begins
    session: Session,
    application: Application,
    event: Event,
    ticket: TicketKind,
    parts: Mapping[int, EventPart],
    *,
    state: RegistrationState,
    respond_by: datetime | None,
    is_held: bool = False,
    goes_on: bool = True,
    now: datetime,
) -> Group:
    """Write down who wants to come, with the chosen parts; `goes_on`: the use case changes them once more."""
    people = [
        Registration(
            reference=make_reference(), badge_code=build_badge_code(tuple(secrets.token_bytes(20))),
            event_id=event.id, ticket_id=ticket.id, ticket=ticket, event=event, state=state,
            came_by=application.came_by, respond_by=respond_by, is_held_for_moderation=is_held,
            created_at=now, version=1, told_version=0,
        )
        for _person in application.people
    ]  # fmt: skip
    for row, person in zip(people, application.people, strict=True):
        write_person(row, person)
    people[0].form_key = application.form_key or None
    (_add_people if goes_on else _write_people)(session, people)
    chosen = {
        row.id: [parts[part_id] for part_id in sorted(set(person.part_ids))]
        for row, person in zip(people, application.people, strict=True)
    }
    add_parts(session, list(chosen.items()))
    return Group(event, people, {key: value for key, value in chosen.items() if value})


def _add_people(session: Session, people: Sequence[Registration]) -> None:
    leader, *members = people
    session.add(leader)
    session.flush()
    for member in members:
        member.leader_id = leader.id
    session.add_all(members)
    session.flush()


def _write_people(session: Session, people: Sequence[Registration]) -> None:
    """Every form that is sent costs these rows, so they are written without the ORM's toil."""
    for person in people:
        person.leader_id = None if person is people[0] else people[0].id
        columns = ((key, getattr(person, key)) for key in _PEOPLE.c.keys())  # noqa: SIM118 (no mapping)
        known = {key: value for key, value in columns if value is not None}
        person.id = session.execute(_ADD_PERSON, known).scalar_one()


def write_person(row: Registration, person: Person) -> None:
    """What the form says of somebody, and what it is found by."""
    if row.email != fold_email(person.email):
        row.undeliverable_at = None
    row.name, row.email, row.phone, row.role = (
        person.name,
        fold_email(person.email),
        person.phone,
        person.role,
    )
    row.organisation_name = person.organisation_name
    row.organisation_key = organisation_key(person.organisation_name)[:_LONGEST_LINE]
    row.organisation_number, row.country = person.organisation_number, person.country
    row.language, row.time_zone = person.language, person.time_zone
    row.answers = dict(person.answers)
    words = (row.name, row.email, row.organisation_name, row.reference)
    row.search_key = fold(" ".join(words))[:_LONGEST_KEY]


def check_costs(application: Application, event: Event, *, now: datetime) -> Clause | None:
    """The clause that was agreed to, where the event asks for it. Raises CostsNotAcceptedError."""
    if not event.asks_costs:
        return None
    with in_language(application.leader.language):
        clause = build_clause(now=now)
    version = application.clause_version or clause.version
    check_costs_accepted(
        is_accepted=application.accepts_costs, version=version, current_version=clause.version
    )
    return clause


def record_agreed(
    session: Session, application: Application, registration_id: int, clause: Clause | None, *, now: datetime
) -> None:
    """Keep word for word what was agreed to."""
    if clause is not None:
        session.execute(
            _ADD_AGREEMENT,
            _agreed(
                registration_id, clause.version, clause.text,
                language=clause.language, address=application.network_address, now=now,
            ),
        )  # fmt: skip
    record_consents(
        session, registration_id, application.consents,
        language=application.leader.language, address=application.network_address, now=now,
    )  # fmt: skip


def record_consents(
    session: Session,
    registration_id: int,
    consents: Mapping[str, str],
    *,
    language: str,
    address: str = "",
    now: datetime,
) -> None:
    """Question key → the words that were agreed to, kept as they were."""
    rows = [
        {
            **_agreed(registration_id, "1", words, language=language, address=address, now=now),
            "question_key": key,
        }
        for key, words in consents.items()
    ]
    if rows:
        session.execute(_ADD_CONSENTS, rows)


def withdraw_consents(
    session: Session, registration_id: int, *, answered: Collection[str] = (), now: datetime
) -> None:
    """Whoever takes back an answer takes back the consent to it: GDPR, Article 7(3)."""
    consent = RegistrationConsent
    session.execute(
        update(consent)
        .where(consent.registration_id == registration_id, consent.withdrawn_at.is_(None))
        .where(consent.question_key.not_in(answered))
        .values(withdrawn_at=now),
        execution_options={"synchronize_session": False},
    )


def _agreed(
    registration_id: int, version: str, text: str, *, language: str, address: str, now: datetime
) -> dict[str, Any]:
    return {
        "registration_id": registration_id,
        "version": version,
        "language": language,
        "text": text,
        "text_sha256": hash_clause(text),
        "agreed_at": now,
        "network_address": shorten_address(address),
    }


def set_state(
    people: Sequence[Registration], state: RegistrationState, *, respond_by: datetime | None
) -> None:
    """All of them go on to a state."""
    for person in people:
        person.state, person.respond_by = state, respond_by
        person.version += 1


def close(
    people: Sequence[Registration], state: RegistrationState, *, by: str, reason: str, now: datetime
) -> None:
    """The end of a registration: who ended it, when and why."""
    set_state(people, state, respond_by=None)
    for person in people:
        person.closed_at, person.closed_by, person.closed_reason = now, by, reason


def note(
    session: Session, action: str, person: Registration, *, who: Who, now: datetime, **detail: Any
) -> None:
    """The audit entry of a change."""
    add_audit(session, who, action, noun=NOUN, subject_id=person.id, now=now, **detail)
