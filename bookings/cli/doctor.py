"""`bookings doctor`: is everything there that the site stands on, and what is to do where it isn't?"""

import json
from dataclasses import asdict
from datetime import UTC, datetime

import click
from flask import Flask

from bookings.cli.doctor_checks import run_checks
from bookings.domain.doctor import Finding, Health

_MARKS = {Health.WELL: "ok  ", Health.FINDING: "!!  ", Health.NOT_ASKED: "--  "}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
@click.option("--resolver", default="", help="Ask this name server (host or host:port), not the system's.")
@click.pass_context
def doctor_command(context: click.Context, resolver: str, *, as_json: bool) -> None:
    """Check mail, DNS, clock, zone data, database, worker and backups; sends and changes nothing.

    Ends with 0 when all is well, and with 1 when there is something to do.
    """
    app: Flask = context.obj
    with app.app_context():
        findings = run_checks(resolver=resolver, now=datetime.now(UTC))
    if as_json:
        click.echo(json.dumps([asdict(one) for one in findings], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_line(one) for one in findings))
    context.exit(int(any(one.health is Health.FINDING for one in findings)))


def _line(one: Finding) -> str:
    to_do = f"\n    → {one.to_do}" if one.to_do else ""
    return f"{_MARKS[one.health]}{one.check}: {one.seen}{to_do}"
