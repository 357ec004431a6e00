"""`bookings mail …`: the pipe that a mail server calls, and a look into the IMAP mailbox."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import BinaryIO

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from bookings.adapters.imap import MailboxNotAvailableError
from bookings.adapters.mail.inbound_bounds import MAX_OCTETS
from bookings.cli.logs import hide_secrets
from bookings.db import read_session
from bookings.jobs.inbox import poll_mailbox
from bookings.queries.settings import refresh_settings
from bookings.services.inbox import ReaderNotAvailableError, Received, receive_mail

log = logging.getLogger("bookings.inbox")

# sysexits.h: what Postfix and Exim understand.
EX_NOINPUT = 66
EX_TEMPFAIL = 75
EX_CONFIG = 78


@click.group()
def mail() -> None:
    """Take in what hosts answer by mail."""


@mail.command("receive")
@click.option("--recipient", "recipients", multiple=True, help="Envelope recipient, when To does not say it.")
@click.option("--explain", is_flag=True, help="Print what was concluded, as one line of JSON.")
@click.pass_context
def receive_command(context: click.Context, recipients: tuple[str, ...], *, explain: bool) -> None:
    """Take in one message from standard input.

    Ends with 0 when it was taken in (read or not), 75 when it should be brought again later, and 66 when
    nothing came.
    """
    raw = _read_all(sys.stdin.buffer)
    if not raw.strip():
        context.exit(EX_NOINPUT)
    app: Flask = context.obj
    try:
        with app.app_context():
            refresh_settings(read_session())
            received = receive_mail(raw, now=datetime.now(UTC), door="pipe", recipients=recipients)
    except Exception as error:  # any other exit code would make the mail server send the mail back
        log.warning("mail put off", exc_info=not isinstance(error, DBAPIError | ReaderNotAvailableError))
        click.echo(f"put off: {type(error).__name__}", err=True)
        context.exit(EX_TEMPFAIL)
    if explain:
        click.echo(json.dumps(_explained(received), ensure_ascii=False))


@mail.command("poll")
@click.pass_context
def poll_command(context: click.Context) -> None:
    """Look into the IMAP mailbox of the settings once."""
    app: Flask = context.obj
    if not app.extensions["settings"].imap.host:
        click.echo("There is no mailbox to read: set imap.host.", err=True)
        context.exit(EX_CONFIG)
    try:
        with app.app_context():
            refresh_settings(read_session())
            count = poll_mailbox(now=datetime.now(UTC))
    except (MailboxNotAvailableError, ReaderNotAvailableError, DBAPIError) as error:
        click.echo(f"The mailbox could not be read: {hide_secrets(str(error))}", err=True)
        context.exit(EX_TEMPFAIL)
    click.echo(f"{count} mails taken in")


def _read_all(stream: BinaryIO) -> bytes:
    """The message, cut behind the bound; the rest is read too, or the mail server takes us for broken."""
    raw = stream.read(MAX_OCTETS + 1)
    while stream.read(1024 * 1024):
        pass
    return raw


def _explained(received: Received) -> dict[str, object]:
    first = received.findings[0] if received.findings else {}
    return {
        "class": str(received.kind),
        "action": str(received.verdict),
        "reason": str(received.reason),
        **{key: first.get(key) for key in _SHOWN},
        "findings": list(received.findings),
    }


_SHOWN = ("attendee", "partstat", "comment", "proposed_start", "proposed_end", "token_of")
