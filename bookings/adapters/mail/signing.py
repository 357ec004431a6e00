"""DKIM (RFC 6376): our domain answers for a mail by a signature over its headers and its body.

The field's library signs in plain Python, many times slower, and would have to be built on each machine: it
verifies in the tests.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from flask import current_app

from bookings.late import LateModule

if TYPE_CHECKING:
    from cryptography import exceptions
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import padding, rsa
else:
    exceptions = LateModule("cryptography.exceptions")
    hashes, serialization, padding, rsa = (
        LateModule(f"cryptography.hazmat.primitives.{name}")
        for name in ("hashes", "serialization", "asymmetric.padding", "asymmetric.rsa")
    )

# Verifiers ignore shorter keys (RFC 8301).
_SHORTEST_KEY = 1024
# What a reader, or a program that answers, goes by. Named once more than they occur: nobody can add another.
_SEALED = (
    b"from", b"to", b"reply-to", b"subject", b"date", b"message-id", b"mime-version", b"content-type",
)  # fmt: skip
_SIGNED_WHEN_THERE = (b"auto-submitted", b"list-unsubscribe", b"list-unsubscribe-post")
_CRLF = b"\r\n"
_FIELD_END = re.compile(rb"\r\n(?![ \t])")
_BLANKS = re.compile(rb"[ \t]+")
_LINE = 70


class BadSigningKeyError(ValueError):
    """The file holds no key that mails can be signed with; the text says why."""


@dataclass(frozen=True)
class Signer:
    """Signs mails for a domain; the public key stands in DNS at <selector>._domainkey.<domain>."""

    domain: str
    selector: str
    key: "rsa.RSAPrivateKey"

    @property
    def public_key(self) -> str:
        """As DNS shows it."""
        encoding, layout = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return base64.b64encode(self.key.public_key().public_bytes(encoding, layout)).decode("ascii")

    def sign(self, raw: bytes) -> bytes:
        """Return the mail with a signature above it; the rest stays as it is, octet by octet."""
        head, _, body = raw.partition(_CRLF * 2)
        fields = [_relaxed_field(field) for field in _FIELD_END.split(head)]
        names = [name for name, _ in fields if name in (*_SEALED, *_SIGNED_WHEN_THERE)] + [*_SEALED]
        unsigned = self._field(names, base64.b64encode(hashlib.sha256(_relaxed_body(body)).digest()))
        what = _chosen(fields, names) + b":".join(_relaxed_field(unsigned))
        signature = base64.b64encode(self.key.sign(what, padding.PKCS1v15(), hashes.SHA256()))
        lines = [signature[start : start + _LINE] for start in range(0, len(signature), _LINE)]
        return unsigned + (_CRLF + b" ").join(lines) + _CRLF + raw

    def _field(self, names: list[bytes], body_hash: bytes) -> bytes:
        tags = (
            b"v=1; a=rsa-sha256; c=relaxed/relaxed",
            b"d=%s; s=%s" % (self.domain.encode("ascii"), self.selector.encode("ascii")),
            b"h=" + (_CRLF + b"  :").join(names),
            b"bh=" + body_hash,
            b"b=",
        )
        return b"DKIM-Signature: " + (b";" + _CRLF + b" ").join(tags)


def _relaxed_field(field: bytes) -> tuple[bytes, bytes]:
    """RFC 6376, 3.4.2. Relays refold headers and trim blanks, and the signature has to survive that."""
    name, _, value = field.partition(b":")
    return name.strip().lower(), _BLANKS.sub(b" ", value.replace(_CRLF, b"")).strip(b" ")


def _relaxed_body(body: bytes) -> bytes:
    """RFC 6376, 3.4.4."""
    text = _CRLF.join(_BLANKS.sub(b" ", line).rstrip(b" ") for line in body.split(_CRLF)).rstrip(_CRLF)
    return text + _CRLF if text else b""


def _chosen(fields: list[tuple[bytes, bytes]], names: list[bytes]) -> bytes:
    """The fields in the order of their names, the last of each name first; a missing one adds nothing."""
    left = list(fields)
    chosen = b""
    for name in names:
        last = next((field for field in reversed(left) if field[0] == name), None)
        if last is not None:
            left.remove(last)
            chosen += b":".join(last) + _CRLF
    return chosen


def read_signer(*, domain: str, selector: str, key_file: Path) -> Signer:
    """A signer with the key of the file. Raises BadSigningKeyError."""
    try:
        private_key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except OSError as error:
        raise BadSigningKeyError(f"the file cannot be read ({error.strerror})") from error
    except (TypeError, ValueError, exceptions.UnsupportedAlgorithm) as error:
        raise BadSigningKeyError("the file holds no private key in PEM without a password") from error
    if not isinstance(private_key, rsa.RSAPrivateKey) or private_key.key_size < _SHORTEST_KEY:
        raise BadSigningKeyError(f"an RSA key of at least {_SHORTEST_KEY} bits is needed, better 2048")
    return Signer(domain, selector, private_key)


def current_signer() -> Signer | None:
    """The signer of the running application; None when mails leave unsigned."""
    signer: Signer | None = current_app.extensions["mail_signer"]
    return signer
