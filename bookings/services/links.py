"""Making secret links: the token leaves in the mail, only its hash stays."""

import secrets
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.links import LinkPurpose
from bookings.models.links import ActionLink
from bookings.queries.links import hash_token

_ADD = insert(table_of(ActionLink))


def add_link(
    session: Session,
    purpose: LinkPurpose,
    subject_id: int,
    *,
    now: datetime,
    expires_at: datetime | None,
    sequence: int | None = None,
) -> str:
    """A new token for one purpose and one object; `sequence` binds a host's link to one invitation."""
    token = secrets.token_urlsafe(32)
    link = {
        "token_hash": hash_token(token),
        "purpose": purpose,
        "subject_id": subject_id,
        "sequence": sequence,
        "created_at": now,
        "expires_at": expires_at,
    }
    session.execute(_ADD, link)
    return token
