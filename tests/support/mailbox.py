"""A mail server on loopback that keeps what it gets."""

import asyncio
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import cached_property

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.support.ports import free_port


@dataclass(frozen=True)
class Received:
    """One mail as it arrived: the envelope and the message, parsed when somebody looks."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @cached_property
    def message(self) -> EmailMessage:
        message = message_from_bytes(self.raw, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        part = self.message.get_body(("plain",))
        return "" if part is None else str(part.get_content())

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return "" if part is None else str(part.get_content())

    @property
    def calendar(self) -> str:
        """The first text/calendar part, or nothing."""
        parts = [part for part in self.message.walk() if part.get_content_type() == "text/calendar"]
        return str(parts[0].get_content()) if parts else ""


@dataclass
class SMTPSink:
    """Collects mails. `answers` maps a recipient to the line it is refused with, e.g. "550 5.1.1 unknown"."""

    port: int
    received: list[Received] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    hangs: dict[str, float] = field(default_factory=dict)
    """Recipient → seconds until an answer comes."""
    holds: set[str] = field(default_factory=set)
    """Recipients who get no answer as long as they stand here."""
    is_holding: threading.Event = field(default_factory=threading.Event)
    """Set as soon as somebody waits for such an answer."""
    breaks_off_after: int = 0
    """So many mails are taken, and then the line is cut instead of an answer."""
    greetings: int = 0
    """Connections so far."""
    pipelines: bool = False
    """Does it take several commands at once, as nearly all relays do?"""
    on_arrival: Callable[[Received], None] | None = None
    """Called with each mail as it arrives."""

    def to(self, recipient: str) -> list[Received]:
        """Mails for one recipient, in order of arrival."""
        return [mail for mail in self.received if recipient in mail.recipients]

    def wait_for(
        self, enough: int | Callable[[list[Received]], bool], *, seconds: float = 180
    ) -> list[Received]:
        """Wait until so many mails are here, or until the claim about them holds."""
        deadline = time.monotonic() + seconds
        is_enough = enough if callable(enough) else lambda mails: len(mails) >= enough
        while not is_enough(self.received):
            assert time.monotonic() < deadline, f"only {[mail.subject for mail in self.received]} came"
            time.sleep(0.02)
        return list(self.received)

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greetings += 1
        session.host_name = hostname
        more = ["250-PIPELINING"] if self.pipelines else []
        return [*responses[:-1], *more, responses[-1]]

    async def handle_RCPT(  # noqa: N802 (the names and the shape are aiosmtpd's)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, rcpt_options: list[str]
    ) -> str:
        await asyncio.sleep(self.hangs.get(address, 0))
        while address in self.holds:
            self.is_holding.set()
            await asyncio.sleep(0.01)
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        # Quick, as relays are: what a worker waits for here is the time in which a kill repeats a mail.
        raw = bytes(envelope.content or b"")
        self.received.append(Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
        if self.on_arrival:
            self.on_arrival(self.received[-1])
        if self.breaks_off_after > 0:
            self.breaks_off_after -= 1
            server.transport.close()
        return "250 OK"


def start_sink() -> tuple[SMTPSink, Controller]:
    """A running sink and the thread to stop at the end."""
    sink = SMTPSink(free_port())
    controller = Controller(
        sink, hostname="127.0.0.1", port=sink.port, decode_data=False, enable_SMTPUTF8=True
    )
    controller.start()
    return sink, controller
