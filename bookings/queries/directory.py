"""The directory as pages and the planner read it: kept in memory, read again when it has changed.

The whole directory is a few hundred rows that nearly every page needs and that seldom change. Each process
keeps it; one small statement per call says whether it is still true.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from weakref import WeakKeyDictionary, ref

from sqlalchemy import func, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session, selectinload

from bookings.domain import travel
from bookings.domain.offers import translate_title
from bookings.domain.text import fold
from bookings.models.directory import (
    DirectoryVersion,
    HostContact,
    Interest,
    Organisation,
    Place,
    Site,
    TravelLeg,
)
from bookings.models.offers import VisitOffer
from bookings.queries.offers import OfferView, read_offers
from bookings.queries.settings import MARK, see_mark
from bookings.settings import current_settings


@dataclass(frozen=True)
class InterestView:
    """A term of the taxonomy: an area with its topics, or a topic (slug `area/topic`)."""

    id: int
    slug: str
    labels: Mapping[str, str]
    topics: tuple["InterestView", ...] = ()

    def label(self, language: str) -> str:
        """The name in that language, else in English."""
        return self.labels.get(language) or self.labels["en"]


@dataclass(frozen=True)
class InterestTree:
    """The areas in their order; every term by its slug and by its id."""

    areas: tuple[InterestView, ...]
    by_slug: Mapping[str, InterestView]
    by_id: Mapping[int, InterestView]

    def label(self, slug: str, language: str) -> str:
        """The name of a term; the slug itself when there is none."""
        term = self.by_slug.get(slug)
        return term.label(language) if term else slug


@dataclass(frozen=True)
class PlaceView:
    """A town with its zone and its names."""

    id: int
    slug: str
    names: Mapping[str, str]
    country: str
    time_zone: str
    latitude: float | None
    longitude: float | None
    is_partner: bool

    def name(self, language: str) -> str:
        """The name in that language, else in English."""
        return self.names.get(language) or self.names["en"]


@dataclass(frozen=True)
class Places:
    """All towns in the order of their import: the partner towns come first there."""

    by_slug: Mapping[str, PlaceView]
    by_id: Mapping[int, PlaceView]

    @property
    def partners(self) -> tuple[PlaceView, ...]:
        """The towns that visitors choose from in the form."""
        return tuple(place for place in self.by_slug.values() if place.is_partner)

    def name(self, slug: str, language: str) -> str:
        """The name of a town; the slug itself when there is none."""
        place = self.by_slug.get(slug)
        return place.name(language) if place else slug


@dataclass(frozen=True)
class SiteView:
    """Where an organisation receives visitors."""

    id: int
    slug: str
    name: str
    address: str
    place_slug: str
    time_zone: str
    group_min: int | None
    group_max: int | None
    opens_at: str = ""
    """Local wall time; empty where the working hours of the settings count."""
    closes_at: str = ""
    access_rules: str = ""
    version: int = 1
    offers: tuple[OfferView, ...] = ()
    """Hidden ones too: what visitors may see is `Company.offers`."""


@dataclass(frozen=True)
class Company:
    """An organisation of the directory with all that its page says; `topics` with the most typical first."""

    id: int
    slug: str
    name: str
    kind: str
    country: str
    place_slug: str
    website: str
    summaries: Mapping[str, str]
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    hosts_visits: str
    status: str
    sites: tuple[SiteView, ...]
    search_text: str
    """Folded: name, summaries, and the names of town and topics in every language."""

    @property
    def is_published(self) -> bool:
        return self.status == "published"

    @cached_property
    def offers(self) -> tuple[OfferView, ...]:
        """What can be seen at any of its sites; nothing that its host hides."""
        return tuple(offer for site in self.sites for offer in site.offers if offer.is_offered)

    @cached_property
    def terms(self) -> frozenset[str]:
        """The topics and their areas."""
        return frozenset(self.topics) | {topic.partition("/")[0] for topic in self.topics}


@dataclass(frozen=True, eq=False)
class Directory:
    """The whole directory as it was at one version. Companies stand in the order of their names."""

    version: tuple[int, ...]
    interests: InterestTree
    places: Places
    legs: tuple[travel.TravelLeg, ...]
    companies: Mapping[str, Company]

    def find_published(self, slug: str) -> Company | None:
        """An organisation that visitors may see."""
        company = self.companies.get(slug)
        return company if company and company.is_published else None

    def translate_title(self, slug: str, title: str, language: str) -> str:
        """What a slot at this host shows, in that language where it is called as one of the host's offers."""
        company = self.companies.get(slug)
        offers = (offer for site in company.sites for offer in site.offers) if company else ()
        called = (offer.titles for offer in offers if title in offer.titles.values())
        return translate_title(title, next(called, {}), language)


_kept: WeakKeyDictionary[Engine, Directory] = WeakKeyDictionary()
_tables: WeakKeyDictionary[Engine, dict[tuple[object, ...], travel.TravelTable]] = WeakKeyDictionary()
_SEEN = "directory"


def load_directory(session: Session) -> Directory:
    """The directory as it is now: one statement when nothing changed since it was read last.

    A page asks in several places and gets one answer: as it was when its reading began.
    """
    reading = session.connection()  # the session has another one for each transaction
    seen: tuple[ref[Connection], Directory] | None = session.info.get(_SEEN)
    if seen and seen[0]() is reading:
        return seen[1]
    engine = _engine_of(session)
    version = _read_version(session)
    kept = _kept.get(engine)
    if kept is None or kept.version != version:
        kept = _read_directory(session, version)
        _kept[engine] = kept
    if not session.info.get("in_use_case"):  # a use case may be the one that changes it
        session.info[_SEEN] = (ref(reading), kept)
    return kept


def load_interest_tree(session: Session) -> InterestTree:
    """The taxonomy."""
    return load_directory(session).interests


def load_places(session: Session) -> Places:
    """All towns."""
    return load_directory(session).places


def load_travel_table(session: Session, *, check_in_minutes: int | None = None) -> travel.TravelTable:
    """The quickest ways between towns, the ferry's check-in (of the settings unless given) included."""
    directory = load_directory(session)
    minutes = (
        current_settings().visits.ferry_check_in_minutes if check_in_minutes is None else check_in_minutes
    )
    tables = _tables.setdefault(_engine_of(session), {})
    key = (*directory.version, minutes)
    if key not in tables:
        tables.clear()
        tables[key] = travel.build_travel_table(directory.legs, check_in_minutes=minutes)
    return tables[key]


def find_company(session: Session, slug: str) -> Company | None:
    """A published organisation."""
    return load_directory(session).find_published(slug)


def list_contacts(session: Session, organisation_ids: list[int]) -> dict[int, list[HostContact]]:
    """The contacts of these organisations, in one statement; for staff only."""
    rows = session.scalars(
        select(HostContact)
        .where(HostContact.organisation_id.in_(organisation_ids), HostContact.ended_at.is_(None))
        .order_by(HostContact.organisation_id, HostContact.id)
    )
    found: dict[int, list[HostContact]] = {}
    for contact in rows:
        found.setdefault(contact.organisation_id, []).append(contact)
    return found


def _engine_of(session: Session) -> Engine:
    bind = session.get_bind()
    return bind.engine if isinstance(bind, Connection) else bind


def _read_version(session: Session) -> tuple[int, ...]:
    """The number that imports raise, and counts for rows that were added beside them."""
    *version, mark = session.connection().exec_driver_sql(_VERSION).one()
    see_mark(session, mark)
    return tuple(version)


# Built once and kept as text: every page of the form asks it.
_VERSION = str(
    select(
        func.max(DirectoryVersion.number),
        *(
            select(func.count()).select_from(table).scalar_subquery()
            for table in (Interest, Place, TravelLeg, Organisation, Site, VisitOffer)
        ),
        MARK,
    )
)


def _read_directory(session: Session, version: tuple[int, ...]) -> Directory:
    interests = _read_interests(session)
    places = _read_places(session)
    return Directory(
        version=version,
        interests=interests,
        places=places,
        legs=_read_legs(session, places),
        companies=_read_companies(session, interests, places),
    )


def _read_interests(session: Session) -> InterestTree:
    columns = (Interest.id, Interest.slug, Interest.parent_id)
    labels = (Interest.label_en, Interest.label_sv, Interest.label_fi)
    rows = session.execute(select(*columns, *labels).order_by(Interest.sort, Interest.id)).all()
    children: dict[int | None, list[InterestView]] = {}
    for id_, slug, parent, en, sv, fi in rows:
        if parent is not None:
            children.setdefault(parent, []).append(InterestView(id_, slug, {"en": en, "sv": sv, "fi": fi}))
    areas = tuple(
        InterestView(id_, slug, {"en": en, "sv": sv, "fi": fi}, tuple(children.get(id_, ())))
        for id_, slug, parent, en, sv, fi in rows
        if parent is None
    )
    terms = [term for area in areas for term in (area, *area.topics)]
    return InterestTree(areas, {term.slug: term for term in terms}, {term.id: term for term in terms})


def _read_places(session: Session) -> Places:
    views = [
        PlaceView(
            id=place.id,
            slug=place.slug,
            names={"en": place.name_en, "sv": place.name_sv, "fi": place.name_fi},
            country=place.country,
            time_zone=place.time_zone,
            latitude=place.latitude,
            longitude=place.longitude,
            is_partner=place.is_partner,
        )
        for place in session.scalars(select(Place).order_by(Place.id))
    ]
    return Places({view.slug: view for view in views}, {view.id: view for view in views})


def _read_legs(session: Session, places: Places) -> tuple[travel.TravelLeg, ...]:
    columns = (TravelLeg.from_place_id, TravelLeg.to_place_id, TravelLeg.mode, TravelLeg.minutes)
    return tuple(
        travel.TravelLeg(
            places.by_id[origin].slug, places.by_id[target].slug, travel.TravelMode(mode), minutes
        )
        for origin, target, mode, minutes in session.execute(select(*columns).order_by(TravelLeg.id))
    )


def _read_companies(session: Session, interests: InterestTree, places: Places) -> dict[str, Company]:
    rows = session.scalars(
        select(Organisation).options(selectinload(Organisation.sites), selectinload(Organisation.interests))
    ).all()
    offers = read_offers(session)
    found = [_build_company(row, interests, places, offers) for row in rows]
    ordered = sorted(found, key=lambda company: (fold(company.name), company.slug))
    return {company.slug: company for company in ordered}


def _build_company(
    row: Organisation,
    interests: InterestTree,
    places: Places,
    offers: Mapping[int, tuple[OfferView, ...]],
) -> Company:
    place = places.by_id.get(row.place_id or 0)
    topics = tuple(interest.slug for interest in row.interests)
    return Company(
        id=row.id,
        slug=row.slug,
        name=row.name,
        kind=row.kind,
        country=row.country,
        place_slug=place.slug if place else "",
        website=row.website,
        summaries={"en": row.summary_en, "sv": row.summary_sv, "fi": row.summary_fi},
        topics=topics,
        languages=tuple(row.languages),
        hosts_visits=row.hosts_visits,
        status=row.status,
        sites=tuple(_build_site(site, places, offers.get(site.id, ())) for site in row.sites),
        search_text=_build_search_text(row, place, _with_areas(topics, interests)),
    )


def _build_site(site: Site, places: Places, offers: tuple[OfferView, ...]) -> SiteView:
    place = places.by_id.get(site.place_id or 0)
    return SiteView(
        id=site.id,
        slug=site.slug,
        name=site.name,
        address=site.address,
        place_slug=place.slug if place else "",
        time_zone=site.time_zone,
        group_min=site.group_min,
        group_max=site.group_max,
        opens_at=site.opens_at or "",
        closes_at=site.closes_at or "",
        access_rules=site.access_rules,
        version=site.version,
        offers=offers,
    )


def _with_areas(topics: tuple[str, ...], interests: InterestTree) -> list[InterestView]:
    slugs = dict.fromkeys(slug for topic in topics for slug in (topic, topic.partition("/")[0]))
    return [interests.by_slug[slug] for slug in slugs if slug in interests.by_slug]


def _build_search_text(row: Organisation, place: PlaceView | None, terms: list[InterestView]) -> str:
    texts = [row.name, row.summary_en, row.summary_sv, row.summary_fi]
    texts += place.names.values() if place else ()
    texts += [label for term in terms for label in term.labels.values()]
    return fold("\n".join(texts))
