"""Importing the directory: everything or nothing, twice is once, and every mistake is named."""

import csv
import io
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bookings.adapters.spreadsheet import MAX_BYTES
from bookings.db import read_session
from bookings.domain.audit import SYSTEM
from bookings.domain.directory import split_list
from bookings.domain.errors import ImportRefusedError
from bookings.i18n import in_language
from bookings.models.audit import AuditEntry
from bookings.models.directory import (
    HostContact,
    Interest,
    Organisation,
    OrganisationInterest,
    Place,
    Site,
    TravelLeg,
)
from bookings.services.directory import (
    ImportResult,
    import_table,
    load_demo_directory,
)
from bookings.services.directory_problems import explain_problems
from tests.support.tree import ROOT

DEMO = ROOT / "config" / "demo"
HEADER = "slug,name,kind,country,place,interests,languages,contact_email"
VAKIN = "vakin,Vakin,public,SE,umea,water/wastewater;water,sv;en,visits@vakin.example"
pytestmark = pytest.mark.usefixtures("app_context")


def demo(name: str) -> bytes:
    return (DEMO / name).read_bytes()


def with_places_and_topics(now: datetime) -> None:
    import_table("interests", demo("interests.csv"), who=SYSTEM, now=now)
    import_table("places", demo("places.csv"), who=SYSTEM, now=now)


def counts() -> dict[str, int]:
    session = read_session()
    session.rollback()
    tables = (Interest, Place, TravelLeg, Organisation, Site, HostContact, OrganisationInterest)
    return {
        table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    }


def refusal_of(content: str | bytes, now: datetime) -> list[tuple[int, str, str]]:
    """Line, column and code of every problem."""
    with pytest.raises(ImportRefusedError) as refusal:
        import_it(content, now)
    return [problem[:3] for problem in refusal.value.problems]


def import_it(content: str | bytes, now: datetime) -> ImportResult:
    raw = content.encode() if isinstance(content, str) else content
    return import_table("organisations", raw, who=SYSTEM, now=now)


def find(slug: str) -> Organisation:
    session = read_session()
    session.rollback()
    return session.scalars(select(Organisation).where(Organisation.slug == slug)).one()


def test_the_real_directory_is_loaded_whole(now):
    results = load_demo_directory(now=now)

    assert {noun: result.new for noun, result in results.items()} == {
        "interest": 79,
        "place": 33,
        "travel_leg": 74,
        "sailing": 4,
        "organisation": 169,
    }
    assert counts() == {
        "interest": 79,
        "place": 33,
        "travel_leg": 74,
        "organisation": 169,
        "site": 169,
        "host_contact": 169,
        "organisation_interest": topics_in_file(),
    }


def topics_in_file() -> int:
    rows = csv.DictReader(io.StringIO(demo("organisations.csv").decode("utf-8-sig")))
    return sum(len(split_list(row["interests"])) for row in rows)


def test_the_same_file_again_changes_nothing(now):
    load_demo_directory(now=now)

    again = load_demo_directory(now=now)
    alone = import_it(demo("organisations.csv"), now)

    assert [(result.new, result.changed) for result in again.values()] == [(0, 0)] * 5
    assert alone == ImportResult(new=0, changed=0, unchanged=169)


def test_an_organisation_comes_with_its_site_its_contact_and_its_topics(now):
    with_places_and_topics(now)

    import_it(f"{HEADER}\n{VAKIN}\n", now)

    session = read_session()
    site, contact = session.scalars(select(Site)).one(), session.scalars(select(HostContact)).one()
    topics = session.scalars(
        select(Interest.slug).join(OrganisationInterest).order_by(OrganisationInterest.position)
    )
    assert (site.slug, site.name, site.time_zone) == ("main", "Vakin", "Europe/Stockholm")
    assert (contact.email, contact.language, contact.is_host) == ("visits@vakin.example", "sv", True)
    assert list(topics) == ["water/wastewater", "water"]


def test_an_organisation_without_a_town_keeps_the_time_of_its_country(now):
    with_places_and_topics(now)

    import_it("slug,name,kind,country,place\nnorth,North,company,FI,\n", now)

    assert read_session().scalars(select(Site.time_zone)).one() == "Europe/Helsinki"


def test_only_what_differs_is_changed(now):
    with_places_and_topics(now)
    import_it(f"{HEADER}\n{VAKIN}\nother,Other,company,FI,vaasa,,fi,\n", now)
    moved = (
        VAKIN.replace("umea", "holmsund").replace("visits@", "guests@").replace("water/waste", "water/waste")
    )

    result = import_it(f"{HEADER}\n{moved}\nother,Other,company,FI,vaasa,,fi,\n", now)

    assert result == ImportResult(new=0, changed=1, unchanged=1)
    assert [contact.email for contact in read_session().scalars(select(HostContact))] == [
        "guests@vakin.example"
    ]


def test_columns_that_the_file_lacks_stay_as_they_are(now):
    with_places_and_topics(now)
    import_it(f"{HEADER}\n{VAKIN}\n", now)

    result = import_it("slug,name,kind,country\nvakin,Vakin AB,public,SE\n", now)

    vakin = find("vakin")
    assert (result.changed, vakin.name, vakin.languages) == (1, "Vakin AB", ["sv", "en"])
    assert [site.name for site in read_session().scalars(select(Site))] == ["Vakin AB"]
    assert counts()["organisation_interest"] == 2


def test_every_problem_of_every_line_is_listed_at_once(now):
    with_places_and_topics(now)
    rows = [
        "Bad Slug,,shop,NO,atlantis,water/wine,xx,nobody",
        VAKIN,
        VAKIN,
    ]

    problems = refusal_of("\n".join([HEADER, *rows]), now)

    assert problems == [
        (2, "contact_email", "bad_email"),
        (2, "country", "unknown_country"),
        (2, "interests", "unknown_interest"),
        (2, "kind", "unknown_kind"),
        (2, "languages", "unknown_language"),
        (2, "name", "missing"),
        (2, "place", "unknown_place"),
        (2, "slug", "bad_slug"),
        (4, "slug", "double_slug"),
    ]
    assert counts()["organisation"] == 0


@pytest.mark.parametrize(
    ("content", "problems"),
    [
        (b"", [(1, "", "empty_file")]),
        (b"\n\n", [(1, "", "empty_file")]),
        ("slug,name,kind,country\nväkin,Väkin,public,SE\n".encode("cp1252"), [(2, "", "wrong_encoding")]),
        ("slug,name".encode("utf-16"), [(1, "", "wrong_encoding")]),
        (b"slug,name,kind\n", [(1, "country", "missing_column")]),
        (
            b"slug,name,kind,country,colour,name\n",
            [(1, "colour", "unknown_column"), (1, "name", "double_column")],
        ),
        (b'slug,name,kind,country\na,"A\n', [(2, "", "broken_csv")]),
        (b'slug,name,kind,country\na,"A"x,company,SE\n', [(2, "", "broken_csv")]),
        (
            b"slug,name,kind,country\na,A,company\nb,B,company,SE,x\n",
            [(2, "", "cell_count"), (3, "", "cell_count")],
        ),
        (
            b'slug,name,kind,country\na,"A\nB",company,SE\nb,B,,SE\n',
            [(2, "name", "control"), (4, "kind", "missing")],
        ),
        (b"slug,name,kind,country\na,A\x00A,company,SE\n", [(2, "name", "control")]),
        (f"slug,name,kind,country\na,{'A' * 201},company,SE\n".encode(), [(2, "name", "too_long")]),
        (b"slug,name,kind,country\na,A,company,SE\n" + b"#" * MAX_BYTES, [(1, "", "too_large")]),
    ],
    ids=lambda value: value[:40] if isinstance(value, bytes) else "",
)
def test_a_broken_file_is_refused_with_its_line_and_changes_nothing(content, problems, now):
    before = counts()

    found = refusal_of(content, now)

    assert found == problems
    assert counts() == before


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbfslug,name,kind,country\r\na,\xc3\x85,company,SE\r\n",
        "slug;name;kind;country\na;Å;company;SE".encode(),
        "slug\tname\tkind\tcountry\na\tÅ\tcompany\tSE\n\n".encode(),
        'country,kind,name,slug\nSE,company,"Å",a\n'.encode(),
        "slug, name, kind, country\n\na , A\u030a ,company,SE\n".encode(),
    ],
    ids=["excel", "semicolons", "tabs", "other order", "blanks"],
)
def test_a_file_is_read_as_people_save_it(content, now):
    result = import_it(content, now)

    assert (result.new, find("a").name) == (1, "Å")


def test_a_broken_table_of_travel_times_is_refused_with_the_line(now):
    with_places_and_topics(now)
    rows = [
        "from,to,mode,minutes,note",
        "umea,vaasa,ferry,0,",
        "umea,atlantis,balloon,ten,",
        "umea,umea,road,5,",
    ]

    with pytest.raises(ImportRefusedError) as refusal:
        import_table("travel", "\n".join(rows).encode(), who=SYSTEM, now=now)

    assert [problem[:3] for problem in refusal.value.problems] == [
        (2, "minutes", "not_a_number"),
        (3, "minutes", "not_a_number"),
        (3, "mode", "unknown_value"),
        (3, "to", "unknown_place"),
        (4, "to", "same_place"),
    ]
    assert counts()["travel_leg"] == 0


def test_interests_and_places_are_refused_with_the_line_too(now):
    topic = b"slug,area,sort,label_en,label_sv,label_fi\nwine,cellar,x,Wine,,Viini\n"
    town = b"slug,name_sv,name_fi,name_en,country,timezone,lat,lon,is_partner\na,A,A,A,SE,Mars,91,nan,maybe\n"

    with pytest.raises(ImportRefusedError) as of_topic:
        import_table("interests", topic, who=SYSTEM, now=now)
    with pytest.raises(ImportRefusedError) as of_town:
        import_table("places", town, who=SYSTEM, now=now)

    assert [problem[1:3] for problem in of_topic.value.problems] == [
        ("area", "unknown_area"),
        ("label_sv", "missing"),
        ("sort", "not_a_number"),
    ]
    assert [problem[1:3] for problem in of_town.value.problems] == [
        ("is_partner", "unknown_value"),
        ("lat", "not_a_number"),
        ("lon", "not_a_number"),
        ("timezone", "unknown_zone"),
    ]


def test_an_import_leaves_a_trail(now):
    with_places_and_topics(now)

    import_it(f"{HEADER}\n{VAKIN}\n", now)

    entry = read_session().scalars(select(AuditEntry).where(AuditEntry.noun == "organisation")).one()
    assert (entry.action, entry.detail) == ("directory.imported", {"new": 1, "changed": 0, "unchanged": 0})


def test_progress_is_told_row_by_row(now):
    with_places_and_topics(now)
    told: list[tuple[int, int]] = []

    import_table(
        "organisations",
        f"{HEADER}\n{VAKIN}\nb,B,company,FI,vaasa,,,\n".encode(),
        who=SYSTEM,
        now=now,
        progress=lambda done, total: told.append((done, total)),
    )

    assert told == [(1, 2), (2, 2)]


CELLS = st.one_of(
    st.sampled_from(
        ["", "umea", "vaasa", "SE", "FI", "company", "water", "sv;fi", "a@b.example", "vakin", "1"]
    ),
    st.text(max_size=12),
)
ROWS = st.lists(st.lists(CELLS, min_size=6, max_size=8), max_size=4)


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER.split(","))
    writer.writerows(rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def spoil(content: bytes, position: int, junk: bytes) -> bytes:
    at = position % (len(content) + 1)
    return content[:at] + junk + content[at + len(junk) :]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.one_of(
        st.binary(max_size=200),
        ROWS.map(as_csv),
        st.builds(
            spoil, st.just(f"{HEADER}\n{VAKIN}\n".encode()), st.integers(0, 500), st.binary(max_size=3)
        ),
    )
)
def test_whatever_the_file_holds_it_is_taken_whole_or_not_at_all(content, now):
    if counts()["place"] == 0:
        with_places_and_topics(now)
    before = counts()

    try:
        result = import_it(content, now)
    except ImportRefusedError as refusal:
        with in_language("en"):
            texts = explain_problems(refusal)
        assert texts
        assert all(text.line >= 1 and text.wrong for text in texts)
        assert counts() == before
    else:
        after = counts()
        assert after["organisation"] == before["organisation"] + result.new
        assert after["site"] == after["organisation"]


def test_the_demo_files_are_where_the_wheel_puts_them():
    assert {path.name for path in Path(DEMO).glob("*.csv")} == {
        "interests.csv",
        "offers.csv",
        "organisations.csv",
        "places.csv",
        "sailings.csv",
        "travel.csv",
    }
