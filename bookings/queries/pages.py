"""What the front page says of the directory."""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy.orm import Session

from bookings.queries.directory import Directory, InterestView, PlaceView, load_directory


@dataclass(frozen=True)
class FrontFacts:
    """How much there is to see. `areas`: each with its number of organisations; `towns` likewise."""

    organisations: int
    topics: int
    areas: tuple[tuple[InterestView, int], ...]
    towns: tuple[tuple[PlaceView, int], ...]

    @property
    def countries(self) -> int:
        """The countries that the partner towns lie in."""
        return len({town.country for town, _number in self.towns})


def load_front_facts(session: Session) -> FrontFacts:
    """Areas and towns in the order of the directory; counted once for each state of it."""
    return _count_facts(load_directory(session))


@lru_cache(maxsize=4)
def _count_facts(directory: Directory) -> FrontFacts:
    published = [company for company in directory.companies.values() if company.is_published]
    by_term = Counter(term for company in published for term in company.terms)
    by_town = Counter(company.place_slug for company in published)
    areas = directory.interests.areas
    return FrontFacts(
        organisations=len(published),
        topics=sum(len(area.topics) for area in areas),
        areas=tuple((area, by_term[area.slug]) for area in areas),
        towns=tuple((town, by_town[town.slug]) for town in directory.places.partners),
    )
