"""The newsletter's subscriptions with their consent record, and the stop list."""

from datetime import datetime

from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.models.columns import (
    IS_TRACED,
    Code,
    Id,
    LanguageCode,
    Line,
    LongText,
    ShortText,
    index_some,
)


class NewsletterSubscription(Base):
    """One address. Active when confirmed and not withdrawn (double opt-in)."""

    __tablename__ = "newsletter_subscription"

    id: Mapped[Id]
    email: Mapped[Line] = mapped_column(unique=True)
    language: Mapped[LanguageCode]


class Consent(Base):
    """A consent: wording, how and when it was given, confirmed and withdrawn."""

    __tablename__ = "consent"
    __table_args__ = (index_some("ix_consent_traced", "given_at", where=IS_TRACED),)

    id: Mapped[Id]
    purpose: Mapped[Code]
    subscription_id: Mapped[int] = mapped_column(index=True)
    """No foreign key: the record of the consent outlives the subscription."""
    wording: Mapped[LongText]
    wording_version: Mapped[Code]
    language: Mapped[LanguageCode]
    source: Mapped[Code]
    network_address: Mapped[ShortText]
    given_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


class StopListEntry(Base):
    """The hash of an address that must get no newsletter and no first mail ("this was not me")."""

    __tablename__ = "stop_list_entry"

    email_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    reason: Mapped[Code]
    added_at: Mapped[datetime]
