"""Settings and applications for tests."""

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade

from bookings.db import database
from bookings.settings import Settings, asset_folder, load_settings
from tests.support.kept import keep_compiled

SECRET_KEY = "a secret of the tests, long enough for production"


def build_settings(
    database_url: str, data_folder: Path, *, more: Mapping[str, Mapping[str, Any]] | None = None
) -> Settings:
    """The shipped defaults with a database and a folder of the test's own; `more` goes on top, by section."""
    values: dict[str, dict[str, Any]] = {
        "app": {"environment": "test", "secret_key": SECRET_KEY, "data_folder": data_folder},
        "database": {"url": database_url, "pool_size": 4},
        "limits": {"form_minimum_seconds": 0},
        "session": {"admins_need_second_factor": False},
    }
    for section, table in (more or {}).items():
        values.setdefault(section, {}).update(table)
    return load_settings({}, overrides=values)


def create_app(settings: Settings) -> Flask:
    """The application; looked up late, so that tests of the lower floors run while an upper one is broken."""
    app: Flask = importlib.import_module("bookings.app").create_app(settings)
    importlib.import_module("bookings.cli.database").bind_migrations(app)
    keep_compiled(app)
    return app


def migrate(database_url: str, *, data_folder: Path) -> None:
    """Bring an empty database to the newest migration."""
    app = create_app(build_settings(database_url, data_folder))
    with app.app_context():
        upgrade(directory=str(asset_folder("migrations")))
    close(app)


def close(app: Flask) -> None:
    """Give back every connection, so that files can be copied and databases dropped."""
    with app.app_context():
        database.session.remove()
        for engine in database.engines.values():
            engine.dispose()
