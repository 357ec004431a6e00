"""The `bookings …` commands: each a few lines over a use case."""

import logging

import click

from bookings.app import create_app
from bookings.cli.database import db
from bookings.cli.demo import demo_command
from bookings.cli.directory import directory
from bookings.cli.doctor import doctor_command
from bookings.cli.logs import init_logs
from bookings.cli.mail import mail
from bookings.cli.serve import serve_command, worker_command
from bookings.cli.staff import staff
from bookings.settings import SettingsError

EX_CONFIG = 78  # sysexits.h


@click.group()
@click.pass_context
def main(context: click.Context) -> None:
    """Kvarken Visits: visit booking and event registration."""
    if context.invoked_subcommand == demo_command.name:
        return  # it brings settings of its own
    if context.invoked_subcommand == mail.name:
        # The mail server keeps what stands on standard error, in a log of its own and in bounces.
        init_logs(logging.WARNING)
    try:
        context.obj = create_app()
    except SettingsError as error:
        click.echo(f"The configuration cannot be used:\n{error}", err=True)
        context.exit(EX_CONFIG)


for command in (db, directory, doctor_command, serve_command, worker_command, demo_command, mail, staff):
    main.add_command(command)
