"""Signing in at somebody else's: OpenID Connect's authorization code flow with PKCE, checked by Authlib.

Of all the foreign servers this is the only one that is asked while a reader waits: the code that the browser
brings is worth a minute, and nobody is signed in before it is exchanged. So one exchange takes five seconds
at most, reads small answers only, follows no redirects, and speaks to no hosts but those of the settings.

Loaded when the first person signs in so: the libraries' own imports take half a second.
"""

import json
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from secrets import token_urlsafe
from typing import Any
from urllib.parse import SplitResult, quote, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from bookings.adapters.foreign_calendar import CalendarFetchError, Network, cut_at, find_target, resolve_name

SECONDS = 5.0
_MAX_OCTETS = 256 * 1024
_KEPT_SECONDS = 3600.0
# Whoever presses again while the provider is down is told so at once: no thread waits for it twice in a row.
_DOWN_SECONDS = 5.0
# Of the provider's keys, never a shared secret and never "none".
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_KEYS: dict[str, type[RSAKey | ECKey]] = {"RSA": RSAKey, "EC": ECKey}
_LEEWAY_SECONDS = 60
_BASIC = "client_secret_basic"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# A provider stands inside the house as often as outside: its host is named by whoever runs us.
_ANYWHERE = Network(resolve=resolve_name, is_allowed=lambda _address: True)


class ProviderDownError(Exception):
    """The provider does not answer, or not as one; the text is a code for staff."""


class NotProvedError(Exception):
    """What came proves nobody; the text is a code for staff."""


@dataclass(frozen=True)
class Asked:
    """What one sign-in is known by until the browser comes back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Proved:
    """Whom the provider vouches for: a verified address, and how they proved it there (amr and acr)."""

    email: str
    methods: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Registration:
    """Who we are at the provider, as its settings name it."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    hosts: tuple[str, ...] = ()
    """Other hosts than the issuer's that its endpoints may be at."""
    ca_file: str = ""


@dataclass
class Provider:
    """One provider, with what it says of itself kept for an hour."""

    registration: Registration
    _metadata: dict[str, Any] = field(default_factory=dict)
    _keys: list[dict[str, Any]] = field(default_factory=list)
    _read_at: float = 0.0
    _down_at: float = -_DOWN_SECONDS

    def ask(self) -> tuple[str, Asked]:
        """Where to send the browser, and what to remember. Raises ProviderDownError."""
        with self._in_time() as deadline:
            endpoint = self._describe(deadline)["authorization_endpoint"]
        asked = Asked(token_urlsafe(32), token_urlsafe(32), token_urlsafe(48))
        values = {
            "response_type": "code",
            "client_id": self.registration.client_id,
            "redirect_uri": self.registration.redirect_uri,
            "scope": "openid email",
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": create_s256_code_challenge(asked.verifier),
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(values)}", asked

    def check(self) -> None:
        """Does it describe itself, and name keys that can be used? Raises ProviderDownError."""
        with self._in_time() as deadline:
            if not self._list_usable(self._get(self._describe(deadline)["jwks_uri"], deadline).get("keys")):
                raise ProviderDownError("keys")

    def prove(self, code: str, asked: Asked, *, now: datetime) -> Proved:
        """Whom the code stands for. Raises ProviderDownError and NotProvedError."""
        with self._in_time() as deadline:
            token = self._exchange(code, asked.verifier, deadline)
            keys = self._find_keys(token, deadline)
        return _read_person(self._check(token, keys, nonce=asked.nonce, now=now))

    @contextmanager
    def _in_time(self) -> Iterator[float]:
        started = time.monotonic()
        if started - self._down_at < _DOWN_SECONDS:
            raise ProviderDownError("still_down")
        try:
            yield started + SECONDS
        except ProviderDownError:
            self._down_at = time.monotonic()
            raise

    def _describe(self, deadline: float) -> dict[str, Any]:
        """The provider's own description, which must be about this issuer and stay at the known hosts."""
        if self._metadata and time.monotonic() - self._read_at < _KEPT_SECONDS:
            return self._metadata
        issuer = self.registration.issuer
        found = self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration", deadline)
        if found.get("issuer") != issuer:
            raise ProviderDownError("other_issuer")
        for name in _ENDPOINTS:
            self._check_address(found.get(name))
        self._metadata, self._keys, self._read_at = found, [], time.monotonic()
        return found

    def _exchange(self, code: str, verifier: str, deadline: float) -> str:
        known, metadata = self.registration, self._describe(deadline)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": known.redirect_uri,
            "client_id": known.client_id,
            "code_verifier": verifier,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if _BASIC in metadata.get("token_endpoint_auth_methods_supported", [_BASIC]):
            pair = f"{quote(known.client_id, safe='')}:{quote(known.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form["client_secret"] = known.client_secret
        status, found = self._send("POST", metadata["token_endpoint"], deadline, urlencode(form), headers)
        if status == 400 and found.get("error") == "invalid_grant":
            raise NotProvedError("invalid_grant")
        token = found.get("id_token")
        if status != 200 or not isinstance(token, str):
            raise ProviderDownError(f"token_{status}")
        return token

    def _find_keys(self, token: str, deadline: float) -> KeySet:
        """Those that are kept, or the ones of this moment when the token names another."""
        wanted = _read_key_id(token)
        if not self._keys or wanted not in [key.get("kid") for key in self._keys]:
            found = self._get(self._describe(deadline)["jwks_uri"], deadline).get("keys")
            self._keys = self._list_usable(found)
        try:
            return KeySet([_KEYS[key["kty"]].import_key(key) for key in self._keys])
        except Exception as error:  # the library raises whatever its decoders raise
            raise ProviderDownError("keys") from error

    @staticmethod
    def _list_usable(keys: object) -> list[dict[str, Any]]:
        """Those that sign, of the kinds that we can read."""
        found = [key for key in keys if isinstance(key, dict)] if isinstance(keys, list) else []
        return [key for key in found if key.get("kty") in _KEYS and key.get("use", "sig") == "sig"]

    def _check(self, token: str, keys: KeySet, *, nonce: str, now: datetime) -> Mapping[str, Any]:
        known = self.registration
        rules = {
            "iss": {"essential": True, "value": known.issuer},
            "aud": {"essential": True, "value": known.client_id},
        }
        params = {"nonce": nonce, "client_id": known.client_id}
        try:
            found = jwt.decode(token, keys, algorithms=_ALGORITHMS)
            claims = CodeIDToken(found.claims, found.header, options=rules, params=params)
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_SECONDS)
        except Exception as error:  # the libraries raise whatever their decoders raise
            raise NotProvedError(f"token: {type(error).__name__}") from error
        return found.claims

    def _get(self, address: str, deadline: float) -> dict[str, Any]:
        status, found = self._send("GET", address, deadline)
        if status != 200:
            raise ProviderDownError(f"http_{status}")
        return found

    def _check_address(self, address: object) -> SplitResult:
        """An address of the provider's, as safe as the issuer's: the settings let only https pass."""
        issuer = urlsplit(self.registration.issuer)
        try:
            parts = urlsplit(address if isinstance(address, str) else "")
            is_known = parts.netloc in (issuer.netloc, *self.registration.hosts) and (parts.port or 1) > 0
        except ValueError as error:
            raise ProviderDownError("bad_address") from error
        if not is_known or parts.scheme != issuer.scheme:
            raise ProviderDownError("foreign_address")
        return parts

    def _send(
        self,
        method: str,
        address: str,
        deadline: float,
        body: str | None = None,
        more: Mapping[str, str] | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of one answer; nothing is followed anywhere."""
        parts = self._check_address(address)
        try:
            with self._connection(parts, deadline) as connection:
                path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
                connection.request(method, path, body, {**_HEADERS, **(more or {})})
                with connection.getresponse() as response:
                    return response.status, _read_json(response.read(_MAX_OCTETS + 1))
        except (OSError, HTTPException, ValueError, RecursionError, CalendarFetchError) as error:
            raise ProviderDownError(f"no_answer: {type(error).__name__}") from error

    @contextmanager
    def _connection(self, parts: SplitResult, deadline: float) -> Iterator[HTTPConnection]:
        host, is_secure = parts.hostname or "", parts.scheme == "https"
        port = parts.port or (443 if is_secure else 80)
        target = find_target(host, port, _ANYWHERE, deadline)
        left = max(0.01, deadline - time.monotonic())
        with socket.create_connection((target, port), timeout=left) as plain, cut_at(plain, deadline):
            connection = HTTPConnection(parts.netloc)
            connection.sock = plain
            if is_secure:
                context = ssl.create_default_context(cafile=self.registration.ca_file or None)
                connection.sock = context.wrap_socket(plain, server_hostname=host)
            try:
                yield connection
            finally:
                connection.close()


_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "Connection": "close"}


def _read_json(body: bytes) -> dict[str, Any]:
    if len(body) > _MAX_OCTETS:
        raise ValueError("too large")
    found = json.loads(body)
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 (it came from outside)
    return found


def _read_key_id(token: str) -> object:
    try:
        return jws.extract_compact(token.encode()).headers().get("kid")
    except Exception as error:  # the library raises whatever its decoders raise
        raise NotProvedError("token") from error


def _read_person(claims: Mapping[str, Any]) -> Proved:
    """Only an address that the provider itself has looked at: anybody can type another's."""
    email, acr, amr = claims.get("email"), claims.get("acr"), claims.get("amr") or []
    # Letters that only look like others fold into them: no account has such an address.
    if not isinstance(email, str) or not email.isascii() or claims.get("email_verified") is not True:
        raise NotProvedError("email_not_verified")
    return Proved(email, frozenset(str(one) for one in (*amr, acr) if one))
