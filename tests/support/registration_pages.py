"""Pages of registering, in several states: the form, the proof, the person's own page, and those of staff."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from bookings.db import read_session
from bookings.domain.imports import ImportTable
from bookings.domain.links import LinkPurpose
from bookings.domain.questions import Option, QuestionPlan
from bookings.domain.registrations import Application, Person, QuestionKind, RegistrationState
from bookings.models.events import Event
from bookings.models.imports import ImportFile
from bookings.models.registrations import Registration
from bookings.services.imports import keep_file
from bookings.services.questions import add_question
from bookings.services.registration_notes import add_registration_note
from bookings.services.registrations import add_registration, register, verify_registration
from tests.support.clock import NOW
from tests.support.events import STAFF, a_part, a_ticket, an_event, texts
from tests.support.own_pages import a_link

# Routes with GET that answer with a file.
REGISTRATION_FILES = {"registrations.days"}
OPEN, FULL, CHOSEN = "meeting-of-towns", "one-place-only", "by-invitation"


def add_registrations() -> None:
    """An event with every kind of question, one whose only place is taken, and one where staff decide."""
    parts = [a_part("Wind at sea"), a_part("Biogas", hours=1.5), a_part("Waste", hours=2, capacity=0)]
    tickets = [a_ticket(), a_ticket("Partner", access_code="KVARK")]
    event = an_event(
        "Meeting of towns", parts=parts, tickets=tickets, asks_costs=True, notes_photos=True, capacity=50
    )
    _add_questions(event.slug)
    people = (_person("Anna Berg", part_ids=(event.parts[0].id,)), _person("Bo Ek"), _person("", email=""))
    _come(event, *people)
    _prove(an_event("One place only", capacity=1), "Eva Lind", "Ulla Ström")
    _prove(an_event("By invitation", needs_approval=True), "Carl Holm")
    found = read_session().scalars(select(Registration).where(Registration.name == "Anna Berg")).one()
    add_registration_note(found.id, "Comes by bus.", who=STAFF, now=NOW)
    rows = b"Name,E-mail,Ticket\r\nDora Dahl,dora@town.example,Participant\r\n"
    keep_file(ImportTable.REGISTRATIONS, "guests.csv", rows, event_id=event.id, who=STAFF, now=NOW)


def list_registration_addresses() -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and reader of each page."""
    for name in (OPEN, f"{OPEN}/register?code=kvark", FULL, CHOSEN, "cancelled-day"):
        slug, _sign, _rest = name.partition("/")
        yield "registrations.register", f"/events/{name if _rest else f'{slug}/register'}", "nobody"
    unproved = a_link(LinkPurpose.VERIFY_REGISTRATION, _new_registration())
    yield "registrations.verify", f"/registrations/verify/{unproved}", "nobody"
    yield "registrations.not_me", f"/registrations/not-me/{unproved}", "nobody"
    late = a_link(LinkPurpose.VERIFY_REGISTRATION, _id("Anna Berg"))
    yield "registrations.verify", f"/registrations/verify/{late}", "nobody"
    for name in ("Anna Berg", "Bo Ek", "Ulla Ström", "Carl Holm"):
        yield "registrations.show", f"/registrations/{_own(name)}", "nobody"
    own = f"/registrations/{_own('Anna Berg')}"
    for endpoint, way in (
        ("calendar", "calendar"),
        ("change", "change"),
        ("give", "hand-over"),
        ("cancel", "cancel"),
    ):
        yield f"registrations.{endpoint}", f"{own}/{way}", "nobody"
    yield from _staff_addresses()


def _staff_addresses() -> Iterator[tuple[str, str, str]]:
    home, lists = "/staff/events", f"/staff/events/{OPEN}/registrations"
    for query in ("", "?text=nothing-like-this", "?state=all"):
        yield "staff_registrations.index", f"{lists}{query}", "coordinator"
    yield "staff_registrations.queue", f"{home}/{FULL}/registrations/queue", "reader"
    yield "staff_registrations.queue", f"{lists}/queue", "reader"
    yield "staff_registrations.show", f"{lists}/{_reference('Anna Berg')}", "coordinator"
    yield "staff_registrations.change", f"{lists}/{_reference('Anna Berg')}/change", "coordinator"
    yield "staff_registrations.ticket", f"{lists}/{_reference('Anna Berg')}/ticket", "coordinator"
    asked = f"{home}/{CHOSEN}/registrations/{_reference('Carl Holm')}"
    for act in ("approve", "refuse", "cancel"):
        yield "staff_registrations.act", f"{asked}/{act}", "coordinator"
    yield "staff_registrations.add", f"{lists}/new", "coordinator"
    yield "staff_registration_files.start", f"{lists}/import", "coordinator"
    file_id = read_session().scalars(select(ImportFile.id).where(ImportFile.event_id.is_not(None))).first()
    yield "staff_registration_files.show", f"{lists}/import/{file_id}", "coordinator"
    yield "staff_registration_files.columns", f"{lists}/import/{file_id}/columns", "coordinator"
    yield "staff_registration_files.ask", f"{lists}/export", "reader"
    questions = f"{home}/{OPEN}/questions"
    yield "staff_questions.index", questions, "coordinator"
    yield "staff_questions.index", f"{home}/{FULL}/questions", "reader"
    yield "staff_questions.add", f"{questions}/new/choice", "coordinator"
    yield "staff_questions.change", f"{questions}/what-do-you-eat", "coordinator"
    yield "staff_questions.remove", f"{questions}/do-you-stay-for-lunch", "coordinator"
    for language in ("en", "fi"):
        yield "staff_questions.preview", f"{questions}/preview/{language}", "reader"


def _add_questions(slug: str) -> None:
    yes_no = (Option("yes", texts("Yes")), Option("no", texts("No")))
    of_kind = QuestionKind
    plans = [
        QuestionPlan(
            kind=of_kind.CHOICE, label=texts("Do you stay for lunch"), options=yes_no, is_required=True
        ),
        QuestionPlan(
            kind=of_kind.TEXT, label=texts("What do you eat"), is_sensitive=True,
            shown_if_key="do-you-stay-for-lunch", shown_if_values=("yes",),
        ),
        QuestionPlan(kind=of_kind.SEVERAL, label=texts("What interests you"), options=yes_no),
        QuestionPlan(kind=of_kind.DATE, label=texts("When do you arrive"), hint=texts("The day is enough.")),
        QuestionPlan(kind=of_kind.COUNTRY, label=texts("Where do you come from")),
        QuestionPlan(kind=of_kind.LONG_TEXT, label=texts("What would you like to ask")),
        QuestionPlan(kind=of_kind.CONSENT, label=texts("You may send me the slides")),
    ]  # fmt: skip
    for plan in plans:
        add_question(slug, plan, who=STAFF, now=NOW)


def _person(name: str, *, email: str | None = None, part_ids: tuple[int, ...] = ()) -> Person:
    address = f"{name.split(maxsplit=1)[0].lower()}@town.example" if email is None else email
    return Person(
        name=name, email=address, organisation_name="Umeå kommun", country="SE", language="en",
        time_zone="America/New_York", answers={"do-you-stay-for-lunch": "yes"}, part_ids=part_ids,
    )  # fmt: skip


def _come(event: Event, leader: Person, *members: Person) -> None:
    application = Application(
        event_slug=event.slug, ticket_id=event.tickets[0].id, leader=leader, members=members,
        form_key=f"{event.slug}:{leader.name}",
    )  # fmt: skip
    add_registration(application, who=STAFF, now=NOW)


def _prove(event: Event, *names: str) -> None:
    for name in names:
        application = Application(
            event_slug=event.slug, ticket_id=event.tickets[0].id, leader=_person(name),
            form_key=f"{event.slug}:{name}", joins_waiting_list=True,
        )  # fmt: skip
        token = register(application, now=NOW).token
        assert token
        verify_registration(token, now=NOW)


def _new_registration() -> int:
    """One whose address is not proved yet: made by whoever looks at the pages first."""
    known = select(Registration.id).where(Registration.state == RegistrationState.UNVERIFIED)
    found = read_session().scalars(known).first()
    if found is None:
        event = an_event("Address to prove", starts_at=NOW + timedelta(days=50))
        application = Application(
            event_slug=event.slug, ticket_id=event.tickets[0].id, form_key="to-prove",
            leader=_person("Dan Å", email="dan@town.example"),
        )  # fmt: skip
        found = register(application, now=NOW).registration_id
    assert found
    return found


def _find(name: str) -> Registration:
    return read_session().scalars(select(Registration).where(Registration.name == name)).one()


def _id(name: str) -> int:
    return _find(name).id


def _reference(name: str) -> str:
    return _find(name).reference


def _own(name: str) -> str:
    return a_link(LinkPurpose.MANAGE_REGISTRATION, _id(name))
