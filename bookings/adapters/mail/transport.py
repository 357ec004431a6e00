"""SMTP: Flask-Mail with verified certificates, a time limit, and a memory for refused recipients.

Flask-Mail 0.10 stays underneath so that `record_messages()` and other extensions go on working.
"""

import select
import smtplib
import ssl
from dataclasses import dataclass, field, replace
from email.parser import BytesHeaderParser
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

import flask_mail
from flask import current_app, has_app_context

from bookings.adapters.characters import UnsafeAddressError, check_address, one_line
from bookings.adapters.mail.dialogue import offers_pipelining, send_pipelined
from bookings.adapters.mail.watchdog import Watchdog

_LONGEST_REASON = 200
_SIGN_IN_CODES = frozenset({530, 534, 535, 538})
_TOO_LARGE = 552
_CLOSING = 421


class Outcome(StrEnum):
    """What to do with the mail now: nothing, try again later, or tell staff."""

    DELIVERED = "delivered"
    TEMPORARY = "temporary"
    PERMANENT = "permanent"


class Cause(StrEnum):
    """Where a delivery ended, for the sentence that staff read."""

    NONE = "none"
    ADDRESS = "address"
    CONNECTION = "connection"
    TIMEOUT = "timeout"
    TLS = "tls"
    SIGN_IN = "sign_in"
    SENDER = "sender"
    RECIPIENT = "recipient"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryResult:
    """How one attempt went; `reason` is the server's own words, shortened and without secrets."""

    outcome: Outcome
    cause: Cause = Cause.NONE
    code: int | None = None
    reason: str = ""
    relay_is_down: bool = False
    """No connection came about, so no other mail would leave either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """The relay and how we speak to it."""

    host: str
    port: int = 25
    security: Literal["none", "starttls", "tls"] = "none"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout_seconds: float = 30
    # For the whole dialogue: shorter than a worker's lease, or a slow relay gets the mail from two workers.
    deadline_seconds: float = 80
    local_hostname: str | None = None


class SmtpState(flask_mail._Mail):  # noqa: SLF001 - what Flask-Mail keeps in app.extensions
    """The settings of one application, opening our connections instead of Flask-Mail's."""

    def __init__(
        self, settings: SmtpSettings, *, suppress: bool = False, default_sender: str | None = None
    ) -> None:
        super().__init__(
            server=settings.host,
            username=settings.username or None,
            password=settings.password or None,
            port=settings.port,
            use_tls=settings.security == "starttls",
            use_ssl=settings.security == "tls",
            default_sender=default_sender,
            debug=0,
            max_emails=None,
            suppress=suppress,
            ascii_attachments=False,
        )
        self.settings = settings

    def connect(self) -> "SmtpConnection":
        """Return a connection that opens when it is entered."""
        return SmtpConnection(self)


class SmtpMail(flask_mail.Mail):
    """The Flask extension: MAIL_* plus MAIL_SECURITY, MAIL_CA_FILE, MAIL_TIMEOUT, MAIL_LOCAL_HOSTNAME."""

    state: SmtpState | None

    def init_mail(
        self, config: dict[str, Any], debug: bool | int = False, testing: bool = False
    ) -> SmtpState:
        """Return the state that Flask-Mail keeps in `app.extensions`."""
        ca_file = config.get("MAIL_CA_FILE")
        settings = SmtpSettings(
            host=config.get("MAIL_SERVER", "127.0.0.1"),
            port=config.get("MAIL_PORT", 25),
            security=config.get("MAIL_SECURITY", "none"),
            username=config.get("MAIL_USERNAME") or "",
            password=config.get("MAIL_PASSWORD") or "",
            ca_file=Path(ca_file) if ca_file else None,
            timeout_seconds=config.get("MAIL_TIMEOUT", 30),
            local_hostname=config.get("MAIL_LOCAL_HOSTNAME"),
        )
        suppress = bool(config.get("MAIL_SUPPRESS_SEND", testing))
        return SmtpState(settings, suppress=suppress, default_sender=config.get("MAIL_DEFAULT_SENDER"))

    def connect(self) -> "SmtpConnection":
        """Return a connection with the settings of the current application."""
        return SmtpConnection(self.state or current_app.extensions["mail"])


class SmtpConnection(flask_mail.Connection):
    """A connection that verifies, gives up in time, and remembers in `refused` whom the server refused."""

    mail: SmtpState  # type: ignore[assignment]

    def __init__(self, mail: SmtpState) -> None:
        super().__init__(mail)  # type: ignore[arg-type]
        self.refused: dict[str, tuple[int, bytes]] = {}
        self._watchdog: Watchdog | None = None

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        """Return the connected, verified and signed-in client; a half-open one is closed again."""
        host = _open_host(self.mail.settings)
        self._watchdog = Watchdog(host, self.mail.settings.deadline_seconds)
        try:
            _secure_host(host, self.mail.settings)
        except BaseException:
            self._watchdog.stop()
            host.close()
            raise
        return host

    def restart_watchdog(self) -> None:
        """Give the next mail on this connection the whole time again."""
        if self._watchdog is not None:
            self._watchdog.restart()

    @property
    def has_been_ended(self) -> bool:
        """A server that speaks unasked, or has gone, takes no further mail on this line."""
        if self.host is None or self.host.sock is None:
            return True
        readable, _writable, _failed = select.select([self.host.sock], [], [], 0)
        return bool(readable)

    def send(self, message: flask_mail.Message, envelope_from: str | tuple[str, str] | None = None) -> None:
        """Send the message, keep the refused recipients, and tell `record_messages()`."""
        if message.has_bad_headers():
            raise flask_mail.BadHeaderError
        if self.host is not None:
            recipients = flask_mail.sanitize_addresses(message.send_to)
            sender = flask_mail.sanitize_address(envelope_from or message.sender)
            self._hand_over(self.host, sender, recipients, message.as_bytes())
        # the worker has no application context, and `record_messages()` doesn't need one
        app = current_app._get_current_object() if has_app_context() else None  # type: ignore[attr-defined]  # noqa: SLF001
        flask_mail.email_dispatched.send(app, message=message)
        self.num_emails += 1

    def _hand_over(self, host: smtplib.SMTP, sender: str, recipients: list[str], raw: bytes) -> None:
        if len(recipients) == 1 and offers_pipelining(host):
            send_pipelined(host, sender, recipients[0], raw)
        else:
            self.refused.update(host.sendmail(sender, recipients, raw))

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Say goodbye; a server that hangs up first has taken the mail all the same."""
        if self.host is None:
            return
        try:
            self.host.quit()
        except (smtplib.SMTPException, OSError):
            self.host.close()
        finally:
            if self._watchdog is not None:
                self._watchdog.stop()


class RawMessage(flask_mail.Message):
    """A mail that is already bytes, with its envelope; headers for those who record messages."""

    def __init__(self, raw: bytes, *, sender: str, recipients: list[str]) -> None:
        headers = BytesHeaderParser().parsebytes(raw.partition(b"\r\n\r\n")[0])
        super().__init__(
            subject=one_line(headers.get("Subject", "")), recipients=[*recipients], sender=sender
        )
        self.raw = raw
        self.msgId = headers.get("Message-ID", "")

    def as_bytes(self) -> bytes:
        """Return exactly the bytes that were handed in."""
        return self.raw

    def as_string(self) -> str:
        """Return the same as text."""
        return self.raw.decode("utf-8", "replace")


def send_message(
    raw: bytes, *, sender: str, recipient: str, settings: SmtpSettings, suppress: bool = False
) -> DeliveryResult:
    """Hand the mail to the relay and say how it went; never raises for what a relay or an address may do.

    `suppress` speaks to no server, but `record_messages()` sees the mail all the same.
    """
    try:
        recipient = check_address(recipient)
    except UnsafeAddressError as error:
        return DeliveryResult(outcome=Outcome.PERMANENT, cause=Cause.ADDRESS, reason=str(error))
    try:
        message = RawMessage(raw, sender=check_address(sender), recipients=[recipient])
        with SmtpState(settings, suppress=suppress).connect() as connection:
            connection.send(message)
    except UnsafeAddressError as error:
        return DeliveryResult(outcome=Outcome.TEMPORARY, cause=Cause.SENDER, reason=str(error))
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        return explain(error, settings)
    return DeliveryResult(outcome=Outcome.DELIVERED)


class SmtpBatch:
    """One connection for many mails: opened for the first, and again after a fault or a long silence.

    A mail that was handed over when the line broke may have arrived: its result is TEMPORARY, and the
    next try carries the same Message-ID.
    """

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings
        self._connection: SmtpConnection | None = None

    def send(self, raw: bytes, *, sender: str, recipient: str) -> DeliveryResult:
        """Hand over one mail and say how it went; never raises for what a relay or an address may do."""
        try:
            message = RawMessage(raw, sender=check_address(sender), recipients=[check_address(recipient)])
        except UnsafeAddressError as error:
            return DeliveryResult(outcome=Outcome.PERMANENT, cause=Cause.ADDRESS, reason=str(error))
        if self._connection is not None and self._connection.has_been_ended:
            self.close()
        if self._connection is None:
            try:
                self._connection = SmtpState(self._settings).connect().__enter__()
            except (smtplib.SMTPException, OSError, UnicodeError) as error:
                # Whatever it was said with, a greeting or sign-in that fails says nothing of this mail.
                found = explain(error, self._settings)
                return replace(found, outcome=Outcome.TEMPORARY, relay_is_down=True)
        return self._send(self._connection, message)

    def _send(self, connection: SmtpConnection, message: RawMessage) -> DeliveryResult:
        connection.restart_watchdog()
        try:
            connection.send(message)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            result = explain(error, self._settings)
            if not _leaves_line_open(error):
                self.close()
            return result
        return DeliveryResult(outcome=Outcome.DELIVERED)

    def close(self) -> None:
        """Say goodbye, when there is somebody to say it to."""
        if self._connection is not None:
            self._connection.__exit__(None, None, None)
            self._connection = None


def _leaves_line_open(error: Exception) -> bool:
    """After a refusal smtplib resets the dialogue; after anything else nobody knows where it stands."""
    refusals = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)
    return isinstance(error, refusals) and _reply_of(error)[0] != _CLOSING


def _open_host(settings: SmtpSettings) -> smtplib.SMTP | smtplib.SMTP_SSL:
    address, name = (settings.host, settings.port), settings.local_hostname
    if settings.security == "tls":
        context = _verifying_context(settings)
        return smtplib.SMTP_SSL(*address, name, timeout=settings.timeout_seconds, context=context)
    return smtplib.SMTP(*address, name, timeout=settings.timeout_seconds)


def _secure_host(host: smtplib.SMTP | smtplib.SMTP_SSL, settings: SmtpSettings) -> None:
    if settings.security == "starttls":
        # raises when the server doesn't offer it: never on in clear text
        host.starttls(context=_verifying_context(settings))
    if settings.username and settings.password:
        host.login(settings.username, settings.password)


def _verifying_context(settings: SmtpSettings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.ca_file)


def explain(error: Exception, settings: SmtpSettings) -> DeliveryResult:
    """What a fault of the dialogue means for the mail, in the relay's words without secrets."""
    code, words = _reply_of(error)
    cause = _cause_of(error, code)
    return DeliveryResult(
        outcome=Outcome.PERMANENT if _is_final(cause, code) else Outcome.TEMPORARY,
        cause=cause,
        code=code,
        reason=_without_secrets(words, settings),
    )


def _is_final(cause: Cause, code: int | None) -> bool:
    """Only what is said of this recipient or this mail is final; a relay that refuses us gets repaired."""
    if cause is Cause.SENDER:
        return code == _TOO_LARGE
    return cause in (Cause.RECIPIENT, Cause.MESSAGE) and code is not None and 500 <= code < 600


def _reply_of(error: Exception) -> tuple[int | None, str]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return code, _decode(words)
    if isinstance(error, smtplib.SMTPResponseException):
        return error.smtp_code, _decode(error.smtp_error)
    return None, str(error) or type(error).__name__


def _cause_of(error: Exception, code: int | None) -> Cause:
    if code in _SIGN_IN_CODES or "SMTP AUTH" in str(error):
        return Cause.SIGN_IN
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return Cause.TIMEOUT
    causes: tuple[tuple[type[Exception], Cause], ...] = (
        (smtplib.SMTPRecipientsRefused, Cause.RECIPIENT),
        (smtplib.SMTPSenderRefused, Cause.SENDER),
        (smtplib.SMTPDataError, Cause.MESSAGE),
        (smtplib.SMTPAuthenticationError, Cause.SIGN_IN),
        (smtplib.SMTPNotSupportedError, Cause.TLS),
        (ssl.SSLError, Cause.TLS),
    )
    return next((cause for kind, cause in causes if isinstance(error, kind)), Cause.CONNECTION)


def _decode(words: bytes | str) -> str:
    return words.decode("utf-8", "replace") if isinstance(words, bytes) else words


def _without_secrets(words: str, settings: SmtpSettings) -> str:
    for secret in filter(None, (settings.password, settings.username)):
        words = words.replace(secret, "***")
    line = one_line(words)
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"
