"""Visit offers: added and changed by staff or by their hosts, hidden when nobody may see them for a while."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.errors import HostDetailNotUsableError
from bookings.domain.offers import OfferPlan, OfferStatus, SeasonHours, check_offer, simplify_hours
from bookings.domain.text import build_slug
from bookings.models.directory import Site
from bookings.models.offers import OfferHours, VisitOffer, VisitOfferInterest
from bookings.services.directory_tables import read_interest_ids
from bookings.services.hosts.doors import (
    Door,
    Told,
    check_version,
    find_offer,
    find_part,
    in_stored_order,
    note,
    open_host,
    write,
)


def add_offer(door: Door, site_id: int, plan: OfferPlan, *, now: datetime) -> int:
    """A new offer of a site; returns its id. The same one again, by a second press, is the one there is.

    Raises HostDetailNotUsableError or NotFoundError.
    """
    check_offer(plan)
    with transaction() as session:
        host = open_host(session, door, now=now)
        site = find_part(session, Site, host, site_id)
        session.refresh(site, with_for_update=True)  # of two presses at once the second one waits
        known = _find_same(session, site.id, plan)
        if known is not None:
            return known
        offer = build_row(session, site.id, plan)
        note(session, host, "offer_added", now=now, offer=offer.id)
        return offer.id


def _find_same(session: Session, site_id: int, plan: OfferPlan) -> int | None:
    """An offer of the site that says the same words and takes as long."""
    (title_en, title_sv, title_fi), (text_en, text_sv, text_fi) = plan.titles, plan.descriptions
    return session.scalar(
        select(VisitOffer.id)
        .where(
            VisitOffer.site_id == site_id,
            VisitOffer.status == OfferStatus.OFFERED.value,
            VisitOffer.minutes == plan.minutes,
            VisitOffer.title_en == title_en,
            VisitOffer.title_sv == title_sv,
            VisitOffer.title_fi == title_fi,
            VisitOffer.description_en == text_en,
            VisitOffer.description_sv == text_sv,
            VisitOffer.description_fi == text_fi,
        )
        .limit(1)
    )


def change_offer(door: Door, offer_id: int, plan: OfferPlan, *, version: int, now: datetime) -> None:
    """What was an example is the host's own from now on.

    Raises HostDetailNotUsableError, RecordChangedError or NotFoundError.
    """
    check_offer(plan)
    with transaction() as session:
        host = open_host(session, door, now=now)
        offer = find_offer(session, host, offer_id)
        check_version(offer, version)
        languages = in_stored_order(offer.languages, plan.languages)
        told: Told = {}
        values = {**values_of(plan), "languages": languages, "is_example": False}
        changed = write(offer, values, told=told)
        changed += _write_hours(session, offer, plan.hours)
        changed += _write_topics(session, offer, plan.topics)
        if changed:
            offer.version += 1
            note(session, host, "offer_changed", now=now, offer=offer.id, fields=changed, told=told)


def set_offer_status(door: Door, offer_id: int, status: OfferStatus, *, now: datetime) -> None:
    """Hide an offer from visitors and from planning, or show it again. Raises NotFoundError."""
    with transaction() as session:
        host = open_host(session, door, now=now)
        offer = find_offer(session, host, offer_id)
        if offer.status != status:
            offer.status = status.value
            offer.version += 1
            note(session, host, f"offer_{status}", now=now, offer=offer.id)


def build_row(session: Session, site_id: int, plan: OfferPlan, *, is_example: bool = False) -> VisitOffer:
    """The rows of a new offer, added to the session. Raises HostDetailNotUsableError."""
    taken = session.scalars(select(VisitOffer.slug).where(VisitOffer.site_id == site_id)).all()
    title = next(title for title in plan.titles if title)
    offer = VisitOffer(
        site_id=site_id, slug=build_slug(title, taken=taken), is_example=is_example, **values_of(plan)
    )
    offer.hours = [_hours_row(window) for window in simplify_hours(plan.hours)]
    session.add(offer)
    session.flush()
    _write_topics(session, offer, plan.topics)
    return offer


def values_of(plan: OfferPlan) -> dict[str, object]:
    """The columns of an offer."""
    (title_en, title_sv, title_fi), (text_en, text_sv, text_fi) = plan.titles, plan.descriptions
    return {
        "title_en": title_en,
        "title_sv": title_sv,
        "title_fi": title_fi,
        "description_en": text_en,
        "description_sv": text_sv,
        "description_fi": text_fi,
        "minutes": plan.minutes,
        "languages": list(plan.languages),
        "group_min": plan.group_min,
        "group_max": plan.group_max,
        "people_per_guide": plan.people_per_guide,
        "guides": plan.guides,
        "lead_days": plan.lead_days,
        "monthly_cap": plan.monthly_cap,
        "fee_cents": plan.fee_cents,
        "fee_currency": plan.fee_currency if plan.fee_cents else "",
        "clothing": plan.clothing,
        "photo_policy": plan.photo_policy.value,
        "needs_identity_list": plan.needs_identity_list,
        "minimum_age": plan.minimum_age,
        "step_access": plan.step_access.value,
    }


def _hours_row(window: SeasonHours) -> OfferHours:
    return OfferHours(
        from_day=window.from_day,
        to_day=window.to_day,
        weekdays=window.weekdays,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
    )


def _write_hours(session: Session, offer: VisitOffer, hours: Iterable[SeasonHours]) -> list[str]:
    session.refresh(offer, ["hours"])
    stored = [_window_of(row) for row in offer.hours]
    wanted = simplify_hours(tuple(hours))
    if simplify_hours(stored) == wanted:
        return []
    offer.hours = [_hours_row(window) for window in wanted]
    session.flush()
    return ["hours"]


def _window_of(row: OfferHours) -> SeasonHours:
    return SeasonHours(row.from_day, row.to_day, row.weekdays, row.opens_at, row.closes_at)


def _write_topics(session: Session, offer: VisitOffer, topics: tuple[str, ...]) -> list[str]:
    known = read_interest_ids(session)
    if any(topic not in known for topic in topics):
        raise HostDetailNotUsableError("topics", "unknown")
    table = VisitOfferInterest
    of_offer = table.visit_offer_id == offer.id
    stored = list(session.scalars(select(table.interest_id).where(of_offer).order_by(table.position)))
    wanted = [known[topic] for topic in topics]
    ordered = in_stored_order(stored, wanted)
    if ordered == stored:
        return []
    session.execute(delete(table).where(of_offer))
    if ordered:
        rows = [
            {"visit_offer_id": offer.id, "interest_id": topic, "position": position}
            for position, topic in enumerate(ordered)
        ]
        session.execute(insert(table), rows)
    return ["topics"]
