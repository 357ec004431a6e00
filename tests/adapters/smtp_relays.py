"""Relays on loopback that behave well, badly, or not at all."""

# ruff: noqa: N802 - the names and the shapes of the handlers are aiosmtpd's

import asyncio
import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.ports import free_port

Key = ec.EllipticCurvePrivateKey


@dataclass
class Relay:
    """What the relay answers to whom, and what it has taken."""

    pipelines: ClassVar[bool] = False
    port: int = 0
    recipients: dict[str, str] = field(default_factory=dict)
    sender_answer: str = "250 OK"
    data_answer: str = "250 OK"
    hangs_for: float = 0
    drops_after_data: bool = False
    taken: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    greeted_by: list[str] = field(default_factory=list)

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.greeted_by.append(hostname)
        more = ["250-PIPELINING"] if self.pipelines else []
        return [*responses[:-1], *more, responses[-1]]

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.sender_answer.startswith("250"):
            envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.hangs_for)
        answer = self.recipients.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.drops_after_data:
            server.transport.close()
        if self.data_answer.startswith("250"):
            self.taken.append((envelope.mail_from or "", envelope.rcpt_tos, bytes(envelope.content or b"")))
        return self.data_answer


@contextmanager
def running_relay(relay: Relay, *, is_tls: bool = False, **options: Any) -> Iterator[Relay]:
    """Serve the relay on a free port; TLS from the first byte when asked."""
    relay.port = free_port()
    tls = options.pop("tls_context", None)
    if is_tls:
        options |= {"ssl_context": tls}
    elif tls is not None:
        options |= {"tls_context": tls, "require_starttls": True}
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port, **options)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()


def only_with_the_right_password(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"visits", b"correct horse"), handled=False)


@dataclass(frozen=True)
class Authority:
    """A certificate authority of the test's own, and where its certificates lie."""

    certificate: x509.Certificate
    key: Key
    ca_file: Path

    def server_context(self, *, host: str) -> ssl.SSLContext:
        """A server's context with a certificate for the host, an address or a name."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(host, key, issuer=self.certificate.subject, signed_by=self.key)
        file = self.ca_file.with_name(f"server-{host}.pem")
        file.write_bytes(_pem(certificate) + _key_pem(key))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def an_authority(folder: Path) -> Authority:
    """A new authority; its certificate lies in the folder."""
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate("Test Authority", key, issuer=None, signed_by=key)
    ca_file = folder / "authority.pem"
    ca_file.write_bytes(_pem(certificate))
    return Authority(certificate, key, ca_file)


def _certificate(name: str, key: Key, *, issuer: x509.Name | None, signed_by: Key) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(name)]), critical=False)
    return builder.sign(signed_by, hashes.SHA256())


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
