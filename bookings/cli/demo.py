"""`bookings demo`: the product with example data, its mails in a local mailbox, on this machine only."""

import logging
import secrets
import shutil
from datetime import UTC, datetime
from pathlib import Path

import click
from flask import Flask

from bookings.app import create_app
from bookings.cli.database import upgrade_tables
from bookings.cli.demo_events import add_example_events
from bookings.cli.demo_meetings import add_example_meetings
from bookings.cli.demo_registrations import add_example_registrations
from bookings.cli.demo_visits import add_example_visits
from bookings.cli.logs import init_logs
from bookings.cli.serve import check_port, run_site
from bookings.db import read_session
from bookings.domain.audit import SYSTEM
from bookings.domain.staff import StaffRole
from bookings.queries.staff import has_staff
from bookings.services.directory import load_demo_directory
from bookings.services.hosts import load_example_offers
from bookings.services.staff import NewStaff, add_staff
from bookings.settings import Settings, load_settings

PASSWORD = "kvarken-demo-visits"  # noqa: S105 - printed for everybody who starts the demo
STAFF = (
    ("coordinator@demo.example", "Maria Lind", StaffRole.COORDINATOR),
    ("admin@demo.example", "Antti Koski", StaffRole.ADMIN),
    ("reader@demo.example", "Eva Ek", StaffRole.READER),
)
_HOST = "127.0.0.1"
_MARK = "demo.txt"


@click.command("demo")
@click.option("--port", type=int, default=8000, show_default=True, help="Port to listen on.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var/demo"),
    show_default=True,
    help="Where the demo keeps its database and mails.",
)
@click.option("--fresh", is_flag=True, help="Forget what an earlier demo left and start over.")
def demo_command(port: int, folder: Path, *, fresh: bool) -> None:
    """Fill an empty database with the real directory and example visits, and serve it on this machine."""
    init_logs(logging.WARNING)
    check_port(_HOST, port)  # before anything is forgotten that a running demo still uses
    if fresh:
        _forget(folder)
    app = prepare_demo(folder, port=port)
    _print_addresses(port)
    run_site(app, host=_HOST, port=port)


def prepare_demo(folder: Path, *, port: int) -> Flask:
    """The demo's application on a migrated and filled database; what is there already is kept."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / _MARK).write_text("The demo's database and mails. `bookings demo --fresh` starts over.\n")
    app = create_app(demo_settings(folder, port=port))
    with app.app_context():
        upgrade_tables(app)
        if not has_staff(read_session()):
            _fill(now=datetime.now(UTC))
    return app


def demo_settings(folder: Path, *, port: int) -> Settings:
    """SQLite and the mailbox in the folder, loopback only; the rest as the defaults have it."""
    return load_settings(
        {},  # what the surroundings set is meant for the real site
        overrides={
            "app": {"demo": True, "data_folder": folder, "secret_key": _keep_secret(folder / "secret.txt")},
            "database": {"url": ""},
            "web": {"host": _HOST, "port": port, "base_url": f"http://{_HOST}:{port}"},
            # Who signs in as the coordinator reads staff's mails.
            "mail": {"transport": "folder", "staff_address": STAFF[0][0]},
            # Its password is printed for everybody: a second factor would only be in the way.
            "session": {"admins_need_second_factor": False},
            # Who tries it out, perhaps by a script, is nobody to be kept waiting as a robot.
            "limits": {"form_minimum_seconds": 0},
        },
    )


def _keep_secret(file: Path) -> str:
    """One secret for the life of the demo, so that sign-ins survive a restart."""
    if not file.exists():
        file.write_text(secrets.token_hex(32))
        file.chmod(0o600)
    return file.read_text().strip()


def _fill(*, now: datetime) -> None:
    click.echo("Filling the demo: 169 hosts, staff, example visits and events …")
    load_demo_directory(now=now)
    load_example_offers(now=now)
    add_example_visits(now=now)
    add_example_events(now=now)
    add_example_registrations(now=now)
    add_example_meetings(now=now)
    # Last, because their presence says that the filling came to its end.
    for email, name, role in STAFF:
        add_staff(
            NewStaff(email=email, name=name, role=role, password=PASSWORD, town="vaasa"), who=SYSTEM, now=now
        )


def _forget(folder: Path) -> None:
    """Only what a demo made: a mistyped --folder loses nothing."""
    if (folder / _MARK).exists():
        shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise click.ClickException(f"{folder} was not made by the demo, so it is left alone.")


def _print_addresses(port: int) -> None:
    site = f"http://{_HOST}:{port}"
    click.echo(
        f"""
  The site          {site}/
  Book a visit      {site}/book
  All mails         {site}/mailbox   (the visitor's, each host's and staff's)
  Staff             {site}/staff
                    {", ".join(email for email, _, _ in STAFF)}
                    password: {PASSWORD}

  Ctrl-C ends it. Nothing leaves this machine; `--fresh` starts over."""
    )
