"""Finding what a secret link stands for."""

import hashlib
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from bookings.domain.errors import LinkExpiredError, LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.models.links import ActionLink
from bookings.queries.settings import MARK, see_mark

_LINK = select(ActionLink, MARK).where(
    ActionLink.token_hash == bindparam("token_hash"), ActionLink.purpose == bindparam("purpose")
)


def hash_token(token: str) -> bytes:
    """What is stored of a token: its SHA-256. The token has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def find_link(session: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> ActionLink:
    """The link of this token. Raises LinkNotFoundError (unknown, foreign, revoked) or LinkExpiredError."""
    link = find_any_link(session, token, purpose)
    if link.expires_at is not None and now >= link.expires_at:
        raise LinkExpiredError(purpose, link.expires_at)
    return link


def find_any_link(session: Session, token: str, purpose: LinkPurpose) -> ActionLink:
    """The link of this token, even when it is past. Raises LinkNotFoundError."""
    row = session.execute(_LINK, {"token_hash": hash_token(token), "purpose": purpose}).one_or_none()
    if row is None or row[0].revoked_at is not None:
        raise LinkNotFoundError
    link, mark = row
    see_mark(session, mark)
    found: ActionLink = link
    return found
