"""The rows of routes.csv, as the running application has them.

`python -m tests.web.routes_table > tests/web/routes.csv` writes the table anew:
read the difference before you keep it.
"""

import csv
import io
import tempfile
from pathlib import Path

from flask import Flask
from werkzeug.routing import Rule

from bookings.domain.links import LinkPurpose
from bookings.domain.staff import StaffRole, has_role
from bookings.web.security import Gate, GateKind, gate_of
from tests.support.apps import build_settings, close, create_app

TABLE = Path(__file__).with_name("routes.csv")
PARTIES = ("nobody", "visitor", "host", *map(str, StaffRole))
COLUMNS = ("methods", "rule", "endpoint", "gate", *PARTIES)
# Which link lies in whose mails; anything that is not here is the visitor's.
_HOST_LINKS = {LinkPurpose.ANSWER_SLOT}
_SHARED_LINKS = {LinkPurpose.CALENDAR_FEED}
_STAFF_LINKS = {LinkPurpose.STAFF_INVITATION, LinkPurpose.STAFF_SIGN_IN}


def list_rows(app: Flask) -> list[dict[str, str]]:
    """One row for each rule: who gets in (yes), who is sent to the sign-in, who is refused and how."""
    rows = [_row(rule, gate_of(app, rule.endpoint)) for rule in app.url_map.iter_rules()]
    return sorted(rows, key=lambda row: (row["rule"], row["methods"]))


def write_rows(rows: list[dict[str, str]]) -> str:
    """The rows as the text of the table."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def read_rows() -> list[dict[str, str]]:
    """The checked-in table."""
    with TABLE.open(encoding="utf-8", newline="") as source:
        return list(csv.DictReader(source))


def _row(rule: Rule, gate: Gate | None) -> dict[str, str]:
    methods = " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
    facts = {"methods": methods, "rule": rule.rule, "endpoint": rule.endpoint, "gate": str(gate)}
    return {**facts, **{party: _outcome(gate, party) for party in PARTIES}}


def _outcome(gate: Gate | None, party: str) -> str:
    if gate is None or gate.kind is GateKind.CLOSED:
        return "404"
    if gate.kind is GateKind.PUBLIC:
        return "yes"
    if gate.kind is GateKind.LINK:
        return "yes" if party in _holders(LinkPurpose(gate.detail)) else "404"
    if party not in set(StaffRole):
        return "sign-in"
    if gate.kind is GateKind.HALF_WAY:
        return "yes"
    return "yes" if has_role({StaffRole(party)}, StaffRole(gate.detail)) else "403"


def _holders(purpose: LinkPurpose) -> tuple[str, ...]:
    if purpose in _SHARED_LINKS:
        return ("visitor", "host")
    if purpose in _STAFF_LINKS:
        return ()
    return ("host",) if purpose in _HOST_LINKS else ("visitor",)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        url = f"sqlite:///{path / 'routes.sqlite3'}"
        app = create_app(build_settings(url, path, more={"app": {"demo": True}}))
        print(write_rows(list_rows(app)), end="")
        close(app)


if __name__ == "__main__":
    main()
