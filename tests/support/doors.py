"""An event with people who may come in, for tests of doors, papers and surveys."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from bookings.db import database
from bookings.domain.doors import Proof, Scan
from bookings.domain.registrations import CheckInKind
from bookings.domain.text import fold, organisation_key
from bookings.models.events import Event, EventPart, TicketKind
from bookings.models.registrations import Registration, RegistrationPart
from tests.support.builders import save
from tests.support.clock import NOW

_numbers = count(1)
_NAMES = ("Aino Berg", "Björn Ström", "Carita Koski", "Daniel Åberg", "Elli Niemi")
_ORGANISATIONS = (("Wasa Wind Oy", "FI", "1234567-8"), ("Ume Kraft AB", "SE", "556677-8899"))


def a_door_event(
    *, parts: Sequence[str] = (), starts_at: datetime = NOW - timedelta(hours=1), **columns: Any
) -> Event:
    """A published seminar in Vaasa that began an hour ago, lasts till the evening, with one ticket kind."""
    number = next(_numbers)
    title = {"en": "Wind seminar", "sv": "Vindseminarium", "fi": "Tuuliseminaari"}
    values: dict[str, Any] = {
        "slug": f"wind-seminar-{number}",
        "kind": "seminar",
        "state": "published",
        "title": title,
        "summary": {},
        "description": {},
        "presence": "on_site",
        "venue": "City hall",
        "address": "Senate street 1, Vaasa",
        "time_zone": "Europe/Helsinki",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=8),
        "created_at": NOW - timedelta(days=30),
        "published_at": NOW - timedelta(days=30),
    }
    event = Event(**{**values, **columns})
    save(event)
    save(TicketKind(event_id=event.id, position=1, name={"en": "Visitor"}, presence="on_site"))
    for position, name in enumerate(parts):
        starts = event.starts_at + timedelta(hours=position)
        save(
            EventPart(
                event_id=event.id, position=position, title={"en": name}, description={}, presence="on_site",
                starts_at=starts, ends_at=starts + timedelta(hours=1), room="Hall A",
            )
        )  # fmt: skip
    return event


def ticket_of(event: Event) -> TicketKind:
    return event.tickets[0] if "tickets" in event.__dict__ else _first(TicketKind, event)


def part_of(event: Event) -> EventPart:
    """The first part."""
    return _first(EventPart, event)


def _first(model: Any, event: Event) -> Any:
    return database.session.query(model).filter_by(event_id=event.id).order_by(model.id).first()


def a_registration(event: Event, *, parts: Sequence[EventPart] = (), **columns: Any) -> Registration:
    """Somebody who is registered."""
    number = next(_numbers)
    organisation, country, own_number = _ORGANISATIONS[number % 2]
    name = columns.get("name", f"{_NAMES[number % 5]} {number}")
    values: dict[str, Any] = {
        "reference": f"KR-2027-{number:04d}",
        "event_id": event.id,
        "ticket_id": ticket_of(event).id,
        "state": "registered",
        "came_by": "form",
        "language": "en",
        "time_zone": "Europe/Stockholm",
        "name": name,
        "email": f"person{number}@visitor.example",
        "organisation_name": organisation,
        "organisation_key": organisation_key(organisation),
        "organisation_number": own_number,
        "country": country,
        "search_key": fold(f"{name} {organisation}"),
        "answers": {},
        "badge_code": f"BADGE{number:027d}",
        "created_at": NOW - timedelta(days=10),
        "verified_at": NOW - timedelta(days=10),
        "registered_at": NOW - timedelta(days=10),
    }
    row = Registration(**{**values, **columns})
    save(row)
    save(*(RegistrationPart(registration_id=row.id, part_id=part.id) for part in parts))
    return row


def a_scan(person: Registration | str, *, key: str = "", minutes: float = 0, **more: Any) -> Scan:
    """A badge seen at the main door, so many minutes from now."""
    code = person if isinstance(person, str) else person.badge_code
    values = {"kind": CheckInKind.IN, "proof": Proof.QR, "door": "Main door", **more}
    return Scan(
        client_key=key or f"scan-{next(_numbers)}",
        badge_code=code,
        happened_at=NOW + timedelta(minutes=minutes),
        **values,
    )
