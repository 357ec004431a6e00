"""An https server on loopback under a name of the open internet, and a network that leads there."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bookings.adapters.foreign_calendar import Network

NAME = "calendar.host.example"
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class CalendarServer:
    """What it answers is set by `answer`; `seen` are the headers of each request."""

    port: int = 0
    certificate: str = ""
    answer: Answer | None = None
    seen: list[dict[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address that a host would type."""
        return f"https://{NAME}:{self.port}/calendar.ics"

    def network(self, *, resolve: Callable[[str, int], list[str]] | None = None) -> Network:
        """Loopback counts as the internet here: the one seam, and only tests pass through it."""
        return Network(
            resolve=resolve or (lambda _host, _port: ["127.0.0.1"]),
            is_allowed=lambda address: address == "127.0.0.1",
            make_context=lambda: ssl.create_default_context(cafile=self.certificate),
        )


@contextmanager
def calendar_server(folder: Path, *, name: str = NAME) -> Iterator[CalendarServer]:
    """The server, with a certificate for `name` that only its own network trusts."""
    server = CalendarServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.seen.append({key.lower(): value for key, value in self.headers.items()})
            assert server.answer
            try:
                server.answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.handle_error = lambda *_args: None  # type: ignore[method-assign] (broken handshakes are meant)
    httpd.daemon_threads = True
    server.certificate = str(_write_certificate(folder, name))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(server.certificate)
    httpd.socket = context.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
    server.port = httpd.server_address[1]
    thread = Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()


def content(body: bytes, **headers: str) -> Answer:
    """A calendar as it is."""

    own = {name.replace("_", "-"): value for name, value in headers.items()}
    told = {"Content-Type": "text/calendar", "Content-Length": str(len(body)), **own}

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        for name, value in told.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def status(code: int, **headers: str) -> Answer:
    """An answer without content."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in {"Content-Length": "0", **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()

    return answer


def _write_certificate(folder: Path, name: str) -> Path:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "calendar.pem"
    plain = serialization.NoEncryption()
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return path
