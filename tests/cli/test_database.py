"""`bookings db`: the tables of a new installation."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from bookings.cli import main
from tests.support.apps import SECRET_KEY

pytestmark = [pytest.mark.slow, pytest.mark.sqlite_only]


def test_the_first_upgrade_makes_the_folder_and_the_tables(tmp_path: Path) -> None:
    folder = tmp_path / "lib" / "kvarken"
    settings = {
        "BOOKINGS_APP_ENVIRONMENT": "test",
        "BOOKINGS_APP_SECRET_KEY": SECRET_KEY,
        "BOOKINGS_APP_DATA_FOLDER": str(folder),
        "BOOKINGS_DATABASE_URL": f"sqlite:///{folder / 'bookings.sqlite3'}",
    }

    result = CliRunner().invoke(main, ["db", "upgrade"], env=settings)

    assert result.exit_code == 0, result.output
    assert (folder / "bookings.sqlite3").stat().st_size > 0
