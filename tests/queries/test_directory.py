"""The directory as it is read: kept in memory, and never older than the database."""

import pytest
from flask import Flask

from bookings.db import database, read_session
from bookings.domain.audit import SYSTEM
from bookings.domain.errors import ImportRefusedError
from bookings.models.directory import Interest
from bookings.queries.directory import (
    find_company,
    load_directory,
    load_interest_tree,
    load_places,
    load_travel_table,
)
from bookings.queries.directory_search import CompanyFilter, search_companies
from bookings.services.directory import import_table, load_demo_directory
from tests.support.builders import a_directory
from tests.support.statements import recorded_statements


@pytest.fixture
def demo(app_context: Flask, now) -> Flask:
    load_demo_directory(now=now)
    return app_context


def selects(statements: list[str]) -> int:
    return len([statement for statement in statements if statement.startswith("SELECT")])


def test_the_directory_is_read_once_and_then_only_asked_whether_it_changed(demo):
    with recorded_statements() as first:
        load_directory(read_session())
    with recorded_statements() as same_page:
        load_interest_tree(read_session())
    read_session().rollback()
    with recorded_statements() as next_page:
        load_interest_tree(read_session())

    assert (selects(first), selects(same_page), selects(next_page)) == (8, 0, 1)


def test_a_change_is_seen_by_the_next_reader(demo, now):
    before = load_interest_tree(read_session()).label("water", "en")

    import_table(
        "interests",
        b"slug,area,sort,label_en,label_sv,label_fi\nwater,,70,All about water,Vatten,Vesi\n",
        who=SYSTEM,
        now=now,
    )

    assert before == "Water and wastewater"
    assert load_interest_tree(read_session()).label("water", "en") == "All about water"


def test_rows_added_beside_the_imports_are_seen_too(demo):
    load_interest_tree(read_session())

    database.session.add(Interest(slug="new", sort=999, label_en="New", label_sv="Ny", label_fi="Uusi"))
    database.session.commit()

    assert load_interest_tree(read_session()).by_slug["new"].label("fi") == "Uusi"


def test_a_refused_import_leaves_what_is_read_as_it_was(demo, now):
    before = load_directory(read_session()).companies

    with pytest.raises(ImportRefusedError):
        import_table("organisations", b"slug,name,kind,country\nx,,company,SE\n", who=SYSTEM, now=now)

    assert load_directory(read_session()).companies == before


def test_the_tree_has_areas_with_topics_in_order(demo):
    tree = load_interest_tree(read_session())

    assert [area.slug for area in tree.areas][:3] == ["renewables", "bioeconomy", "heat-efficiency"]
    assert [topic.slug for topic in tree.areas[1].topics][:2] == ["bioeconomy/bioenergy", "bioeconomy/biogas"]
    assert tree.label("bioeconomy/biogas", "fi") == "Biokaasu"
    assert (len(tree.areas), len(tree.by_slug), tree.label("no-such", "fi")) == (12, 79, "no-such")


def test_towns_have_names_and_zones(demo):
    places = load_places(read_session())

    assert [place.slug for place in places.partners] == [
        "umea",
        "ornskoldsvik",
        "skelleftea",
        "vaasa",
        "kokkola",
    ]
    assert (places.name("vaasa", "sv"), places.name("vaasa", "fi")) == ("Vasa", "Vaasa")
    assert places.by_slug["kokkola"].time_zone == "Europe/Helsinki"


def test_the_travel_table_counts_the_check_in_of_the_settings(demo):
    travel = load_travel_table(read_session()).find_travel("umea", "vaasa")
    without = load_travel_table(read_session(), check_in_minutes=0).find_travel("umea", "vaasa")

    assert travel is not None
    assert without is not None
    assert (travel.mode, travel.minutes - without.minutes) == ("ferry", 30)


def test_hidden_organisations_are_not_found(app_context):
    organisation = a_directory()["vakin"]
    organisation.status = "hidden"
    database.session.commit()

    assert find_company(read_session(), "vakin") is None
    assert find_company(read_session(), "stormossen") is not None


@pytest.mark.parametrize(
    ("words", "slug"),
    [
        ("umea energi", "umea-energi"),
        ("UMEÅ ENERGI", "umea-energi"),
        ("SKELLEFTEA kraft", "skelleftea-kraft"),
    ],
)
def test_neither_case_nor_accents_count_in_a_search(demo, words, slug):
    found = search_companies(load_directory(read_session()), CompanyFilter(text=words))

    assert slug in [company.slug for company in found.companies]


def test_counts_are_of_the_lists_they_lead_to(demo):
    directory = load_directory(read_session())
    wanted = CompanyFilter(interest="water", town="umea")

    counts = search_companies(directory, wanted).counts

    assert (
        counts.town["vaasa"]
        == search_companies(directory, CompanyFilter(interest="water", town="vaasa")).total
    )
    assert counts.interest["bioeconomy/biogas"] == (
        search_companies(directory, CompanyFilter(interest="bioeconomy/biogas", town="umea")).total
    )
    assert counts.kind["public"] == (
        search_companies(directory, CompanyFilter(interest="water", town="umea", kind="public")).total
    )
