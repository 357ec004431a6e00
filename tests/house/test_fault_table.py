"""docs/faults.md says which test holds which promise: each of them is there."""

import re
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
ROWS = [line for line in (HOUSE / "docs" / "faults.md").read_text().splitlines() if line.startswith("| ")][1:]


def test_every_fault_names_a_test_that_exists():
    named = [re.search(r"`([\w/]+\.py)::(test_\w+)`", row) for row in ROWS]

    missing = [
        row
        for row, found in zip(ROWS, named, strict=True)
        if not (
            found and re.search(rf"^def {found[2]}\(", (HOUSE / "tests" / found[1]).read_text(), re.MULTILINE)
        )
    ]

    assert len(ROWS) > 12
    assert missing == []
