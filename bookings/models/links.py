"""Action links: secret links for people without an account. Only the hash is stored."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.links import LinkPurpose
from bookings.models.columns import Code, Id, index_some, one_of


class ActionLink(Base):
    """32 random bytes (their SHA-256), one purpose, one object, an expiry."""

    __tablename__ = "action_link"
    __table_args__ = (
        one_of("purpose", LinkPurpose),
        Index("ix_action_link_purpose_subject_id", "purpose", "subject_id"),
        index_some("ix_action_link_expires_at", "expires_at", where="expires_at IS NOT NULL"),
        index_some("ix_action_link_revoked_at", "revoked_at", where="revoked_at IS NOT NULL"),
    )

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    purpose: Mapped[Code]
    subject_id: Mapped[int]
    """The visit (verify, not_me, manage), the slot (answer), the contact (host_page),
    the subscription (newsletter), the account (staff), the registration, the event (door) or the adviser."""
    sequence: Mapped[int | None]
    """SEQUENCE of the invitation that a host's link belongs to; of a registration's, see `domain.links`."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
