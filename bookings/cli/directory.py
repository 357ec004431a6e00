"""`bookings directory …`: filling the directory from files."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from bookings.domain.audit import Who
from bookings.domain.errors import ImportRefusedError
from bookings.domain.imports import read_map_option
from bookings.domain.visits import Actor
from bookings.i18n import in_language
from bookings.late import LateModule
from bookings.services.directory import TABLES, ImportResult, import_table
from bookings.services.directory_problems import ProblemText, explain_problems

if TYPE_CHECKING:
    from rich import console, progress
else:
    console, progress = map(LateModule, ("rich.console", "rich.progress"))

EX_DATAERR, EX_UNAVAILABLE = 65, 69  # sysexits.h
_WHO = Who(Actor.SYSTEM, "bookings directory import")


@click.group()
def directory() -> None:
    """Fill the directory."""


@directory.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--table",
    type=click.Choice(list(TABLES)),
    default="organisations",
    help="What the file holds.",
)
@click.option(
    "--map",
    "pairs",
    multiple=True,
    metavar="OURS=THEIRS",
    help="Our name of a column that the file calls otherwise. May be given several times.",
)
@click.pass_context
def import_command(context: click.Context, file: Path, table: str, pairs: tuple[str, ...]) -> None:
    """Import FILE (CSV in UTF-8, or XLSX): the whole file, or nothing and a list of what is wrong."""
    try:
        mapping = read_map_option(pairs)
    except ValueError as error:
        raise click.BadParameter(f"{error}: write it as OURS=THEIRS", param_hint="--map") from error
    app: Flask = context.obj
    with app.app_context(), in_language("en"):
        try:
            result = _run(file.read_bytes(), table, mapping)
        except ImportRefusedError as refusal:
            _tell(file, explain_problems(refusal))
            context.exit(EX_DATAERR)
        except DBAPIError as fault:
            click.echo(f"The database cannot be used: {fault.orig}", err=True)
            click.echo("If this installation is new, run `bookings db upgrade` first.", err=True)
            context.exit(EX_UNAVAILABLE)
    click.echo(f"{result.new} new, {result.changed} changed, {result.unchanged} unchanged")


def _run(content: bytes, table: str, mapping: Mapping[str, str]) -> ImportResult:
    # The bar is for the eye: what is printed for scripts stays alone on standard output.
    terminal = console.Console(stderr=True)
    with progress.Progress(console=terminal, transient=True, disable=not terminal.is_terminal) as bar:
        task = bar.add_task("Importing", total=None)
        return import_table(
            table,
            content,
            who=_WHO,
            now=datetime.now(UTC),
            mapping=mapping,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )


def _tell(file: Path, problems: list[ProblemText]) -> None:
    for problem in problems:
        place = f"line {problem.line}" + (f", column {problem.column}" if problem.column else "")
        expected = f" Expected: {problem.expected}" if problem.expected else ""
        click.echo(f"{file.name}: {place}: {problem.wrong}.{expected}", err=True)
    noun = "problem" if len(problems) == 1 else "problems"
    click.echo(f"Nothing was imported: {len(problems)} {noun}.", err=True)
