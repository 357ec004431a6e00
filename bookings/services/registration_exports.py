"""Taking the registrations of an event out as a file: counted, noted in the trail, addresses for few."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError
from bookings.models.events import Event
from bookings.queries.questions import list_questions
from bookings.queries.registrations.cells import list_people_cells, list_people_columns
from bookings.services.audit import add_audit
from bookings.services.exports import write_rows
from bookings.services.limits import check_export_limit


@dataclass(frozen=True, kw_only=True)
class PeopleExport:
    """What somebody asks for: `form` csv or xlsx; those who don't come any more, too."""

    slug: str
    form: str
    with_contacts: bool
    also_ended: bool = False


def export_registrations(wanted: PeopleExport, *, person_id: int, who: Who, now: datetime) -> bytes:
    """The whole list as a file. Raises NotFoundError or TooManyAttemptsError."""
    with transaction() as session:
        event_id = session.scalar(select(Event.id).where(Event.slug == wanted.slug))
        if event_id is None:
            raise NotFoundError("event", wanted.slug)
        check_export_limit(session, person_id, now=now)
        plans = list_questions(session, event_id)
        columns = list_people_columns(plans, with_contacts=wanted.with_contacts)
        rows = list_people_cells(session, event_id, also_ended=wanted.also_ended)
        add_audit(
            session, who, "registrations.exported", noun="registrations", subject_id=event_id, now=now,
            rows=len(rows), form=wanted.form, with_contacts=wanted.with_contacts,
        )  # fmt: skip
    return write_rows(wanted.form, "registrations", columns, rows)
