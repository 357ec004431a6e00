"""Visit offers as pages and the planner read them; kept with the directory (queries/directory.py)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from bookings.domain.offers import OfferPlan, OfferStatus, PhotoPolicy, SeasonHours, StepAccess
from bookings.models.offers import VisitOffer


@dataclass(frozen=True, kw_only=True)
class OfferView:
    """Something that can be seen at a site. Empty numbers: not limited, or not known."""

    id: int
    site_id: int
    slug: str
    status: str
    is_example: bool
    titles: Mapping[str, str]
    descriptions: Mapping[str, str]
    topics: tuple[str, ...]
    minutes: int
    languages: tuple[str, ...]
    group_min: int | None
    group_max: int | None
    people_per_guide: int | None
    guides: int | None
    lead_days: int | None
    monthly_cap: int | None
    fee_cents: int | None
    fee_currency: str
    clothing: str
    photo_policy: str
    needs_identity_list: bool
    minimum_age: int | None
    step_access: str
    hours: tuple[SeasonHours, ...]
    version: int

    @property
    def is_offered(self) -> bool:
        """Do visitors see it?"""
        return self.status == OfferStatus.OFFERED

    def title(self, language: str) -> str:
        """The title in that language, else in one that there is."""
        return self.titles.get(language) or _first(self.titles)

    def description(self, language: str) -> tuple[str, str]:
        """What visitors see, and the language that it is in."""
        known = [code for code in (language, *self.descriptions) if self.descriptions.get(code)]
        return (self.descriptions[known[0]], known[0]) if known else ("", language)


def read_offers(session: Session) -> dict[int, tuple[OfferView, ...]]:
    """All offers by their site, in three statements."""
    rows = session.scalars(
        select(VisitOffer)
        .options(selectinload(VisitOffer.hours), selectinload(VisitOffer.topics))
        .order_by(VisitOffer.id)
    )
    found: defaultdict[int, list[OfferView]] = defaultdict(list)
    for row in rows:
        found[row.site_id].append(build_offer(row))
    return {site_id: tuple(offers) for site_id, offers in found.items()}


def build_offer(row: VisitOffer) -> OfferView:
    """The offer of a row whose hours and topics are loaded."""
    return OfferView(
        id=row.id,
        site_id=row.site_id,
        slug=row.slug,
        status=row.status,
        is_example=row.is_example,
        titles={"en": row.title_en, "sv": row.title_sv, "fi": row.title_fi},
        descriptions={"en": row.description_en, "sv": row.description_sv, "fi": row.description_fi},
        topics=tuple(topic.slug for topic in row.topics),
        minutes=row.minutes,
        languages=tuple(row.languages),
        group_min=row.group_min,
        group_max=row.group_max,
        people_per_guide=row.people_per_guide,
        guides=row.guides,
        lead_days=row.lead_days,
        monthly_cap=row.monthly_cap,
        fee_cents=row.fee_cents,
        fee_currency=row.fee_currency,
        clothing=row.clothing,
        photo_policy=row.photo_policy,
        needs_identity_list=row.needs_identity_list,
        minimum_age=row.minimum_age,
        step_access=row.step_access,
        hours=tuple(
            SeasonHours(one.from_day, one.to_day, one.weekdays, one.opens_at, one.closes_at)
            for one in row.hours
        ),
        version=row.version,
    )


def plan_of(offer: OfferView) -> OfferPlan:
    """What the offer says, as it would be said again."""
    return OfferPlan(
        titles=(offer.titles["en"], offer.titles["sv"], offer.titles["fi"]),
        descriptions=(offer.descriptions["en"], offer.descriptions["sv"], offer.descriptions["fi"]),
        topics=offer.topics,
        minutes=offer.minutes,
        languages=offer.languages,
        group_min=offer.group_min,
        group_max=offer.group_max,
        people_per_guide=offer.people_per_guide,
        guides=offer.guides,
        lead_days=offer.lead_days,
        monthly_cap=offer.monthly_cap,
        fee_cents=offer.fee_cents,
        fee_currency=offer.fee_currency,
        clothing=offer.clothing,
        photo_policy=PhotoPolicy(offer.photo_policy),
        needs_identity_list=offer.needs_identity_list,
        minimum_age=offer.minimum_age,
        step_access=StepAccess(offer.step_access),
        hours=offer.hours,
    )


def _first(texts: Mapping[str, str]) -> str:
    return next((text for text in texts.values() if text), "")
