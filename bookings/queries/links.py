"""Finding what a secret link stands for."""

import hashlib
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bookings.domain.errors import LinkExpiredError, LinkNotFoundError
from bookings.domain.links import LinkPurpose
from bookings.models.links import ActionLink


def hash_token(token: str) -> bytes:
    """What is stored of a token: its SHA-256. The token has 256 random bits, so no salt is needed."""
    return hashlib.sha256(token.encode()).digest()


def find_link(session: Session, token: str, purpose: LinkPurpose, *, now: datetime) -> ActionLink:
    """The link of this token. Raises LinkNotFoundError (unknown, foreign, revoked) or LinkExpiredError."""
    link = session.scalar(
        select(ActionLink).where(ActionLink.token_hash == hash_token(token), ActionLink.purpose == purpose)
    )
    if link is None or link.revoked_at is not None:
        raise LinkNotFoundError
    if link.expires_at is not None and now >= link.expires_at:
        raise LinkExpiredError(purpose, link.expires_at)
    return link
