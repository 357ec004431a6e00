"""What staff plan to change in stops that hosts know of, and what they choose for the release."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.domain.planned import PlannedKind
from bookings.models.columns import Code, Id, Line, LongText, Sha256, one_of
from bookings.models.directory import HostContact, Organisation, Site
from bookings.models.slots import Slot


class PlannedChange(Base):
    """A change of an announced slot that nobody was told of yet. It decides nothing until it is released."""

    __tablename__ = "planned_change"
    __table_args__ = (
        one_of("kind", PlannedKind),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint(
            "kind = 'withdraw' OR (site_id IS NOT NULL AND host_contact_id IS NOT NULL "
            "AND starts_at IS NOT NULL AND ends_at IS NOT NULL)",
            name="plan",
        ),
        Index("ix_planned_change_starts_at", "starts_at"),
    )

    id: Mapped[Id]
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), unique=True)
    kind: Mapped[Code]
    slot_version: Mapped[int]
    """The version of the slot that it was made for; with another one it is stale."""
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), index=True
    )
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), index=True)
    host_contact_id: Mapped[int | None] = mapped_column(
        ForeignKey("host_contact.id", ondelete="CASCADE"), index=True
    )
    visit_offer_id: Mapped[int | None] = mapped_column(
        ForeignKey("visit_offer.id", ondelete="SET NULL"), index=True
    )
    group_number: Mapped[int | None]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    title: Mapped[Line] = mapped_column(default="")
    message: Mapped[LongText] = mapped_column(default="")
    is_required: Mapped[bool] = mapped_column(default=True, server_default=true())
    reason: Mapped[LongText] = mapped_column(default="", server_default="")
    """Why it changes, as the host reads it with the mail."""
    closure_id: Mapped[int | None] = mapped_column(
        ForeignKey("site_closure.id", ondelete="SET NULL"), index=True
    )
    """The closing of a site that makes it necessary."""
    planned_by: Mapped[Line]
    planned_at: Mapped[datetime]

    slot: Mapped[Slot] = relationship(lazy="raise")
    organisation: Mapped[Organisation | None] = relationship(lazy="raise")
    site: Mapped[Site | None] = relationship(lazy="raise")
    host_contact: Mapped[HostContact | None] = relationship(lazy="raise")


class ReleaseLetter(Base):
    """What staff choose for one mail of the next release: their own covering words, or to hold it back."""

    __tablename__ = "release_letter"
    __table_args__ = (UniqueConstraint("visit_id", "about"),)

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"))
    about: Mapped[Code]
    """Which mail: `slot-12` to its host, `new-12` to the host who comes in its place, `visitor`."""
    template: Mapped[Code]
    """The mail that the words were written for; they count for no other."""
    words: Mapped[LongText] = mapped_column(default="")
    """With `{name}` fields, as they were typed; empty: the standard text."""
    is_held: Mapped[bool] = mapped_column(default=False, server_default=false())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    changed_by: Mapped[Line]
    changed_at: Mapped[datetime]


class VisitRelease(Base):
    """A release that went through. The same one again finds it here and sends nothing."""

    __tablename__ = "visit_release"
    __table_args__ = (UniqueConstraint("visit_id", "basis"),)

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"))
    basis: Mapped[Sha256]
    """What exactly was released: slots with their versions, plans and words."""
    mails: Mapped[int]
    released_by: Mapped[Line]
    released_at: Mapped[datetime]
