"""The database is not there for a while: what was typed is kept on the page, and sent from it afterwards."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from bookings.db import read_session
from bookings.jobs.worker import running_worker
from bookings.queries.health import find_damage
from tests.support.browsing import Person
from tests.support.clock import NOW
from tests.support.databases import SERVER_VARIABLE
from tests.support.mails import a_mail, add_test_template, message_ids, queue
from tests.support.outages import FORMS, count_arrived, fill_in, locked_by_another_process, open_site

pytestmark = pytest.mark.slow
PATIENCE = 120
"""Seconds after which something that never comes fails the test; no promise is measured by it."""
_KEPT, _ROOM = "Your form is kept here", 12 * 1024 * 1024


@pytest.fixture(params=FORMS)
def form(request) -> str:
    return request.param


@pytest.fixture
def visitor(app, web_server) -> Person:
    open_site(app)
    return Person(web_server.url)


def check_is_kept(app, visitor: Person, form: str) -> None:
    """Nothing is stored, no fault is shown, and the form is on the page."""
    assert visitor.status == 503
    assert _KEPT in visitor.page
    assert count_arrived(app, form) == 0


def check_arrives(app, visitor: Person, form: str) -> None:
    """The button of the page that says sorry is enough."""
    visitor.send("")
    assert visitor.status == 200
    assert count_arrived(app, form) == 1


# --- locked by another process ---


@pytest.mark.sqlite_only
@pytest.mark.settings(database={"lock_timeout_seconds": 1})
def test_while_another_process_has_the_lock_one_reads_and_what_was_typed_is_kept(
    app, settings, visitor, form
):
    press = fill_in(visitor, form)

    with locked_by_another_process(settings):
        press()
        check_is_kept(app, visitor, form)
        visitor.send("")
        check_is_kept(app, visitor, form)
        reader = Person(visitor.base).open("/events")

    assert reader.status == 200
    check_arrives(app, visitor, form)


# --- PostgreSQL restarted ---


@pytest.fixture
def server(request):
    if request.node.callspec.params["database_url"] != "postgresql":
        pytest.skip("SQLite has no server")
    if os.environ.get(SERVER_VARIABLE):
        pytest.skip("somebody else's server is not restarted")
    server = request.getfixturevalue("postgresql")
    yield server
    server.start()


def test_a_restart_between_two_pages_is_not_noticed(app, server, visitor, form):
    press = fill_in(visitor, form)

    server.stop()
    server.start()
    press()

    assert visitor.status == 200
    assert count_arrived(app, form) == 1


def test_while_postgresql_is_down_what_was_typed_is_kept(app, server, visitor, form):
    press = fill_in(visitor, form)

    server.stop()
    press()
    page, status = visitor.page, visitor.status
    server.start()

    assert (status, _KEPT in page) == (503, True)
    check_arrives(app, visitor, form)


@pytest.mark.settings(database={"lock_timeout_seconds": 120, "statement_timeout_seconds": 120})
def test_a_restart_amid_a_transaction_leaves_nothing_half_and_keeps_what_was_typed(
    app, settings, server, visitor, form
):
    press = fill_in(visitor, form)

    with closing(connect(settings)) as other, ThreadPoolExecutor(1) as pool:
        other.execute("BEGIN; LOCK TABLE outbox_message IN ACCESS EXCLUSIVE MODE")
        pressed = pool.submit(press)
        wait_until_somebody_waits_for_a_lock(settings)
        server.stop()
        pressed.result(PATIENCE)
    server.start()

    check_is_kept(app, visitor, form)
    check_arrives(app, visitor, form)


def connect(settings) -> psycopg.Connection:
    address = make_url(settings.database_url).set(drivername="postgresql")
    return psycopg.connect(address.render_as_string(hide_password=False), autocommit=True)


def wait_until_somebody_waits_for_a_lock(settings) -> None:
    query = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    deadline = time.monotonic() + PATIENCE
    with closing(connect(settings)) as onlooker:
        while not onlooker.execute(query).fetchall():
            assert time.monotonic() < deadline, "nobody has got so far"
            time.sleep(0.05)


def test_the_worker_goes_on_after_a_restart_and_sends_each_mail_once(app, server, smtp_sink):
    add_test_template(app)
    with running_worker(app):
        with app.app_context():
            queue(a_mail("before"), now=NOW)
        smtp_sink.wait_for(1)
        server.stop()
        server.start()
        with app.app_context():
            queue(a_mail("after"), now=NOW)
        smtp_sink.wait_for(2)

    assert list(message_ids(smtp_sink.received).values()) == [1, 1]


# --- disk full ---


@contextmanager
def no_more_room(folder: Path) -> Iterator[None]:
    """Somebody else's file takes all that is left of the disk."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    yield
    ballast.unlink()


@pytest.fixture
def small_disk(tmp_path):
    """The database and all other files of the site lie on a small disk of their own."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={_ROOM}", "tmpfs", str(tmp_path)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("no disk can be mounted here")
    yield tmp_path
    subprocess.run(["umount", "--lazy", str(tmp_path)], check=True)


def check_is_full(app, visitor: Person, form: str, press: Callable[[], Person]) -> None:
    press()
    check_is_kept(app, visitor, form)
    assert "Our storage is full" in visitor.page
    assert Person(visitor.base).open("/events").status == 200


@pytest.mark.sqlite_only
def test_when_the_disk_is_full_the_page_says_so_keeps_what_was_typed_and_goes_on_once_there_is_room(
    small_disk, app, settings, smtp_sink, visitor, form
):
    add_test_template(app)
    with app.app_context():
        queue(a_mail(), now=NOW)
    press = fill_in(visitor, form)

    with running_worker(app):
        with no_more_room(small_disk):
            check_is_full(app, visitor, form, press)
        check_arrives(app, visitor, form)
        smtp_sink.wait_for(2)

    assert set(message_ids(smtp_sink.received).values()) == {1}
    with app.app_context():
        assert find_damage(read_session()) == []
