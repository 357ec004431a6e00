"""The demo's delegations as requests, for tests of what is planned for them."""

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select

from bookings.db import database
from bookings.domain.text import organisation_key
from bookings.domain.time import next_weekday
from bookings.models.directory import Interest, Organisation
from bookings.models.visits import DateWindow, Delegation, VisitPlace, VisitRequest
from tests.support.builders import save

_numbers = count(1)


def a_demo_visit(entry: dict[str, Any], *, now: datetime) -> VisitRequest:
    """One of the delegations that really came, with its days ahead of now."""
    number = next(_numbers)
    visit = VisitRequest(
        reference=f"KV-2028-{number:04d}", form_key=f"demo-{number}", state="submitted", language="en",
        visit_kind="study_visit", purpose=entry["purpose"], places_suggested=not entry["places"],
        visit_languages=entry["languages"], contact_name="Contact", contact_email="contact@visitor.example",
        contact_time_zone="Europe/Tallinn", created_at=now, verified_at=now, submitted_at=now,
        state_changed_at=now,
    )  # fmt: skip
    visit.interests = list(
        database.session.scalars(select(Interest).where(Interest.slug.in_(entry["interests"])))
    )
    visit.wanted_hosts = list(
        database.session.scalars(select(Organisation).where(Organisation.slug.in_(entry.get("wanted", ()))))
    )
    save(visit)
    save(
        Delegation(
            visit_id=visit.id, organisation_name=entry["organisation"][:250],
            organisation_key=organisation_key(entry["organisation"][:250]),
            organisation_country=entry["country"], organisation_kind=entry["organisation_kind"],
            group_size=entry["group_size"],
        ),
        *(_build_window(visit.id, place, one, now=now) for place, one in enumerate(entry["windows"])),
        *(VisitPlace(visit_id=visit.id, place_slug=slug) for slug in entry["places"]),
    )  # fmt: skip
    return visit


def _build_window(visit_id: int, position: int, window: dict[str, int], *, now: datetime) -> DateWindow:
    first = next_weekday(now.date() + timedelta(days=window["days_ahead"]), window["weekday"])
    return DateWindow(
        visit_id=visit_id,
        position=position,
        earliest_on=first,
        latest_on=first + timedelta(days=window["length_days"] - 1),
        half_days=window["half_days"],
    )
