"""Suggestions know what hosts have said: their offers, whom they do not receive, that they do not answer."""

import pytest
from sqlalchemy import select

from bookings.db import database
from bookings.domain.hosts import Exclusion, ExclusionKind, Visitor
from bookings.models.directory import Interest
from bookings.models.hosts import HostExclusion, HostTerms
from bookings.models.visits import VisitRequest
from bookings.queries.planning import load_host_profiles, suggest_for_visit
from bookings.queries.visits import load_visit_file
from tests.support.builders import a_directory, a_visit, save
from tests.support.clock import NOW
from tests.support.offers import an_offer


@pytest.fixture
def hosts(app_context):
    return a_directory()


def profile(slug="stormossen"):
    found = {one.slug: one for one in load_host_profiles(database.session, now=NOW)}
    return found.get(slug)


def suggested(visit: VisitRequest) -> list[str]:
    file = load_visit_file(database.session, visit.reference)
    return [one.host.slug for one in suggest_for_visit(database.session, file.visit, file.wishes, now=NOW)]


def a_wish() -> VisitRequest:
    area = database.session.scalars(select(Interest).where(Interest.slug == "waste-circular")).one()
    return a_visit(interests=[area], organisation="Rival Ltd", country="EE")


def test_what_an_offer_says_counts_for_groups_languages_and_topics(hosts):
    before = profile()
    an_offer(hosts["stormossen"], group_min=3, group_max=60, languages=["fi", "de"])

    after = profile()

    assert (before.group_max, before.languages) == (25, ("en", "sv"))
    assert (after.group_min, after.group_max, after.languages) == (3, 60, ("fi", "de"))
    assert after.topics == before.topics


def test_a_hidden_offer_counts_for_nothing(hosts):
    an_offer(hosts["stormossen"], group_max=60, status="hidden")

    assert profile().group_max == 25


def test_a_host_that_does_not_answer_is_not_suggested(hosts):
    save(
        HostTerms(organisation_id=hosts["stormossen"].id, ask_on=NOW.date(), unanswered_confirmations=2),
        HostTerms(organisation_id=hosts["westenergy"].id, ask_on=NOW.date(), unanswered_confirmations=1),
    )

    assert profile("stormossen") is None
    assert profile("westenergy") is not None


@pytest.mark.parametrize(
    ("kind", "value"), [("country", "EE"), ("sector", "public"), ("organisation", "RIVAL")]
)
def test_a_host_that_does_not_receive_these_visitors_is_not_suggested(hosts, kind, value):
    visit = a_wish()
    before = suggested(visit)

    save(HostExclusion(organisation_id=hosts["vakin"].id, kind=kind, value=value))

    assert "vakin" in before
    assert suggested(visit) == [slug for slug in before if slug != "vakin"]


def test_an_exclusion_of_others_excludes_nobody_else():
    visitor = Visitor("EE", "public", "Rival Ltd")

    assert not Exclusion(ExclusionKind.COUNTRY, "FI").meets(visitor)
    assert not Exclusion(ExclusionKind.SECTOR, "press").meets(visitor)
    assert not Exclusion(ExclusionKind.ORGANISATION, "Rival & Sons").meets(visitor)
