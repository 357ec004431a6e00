"""Importing in steps: columns, a look at what would happen, all or nothing, and never unseen."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from bookings.db import read_session
from bookings.domain.audit import SYSTEM
from bookings.domain.cells import guard_cell, unguard_cell
from bookings.domain.errors import (
    ImportRefusedError,
    NotFoundError,
    RecordChangedError,
    TextNotAllowedError,
    TooManyAttemptsError,
)
from bookings.domain.import_columns import WORDS
from bookings.domain.imports import KEPT, ImportState, ImportTable, guess_mapping
from bookings.domain.text import clean_line
from bookings.models.audit import AuditEntry
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.imports import ImportFile
from bookings.models.offers import VisitOffer
from bookings.queries.imports import ImportView, find_import
from bookings.services.directory import import_table, load_demo_directory
from bookings.services.exports import Export, export_directory
from bookings.services.hosts import load_example_offers
from bookings.services.imports import (
    choose_columns,
    forget_imports,
    keep_file,
    order_import,
    work_on_import,
    work_on_imports,
)
from tests.support.builders import a_directory, save

pytestmark = pytest.mark.usefixtures("app_context")
FOREIGN = "Kortnamn;Företag;Typ;Land;Ort;E-post\nvakin;Vakin AB;public;SE;umea;visits@vakin.example\n"


def keep(content: str | bytes, now: datetime, kind: ImportTable = ImportTable.ORGANISATIONS) -> int:
    raw = content.encode() if isinstance(content, str) else content
    return keep_file(kind, "list.csv", raw, who=SYSTEM, now=now)


def look(import_id: int, now: datetime) -> ImportView:
    read_session().rollback()
    return find_import(read_session(), import_id, now=now)


def look_through(content: str | bytes, now: datetime, kind: ImportTable = ImportTable.ORGANISATIONS) -> int:
    """Kept, with the columns as they were guessed, and looked through."""
    kept = keep(content, now, kind)
    choose_columns(kept, look(kept, now).mapping, now=now)
    work_on_import(kept, now=now)
    return kept


def carry_out(kept: int, now: datetime) -> ImportView:
    order_import(kept, who=SYSTEM, now=now)
    work_on_import(kept, now=now)
    return look(kept, now)


def export(table: str, form: str, now: datetime, person_id: int = 1, with_contacts: bool = True) -> bytes:
    wanted = Export(table=table, form=form, with_contacts=with_contacts)
    return export_directory(wanted, person_id=person_id, who=SYSTEM, now=now)


def name_of(slug: str) -> str:
    read_session().rollback()
    return read_session().scalars(select(Organisation.name).where(Organisation.slug == slug)).one()


@pytest.mark.parametrize("table", WORDS)
def test_an_exported_file_is_read_by_our_own_names_whatever_they_mean_as_words(table):
    names = list(WORDS[table])

    assert guess_mapping(table, names) == {name: name for name in names}


def test_columns_are_guessed_in_three_languages_and_remembered_for_the_same_header(now):
    a_directory()
    first = keep(FOREIGN, now)
    assert look(first, now).mapping == {
        "Kortnamn": "slug",
        "Företag": "name",
        "Typ": "kind",
        "Land": "country",
        "Ort": "place",
        "E-post": "contact_email",
    }

    choose_columns(first, {**look(first, now).mapping, "Ort": ""}, now=now)

    assert "Ort" not in look(keep(FOREIGN, now), now).mapping
    assert guess_mapping("offers", ["Organisaatio", "Kesto", "Otsikko (suomi)"]) == {
        "Organisaatio": "organisation",
        "Kesto": "minutes",
        "Otsikko (suomi)": "title_fi",
    }


def test_a_look_shows_old_and_new_and_changes_nothing(now):
    a_directory()
    old = name_of("vakin")

    seen = look(look_through(FOREIGN, now), now)

    assert (seen.state, seen.outcome["counts"]) == (ImportState.CHECKED, [0, 1, 0])
    [change] = seen.outcome["changes"]
    assert ["name", old, "Vakin AB"] in change["cells"]
    assert name_of("vakin") == old


def test_what_was_looked_at_happens_once(now):
    a_directory()
    kept = look_through(FOREIGN, now)

    done, again = carry_out(kept, now), carry_out(kept, now)

    assert (done.state, done.outcome["counts"]) == (ImportState.DONE, [0, 1, 0])
    assert again == done
    assert name_of("vakin") == "Vakin AB"
    assert read_session().scalars(select(ImportFile.content)).one() == b""
    entries = (
        read_session().scalars(select(AuditEntry).where(AuditEntry.action == "directory.imported")).all()
    )
    assert len(entries) == 1


def test_a_directory_that_changed_since_is_looked_at_anew(now):
    a_directory()
    kept = look_through(FOREIGN, now)
    import_table(
        "organisations",
        FOREIGN.replace(";", ",")
        .replace("Kortnamn,Företag,Typ,Land,Ort,E-post", "slug,name,kind,country,place,contact_email")
        .replace("Vakin AB", "Vakin Oy")
        .encode(),
        who=SYSTEM,
        now=now,
    )

    outdated = carry_out(kept, now)
    assert (outdated.state, name_of("vakin")) == (ImportState.CHECKING, "Vakin Oy")
    work_on_imports(now=now)

    assert look(kept, now).outcome["was_outdated"]
    assert carry_out(kept, now).state == ImportState.DONE
    assert name_of("vakin") == "Vakin AB"


def test_wrong_rows_are_named_by_the_columns_of_the_file(now):
    a_directory()

    seen = look(look_through(FOREIGN.replace("umea", "atlantis"), now), now)

    assert seen.state == ImportState.REFUSED
    assert [problem[:4] for problem in seen.outcome["problems"]] == [[2, "Ort", "unknown_place", "atlantis"]]
    with pytest.raises(RecordChangedError):
        order_import(seen.id, who=SYSTEM, now=now)


def test_a_required_column_that_nobody_named_is_asked_for(now):
    kept = keep("slug,name\nx,X\n", now)

    with pytest.raises(ImportRefusedError) as refusal:
        choose_columns(kept, {"slug": "slug", "name": "slug"}, now=now)

    assert [problem[2] for problem in refusal.value.problems] == [
        "missing_column",
        "missing_column",
        "missing_column",
        "double_column",
        "double_column",
    ]


def test_files_are_kept_for_a_day(now):
    kept = keep(FOREIGN, now)
    later = now + KEPT + timedelta(seconds=1)

    with pytest.raises(NotFoundError):
        look(kept, later)
    forget_imports(now=later)

    assert read_session().scalar(select(func.count()).select_from(ImportFile)) == 0


def test_a_large_file_is_the_workers_and_shows_its_progress(now, monkeypatch):
    a_directory()
    rows = "".join(f"new-{number},New {number},company,SE\n" for number in range(600))
    kept = keep(f"slug,name,kind,country\n{rows}", now)
    seen = []
    monkeypatch.setattr("bookings.services.imports.save_table", _stop_at(seen, kept, now))

    is_small = choose_columns(kept, look(kept, now).mapping, now=now)
    with pytest.raises(InterruptedError):
        work_on_imports(now=now)

    assert (is_small, look(kept, now).is_waiting, seen) == (False, True, [(500, 600)])
    monkeypatch.undo()
    work_on_imports(now=now)
    assert look(kept, now).state == ImportState.CHECKING, "somebody is at it"
    work_on_imports(now=now + timedelta(minutes=20))
    assert look(kept, now).outcome["counts"] == [600, 0, 0]


def _stop_at(seen: list[tuple[int, int]], kept: int, now: datetime):
    def stop(session, *_args, **_more):
        view = find_import(session, kept, now=now)
        seen.append((view.done, view.total))
        raise InterruptedError

    return stop


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_exported_demo_directory_imported_again_changes_nothing(now, form):
    load_demo_directory(now=now)
    load_example_offers(now=now)
    vakin = read_session().scalars(select(Organisation.id).where(Organisation.slug == "vakin")).one()
    save(
        Site(
            organisation_id=vakin,
            slug="lab",
            name="The lab",
            time_zone="Europe/Helsinki",
            access_rules="Ring the bell.\n\nTwice.",
            opens_at="07:30",
        ),
        HostContact(
            organisation_id=vakin, name="=Ada", email="ada@vakin.example", phone="+46 70 1", languages=["sv"]
        ),
        HostContact(organisation_id=vakin, name="Gone", email="gone@vakin.example", ended_at=now),
    )

    results = [
        import_table(table, export(table, form, now), who=SYSTEM, now=now)
        for table in ("organisations", "offers")
    ]

    assert [(result.new, result.changed) for result in results] == [(0, 0), (0, 0)]
    assert results[0].unchanged > 160
    assert results[1].unchanged > 20


NAMES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=60)
STEERING = st.builds(
    str.__add__, st.sampled_from(["=", "+", "-", "@", "'", "'=", "''@", "＝", "_x0041_"]), NAMES
)


@pytest.mark.sqlite_only
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES | STEERING, rules=st.text(st.sampled_from("a=\n\t '\"<&é;,"), max_size=20))
def test_any_name_survives_export_and_import(name, rules):
    now = datetime.fromisoformat("2026-10-01T08:00:00+00:00")
    try:
        name = clean_line(name, max_length=100)
    except TextNotAllowedError:
        return
    if not name:
        return
    if not read_session().scalar(select(func.count()).select_from(Organisation)):
        a_directory()
    site = read_session().scalars(select(Site).order_by(Site.id).limit(1)).one()
    site.access_rules = rules.strip()
    organisation = read_session().get_one(Organisation, site.organisation_id)
    organisation.name = name
    read_session().commit()

    results = [
        import_table(
            "organisations",
            export("organisations", form, now, person_id=hash((name, rules)) % 10**9),
            who=SYSTEM,
            now=now,
        )
        for form in ("csv", "xlsx")
    ]

    assert [(result.new, result.changed) for result in results] == [(0, 0), (0, 0)]


@given(st.text())
def test_guarded_cells_steer_nothing_and_come_back(text):
    guarded = guard_cell(text)

    assert unguard_cell(guarded) == text
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠"))


def test_offers_are_new_once_and_partly_changed(now):
    a_directory()
    rows = "organisation,title_en,minutes,topics,group_max\nvakin,Clean water,60,,20\n"
    first = import_table("offers", rows.encode(), who=SYSTEM, now=now)
    again = import_table("offers", rows.encode(), who=SYSTEM, now=now)
    part = import_table("offers", b"organisation,offer,minutes\nvakin,clean-water,90\n", who=SYSTEM, now=now)

    offer = read_session().scalars(select(VisitOffer)).one()

    assert (first.new, again.unchanged, part.changed) == (1, 1, 1)
    assert (offer.slug, offer.minutes, offer.group_max, offer.title_en) == (
        "clean-water",
        90,
        20,
        "Clean water",
    )


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("vakin,Water,60,20,10", ("group_max", "offer_order")),
        ("vakin,,60,,", ("title_en", "offer_missing")),
        ("nobody,Water,60,,", ("organisation", "unknown_organisation")),
        ("vakin,Water,5,,", ("minutes", "not_a_number")),
    ],
)
def test_wrong_offers_are_refused_with_the_column(now, row, found):
    a_directory()

    with pytest.raises(ImportRefusedError) as refusal:
        import_table(
            "offers",
            f"organisation,title_en,minutes,group_min,group_max\n{row}\n".encode(),
            who=SYSTEM,
            now=now,
        )

    [problem] = refusal.value.problems
    assert problem[1:3] == found


def test_exports_are_counted_and_noted(now):
    a_directory()
    for _ in range(20):
        export("offers", "csv", now)

    with pytest.raises(TooManyAttemptsError):
        export("offers", "csv", now)
    export("offers", "csv", now, person_id=2)

    entries = (
        read_session().scalars(select(AuditEntry).where(AuditEntry.action == "directory.exported")).all()
    )
    assert (len(entries), entries[0].detail["form"]) == (21, "csv")


def test_readers_files_hold_no_contacts(now):
    a_directory()

    content = export("organisations", "csv", now, with_contacts=False).decode()

    assert "@" not in content
    assert "contact" not in content
    assert import_table("organisations", content.encode(), who=SYSTEM, now=now).changed == 0
