"""The outbox: mails that must leave, written in the transaction of the change they tell of."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base, table_of
from bookings.domain.outbox import OutboxState
from bookings.models.columns import Code, Id, LanguageCode, Line, LongText, index_some, one_of

_UNSETTLED = "state IN ('waiting', 'sending')"
"""Mails still to leave: few, however many have left."""
HAS_TEXT = "length(raw) > 0"
"""The text goes sooner than the rest of the row."""


class OutboxMessage(Base):
    """A rendered mail with its fixed Message-ID. One cause sends one person at most one mail."""

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("cause", "recipient"),
        one_of("state", OutboxState),
        Index("ix_outbox_message_state_id", "state", "id"),
        Index("ix_outbox_message_queued_at", "queued_at"),
        Index("ix_outbox_message_calendar_uid_id", "calendar_uid", "id"),
        index_some("ix_outbox_message_unsettled", "queued_at", "id", where=_UNSETTLED),
        index_some("ix_outbox_message_readable", "queued_at", where=HAS_TEXT),
    )

    id: Mapped[Id]
    message_id: Mapped[Line] = mapped_column(unique=True)
    cause: Mapped[Line]
    """What this mail tells of, e.g. `slot:12:release:0`."""
    kind: Mapped[Code]
    recipient: Mapped[Line]
    sender: Mapped[Line]
    """Envelope sender."""
    language: Mapped[LanguageCode]
    subject: Mapped[Line]
    raw: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    """The whole RFC 5322 message; emptied when its keeping time is over."""
    calendar_uid: Mapped[Line | None]
    """Mails about one UID leave in the order of their ids."""
    calendar_sequence: Mapped[int | None]
    visit_id: Mapped[int | None] = mapped_column(
        ForeignKey("visit_request.id", ondelete="SET NULL"), index=True
    )
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"), index=True)
    registration_id: Mapped[int | None] = mapped_column(
        ForeignKey("registration.id", ondelete="SET NULL"), index=True
    )
    state: Mapped[Code] = mapped_column(default=OutboxState.WAITING)
    queued_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    """From this instant the mail makes no sense any more (the time of an invitation)."""
    attempts: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None]
    leased_by: Mapped[Code | None]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[LongText] = mapped_column(default="")
    """The relay's own words."""
    last_cause: Mapped[Code] = mapped_column(default="")
    """Where the last try ended (`Cause` of the mail adapter); staff read it as a sentence."""


OUTBOX_TABLE = table_of(OutboxMessage)
"""For the statements that every mail costs."""


class WorkerHeartbeat(Base):
    """When a worker was last seen."""

    __tablename__ = "worker_heartbeat"

    name: Mapped[Code] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime]
