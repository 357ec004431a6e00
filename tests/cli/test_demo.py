"""`bookings demo`: filled once through the real use cases, kept, and forgotten only on request."""

import socket
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select

from bookings.cli import main
from bookings.cli.demo import PASSWORD, prepare_demo
from bookings.db import read_session
from bookings.jobs.schedule import Schedule
from bookings.jobs.worker import Worker
from bookings.models.directory import Organisation
from bookings.models.outbox import OutboxMessage
from bookings.models.slots import Slot
from bookings.models.visits import VisitRequest
from tests.support.apps import close
from tests.support.staff import sign_in

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demos") / "demo"


@pytest.fixture(scope="module")
def demo(folder: Path) -> Flask:
    return prepare_demo(folder, port=8099)


def count(app: Flask, column) -> Counter[str]:
    with app.app_context():
        return Counter(dict(read_session().execute(select(column, func.count()).group_by(column)).all()))


def test_the_demo_holds_the_real_directory_and_visits_in_different_states(demo: Flask):
    with demo.app_context():
        organisations = read_session().scalar(select(func.count()).select_from(Organisation))

    assert organisations == 169
    assert count(demo, VisitRequest.state) == {
        "unverified": 1,
        "submitted": 1,
        "needs_info": 1,
        "planning": 1,
        "awaiting_hosts": 1,
        "proposed": 1,
        "confirmed": 1,
    }
    assert {"accepted", "declined", "countered", "pending", "draft"} == set(count(demo, Slot.state))


def test_every_mail_of_the_demo_reaches_its_mailbox(demo: Flask):
    worker = Worker(demo, schedule=Schedule(jobs=()))

    while worker.work_once():
        pass

    assert set(count(demo, OutboxMessage.state)) == {"sent"}
    page = demo.test_client().get("/mailbox").text
    assert "Mari Tamm" in page
    assert "visits@vakin.example" in page


@pytest.mark.parametrize("name", ["coordinator", "admin", "reader"])
def test_the_printed_accounts_sign_in(demo: Flask, name: str):
    client = demo.test_client()

    sign_in(client, f"{name}@demo.example", PASSWORD)

    assert client.get("/staff/outbox").status_code == 200


def test_a_second_start_keeps_what_is_there(demo: Flask, folder: Path):
    before = count(demo, VisitRequest.reference)

    again = prepare_demo(folder, port=8100)

    assert count(again, VisitRequest.reference) == before
    assert again.config["SECRET_KEY"] == demo.config["SECRET_KEY"]
    close(again)


def test_starting_afresh_leaves_a_folder_alone_that_no_demo_made(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("years of work")

    result = CliRunner().invoke(main, ["demo", "--fresh", "--folder", str(tmp_path)])

    assert result.exit_code == 1
    assert "was not made by the demo" in result.output
    assert (tmp_path / "thesis.txt").exists()


def test_a_demo_that_still_runs_is_not_forgotten_under_its_feet(tmp_path: Path):
    (tmp_path / "demo.txt").write_text("made by a demo")
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        result = CliRunner().invoke(main, ["demo", "--fresh", "--port", str(port), "--folder", str(tmp_path)])

    assert result.exit_code == 1
    assert f"port {port}: Address already in use" in result.output
    assert "choose another --port" in result.output
    assert (tmp_path / "demo.txt").exists()
