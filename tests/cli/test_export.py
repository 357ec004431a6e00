"""`bookings export …`: the files that staff take out, from the terminal."""

import stat

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from bookings.adapters.spreadsheet import read_sheet
from bookings.cli.export import export_command
from bookings.db import read_session
from bookings.models.audit import AuditEntry
from tests.support.builders import a_directory

pytestmark = pytest.mark.sqlite_only


def export(app, *arguments: str):
    return CliRunner().invoke(export_command, [*arguments], obj=app)


@pytest.mark.parametrize("name", ["hosts.csv", "hosts.xlsx"])
def test_the_directory_is_written_and_noted(app, tmp_path, name):
    with app.app_context():
        wanted = sorted(organisation.slug for organisation in a_directory().values())

    done = export(app, "organisations", str(tmp_path / name), "--with-contacts")

    assert done.exit_code == 0, done.output
    sheet = read_sheet((tmp_path / name).read_bytes())
    assert sorted({row.cells["slug"] for row in sheet.rows}) == wanted
    assert "contact_email" in sheet.columns
    assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    with app.app_context():
        entry = read_session().scalars(select(AuditEntry)).one()
        assert (entry.action, entry.actor_name) == ("directory.exported", "bookings export")


def test_without_a_file_it_is_csv_on_standard_output_and_without_contacts(app):
    with app.app_context():
        a_directory()

    done = export(app, "organisations")

    assert "contact_email" not in read_sheet(done.stdout_bytes).columns


def test_a_file_of_somebody_stays_and_an_unknown_event_is_named(app, tmp_path):
    (tmp_path / "a.csv").write_text("mine")

    done = [export(app, "offers", str(tmp_path / "a.csv")), export(app, "registrations", "--event", "no")]

    assert [one.exit_code for one in done] == [1, 1]
    assert "--force" in done[0].output
    assert "there is no event no" in done[1].output
    assert (tmp_path / "a.csv").read_text() == "mine"
