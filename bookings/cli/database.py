"""`bookings db …`: the tables and their migrations."""

from typing import TYPE_CHECKING

import click
from flask import Flask

from bookings.db import database
from bookings.late import LateModule
from bookings.settings import asset_folder, current_settings

if TYPE_CHECKING:
    import flask_migrate
else:
    flask_migrate = LateModule("flask_migrate")


@click.group()
def db() -> None:
    """Create and change the tables."""


@db.command("upgrade")
@click.argument("revision", default="head")
@click.pass_obj
def upgrade_command(app: Flask, revision: str) -> None:
    """Bring the tables up to REVISION (the newest); the first time, make the folder of the data too."""
    with app.app_context():
        current_settings().app.data_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        upgrade_tables(app, revision)


@db.command("downgrade")
@click.argument("revision", default="-1")
@click.pass_obj
def downgrade_command(app: Flask, revision: str) -> None:
    """Take the tables back to REVISION (one step)."""
    with app.app_context():
        bind_migrations(app)
        flask_migrate.downgrade(revision=revision)


def upgrade_tables(app: Flask, revision: str = "head") -> None:
    """Bring the tables up to a revision; in a context of the application."""
    bind_migrations(app)
    flask_migrate.upgrade(revision=revision)


def bind_migrations(app: Flask) -> None:
    """Make Flask-Migrate know the application: what serves it starts without Alembic."""
    folder = str(asset_folder("migrations"))
    flask_migrate.Migrate(app, database, directory=folder, compare_type=True, render_as_batch=True)
