"""The inbox: every mail that came in, once, with what was concluded from it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.inbox import InboxState
from bookings.models.columns import Code, Id, Line, LongText, Sha256, one_of


class InboxMessage(Base):
    """One mail. The same Message-ID with the same content is the same mail, whichever door it came by."""

    __tablename__ = "inbox_message"
    __table_args__ = (
        UniqueConstraint("message_id", "content_hash"),
        one_of("state", InboxState),
        Index("ix_inbox_message_state_id", "state", "id"),
        Index("ix_inbox_message_received_at", "received_at"),
    )

    id: Mapped[Id]
    message_id: Mapped[Line]
    content_hash: Mapped[Sha256]
    door: Mapped[Code]
    """How it came: `pipe`, `imap` or `lmtp`."""
    received_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    sender: Mapped[Line]
    sender_name: Mapped[Line]
    is_authenticated: Mapped[bool]
    subject: Mapped[Line]
    kind: Mapped[Code]
    """`MailClass` of domain/answers.py."""
    verdict: Mapped[Code]
    reason: Mapped[Code]
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    """One conclusion for each event in the mail, with the answer as it was read."""
    text: Mapped[LongText]
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The whole mail; emptied when its keeping time is over."""
    attendee_id: Mapped[int | None] = mapped_column(
        ForeignKey("attendee.id", ondelete="SET NULL"), index=True
    )
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"), index=True)
    visit_id: Mapped[int | None] = mapped_column(
        ForeignKey("visit_request.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[Code]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[Line] = mapped_column(default="")
    resolution: Mapped[Code] = mapped_column(default="")
    """What staff decided: `counted`, `alias`, `ignored` or `replied`."""


class AddressAlias(Base):
    """Another address of an invited person, as staff confirmed it: its answers count from then on."""

    __tablename__ = "address_alias"
    __table_args__ = (UniqueConstraint("email", "alias"),)

    id: Mapped[Id]
    email: Mapped[Line]
    """The invited address, folded."""
    alias: Mapped[Line]
    confirmed_at: Mapped[datetime]
    confirmed_by: Mapped[Line]


class MailboxPosition(Base):
    """How far an IMAP folder was read: UIDs count only under their UIDVALIDITY."""

    __tablename__ = "mailbox_position"

    mailbox: Mapped[Line] = mapped_column(primary_key=True)
    """`user@host/folder`."""
    uid_validity: Mapped[int] = mapped_column(BigInteger)
    last_uid: Mapped[int] = mapped_column(BigInteger)
    read_at: Mapped[datetime]
