"""Certificates for those who were there: from the person's own link, and from staff."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bookings.db import read_session, transaction
from bookings.domain.errors import NotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.time import local_day
from bookings.i18n import format_day_on, say
from bookings.i18n import gettext as _
from bookings.queries.doors import DoorEvent, find_door_event
from bookings.queries.links import find_link
from bookings.queries.papers import PaperPerson, find_paper_person, list_attended_parts, list_programme
from bookings.services.papers.files import Order, PaperFile, count_export, describe_event, load_logos, press


def print_own_certificate(token: str, *, now: datetime) -> PaperFile:
    """What a person's link opens.

    Raises LinkNotFoundError, LinkExpiredError, NotFoundError (was not there) or PrintingError.
    """
    session = read_session()
    link = find_link(session, token, LinkPurpose.MANAGE_REGISTRATION, now=now)
    event, person = _find(session, link.subject_id)
    data = _describe(session, event, person, now=now)
    session.rollback()  # nobody waits for the press with a read open
    return PaperFile(f"{person.reference}-certificate.pdf", press("certificate.typ", data))


def print_certificate(slug: str, registration_id: int, order: Order) -> PaperFile:
    """For staff. Raises NotFoundError, TooManyAttemptsError or PrintingError."""
    with transaction() as session:
        event, person = _find(session, registration_id)
        if event.slug != slug:
            raise NotFoundError("registration", str(registration_id))
        count_export(session, order, "certificate", event.id, rows=1, registration_id=registration_id)
        data = _describe(session, event, person, now=order.now)
    return PaperFile(f"{person.reference}-certificate.pdf", press("certificate.typ", data))


def _find(session: Session, registration_id: int) -> tuple[DoorEvent, PaperPerson]:
    """Only who was there has a certificate."""
    found = find_paper_person(session, registration_id)
    if found is None or found[1].arrived_at is None or not found[1].name:
        raise NotFoundError("certificate", str(registration_id))
    return find_door_event(session, event_id=found[0]), found[1]


def _describe(session: Session, event: DoorEvent, person: PaperPerson, *, now: datetime) -> dict[str, Any]:
    seen_in = list_attended_parts(session, person.id)
    facts = describe_event(
        session, event, [part for part in list_programme(session, event) if part.id in seen_in]
    )
    organisation = f", {person.organisation}," if person.organisation else ""
    day = format_day_on(local_day(now, event.time_zone))
    return {
        **facts,
        "logos": load_logos(session),
        "words": {
            "title": _("Certificate of attendance"),
            "sentence": _("%(who)s took part in", who=f"{person.name}{organisation}"),
            "event": say(event.title),
            "parts": _("Parts attended"),
            "issued": _("Issued on %(day)s by %(publisher)s.", day=day, publisher=facts["publisher"]),
            "reference": _("Reference %(reference)s", reference=person.reference),
        },
    }
