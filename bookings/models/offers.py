"""Visit offers: what can be seen at a site, for whom, how long, and when it is open."""

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.domain.offers import OfferStatus, PhotoPolicy, StepAccess
from bookings.models.columns import Code, Id, Line, LongText, Slug, one_of
from bookings.models.directory import Interest, Site


class VisitOffer(Base):
    """Something that can be seen at a site. Empty numbers: not limited, or not known."""

    __tablename__ = "visit_offer"
    __table_args__ = (
        UniqueConstraint("site_id", "slug"),
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("group_min > 0 AND group_max > 0 AND group_min <= group_max", name="group"),
        CheckConstraint("people_per_guide > 0", name="people_per_guide"),
        CheckConstraint("guides > 0", name="guides"),
        CheckConstraint("lead_days >= 0", name="lead_days"),
        CheckConstraint("monthly_cap > 0", name="monthly_cap"),
        CheckConstraint("minimum_age > 0", name="minimum_age"),
        CheckConstraint("fee_cents >= 0 AND fee_currency IN ('', 'EUR', 'SEK')", name="fee"),
        one_of("photo_policy", PhotoPolicy),
        one_of("step_access", StepAccess),
        one_of("status", OfferStatus),
    )

    id: Mapped[Id]
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"))
    slug: Mapped[Slug]
    status: Mapped[Code] = mapped_column(default=OfferStatus.OFFERED)
    is_example: Mapped[bool] = mapped_column(default=False)
    """Written by us to show what it could be; the host has not said so."""
    title_en: Mapped[Line]
    title_sv: Mapped[Line] = mapped_column(default="")
    title_fi: Mapped[Line] = mapped_column(default="")
    description_en: Mapped[LongText] = mapped_column(default="")
    """What visitors see."""
    description_sv: Mapped[LongText] = mapped_column(default="")
    description_fi: Mapped[LongText] = mapped_column(default="")
    minutes: Mapped[int]
    languages: Mapped[list[str]]
    group_min: Mapped[int | None]
    group_max: Mapped[int | None]
    """The most that come in one group; larger delegations part."""
    people_per_guide: Mapped[int | None]
    guides: Mapped[int | None]
    """Groups that can go round at the same time."""
    lead_days: Mapped[int | None]
    """Days of notice that the host insists on; empty: those of the settings, which are only advised."""
    monthly_cap: Mapped[int | None]
    fee_cents: Mapped[int | None]
    """What a visit costs, in hundredths; empty or 0: nothing."""
    fee_currency: Mapped[Code] = mapped_column(default="")
    clothing: Mapped[Line] = mapped_column(default="")
    """Shoes and protective clothing, in the host's words."""
    photo_policy: Mapped[Code] = mapped_column(default=PhotoPolicy.UNKNOWN)
    needs_identity_list: Mapped[bool] = mapped_column(default=False)
    minimum_age: Mapped[int | None]
    step_access: Mapped[Code] = mapped_column(default=StepAccess.UNKNOWN)
    version: Mapped[int] = mapped_column(default=1)

    site: Mapped[Site] = relationship(lazy="raise")
    hours: Mapped[list["OfferHours"]] = relationship(
        lazy="raise", order_by="OfferHours.id", cascade="all, delete-orphan", passive_deletes=True
    )
    topics: Mapped[list[Interest]] = relationship(
        lazy="raise", secondary="visit_offer_interest", order_by="VisitOfferInterest.position", viewonly=True
    )


class VisitOfferInterest(Base):
    """A topic that can be seen in an offer, the main one first."""

    __tablename__ = "visit_offer_interest"

    visit_offer_id: Mapped[int] = mapped_column(
        ForeignKey("visit_offer.id", ondelete="CASCADE"), primary_key=True
    )
    interest_id: Mapped[int] = mapped_column(
        ForeignKey("interest.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    position: Mapped[int]


class OfferHours(Base):
    """A window in which an offer is open: part of the year, days of the week, local wall times.

    An offer without windows is open in the hours of its site, Monday to Friday.
    """

    __tablename__ = "offer_hours"
    __table_args__ = (CheckConstraint("opens_at < closes_at", name="order"),)

    id: Mapped[Id]
    visit_offer_id: Mapped[int] = mapped_column(ForeignKey("visit_offer.id", ondelete="CASCADE"), index=True)
    from_day: Mapped[str] = mapped_column(String(5))
    """Month and day, "05-01"; a season may go over New Year. Both its days belong to it."""
    to_day: Mapped[str] = mapped_column(String(5))
    weekdays: Mapped[str] = mapped_column(String(7))
    """ISO numbers of the days in order, "12345"."""
    opens_at: Mapped[str] = mapped_column(String(5))
    """Local wall time, "08:00"."""
    closes_at: Mapped[str] = mapped_column(String(5))


class SlotOffer(Base):
    """The offer that a slot shows; slots that show something else have no such row."""

    __tablename__ = "slot_offer"

    slot_id: Mapped[int] = mapped_column(
        ForeignKey("slot.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    visit_offer_id: Mapped[int] = mapped_column(ForeignKey("visit_offer.id", ondelete="CASCADE"), index=True)
