"""The rows of access.csv: what nine actors really get, at each route, for the things of two towns.

`python -m tests.web.access_table > tests/web/access.csv` asks all of them anew: read the difference before
you keep it. "yes" is anything but a way to the sign-in, 403, 404 and 410: also a form with an error.
"""

import csv
import io
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from werkzeug.routing import AnyConverter, Rule
from werkzeug.routing.converters import NumberConverter

from bookings.db import database
from bookings.domain.links import LinkPurpose
from bookings.web.security import GateKind, gate_of
from tests.support.apps import build_settings, close, create_app, migrate
from tests.support.clock import NOW
from tests.support.two_towns import OBJECTS, OTHERS, STAFF, TwoTowns, build_two_towns

TABLE = Path(__file__).with_name("access.csv")
ACTORS = (*STAFF, *OTHERS)
COLUMNS = ("method", "rule", "of", *ACTORS)
SETTINGS = {
    "app": {"demo": True},
    "session": {"sign_in_links": True, "admins_need_second_factor": False},
    # Nobody answers there: what is asked for is who gets to the pages.
    "oidc": {"issuer": "http://127.0.0.1:9", "client_id": "us", "client_secret": "secret", "label": "City"},
    "limits": {
        "sign_ins_per_account": 100_000,
        "sign_ins_per_client_hour": 100_000,
        "exports_per_hour": 100_000,
        "requests_per_client_hour": 100_000,
        "requests_per_network_hour": 100_000,
    },
}
_REFUSALS = {401: "sign-in", 403: "403", 404: "404", 410: "410", 429: "429"}
_FAULT, _NOT_READY, _SEE_OTHER, _BAD = 500, 503, 303, 400


class Site:
    """The application with two of everything, as it was before each request that changed something."""

    def __init__(self, folder: Path) -> None:
        self.path, self.copy = folder / "site.sqlite3", folder / "copy.sqlite3"
        url = f"sqlite:///{self.path}"
        migrate(url, data_folder=folder)
        self.app = create_app(build_settings(url, folder, more=SETTINGS))
        self.app.extensions["clock"] = lambda: NOW
        self.world = build_two_towns(self.app)
        self.app.config["WTF_CSRF_ENABLED"] = False
        close(self.app)
        with sqlite3.connect(self.path) as source, sqlite3.connect(self.copy) as target:
            source.backup(target)

    def ask(self, actor: str, method: str, path: str) -> tuple[int, str, str]:
        """Status, where it leads, and the text; what it changed is undone."""
        client = self.app.test_client()
        if actor in self.world.cookies:
            client.set_cookie("session", self.world.cookies[actor])
        answer = client.open(path, method=method)
        text = answer.get_data(as_text=False).decode("utf-8", "replace")
        if answer.status_code == _SEE_OTHER or (method == "POST" and answer.status_code < _BAD):
            self._restore()
        return answer.status_code, answer.location or "", text

    def _restore(self) -> None:
        close(self.app)
        for tail in ("-wal", "-shm"):
            Path(f"{self.path}{tail}").unlink(missing_ok=True)
        shutil.copy(self.copy, self.path)


def list_rows(site: Site) -> list[dict[str, str]]:
    """Every cell asked: one row for a method, a rule and a town's things (or "-", where there are none)."""
    rows = []
    for rule in sorted(site.app.url_map.iter_rules(), key=lambda rule: rule.rule):
        for method in sorted((rule.methods or set()) & {"GET", "POST"}):
            for town in objects_of(rule):
                cells = {actor: _ask(site, rule, method, town, actor) for actor in ACTORS}
                rows.append({"method": method, "rule": rule.rule, "of": town, **cells})
    return rows


def objects_of(rule: Rule) -> tuple[str, ...]:
    """The towns whose things stand in the address."""
    has_objects = rule.arguments - {"token", "kind", "name", "step", "filename"}
    return OBJECTS if has_objects or "token" in rule.arguments else ("-",)


def path_of(app: Flask, world: TwoTowns, rule: Rule, town: str, **more: object) -> str:
    """The address with this town's things in it; numbers that nobody has are 1."""
    known = world.values.get(town, {})
    values: dict[str, object] = {}
    for name, converter in rule._converters.items():
        value = more.get(name, known.get(name))
        if isinstance(converter, AnyConverter):
            value = "contacts" if "contacts" in converter.items else min(converter.items)
        elif value is None:
            value = 1 if isinstance(converter, NumberConverter) else "x"
        values[name] = value
    rows = values.get("row_id")
    if isinstance(rows, dict):
        values["row_id"] = rows.get(values.get("kind", "contacts"), 1)
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, values, method=_a_method(rule))


def _a_method(rule: Rule) -> str:
    return "GET" if "GET" in (rule.methods or ()) else "POST"


def _ask(site: Site, rule: Rule, method: str, town: str, actor: str) -> str:
    more = {"token": _token(site, rule, town, actor)} if "token" in rule.arguments else {}
    status, location, _text = site.ask(actor, method, path_of(site.app, site.world, rule, town, **more))
    if status >= _FAULT and status != _NOT_READY:
        return "fault"
    if location.startswith("/staff/sign-in") and not rule.rule.startswith("/staff/sign-in"):
        return "sign-in"
    return _REFUSALS.get(status, "yes")


def _token(site: Site, rule: Rule, town: str, actor: str) -> str:
    """A link of that town when the actor has one for this purpose; else another link that the actor has."""
    gate = gate_of(site.app, rule.endpoint)
    own = site.world.tokens.get(actor, {}) if actor.endswith(town) else {}
    if gate is not None and gate.kind is GateKind.LINK and gate.detail in own:
        return own[gate.detail]
    others = site.world.tokens.get(actor, {})
    return next((token for purpose, token in others.items() if purpose != _purpose(gate)), "no-such-token")


def _purpose(gate: object) -> str:
    return str(getattr(gate, "detail", ""))


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


def foreign_tokens(world: TwoTowns, purpose: str) -> Iterator[tuple[str, str]]:
    """Every link that is not for this purpose, with the town that it belongs to."""
    for actor, tokens in world.tokens.items():
        for other, token in tokens.items():
            is_calendar = {purpose, other} <= {LinkPurpose.CALENDAR_FEED, LinkPurpose.VISIT_FEED}
            if other != purpose and not is_calendar:
                yield actor.rpartition("_")[2], token


def main() -> None:
    """Write the table to standard output."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        print(write_rows(list_rows(site)), end="")
        with site.app.app_context():
            database.session.remove()


if __name__ == "__main__":
    main()
