"""Rows with obvious defaults, for tests that need something to be there."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select, update

from bookings.db import database
from bookings.domain.slots import ASKED_STATES
from bookings.domain.text import organisation_key
from bookings.models.calendar import Attendee, CalendarEntry
from bookings.models.directory import (
    HostContact,
    Interest,
    Organisation,
    OrganisationInterest,
    Place,
    Site,
    TravelLeg,
)
from bookings.models.slots import ProposedTime, Slot
from bookings.models.visits import Agreement, DateWindow, Delegation, VisitPlace, VisitRequest
from bookings.services.tasks import keep_rule_tasks
from tests.support.clock import NOW

_numbers = count(1)

_PLACES = (
    ("umea", "Umeå", "Uumaja", "SE", "Europe/Stockholm"),
    ("skelleftea", "Skellefteå", "Skellefteå", "SE", "Europe/Stockholm"),
    ("vaasa", "Vasa", "Vaasa", "FI", "Europe/Helsinki"),
)
_INTERESTS = (
    ("waste-circular", ("recycling", "waste-to-energy")),
    ("bioeconomy", ("biogas", "bioenergy")),
)
_ORGANISATIONS = (
    ("stormossen", "Stormossen", "company", "vaasa", ("bioeconomy/biogas", "waste-circular/recycling")),
    ("westenergy", "Westenergy", "company", "vaasa", ("waste-circular/waste-to-energy",)),
    ("vakin", "Vakin", "public", "umea", ("waste-circular/recycling",)),
    ("skelleftea-kraft", "Skellefteå Kraft", "company", "skelleftea", ("bioeconomy/bioenergy",)),
)


def save(*rows: Any) -> None:
    """Add rows and commit, so that requests and use cases see them."""
    database.session.add_all(rows)
    database.session.commit()


def a_directory() -> dict[str, Organisation]:
    """Three towns on two shores with travel times, two areas with topics, four organisations by slug."""
    places = {
        slug: Place(
            slug=slug, name_en=fi if country == "FI" else sv, name_sv=sv, name_fi=fi, country=country,
            time_zone=zone, is_partner=True,
        )
        for slug, sv, fi, country, zone in _PLACES
    }  # fmt: skip
    save(*places.values())
    for one, other, mode, minutes in (("umea", "skelleftea", "road", 100), ("umea", "vaasa", "ferry", 210)):
        for origin, target in ((one, other), (other, one)):
            save(
                TravelLeg(
                    from_place_id=places[origin].id, to_place_id=places[target].id, mode=mode, minutes=minutes
                )
            )
    interests = _some_interests()
    return {row[0]: _an_organisation(row, places[row[3]], interests) for row in _ORGANISATIONS}


def _some_interests() -> dict[str, Interest]:
    found = {}
    for position, (area_slug, topics) in enumerate(_INTERESTS):
        area = _an_interest(area_slug, sort=position * 10)
        save(area)
        found[area_slug] = area
        for place, topic in enumerate(topics):
            slug = f"{area_slug}/{topic}"
            found[slug] = _an_interest(slug, sort=place, parent_id=area.id)
    save(*found.values())
    return found


def _an_interest(slug: str, *, sort: int, parent_id: int | None = None) -> Interest:
    label = slug.rpartition("/")[2].replace("-", " ").capitalize()
    return Interest(slug=slug, sort=sort, parent_id=parent_id, label_en=label, label_sv=label, label_fi=label)


def _an_organisation(
    row: tuple[str, str, str, str, Sequence[str]], place: Place, interests: dict[str, Interest]
) -> Organisation:
    slug, name, kind, _, topics = row
    organisation = Organisation(
        slug=slug, name=name, kind=kind, country=place.country, place_id=place.id,
        languages=["en", "sv"], hosts_visits="yes", status="published",
    )  # fmt: skip
    save(organisation)
    save(
        Site(
            organisation_id=organisation.id, slug="main", name=f"{name} visitor centre", address="Road 1",
            place_id=place.id, time_zone=place.time_zone, group_min=2, group_max=25,
        ),
        HostContact(organisation_id=organisation.id, name=f"Host of {name}", email=f"visits@{slug}.example"),
        *(
            OrganisationInterest(
                organisation_id=organisation.id, interest_id=interests[topic].id, position=position
            )
            for position, topic in enumerate(topics)
        ),
    )  # fmt: skip
    return organisation


def comes_on_behalf(visit: VisitRequest, client: str = "City of Riga") -> None:
    """An agent asked for the visit; its letter has not come."""
    database.session.execute(
        update(Delegation).where(Delegation.visit_id == visit.id).values(on_behalf_of=client)
    )
    keep_rule_tasks(database.session, visit.id, now=NOW)
    database.session.commit()


def a_visit(
    *,
    state: str = "submitted",
    organisation: str = "West Estonian delegation",
    country: str = "EE",
    group_size: int = 10,
    places: Sequence[str] = ("vaasa", "umea"),
    first_day: date | None = None,
    interests: Sequence[Interest] = (),
    submitted_at: datetime = NOW - timedelta(days=3),
    **columns: Any,
) -> VisitRequest:
    """A request whose address is proved, sent three days ago for six weeks from now."""
    number = next(_numbers)
    first = first_day or (NOW + timedelta(days=42)).date()
    values: dict[str, Any] = {
        "reference": f"KV-2027-{number:04d}",
        "form_key": f"form-{number}",
        "language": "en",
        "visit_kind": "study_visit",
        "purpose": "See how waste and biogas are handled on both sides of the Kvarken.",
        "places_suggested": not places,
        "visit_languages": ["en"],
        "contact_name": "Kadri Tamm",
        "contact_email": f"kadri{number}@visitor.example",
        "contact_time_zone": "Europe/Tallinn",
        "created_at": submitted_at,
        "verified_at": submitted_at,
        "submitted_at": submitted_at,
        "state_changed_at": submitted_at,
    }
    visit = VisitRequest(state=state, **{**values, **columns})
    visit.interests = list(interests)
    save(visit)
    save(
        Delegation(
            visit_id=visit.id, organisation_name=organisation,
            organisation_key=organisation_key(organisation),
            organisation_country=country, organisation_kind="public", group_size=group_size,
        ),
        DateWindow(
            visit_id=visit.id, position=1, earliest_on=first, latest_on=first + timedelta(days=2), half_days=6
        ),
        Agreement(
            visit_id=visit.id, version="2026-1", language="en", text="We pay our own costs.",
            text_sha256="0" * 64, agreed_at=visit.created_at, network_address="192.0.2.0/24",
        ),
        *(VisitPlace(visit_id=visit.id, place_slug=place) for place in places),
    )  # fmt: skip
    return visit


def a_slot(
    visit: VisitRequest,
    organisation: Organisation,
    *,
    starts_at: datetime,
    minutes: int = 90,
    state: str = "draft",
    **columns: Any,
) -> Slot:
    """A slot as it would stand in this state; holds and mails are not made."""
    site = database.session.scalars(select(Site).where(Site.organisation_id == organisation.id)).one()
    contact = database.session.scalars(
        select(HostContact).where(HostContact.organisation_id == organisation.id)
    ).one()
    ends_at = starts_at + timedelta(minutes=minutes)
    entry = CalendarEntry(
        uid=f"slot-{next(_numbers)}@visits.example", summary=f"Visit at {organisation.name}",
        location=site.name,
        starts_at=starts_at, ends_at=ends_at, time_zone=site.time_zone, created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    save(entry)
    save(
        Attendee(
            entry_id=entry.id,
            email=contact.email,
            name=contact.name,
            language="en",
            organizer_token=entry.uid[:40],
        )
    )
    asked = state != "draft"
    values: dict[str, Any] = {
        "title": f"Visit at {organisation.name}",
        "respond_by": NOW + timedelta(days=7) if state in ASKED_STATES else None,
        "asked_at": NOW - timedelta(days=1) if asked else None,
        "created_at": NOW - timedelta(days=1),
    }
    slot = Slot(
        visit_id=visit.id, organisation_id=organisation.id, site_id=site.id, host_contact_id=contact.id,
        place_id=site.place_id, calendar_entry_id=entry.id, state=state, starts_at=starts_at, ends_at=ends_at,
        time_zone=site.time_zone, **{**values, **columns},
    )  # fmt: skip
    save(slot)
    return slot


def a_proposed_time(slot: Slot, *, starts_at: datetime, minutes: int = 90) -> ProposedTime:
    """Another time that the host offered."""
    row = ProposedTime(
        slot_id=slot.id, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=minutes), proposed_at=NOW
    )
    save(row)
    return row
