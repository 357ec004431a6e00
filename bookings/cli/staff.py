"""`bookings staff …`: accounts of coordinators."""

import sys
from datetime import UTC, datetime

import click
from flask import Flask

from bookings.domain.audit import SYSTEM
from bookings.domain.errors import PasswordNotAllowedError, StaffExistsError, TextNotAllowedError
from bookings.domain.staff import TOWN_ZONES, StaffRole
from bookings.services.staff import NewStaff, add_staff

_PASSWORD_PROBLEMS = {
    "too_short": "use at least {limit} characters",
    "too_long": "use at most {limit} characters",
    "common": "it is made of common words or of one part repeated",
    "personal": "it is the person's name or address, or the name of the service",
}


@click.group()
def staff() -> None:
    """Accounts of coordinators."""


@staff.command("add")
@click.argument("email")
@click.option("--name", required=True, help="Name that hosts and colleagues see.")
@click.option("--role", type=click.Choice([str(role) for role in StaffRole]), default="coordinator")
@click.option("--town", type=click.Choice(list(TOWN_ZONES)), default=next(iter(TOWN_ZONES)))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def add_command(app: Flask, /, password_stdin: bool, **facts: str) -> None:
    """Make an account for EMAIL; asks for its password."""
    new = NewStaff(
        email=facts["email"],
        name=facts["name"],
        role=StaffRole(facts["role"]),
        town=facts["town"],
        password=_read_password(from_stdin=password_stdin),
    )
    with app.app_context():
        _add(new)
    click.echo(f"{new.email} can sign in now, as {new.role}.")


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _add(new: NewStaff) -> None:
    try:
        add_staff(new, who=SYSTEM, now=datetime.now(UTC))
    except PasswordNotAllowedError as error:
        problem = _PASSWORD_PROBLEMS[error.code].format(limit=error.limit)
        raise click.ClickException(f"This password cannot be used: {problem}.") from error
    except StaffExistsError as error:
        raise click.ClickException(f"{error.email} has an account already.") from error
    except TextNotAllowedError as error:
        raise click.ClickException(
            "The name or the address is too long or holds control characters."
        ) from error
