"""Passkeys: what a browser is asked, and whether its answer is right (WebAuthn, by python-fido2).

Loaded when the first passkey is used: the library's own imports take a quarter of a second.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)


class NotTheKeyError(Exception):
    """The browser's answer proves nothing."""


@dataclass(frozen=True)
class Key:
    """A passkey as it is stored; `credential` holds its id and its public half."""

    credential: bytes
    credential_id: bytes
    sign_count: int


class Ceremony:
    """The two acts of one site. Its name is that of the base URL: a key works nowhere else."""

    def __init__(self, base_url: str, name: str) -> None:
        # Browsers give no key to a bare number: on this machine the site is also called localhost.
        parts = urlsplit(base_url.replace("//127.0.0.1", "//localhost"))
        origin = f"{parts.scheme}://{parts.netloc}"
        site = PublicKeyCredentialRpEntity(id=parts.hostname or "", name=name)
        self._server = Fido2Server(site, verify_origin=lambda found: found == origin)

    def ask_for_new(
        self, *, handle: bytes, email: str, name: str, known: list[bytes]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the browser needs to make a key, and what has to be remembered until it answers."""
        user = PublicKeyCredentialUserEntity(id=handle, name=email, display_name=name)
        options, state = self._server.register_begin(
            user,
            [AttestedCredentialData(one) for one in known],
            resident_key_requirement=ResidentKeyRequirement.REQUIRED,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return dict(options), dict(state)

    def read_new(self, state: Mapping[str, Any], answer: Mapping[str, Any]) -> Key:
        """The key that was made. Raises NotTheKeyError."""
        try:
            found = self._server.register_complete(state, RegistrationResponse.from_dict(answer))
        except Exception as error:  # the library raises whatever its decoders raise
            raise NotTheKeyError from error
        data = found.credential_data
        if data is None:
            raise NotTheKeyError
        return Key(bytes(data), data.credential_id, found.counter)

    def ask_for_proof(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """What the browser needs to prove any key of this site, and what has to be remembered."""
        options, state = self._server.authenticate_begin(
            user_verification=UserVerificationRequirement.REQUIRED
        )
        return dict(options), dict(state)

    def read_proof(self, state: Mapping[str, Any], key: Key, answer: Mapping[str, Any]) -> int:
        """How often the device says that it was used. Raises NotTheKeyError; a copied key falls behind."""
        try:
            response = AuthenticationResponse.from_dict(answer)
            self._server.authenticate_complete(state, [AttestedCredentialData(key.credential)], response)
        except Exception as error:  # the library raises whatever its decoders raise
            raise NotTheKeyError from error
        count = response.response.authenticator_data.counter
        if (count or key.sign_count) and count <= key.sign_count:
            raise NotTheKeyError
        return count


def read_key_id(answer: Mapping[str, Any]) -> bytes:
    """Which key the browser speaks of. Raises NotTheKeyError."""
    try:
        return AuthenticationResponse.from_dict(answer).raw_id
    except Exception as error:  # the library raises whatever its decoders raise
        raise NotTheKeyError from error
