"""`bookings export …`: what staff take out on pages, as a file; noted in the trail the same way."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask

from bookings.adapters.copies import CopyRefusedError, new_file
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, TooManyAttemptsError
from bookings.domain.visits import Actor
from bookings.i18n import in_language
from bookings.services.exports import Export, export_directory
from bookings.services.registration_exports import PeopleExport, export_registrations

_WHO = Who(Actor.SYSTEM, "bookings export")
_NOBODY = 0
"""In the place of the person whose files are counted."""
_WHAT = ("organisations", "offers", "registrations")


@click.command("export")
@click.argument("what", type=click.Choice(_WHAT))
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path), default="-")
@click.option("--event", "slug", default="", help="Whose registrations (the event's name in its address).")
@click.option("--with-contacts", is_flag=True, help="People and their addresses, too.")
@click.option("--force", "replaces", is_flag=True, help="Replace FILE if there is one.")
@click.pass_obj
def export_command(
    app: Flask, what: str, file: Path, *, slug: str, with_contacts: bool, replaces: bool
) -> None:
    """Write WHAT into FILE (.xlsx: a workbook, else CSV), or as CSV on standard output."""
    if (what == "registrations") != bool(slug):
        raise click.UsageError("--event SLUG belongs to registrations, and only to them.")
    form = "xlsx" if file.suffix.lower() == ".xlsx" else "csv"
    try:
        with app.app_context(), in_language("en"):
            _write(file, _build(what, slug, form, with_contacts=with_contacts), replaces=replaces)
    except (NotFoundError, TooManyAttemptsError, CopyRefusedError) as refusal:
        raise click.ClickException(_explain(refusal)) from refusal


def _build(what: str, slug: str, form: str, *, with_contacts: bool) -> bytes:
    now = datetime.now(UTC)
    if what == "registrations":
        people = PeopleExport(slug=slug, form=form, with_contacts=with_contacts)
        return export_registrations(people, person_id=_NOBODY, who=_WHO, now=now)
    table = Export(table=what, form=form, with_contacts=with_contacts)
    return export_directory(table, person_id=_NOBODY, who=_WHO, now=now)


def _write(file: Path, content: bytes, *, replaces: bool) -> None:
    if str(file) == "-":
        sys.stdout.buffer.write(content)
        return
    with new_file(file, replaces=replaces) as beside:
        beside.write_bytes(content)


def _explain(refusal: Exception) -> str:
    if isinstance(refusal, NotFoundError):
        return f"there is no event {refusal.key}."
    if isinstance(refusal, TooManyAttemptsError):
        return f"too many files within the hour: try again in {refusal.wait_minutes} minutes."
    return str(refusal)
