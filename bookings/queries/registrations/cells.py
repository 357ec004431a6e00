"""The registrations of an event as rows of text: what an exported file holds, and an import reads."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.answer_cells import BETWEEN, column_of, show_answers
from bookings.domain.events import choose_text
from bookings.domain.questions import QuestionPlan
from bookings.domain.registrations import LIVE_STATES
from bookings.models.events import EventPart, TicketKind
from bookings.models.registrations import Attendance, Registration, RegistrationPart

_BARE = (
    "reference", "state", "person_name", "person_organisation", "person_role", "person_country", "ticket",
    "parts", "registered_at", "arrived_at",
)  # fmt: skip
_OF_CONTACT = ("person_email", "person_phone", "person_language")
Rows = list[dict[str, str]]


def list_people_columns(plans: Sequence[QuestionPlan], *, with_contacts: bool) -> tuple[str, ...]:
    """The columns of an exported list; sensitive answers and addresses are for who may see contacts."""
    questions = [column_of(plan) for plan in plans if with_contacts or not plan.is_sensitive]
    return (*_BARE[:3], *(_OF_CONTACT if with_contacts else ()), *_BARE[3:], *questions)


def list_people_cells(session: Session, event_id: int, *, also_ended: bool = False) -> Rows:
    """A row for each registration, in the order in which they came in."""
    people = (
        select(Registration, TicketKind.name, Attendance.arrived_at)
        .join(TicketKind, TicketKind.id == Registration.ticket_id)
        .outerjoin(Attendance, (Attendance.registration_id == Registration.id) & Attendance.part_id.is_(None))
        .where(Registration.event_id == event_id)
        .order_by(Registration.id)
    )
    if not also_ended:
        people = people.where(Registration.state.in_(LIVE_STATES))
    chosen = _list_chosen(session, event_id)
    return [
        {
            **_build_cells(person, ticket, chosen.get(person.id, [])),
            "arrived_at": arrived_at.isoformat(timespec="minutes") if arrived_at else "",
        }
        for person, ticket, arrived_at in session.execute(people)
    ]


def _build_cells(person: Registration, ticket: Mapping[str, str], parts: Sequence[str]) -> dict[str, str]:
    return {
        "reference": person.reference,
        "state": person.state,
        "person_name": person.name,
        "person_email": person.email,
        "person_organisation": person.organisation_name,
        "person_role": person.role,
        "person_phone": person.phone,
        "person_country": person.country,
        "person_language": person.language,
        "ticket": choose_text(ticket, "en"),
        "parts": BETWEEN.join(parts),
        "registered_at": person.registered_at.isoformat(timespec="minutes") if person.registered_at else "",
        **show_answers(person.answers),
    }


def _list_chosen(session: Session, event_id: int) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = session.execute(
        select(RegistrationPart.registration_id, EventPart.title)
        .join(EventPart, EventPart.id == RegistrationPart.part_id)
        .where(EventPart.event_id == event_id)
        .order_by(EventPart.starts_at, EventPart.id)
    )
    for registration_id, title in rows:
        found.setdefault(registration_id, []).append(choose_text(title, "en"))
    return found
