"""A provider of OpenID Connect on loopback: as strict as a real one, and as wrong as a test wants it."""

import base64
import hashlib
import json
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.support.calendar_server import _write_certificate
from tests.support.clock import NOW

CLIENT, SECRET = "kvarken", "between us: 1/2 & 3"
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class OidcProvider:
    """`claims` go on top of the token's, `say` in place of an endpoint's answer, by path."""

    issuer: str = ""
    certificate: str = ""
    email: str = "coordinator@staff.example"
    claims: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    say: dict[str, Answer] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "first"}))
    sign: Callable[[dict[str, Any]], str] | None = None
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """What the section [oidc] says of it."""
        return {
            "issuer": self.issuer,
            "client_id": CLIENT,
            "client_secret": SECRET,
            "label": "City of Vaasa",
            "ca_file": self.certificate,
        }

    def authorise(self, way: str) -> str:
        """Somebody signed in there: the address that the browser is sent back to."""
        values = dict(parse_qsl(urlsplit(way).query))
        assert way.startswith(f"{self.issuer}/authorize?")
        assert (values["client_id"], values["response_type"]) == (CLIENT, "code")
        assert (values["scope"], values["code_challenge_method"]) == ("openid email", "S256")
        code = f"code-{len(self._codes)}"
        self._codes[code] = values
        answer = urlencode({"code": code, "state": values["state"], "iss": self.issuer})
        return f"{values['redirect_uri']}?{answer}"

    def token(self, nonce: str) -> str:
        """An ID token; None as a claim leaves it out."""
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "7",
            "iat": int(NOW.timestamp()),
            "exp": int(NOW.timestamp()) + 300,
            "nonce": nonce,
            "email": self.email,
            "email_verified": True,
            **self.claims,
        }
        claims = {name: value for name, value in claims.items() if value is not None}
        return self.sign(claims) if self.sign else self.signed(claims)

    def signed(self, claims: dict[str, Any]) -> str:
        """By the provider's own key."""
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key)

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        """The token endpoint: the secret, the code once, and the verifier of its challenge."""
        pair = base64.b64encode(f"{CLIENT}:between%20us%3A%201%2F2%20%26%203".encode()).decode()
        if authorization != f"Basic {pair}":
            return 401, {"error": "invalid_client"}
        known = self._codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        wanted = known and (known["code_challenge"], known["redirect_uri"])
        if known is None or wanted != (challenge, form.get("redirect_uri")):
            return 400, {"error": "invalid_grant"}
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": self.token(known["nonce"])}

    def describe(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.metadata,
        }


def says(body: bytes, status: int = 200, **headers: str) -> Answer:
    """These octets, whatever was asked."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def oidc_provider(folder: Path, *, is_secure: bool = True) -> Iterator[OidcProvider]:
    """The provider at https://localhost with a certificate that `settings` trusts, or plain at 127.0.0.1."""
    provider = OidcProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/authorize":
                values = parse_qs(parts.query)
                target = f"{values['redirect_uri'][0]}?error=access_denied&state={values['state'][0]}"
                return says(b"", 302, Location=target)(self)
            found = (
                KeySet([provider.key]).as_dict(private=False)
                if parts.path == "/keys"
                else provider.describe()
            )
            return self.tell(200, found)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            self.tell(*provider.exchange(dict(parse_qsl(body)), self.headers.get("Authorization", "")))

        def tell(self, status: int, found: object) -> None:
            path = urlsplit(self.path).path
            provider.asked.append(path)
            try:
                provider.say.get(path, says(json.dumps(found).encode(), status))(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_args: object) -> None:
            """Nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.handle_error = lambda *_args: None  # type: ignore[method-assign] (broken handshakes are meant)
    httpd.daemon_threads = True
    provider.issuer = f"http://127.0.0.1:{httpd.server_address[1]}"
    if is_secure:
        provider.issuer = f"https://localhost:{httpd.server_address[1]}"
        provider.certificate = str(_write_certificate(folder, "localhost"))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(provider.certificate)
        httpd.socket = context.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
    Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield provider
    finally:
        httpd.shutdown()
        httpd.server_close()
