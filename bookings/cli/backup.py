"""`bookings backup` and `bookings restore`: a copy of all data while the site runs, and its way back."""

from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask

from bookings.adapters.copies import CopyRefusedError
from bookings.domain.audit import Who
from bookings.domain.visits import Actor
from bookings.services.backup import Restored, make_backup, restore_backup

_WHO = Who(Actor.SYSTEM, "bookings restore")


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", "replaces", is_flag=True, help="Replace FILE if there is one.")
@click.pass_obj
def backup_command(app: Flask, file: Path, *, replaces: bool) -> None:
    """Copy the database into FILE while the site runs; the copy is read to its end before it counts."""
    try:
        with app.app_context():
            contents = make_backup(file, replaces=replaces)
    except CopyRefusedError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    rows = sum(contents.counts.values())
    click.echo(f"{file}: {rows} rows of {len(contents.counts)} tables, migration {contents.migration}")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", "replaces", is_flag=True, help="Also where the database holds tables already.")
@click.pass_obj
def restore_command(app: Flask, file: Path, *, replaces: bool) -> None:
    """Put the copy in FILE in the place of the database; the site and all workers have to be stopped.

    Mails that waited when the copy was made wait at /staff/outbox for somebody's word: most have left.
    """
    try:
        with app.app_context():
            restored = restore_backup(file, replaces=replaces, who=_WHO, now=datetime.now(UTC))
    except CopyRefusedError as refusal:
        raise click.ClickException(str(refusal)) from refusal
    _tell(restored)


def _tell(restored: Restored) -> None:
    rows = sum(restored.contents.counts.values())
    click.echo(f"{rows} rows of {len(restored.contents.counts)} tables are back, each table counted.")
    if restored.mails_aside:
        click.echo(
            f"{restored.mails_aside} mails may have left already: decide at /staff/outbox?state=failed."
        )
    if restored.is_older:
        click.echo(f"The copy is at migration {restored.contents.migration}: run `bookings db upgrade` next.")
