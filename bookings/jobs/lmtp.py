"""The LMTP door: the own mail server hands answers over, and hears at once whether they were taken in."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from sqlalchemy.exc import DBAPIError

from bookings.adapters.mail.inbound_bounds import MAX_OCTETS
from bookings.services.inbox import ReaderNotAvailableError, receive_mail

log = logging.getLogger("bookings.jobs")

_TAKEN = "250 2.0.0 taken in"
_LATER = "451 4.3.0 not just now, please bring it again"


class LmtpDoor:
    """What aiosmtpd calls for each mail."""

    def __init__(self, app: Flask, clock: Callable[[], datetime]) -> None:
        self._app = app
        self._clock = clock
        # One after the other: the reader and SQLite take one at a time anyway.
        self._turn = asyncio.Lock()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """One answer for each recipient (RFC 2033); all recipients are the one inbox."""
        raw = envelope.original_content or b""
        take = partial(self._take, raw, list(envelope.rcpt_tos))
        async with self._turn:
            answer = await asyncio.get_running_loop().run_in_executor(None, take)
        return "\r\n".join([answer] * max(1, len(envelope.rcpt_tos)))

    def _take(self, raw: bytes, recipients: list[str]) -> str:
        try:
            with self._app.app_context():
                receive_mail(raw, now=self._clock(), door="lmtp", recipients=recipients)
        except (DBAPIError, ReaderNotAvailableError) as error:
            log.warning("mail put off: %s", type(error).__name__)
            return _LATER
        except Exception:  # the mail stays with the server that brought it
            log.exception("mail put off")
            return _LATER
        return _TAKEN


class PatientLmtp(LMTP):
    """Lines of any length: what is too long is put aside by our bounds, where staff see it, not sent back."""

    line_length_limit = MAX_OCTETS * 2


class LmtpController(Controller):
    """Listens in a thread of its own."""

    def factory(self) -> PatientLmtp:
        """A session speaks LMTP. A little over the bound, so that the refusal is ours and staff see it."""
        return PatientLmtp(
            self.handler, data_size_limit=MAX_OCTETS * 2, enable_SMTPUTF8=True, hostname="localhost"
        )


@contextmanager
def listening(app: Flask, clock: Callable[[], datetime], *, address: str) -> Iterator[None]:
    """Take mail in at an address like 127.0.0.1:2424."""
    host, _, port = address.rpartition(":")
    controller = LmtpController(LmtpDoor(app, clock), hostname=host.strip("[]"), port=int(port))
    controller.start()
    try:
        yield
    finally:
        controller.stop()
