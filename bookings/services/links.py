"""Making secret links: the token leaves in the mail, only its hash stays."""

import secrets
from datetime import datetime

from sqlalchemy.orm import Session

from bookings.domain.links import LinkPurpose
from bookings.models.links import ActionLink
from bookings.queries.links import hash_token


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
    session.add(
        ActionLink(
            token_hash=hash_token(token),
            purpose=purpose,
            subject_id=subject_id,
            sequence=sequence,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token
