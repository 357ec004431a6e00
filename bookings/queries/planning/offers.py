"""When the offers of hosts are open: their hours against everything that stands in the way."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.holds import HoldStrength, ResourceKind
from bookings.domain.offers import EVERY_DAY, WORKING_WEEK, SeasonHours
from bookings.domain.open_times import OpenDay, Opening, list_open_days
from bookings.domain.slots import HOLDING_STATES, SlotState
from bookings.domain.time import Interval, local_day
from bookings.models.holds import Hold, Resource
from bookings.models.hosts import HostBlackout, HostTerms, SiteClosure
from bookings.models.offers import SlotOffer
from bookings.models.slots import Slot
from bookings.queries.directory import Company, SiteView, load_directory
from bookings.queries.offers import OfferView
from bookings.queries.planning.contacts import read_busy_times
from bookings.queries.settings import list_holidays
from bookings.settings import current_settings

USUAL_MINUTES = 90
_MARGIN = timedelta(days=1)
"""No zone is further from UTC."""
_COUNTED = (*HOLDING_STATES, SlotState.COMPLETED)


@dataclass(frozen=True)
class HostOffer:
    """What a host can be asked for; without an offer: a visit to the site, as long as they usually are."""

    company: Company
    site: SiteView
    offer: OfferView | None = None

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return self.offer.minutes if self.offer else USUAL_MINUTES


@dataclass(frozen=True)
class OfferTimes:
    """An offer with the open and closed stretches of each day that was asked for."""

    host_offer: HostOffer
    days: tuple[OpenDay, ...]
    visits_left: int | None = None
    """How many more it receives in the fullest of the months; None where there is no cap."""


@dataclass(frozen=True)
class _Diary:
    """What is written down of hosts for a span of time, by their ids."""

    caps: Mapping[int, int]
    blackouts: Mapping[int, Sequence[HostBlackout]]
    closures: Mapping[int, Sequence[SiteClosure]]
    held: Mapping[int, Sequence[Interval]]
    busy: Mapping[int, Sequence[Interval]]
    received: Mapping[int, Sequence[tuple[int | None, tuple[int, int]]]]
    """By organisation, for each visit: its offer, its year and month at the place."""


def list_host_offers(companies: Iterable[Company]) -> tuple[HostOffer, ...]:
    """The offers of these hosts; where a host has none, a visit to its first site."""
    found: list[HostOffer] = []
    for company in companies:
        own = [
            HostOffer(company, site, offer)
            for site in company.sites
            for offer in site.offers
            if offer.is_offered
        ]
        found += own or [HostOffer(company, site) for site in company.sites[:1]]
    return tuple(found)


def list_open_times(
    session: Session,
    offers: Sequence[HostOffer],
    *,
    days: Sequence[date],
    now: datetime,
    except_visit_id: int = 0,
) -> tuple[OfferTimes, ...]:
    """The open times of each offer on these days (UTC), in a constant number of statements.

    What the visit itself holds closes nothing.
    """
    if not offers or not days:
        return tuple(OfferTimes(offer, ()) for offer in offers)
    diary = _read_diary(session, offers, days, except_visit_id=except_visit_id)
    countries = _find_countries(session, offers)
    years = {day.year for day in days}
    towns = {(countries[offer.site.id], offer.site.place_slug) for offer in offers}
    holidays = {town: list_holidays(town[0], years, place=town[1]) for town in towns}
    return tuple(
        OfferTimes(
            offer,
            list_open_days(
                _build_opening(
                    offer, diary, holidays[countries[offer.site.id], offer.site.place_slug], now=now
                ),
                days,
            ),
            _count_left(offer, diary, days),
        )
        for offer in offers
    )


def list_receiving_times(
    session: Session, company: Company, site: SiteView, *, days: Sequence[date]
) -> list[Interval] | None:
    """When any offer of a site is open by its seasons, weekdays, blackouts and closures, whoever else comes
    then; nothing at all where the site has no offers."""
    offers = [HostOffer(company, site, offer) for offer in site.offers if offer.is_offered]
    if not offers:
        return None
    blackouts = _read_blackouts(session, {company.id}, days)
    diary = _Diary({}, blackouts, _read_closures(session, {site.id}, _span_of(days)), {}, {}, {})
    country = _find_countries(session, offers)[site.id]
    holidays = list_holidays(country, {day.year for day in days}, place=site.place_slug)
    earliest = datetime.combine(min(days), time(), tzinfo=UTC)
    found = [
        stretch
        for offer in offers
        for day in list_open_days(
            replace(_build_opening(offer, diary, holidays, now=earliest), earliest_on=min(days)), days
        )
        for stretch in day.open
    ]
    return sorted(found)


def _find_countries(session: Session, offers: Sequence[HostOffer]) -> dict[int, str]:
    """The country of each site: holidays are those of the place."""
    places = load_directory(session).places.by_slug
    return {
        offer.site.id: places[offer.site.place_slug].country
        if offer.site.place_slug in places
        else offer.company.country
        for offer in offers
    }


def _build_opening(offer: HostOffer, diary: _Diary, holidays: Collection[date], *, now: datetime) -> Opening:
    host_id, site_id = offer.company.id, offer.site.id
    offer_id = offer.offer.id if offer.offer else None
    lead_days = (offer.offer.lead_days if offer.offer else None) or 0
    return Opening(
        time_zone=offer.site.time_zone,
        minutes=offer.minutes,
        hours=_hours_of(offer),
        holidays=holidays,
        blackouts=[
            (one.first_on, one.last_on)
            for one in diary.blackouts.get(host_id, ())
            if one.visit_offer_id in (None, offer_id)
        ],
        closures=[(one.starts_at, one.ends_at) for one in diary.closures.get(site_id, ())],
        earliest_on=local_day(now, offer.site.time_zone) + timedelta(days=lead_days),
        full_months=_find_full_months(offer, diary),
        held=diary.held.get(host_id, ()),
        buffer=timedelta(minutes=current_settings().visits.host_buffer_minutes),
        busy=diary.busy.get(host_id, ()),
    )


def _hours_of(offer: HostOffer) -> tuple[SeasonHours, ...]:
    if offer.offer and offer.offer.hours:
        return offer.offer.hours
    rules = current_settings().visits
    opens, closes = offer.site.opens_at, offer.site.closes_at
    return (
        SeasonHours(
            *EVERY_DAY, WORKING_WEEK, opens or rules.working_hours_start, closes or rules.working_hours_end
        ),
    )


def _find_full_months(offer: HostOffer, diary: _Diary) -> set[tuple[int, int]]:
    received = diary.received.get(offer.company.id, ())
    all_months = [month for _offer_id, month in received]
    full = _months_with(all_months, diary.caps.get(offer.company.id))
    if offer.offer:
        own = [month for offer_id, month in received if offer_id == offer.offer.id]
        full |= _months_with(own, offer.offer.monthly_cap)
    return full


def _count_left(offer: HostOffer, diary: _Diary, days: Sequence[date]) -> int | None:
    """Of the months that are not full: in those nothing is open anyway."""
    received = diary.received.get(offer.company.id, ())
    own = [(offer_id, month) for offer_id, month in received if offer.offer and offer_id == offer.offer.id]
    caps = (
        (diary.caps.get(offer.company.id), received),
        (offer.offer.monthly_cap if offer.offer else None, own),
    )
    months = {(day.year, day.month) for day in days}
    left = [
        cap - sum(month == one for _offer_id, one in visits)
        for cap, visits in caps
        if cap is not None
        for month in months
    ]
    return min((count for count in left if count > 0), default=0) if left else None


def _months_with(months: list[tuple[int, int]], cap: int | None) -> set[tuple[int, int]]:
    return {month for month in months if cap is not None and months.count(month) >= cap}


def _read_diary(
    session: Session, offers: Sequence[HostOffer], days: Sequence[date], *, except_visit_id: int
) -> _Diary:
    hosts = {offer.company.id for offer in offers}
    sites = {offer.site.id for offer in offers}
    span = _span_of(days)
    return _Diary(
        caps=_read_caps(session, hosts),
        blackouts=_read_blackouts(session, hosts, days),
        closures=_read_closures(session, sites, span),
        held=_read_holds(session, hosts, span, except_visit_id=except_visit_id),
        busy=read_busy_times(session, hosts, span),
        received=_read_received(session, hosts, days, except_visit_id=except_visit_id),
    )


def _span_of(days: Sequence[date]) -> Interval:
    first = datetime.combine(min(days), time(), tzinfo=UTC)
    return Interval(first - _MARGIN, datetime.combine(max(days), time(), tzinfo=UTC) + 2 * _MARGIN)


def _read_caps(session: Session, hosts: Collection[int]) -> dict[int, int]:
    columns = (HostTerms.organisation_id, HostTerms.monthly_cap)
    rows = session.execute(select(*columns).where(HostTerms.organisation_id.in_(hosts)))
    return {host_id: cap for host_id, cap in rows if cap is not None}


def _read_blackouts(
    session: Session, hosts: Collection[int], days: Sequence[date]
) -> Mapping[int, list[HostBlackout]]:
    found: defaultdict[int, list[HostBlackout]] = defaultdict(list)
    for row in session.scalars(
        select(HostBlackout).where(
            HostBlackout.organisation_id.in_(hosts),
            HostBlackout.first_on <= max(days),
            HostBlackout.last_on >= min(days),
        )
    ):
        found[row.organisation_id].append(row)
    return found


def _read_closures(
    session: Session, sites: Collection[int], span: Interval
) -> Mapping[int, list[SiteClosure]]:
    found: defaultdict[int, list[SiteClosure]] = defaultdict(list)
    for row in session.scalars(
        select(SiteClosure).where(
            SiteClosure.site_id.in_(sites),
            SiteClosure.starts_at < span.end,
            SiteClosure.ends_at.is_(None) | (SiteClosure.ends_at > span.start),
        )
    ):
        found[row.site_id].append(row)
    return found


def _read_holds(
    session: Session, hosts: Collection[int], span: Interval, *, except_visit_id: int
) -> Mapping[int, list[Interval]]:
    found: defaultdict[int, list[Interval]] = defaultdict(list)
    for host_id, starts_at, ends_at in session.execute(
        select(Resource.subject_id, Hold.starts_at, Hold.ends_at)
        .join(Hold, Hold.resource_id == Resource.id)
        .join(Slot, Slot.id == Hold.slot_id)
        .where(
            Resource.kind == ResourceKind.HOST,
            Resource.subject_id.in_(hosts),
            Hold.strength == HoldStrength.HARD,
            Hold.starts_at < span.end,
            Hold.ends_at > span.start,
            Slot.visit_id != except_visit_id,
        )
        .order_by(Hold.starts_at)
    ):
        found[host_id].append(Interval(starts_at, ends_at))
    return found


def _read_received(
    session: Session, hosts: Collection[int], days: Sequence[date], *, except_visit_id: int
) -> Mapping[int, list[tuple[int | None, tuple[int, int]]]]:
    months = Interval(
        datetime(min(days).year, min(days).month, 1, tzinfo=UTC) - _MARGIN,
        datetime.combine(max(days), time(), tzinfo=UTC) + timedelta(days=32),
    )
    found: defaultdict[int, list[tuple[int | None, tuple[int, int]]]] = defaultdict(list)
    for host_id, offer_id, starts_at, zone in session.execute(
        select(Slot.organisation_id, SlotOffer.visit_offer_id, Slot.starts_at, Slot.time_zone)
        .join(SlotOffer, SlotOffer.slot_id == Slot.id, isouter=True)
        .where(
            Slot.organisation_id.in_(hosts),
            Slot.state.in_(_COUNTED),
            Slot.visit_id != except_visit_id,
            Slot.starts_at >= months.start,
            Slot.starts_at < months.end,
        )
    ):
        day = local_day(starts_at, zone)
        found[host_id].append((offer_id, (day.year, day.month)))
    return found
