"""The `bookings …` commands: each a few lines over a use case."""

import click

from bookings.app import create_app
from bookings.cli.database import db
from bookings.settings import SettingsError

EX_CONFIG = 78  # sysexits.h


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Kvarken Visits: visit booking and event registration."""
    try:
        context.obj = create_app()
    except SettingsError as error:
        click.echo(f"The configuration cannot be used:\n{error}", err=True)
        context.exit(EX_CONFIG)


main.add_command(db)
