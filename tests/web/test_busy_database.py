"""A database that is locked for long: people are asked to come back, and nothing of theirs is half done."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from bookings.db import engine_options
from bookings.web.security import public
from tests.support.clock import NOW
from tests.support.own_pages import a_released_visit, at, everything_stored, press
from tests.support.stories import slot_row

pytestmark = [pytest.mark.slow, pytest.mark.settings(database={"lock_timeout_seconds": 1})]


@contextmanager
def locked(settings, *, seconds: float | None = None) -> Iterator[None]:
    """Somebody else has the locks that writing needs: until the end, or for so long."""
    engine = create_engine(settings.database_url)
    is_sqlite = engine.dialect.name == "sqlite"
    is_locked, over = Event(), Event()

    def keep() -> None:
        with engine.connect().execution_options(writes=True) as connection:
            # On SQLite the transaction itself is the lock.
            statement = "SELECT 1" if is_sqlite else "LOCK TABLE resource IN EXCLUSIVE MODE"
            connection.exec_driver_sql(statement)
            is_locked.set()
            over.wait(seconds)

    thread = Thread(target=keep)
    thread.start()
    assert is_locked.wait(120)
    try:
        yield
    finally:
        over.set()
        thread.join()
        engine.dispose()


@pytest.fixture
def host(app) -> str:
    """Address of the answer page of a host who was asked."""
    app.extensions["clock"] = at(NOW)
    with app.app_context():
        return a_released_visit([("stormossen", 9.0)])[1][0]


def test_a_lock_that_does_not_end_is_told_with_503_and_nothing_is_stored(app, settings, client, host):
    with app.app_context():
        before = everything_stored()

    with locked(settings):
        answer = press(client, f"{host}/accept")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Nothing was lost" in answer.text
    with app.app_context():
        assert everything_stored() == before


def test_after_a_lock_the_same_press_works_at_once(app, settings, client, host):
    with locked(settings):
        press(client, f"{host}/accept")

    answer = press(client, f"{host}/accept")

    assert answer.status_code == 303
    with app.app_context():
        assert slot_row(1).state == "accepted"


def test_waiting_longer_than_one_turn_begins_anew(app, settings, client, host):
    if settings.database_url.startswith("sqlite"):
        pytest.skip("SQLite waits in one go")

    with locked(settings, seconds=1.5):
        answer = press(client, f"{host}/accept")

    assert answer.status_code == 303


def test_a_lock_ends_before_its_statement_does(settings):
    options = engine_options(settings)

    words = options["connect_args"].get("options", "-c statement_timeout=5000 -c lock_timeout=1000")

    assert "statement_timeout=5000 -c lock_timeout=1000" in words


@pytest.mark.sqlite_only
def test_when_all_connections_are_in_use_people_are_asked_to_come_back(app, client):
    @app.get("/busy")
    @public
    def busy() -> str:
        raise PoolTimeoutError

    assert client.get("/busy").status_code == 503
