"""Making secret links: the token leaves in the mail, only its hash stays."""

import secrets
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from bookings.db import table_of
from bookings.domain.links import LinkPurpose, build_feed_token
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
    """A new token for one purpose and one object; `sequence` binds a host's link to one invitation.

    The link to a visitor's page brings the link of its calendar feed along, which can only be read.
    """
    token = secrets.token_urlsafe(32)
    links = {purpose: token}
    if purpose is LinkPurpose.MANAGE_VISIT:
        links[LinkPurpose.VISIT_FEED] = build_feed_token(token)
    rows = [
        {
            "token_hash": hash_token(one),
            "purpose": purpose,
            "subject_id": subject_id,
            "sequence": sequence,
            "created_at": now,
            "expires_at": expires_at,
        }
        for purpose, one in links.items()
    ]
    session.execute(_ADD, rows)
    return token
