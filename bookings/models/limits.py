"""Limits against abuse are counted in the database, so that a restart forgets nothing."""

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.models.columns import Code, Id


class LimitedAct(Base):
    """One act that counts against a limit; the key (mailbox, client, network) is hashed."""

    __tablename__ = "limited_act"
    __table_args__ = (Index("ix_limited_act_kind_key_hash_happened_at", "kind", "key_hash", "happened_at"),)

    id: Mapped[Id]
    kind: Mapped[Code]
    key_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    happened_at: Mapped[datetime]
