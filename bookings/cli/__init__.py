"""The `bookings …` commands: each a few lines over a use case."""

import gc
import logging

import click
from flask import Flask

from bookings.cli.logs import init_logs
from bookings.foundation import create_small_app
from bookings.late import LateModule
from bookings.settings import Settings, SettingsError

EX_CONFIG = 78  # sysexits.h
_COMMANDS = {
    "backup": ("backup", "backup_command"),
    "db": ("database", "db"),
    "demo": ("demo", "demo_command"),
    "directory": ("directory", "directory"),
    "doctor": ("doctor", "doctor_command"),
    "export": ("export", "export_command"),
    "mail": ("mail", "mail"),
    "restore": ("backup", "restore_command"),
    "serve": ("serve", "serve_command"),
    "staff": ("staff", "staff"),
    "worker": ("serve", "worker_command"),
}
"""Where each command is: only the one that was asked for is loaded, because a mail by pipe pays for it."""


class LateCommands(click.Group):
    """Commands whose modules are loaded at first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, for the help."""
        return [*_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, if there is one."""
        if cmd_name not in _COMMANDS:
            return None
        module, name = _COMMANDS[cmd_name]
        command: click.Command = getattr(LateModule(f"bookings.cli.{module}"), name)
        return command


def create_app(settings: Settings | None = None) -> Flask:
    """The whole application. Raises SettingsError."""
    gc.disable()  # nothing of what is loaded here is garbage, and to look for some is a part of the start
    try:
        app: Flask = LateModule("bookings.app").create_app(settings)
    finally:
        gc.enable()
    return app


@click.group(cls=LateCommands)
@click.pass_context
def main(context: click.Context) -> None:
    """Kvarken Visits: visit booking and event registration."""
    if context.invoked_subcommand == "demo":
        return  # it brings settings of its own
    takes_mail = context.invoked_subcommand == "mail"
    if takes_mail:
        # The mail server keeps what stands on standard error, in a log of its own and in bounces.
        init_logs(logging.WARNING)
    try:
        context.obj = create_small_app(create_app) if takes_mail else create_app()
    except SettingsError as error:
        click.echo(f"The configuration cannot be used:\n{error}", err=True)
        context.exit(EX_CONFIG)
