"""`bookings staff …`: accounts of coordinators."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import click
from flask import Flask

from bookings.domain.audit import SYSTEM
from bookings.domain.errors import (
    NotFoundError,
    PasswordNotAllowedError,
    StaffExistsError,
    TextNotAllowedError,
)
from bookings.domain.staff import TOWN_ZONES, StaffRole
from bookings.services.staff import NewStaff, add_staff, replace_password

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
    with app.app_context(), _told_plainly():
        add_staff(new, who=SYSTEM, now=datetime.now(UTC))
    click.echo(f"{new.email} can sign in now, as {new.role}.")


@staff.command("password")
@click.argument("email")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.pass_obj
def password_command(app: Flask, email: str, password_stdin: bool) -> None:
    """Give EMAIL a new password and sign the person out everywhere."""
    password = _read_password(from_stdin=password_stdin)
    with app.app_context(), _told_plainly():
        replace_password(email, password, who=SYSTEM, now=datetime.now(UTC))
    click.echo(f"{email} has a new password.")


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


@contextmanager
def _told_plainly() -> Iterator[None]:
    try:
        yield
    except PasswordNotAllowedError as error:
        problem = _PASSWORD_PROBLEMS[error.code].format(limit=error.limit)
        raise click.ClickException(f"This password cannot be used: {problem}.") from error
    except StaffExistsError as error:
        raise click.ClickException(f"{error.email} has an account already.") from error
    except NotFoundError as error:
        raise click.ClickException(f"{error.key} has no account.") from error
    except TextNotAllowedError as error:
        raise click.ClickException(
            "The name or the address is too long or holds control characters."
        ) from error
