"""docs/calendar.md says which test holds which rule: each of them is there."""

import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
TABLE = (HOUSE / "docs" / "calendar.md").read_text()


def test_every_test_that_the_table_names_exists():
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", TABLE)

    missing = [
        f"{path}::{name}"
        for path, name in named
        if not re.search(rf"^def {name}\(", (HOUSE / "tests" / path).read_text(), re.MULTILINE)
    ]

    assert len(named) > 60
    assert missing == []


def test_every_module_that_the_table_names_exists():
    columns = [line.split("|")[2] for line in TABLE.splitlines() if line.startswith("| ")]
    named = {path for column in columns for path in re.findall(r"`([\w/.]+)`", column)}

    missing = [
        path for path in named if not (HOUSE / "bookings" / path).exists() and not (HOUSE / path).exists()
    ]

    assert missing == []


def test_every_rule_has_a_test():
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and "| rule |" not in line]

    assert [row for row in rows if "::test_" not in row] == []
