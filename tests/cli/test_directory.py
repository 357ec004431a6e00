"""`bookings directory import`, as it is typed."""

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text

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
