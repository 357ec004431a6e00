"""The directory: interests, places and travel between them, organisations with sites and contacts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.models.columns import (
    Code,
    CountryCode,
    Id,
    LanguageCode,
    Line,
    LongText,
    ShortText,
    Slug,
    ZoneName,
    one_of,
)

ORGANISATION_KINDS = ("company", "research", "public", "investor", "cluster", "test_facility")
ORGANISATION_STATUSES = ("draft", "in_review", "published", "hidden", "ended")
HOSTS_VISITS = ("yes", "no", "unknown")


class DirectoryVersion(Base):
    """One row that counts the changes of the directory, so that processes know when to read it again."""

    __tablename__ = "directory_version"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]


class Interest(Base):
    """A term of the taxonomy; areas have no parent, topics have one. A topic's slug is `area/topic`."""

    __tablename__ = "interest"

    id: Mapped[Id]
    slug: Mapped[Slug] = mapped_column(unique=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("interest.id", ondelete="RESTRICT"), index=True)
    sort: Mapped[int]
    label_en: Mapped[ShortText]
    label_sv: Mapped[ShortText]
    label_fi: Mapped[ShortText]


class Place(Base):
    """A town with its IANA zone and its name in three languages."""

    __tablename__ = "place"

    id: Mapped[Id]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name_en: Mapped[ShortText]
    name_sv: Mapped[ShortText]
    name_fi: Mapped[ShortText]
    country: Mapped[CountryCode]
    time_zone: Mapped[ZoneName]
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    is_partner: Mapped[bool] = mapped_column(default=False)
    """One of the towns that visitors can choose in the form."""


class TravelLeg(Base):
    """Minutes between two places by one mode, as staff keep them."""

    __tablename__ = "travel_leg"
    __table_args__ = (
        UniqueConstraint("from_place_id", "to_place_id", "mode"),
        CheckConstraint("minutes > 0", name="minutes"),
        one_of("mode", ("road", "ferry")),
    )

    id: Mapped[Id]
    from_place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    to_place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"))
    mode: Mapped[Code]
    minutes: Mapped[int]
    note: Mapped[LongText] = mapped_column(default="")


class Organisation(Base):
    """A member of the directory."""

    __tablename__ = "organisation"
    __table_args__ = (
        one_of("kind", ORGANISATION_KINDS),
        one_of("status", ORGANISATION_STATUSES),
        one_of("hosts_visits", HOSTS_VISITS),
        Index("ix_organisation_status_name", "status", "name"),
    )

    id: Mapped[Id]
    slug: Mapped[Slug] = mapped_column(unique=True)
    name: Mapped[Line]
    kind: Mapped[Code]
    country: Mapped[CountryCode]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    website: Mapped[Line] = mapped_column(default="")
    summary_en: Mapped[LongText] = mapped_column(default="")
    summary_sv: Mapped[LongText] = mapped_column(default="")
    summary_fi: Mapped[LongText] = mapped_column(default="")
    organisation_number: Mapped[Code] = mapped_column(default="")
    languages: Mapped[list[str]]
    hosts_visits: Mapped[Code] = mapped_column(default="unknown")
    status: Mapped[Code] = mapped_column(default="published")
    source_url: Mapped[LongText] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Raised with each change by hand, so that a second save sees the first."""

    place: Mapped[Place | None] = relationship(lazy="raise")
    sites: Mapped[list["Site"]] = relationship(
        lazy="raise", back_populates="organisation", order_by="Site.id"
    )
    contacts: Mapped[list["HostContact"]] = relationship(
        lazy="raise", back_populates="organisation", order_by="HostContact.id"
    )
    interests: Mapped[list[Interest]] = relationship(
        lazy="raise", secondary="organisation_interest", order_by="OrganisationInterest.position"
    )


class OrganisationInterest(Base):
    """A topic that an organisation stands for, most typical first."""

    __tablename__ = "organisation_interest"

    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True
    )
    interest_id: Mapped[int] = mapped_column(
        ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]


class Site(Base):
    """A place of an organisation where visitors are received, with its own IANA zone."""

    __tablename__ = "site"
    __table_args__ = (UniqueConstraint("organisation_id", "slug"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    slug: Mapped[Slug]
    name: Mapped[Line]
    address: Mapped[Line] = mapped_column(default="")
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    time_zone: Mapped[ZoneName]
    group_min: Mapped[int | None]
    group_max: Mapped[int | None]
    opens_at: Mapped[str | None]
    """Local wall time "08:00" from which the site receives; empty: the working hours of the settings."""
    closes_at: Mapped[str | None]
    access_rules: Mapped[LongText] = mapped_column(default="", server_default="")
    """What visitors must know to come in: gate, car park, registration."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    organisation: Mapped[Organisation] = relationship(lazy="raise", back_populates="sites")
    place: Mapped[Place | None] = relationship(lazy="raise")


class HostContact(Base):
    """The person or mailbox that answers for an organisation."""

    __tablename__ = "host_contact"
    __table_args__ = (UniqueConstraint("organisation_id", "email"),)

    id: Mapped[Id]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    name: Mapped[Line]
    role: Mapped[Line] = mapped_column(default="")
    email: Mapped[Line]
    phone: Mapped[Code] = mapped_column(default="")
    language: Mapped[LanguageCode] = mapped_column(default="en")
    is_host: Mapped[bool] = mapped_column(default=True)
    is_public: Mapped[bool] = mapped_column(default=False)
    is_undeliverable: Mapped[bool] = mapped_column(default=False)
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Several people read this mailbox: calendars show none of them a button."""
    languages: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """Spoken with visitors; `language` is the one to write in."""
    ended_at: Mapped[datetime | None]
    """Gone: no longer asked, but past visits keep the name."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    organisation: Mapped[Organisation] = relationship(lazy="raise", back_populates="contacts")
