"""Finding what a secret link stands for."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.errors import LinkExpiredError, LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.models.links import ActionLink
from bookings.queries.settings import MARK, see_mark

_LINKS = table_of(ActionLink).c
_LINK = select(
    _LINKS.id, _LINKS.subject_id, _LINKS.sequence, _LINKS.expires_at, _LINKS.revoked_at, MARK
).where(_LINKS.token_hash == bindparam("token_hash"), _LINKS.purpose == bindparam("purpose"))

_OPEN = select(_LINKS.token_hash).where(
    _LINKS.token_hash.in_(bindparam("hashes", expanding=True)), _LINKS.revoked_at.is_(None)
)


@dataclass(frozen=True)
class FoundLink:
    """What a secret link opens, until when, and for `sequence` see the model."""

    id: int
    subject_id: int
    sequence: int | None
    expires_at: datetime | None


def hash_token(token: str) -> bytes:
    """What is stored of a token: its SHA-256. The token has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def find_link(session: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> FoundLink:
    """The link of this token. Raises LinkNotFoundError (unknown, foreign, revoked) or LinkExpiredError."""
    link = find_any_link(session, token, purpose)
    if link.expires_at is not None and now >= link.expires_at:
        raise LinkExpiredError(purpose, link.expires_at)
    return link


def list_open_tokens(session: Session, tokens: Collection[str]) -> set[str]:
    """Those of these tokens whose links nobody has ended."""
    by_hash = {hash_token(token): token for token in tokens}
    rows = session.scalars(_OPEN, {"hashes": list(by_hash)}) if by_hash else ()
    return {by_hash[found] for found in rows}


def find_any_link(session: Session, token: str, purpose: LinkPurpose) -> FoundLink:
    """The link of this token, even when it is past. Raises LinkNotFoundError."""
    row = session.execute(_LINK, {"token_hash": hash_token(token), "purpose": purpose}).one_or_none()
    if row is None or row.revoked_at is not None:
        raise LinkNotFoundError
    see_mark(session, row[-1])
    return FoundLink(*row[:4])
