"""Storing visit offers of a file: found by organisation, site and short name, changed where they differ."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session, selectinload

from bookings.domain.directory import RowProblem
from bookings.domain.offer_rows import (
    NO_OFFER,
    build_offer_cells,
    build_offer_plan,
    check_offer_row,
    check_whole_offer,
)
from bookings.domain.offers import OfferPlan, OfferStatus, SeasonHours, simplify_hours
from bookings.domain.text import build_slug
from bookings.models.directory import Organisation, Site
from bookings.models.offers import OfferHours, VisitOffer, VisitOfferInterest
from bookings.queries.offers import build_offer, plan_of
from bookings.services.directory_tables import read_interest_ids
from bookings.services.directory_tally import ImportResult, Progress, apply_changes, build_result
from bookings.services.hosts.offers import values_of

Key = tuple[int, str]
"""A site and the short name of an offer there."""


@dataclass(frozen=True)
class _Stored:
    """What a file can refer to and change."""

    sites: Mapping[str, Mapping[str, int]]
    offers: dict[Key, VisitOffer]
    interests: Mapping[str, int]


def find_offer_problems(
    session: Session, rows: Sequence[Mapping[str, str]]
) -> Iterator[tuple[RowProblem, ...]]:
    """What is wrong in each row, seen together with what is stored of the offer."""
    stored = _read_stored(session)
    seen: set[Key] = set()
    for row in rows:
        problems = _check(row, stored)
        key = None if problems else _key_of(row, stored)
        if key is not None and key in seen:
            # Spelled in two ways (with and without the site), so that the rows alone don't tell.
            problems = (RowProblem("offer", "double_slug", key[1], "a slug that no other row has"),)
        elif key:
            seen.add(key)
        yield problems


def save_offers(session: Session, rows: Sequence[dict[str, str]], progress: Progress) -> ImportResult:
    """Rows that were found to be right; what the file does not name stays as it is."""
    stored = _read_stored(session)
    new = changed = 0
    topics: dict[Key, tuple[str, ...]] = {}
    for done, row in enumerate(rows, start=1):
        key = _key_of(row, stored)
        assert key is not None
        offer = stored.offers.get(key)
        plan = build_offer_plan(_whole(row, offer))
        status = row.get("status") or (offer.status if offer else OfferStatus.OFFERED.value)
        if offer is None:
            stored.offers[key] = _add(session, key, plan, status)
            topics[key] = plan.topics
            new += 1
        elif _change(session, offer, plan, status, topics=[topic.slug for topic in offer.topics]):
            topics[key] = plan.topics
            changed += 1
        progress(done, len(rows))
    session.flush()
    _write_topics(session, {stored.offers[key].id: slugs for key, slugs in topics.items()}, stored.interests)
    return build_result(total=len(rows), new=new, changed=changed)


def _check(row: Mapping[str, str], stored: _Stored) -> tuple[RowProblem, ...]:
    problems = check_offer_row(row)
    if problems:
        return problems
    key = _key_of(row, stored)
    if row["organisation"] not in stored.sites:
        return (RowProblem("organisation", "unknown_organisation", row["organisation"], "slug"),)
    whole = _whole(row, stored.offers.get(key) if key else None)
    unfit = check_whole_offer(whole)
    if key is None and not unfit:
        known = ", ".join(sorted(stored.sites[row["organisation"]]))
        return (RowProblem("site", "unknown_site", row.get("site", ""), known),)
    unknown = [topic for topic in build_topics(row) if topic not in stored.interests]
    return (*unfit, *(RowProblem("topics", "unknown_interest", topic, "area/topic") for topic in unknown))


def build_topics(row: Mapping[str, str]) -> tuple[str, ...]:
    """The topics that a row names."""
    return tuple(part.strip() for part in row.get("topics", "").split(";") if part.strip())


def _key_of(row: Mapping[str, str], stored: _Stored) -> Key | None:
    """Without a site: the first; without a short name: the one that the title makes."""
    sites = stored.sites.get(row["organisation"], {})
    site_id = sites.get(row["site"]) if row.get("site") else next(iter(sites.values()), None)
    title = row.get("title_en") or row.get("title_sv") or row.get("title_fi") or ""
    return (site_id, row.get("offer") or build_slug(title)) if site_id is not None else None


def _whole(row: Mapping[str, str], offer: VisitOffer | None) -> dict[str, str]:
    known = build_offer_cells(plan_of(build_offer(offer))) if offer else {}
    return {**NO_OFFER, **known, **row}


def _read_stored(session: Session) -> _Stored:
    sites: dict[str, dict[str, int]] = {}
    columns = (Organisation.slug, Site.slug, Site.id)
    for slug, site, site_id in session.execute(
        select(*columns).outerjoin(Site, Site.organisation_id == Organisation.id).order_by(Site.id)
    ):
        own = sites.setdefault(slug, {})
        if site_id is not None:
            own[site] = site_id
    loaders = (selectinload(VisitOffer.hours), selectinload(VisitOffer.topics))
    offers = session.scalars(select(VisitOffer).options(*loaders))
    return _Stored(
        sites, {(offer.site_id, offer.slug): offer for offer in offers}, read_interest_ids(session)
    )


def _add(session: Session, key: Key, plan: OfferPlan, status: str) -> VisitOffer:
    offer = VisitOffer(site_id=key[0], slug=key[1], status=status, **values_of(plan))
    offer.hours = [_build_hours(window) for window in simplify_hours(plan.hours)]
    session.add(offer)
    return offer


def _change(
    session: Session, offer: VisitOffer, plan: OfferPlan, status: str, *, topics: Sequence[str]
) -> bool:
    stored = simplify_hours(build_offer(offer).hours)
    wanted = simplify_hours(plan.hours)
    changed = apply_changes(offer, {**values_of(plan), "status": status})
    if stored != wanted:
        offer.hours = [_build_hours(window) for window in wanted]
    if not (changed or stored != wanted or tuple(topics) != plan.topics):
        return False
    offer.is_example = False
    offer.version += 1
    return True


def _build_hours(window: SeasonHours) -> OfferHours:
    return OfferHours(
        from_day=window.from_day,
        to_day=window.to_day,
        weekdays=window.weekdays,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
    )


def _write_topics(
    session: Session, topics: Mapping[int, tuple[str, ...]], interests: Mapping[str, int]
) -> None:
    for offer_id in topics:
        session.execute(delete(VisitOfferInterest).where(VisitOfferInterest.visit_offer_id == offer_id))
    rows = [
        {"visit_offer_id": offer_id, "interest_id": interests[slug], "position": position}
        for offer_id, slugs in topics.items()
        for position, slug in enumerate(slugs)
    ]
    if rows:
        session.execute(insert(VisitOfferInterest), rows)
