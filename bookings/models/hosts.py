"""What hosts ask for: how they like to be asked, whom they do not receive, when they are closed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bookings.db import Base
from bookings.domain.hosts import AskingWay, ExclusionKind
from bookings.models.columns import Code, Id, Line, one_of


class HostStandIn(Base):
    """A contact who answers when another one of the same host is away."""

    __tablename__ = "host_stand_in"
    __table_args__ = (CheckConstraint("host_contact_id <> stands_in_for_id", name="other"),)

    host_contact_id: Mapped[int] = mapped_column(
        ForeignKey("host_contact.id", ondelete="CASCADE"), primary_key=True
    )
    stands_in_for_id: Mapped[int] = mapped_column(
        ForeignKey("host_contact.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class HostTerms(Base):
    """What an organisation asks for as a host, apart from what visitors read; no row: the defaults."""

    __tablename__ = "host_terms"
    __table_args__ = (
        one_of("asking", AskingWay),
        CheckConstraint("monthly_cap > 0", name="monthly_cap"),
        CheckConstraint("unanswered_confirmations >= 0", name="unanswered_confirmations"),
    )

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    asking: Mapped[Code] = mapped_column(default=AskingWay.MAIL)
    monthly_cap: Mapped[int | None]
    """Visits a calendar month over all offers and sites; empty: as many as fit."""
    confirmed_on: Mapped[date | None]
    """The day on which the host last said that all of this is still right."""
    ask_on: Mapped[date] = mapped_column(index=True)
    """The day on which the host is asked next, or reminded."""
    confirmation_asked_at: Mapped[datetime | None]
    """When the host was asked, as long as the answer is open."""
    unanswered_confirmations: Mapped[int] = mapped_column(default=0)
    """Times asked in vain since the last answer. After two the host is no longer suggested."""


class HostExclusion(Base):
    """Visitors whom a host does not receive. Private: neither they nor other hosts ever see it."""

    __tablename__ = "host_exclusion"
    __table_args__ = (UniqueConstraint("organisation_id", "kind", "value"), one_of("kind", ExclusionKind))

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    kind: Mapped[Code]
    value: Mapped[Line]
    """A country's code, a kind of visitor's organisation, or the name of one."""


class HostBlackout(Base):
    """Days on which a host receives nobody: anywhere, or only for one offer."""

    __tablename__ = "host_blackout"
    __table_args__ = (CheckConstraint("first_on <= last_on", name="order"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    visit_offer_id: Mapped[int | None] = mapped_column(
        ForeignKey("visit_offer.id", ondelete="CASCADE"), index=True
    )
    first_on: Mapped[date]
    last_on: Mapped[date]
    """Both days are closed, at the place."""


class SiteClosure(Base):
    """A site that is closed from an instant on, for all its offers."""

    __tablename__ = "site_closure"
    __table_args__ = (CheckConstraint("ends_at > starts_at", name="order"),)

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    """Empty: until further notice."""
    reason: Mapped[Line] = mapped_column(default="")
