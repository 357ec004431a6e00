"""Pages of an event's day: the door, badges and lists, the survey."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import select

from bookings.db import database
from bookings.domain.links import LinkPurpose
from bookings.domain.mailings import Audience, MailingPlan
from bookings.domain.surveys import Opinion, SurveyOutcome
from bookings.models.events import Event
from bookings.models.registrations import Registration
from bookings.services.doors import open_door, record_check_ins
from bookings.services.mailings import write_to_people
from bookings.services.surveys import answer_survey
from tests.support.clock import NOW
from tests.support.doors import a_door_event, a_registration, a_scan, part_of
from tests.support.own_pages import a_link
from tests.support.stories import STAFF

TODAY, OVER = "door-today", "door-over"
FILES = {"doors.people", "doors.worker", "certificates.own"}


def add_days() -> None:
    """One event that goes on just now, and one that is over, with answers."""
    for slug, starts_at in ((TODAY, NOW - timedelta(hours=1)), (OVER, NOW - timedelta(days=2))):
        event = a_door_event(parts=["Electricity grids of the north"], slug=slug, starts_at=starts_at)
        people = [a_registration(event, parts=[part_of(event)]) for _ in range(6)]
        a_registration(event, name="", email="", organisation_name="")
        badges = [a_scan(person) for person in people[:4]]
        tokens = [a_link(LinkPurpose.MANAGE_REGISTRATION, person.id) for person in people[:4]]
        is_over = slug == OVER
        if not is_over:
            open_door(slug, who=STAFF, now=NOW)
        record_check_ins(slug, badges, who=STAFF, now=NOW)
        words = {"en": "Another door"}, {"en": "Please use the door to the north."}
        letter = MailingPlan(Audience.REGISTERED, *words)
        write_to_people(slug, letter, form_key=f"letter-{slug}", who=STAFF, now=NOW)
        for number, token in enumerate(tokens if is_over else ()):
            outcomes = (SurveyOutcome.LEARNED, SurveyOutcome.CONTACT)[: number + 1]
            said = Opinion(score=5 - number, outcomes=outcomes, comment="Good.")
            for now in (NOW, NOW + timedelta(days=180)):
                answer_survey(token, said, now=now)


def list_day_addresses() -> Iterator[tuple[str, str, str]]:
    """Endpoint, address and reader of each page."""
    today, over = (
        database.session.scalars(select(Event.id).where(Event.slug == slug)).one() for slug in (TODAY, OVER)
    )
    door = f"/doors/{a_link(LinkPurpose.EVENT_DOOR, today, sequence=2)}"
    for query in ("", "?text=wind&door=North", "?text=nothing-like-this"):
        yield "doors.show", f"{door}{query}", "nobody"
        yield "staff_doors.show", f"/staff/events/{TODAY}/door{query}", "coordinator"
    yield "staff_doors.show", f"/staff/events/{TODAY}/door", "reader"
    yield "staff_mailings.newsletter", "/staff/newsletter", "coordinator"
    yield "doors.walk_in", f"{door}/walk-in", "nobody"
    yield "staff_doors.walk_in", f"/staff/events/{TODAY}/door/walk-in", "coordinator"
    for slug in (TODAY, OVER):
        yield "staff_papers.show", f"/staff/events/{slug}/papers", "coordinator"
        yield "staff_mailings.to_people", f"/staff/events/{slug}/letters", "coordinator"
        for query in ("", "?figures=public"):
            yield "staff_surveys.show", f"/staff/events/{slug}/survey{query}", "coordinator"
    for event_id in (over, today):
        person = database.session.scalars(
            select(Registration.id).where(Registration.event_id == event_id).order_by(Registration.id)
        ).first()
        assert person
        link = a_link(LinkPurpose.MANAGE_REGISTRATION, person)
        yield "surveys.show", f"/registrations/{link}/survey", "nobody"
