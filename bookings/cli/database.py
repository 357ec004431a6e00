"""`bookings db …`: the tables and their migrations."""

import click
from flask import Flask
from flask_migrate import downgrade, upgrade

from bookings.settings import current_settings


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
        upgrade(revision=revision)


@db.command("downgrade")
@click.argument("revision", default="-1")
@click.pass_obj
def downgrade_command(app: Flask, revision: str) -> None:
    """Take the tables back to REVISION (one step)."""
    with app.app_context():
        downgrade(revision=revision)
