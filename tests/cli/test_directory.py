"""`bookings directory import`, as it is typed."""

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text

from bookings.adapters.sheet_writer import write_xlsx
from bookings.cli.directory import directory
from bookings.db import database
from bookings.services.directory import load_demo_directory
from tests.support.tree import ROOT

DEMO = ROOT / "config" / "demo"


def run(app: Flask, *arguments: str) -> Result:
    return CliRunner().invoke(directory, ["import", *arguments], obj=app)


@pytest.fixture
def filled(app: Flask, now) -> Flask:
    with app.app_context():
        load_demo_directory(now=now)
    return app


def test_the_shipped_files_are_imported_one_after_the_other(app):
    said = [
        run(app, str(DEMO / f"{table}.csv"), "--table", table).stdout
        for table in ("interests", "places", "travel", "organisations")
    ]

    assert said == [
        "79 new, 0 changed, 0 unchanged\n",
        "33 new, 0 changed, 0 unchanged\n",
        "74 new, 0 changed, 0 unchanged\n",
        "169 new, 0 changed, 0 unchanged\n",
    ]


def test_a_second_run_changes_nothing(filled):
    result = run(filled, str(DEMO / "organisations.csv"))

    assert (result.exit_code, result.stdout) == (0, "0 new, 0 changed, 169 unchanged\n")


def test_an_installation_without_tables_is_told_what_to_do(app):
    with app.app_context():
        database.session.execute(text("DROP TABLE directory_version"))
        database.session.commit()

    result = run(app, str(DEMO / "organisations.csv"))

    assert result.exit_code == 69
    assert "run `bookings db upgrade` first" in result.stderr


def test_every_mistake_is_named_with_its_line_and_column(filled, tmp_path):
    file = tmp_path / "own.csv"
    file.write_text("slug,name,kind,country\nok,Ok,company,SE\nNot Ok,,shop,SE\n", encoding="utf-8")

    result = run(filled, str(file))

    assert (result.exit_code, result.stdout) == (65, "")
    assert result.stderr.splitlines() == [
        (
            "own.csv: line 3, column kind: There is no such kind (“shop”)."
            " Expected: company, research, public, investor, cluster, test_facility"
        ),
        "own.csv: line 3, column name: The cell is empty. Expected: name",
        "own.csv: line 3, column slug: This is no short name for addresses (“Not Ok”). Expected: a-z, 0-9, -",
        "Nothing was imported: 3 problems.",
    ]


def test_offers_come_in_once(filled):
    said = [run(filled, str(DEMO / "offers.csv"), "--table", "offers").stdout for _ in range(2)]
    number = len((DEMO / "offers.csv").read_text(encoding="utf-8").splitlines()) - 1

    assert said == [f"{number} new, 0 changed, 0 unchanged\n", f"0 new, 0 changed, {number} unchanged\n"]


def test_a_workbook_with_columns_of_its_own_is_told_which_is_which(filled, tmp_path):
    row = {"Kortnamn": "new", "Namn": "Nytt", "kind": "company", "country": "SE"}
    file = tmp_path / "own.xlsx"
    file.write_bytes(write_xlsx("x", list(row), [row]))

    told = run(filled, str(file), "--map", "slug=Kortnamn", "--map", "name=Namn")
    untold = run(filled, str(file))
    wrong = run(filled, str(file), "--map", "slug")

    assert (told.exit_code, told.stdout) == (0, "1 new, 0 changed, 0 unchanged\n")
    assert (untold.exit_code, "column Kortnamn: There is no such column" in untold.stderr) == (65, True)
    assert (wrong.exit_code, "OURS=THEIRS" in wrong.stderr) == (2, True)
