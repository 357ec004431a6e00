"""Slots: one host, one interval, one place in one visit; and the other times a host offered."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.domain.groups import MOST_GROUPS
from bookings.domain.slots import ASKED_STATES, SlotState
from bookings.models.calendar import CalendarEntry
from bookings.models.columns import Code, Id, Line, LongText, ZoneName, index_some, one_of
from bookings.models.directory import HostContact, Organisation, Place, Site
from bookings.models.visits import VisitRequest

IS_ASKED = f"state IN ({', '.join(repr(str(state)) for state in ASKED_STATES)})"


class Slot(Base):
    """The thing a host confirms. What was announced of it stands in its calendar entry."""

    __tablename__ = "slot"
    __table_args__ = (
        one_of("state", SlotState),
        CheckConstraint("starts_at < ends_at", name="order"),
        # Invariant 9: who was asked always has a deadline.
        CheckConstraint(
            "state NOT IN ('pending', 'tentative', 'countered') OR respond_by IS NOT NULL", name="respond_by"
        ),
        CheckConstraint(f"group_number BETWEEN 1 AND {MOST_GROUPS}", name="group_number"),
        Index("ix_slot_visit_id_starts_at", "visit_id", "starts_at"),
        Index("ix_slot_organisation_id_starts_at", "organisation_id", "starts_at"),
        Index("ix_slot_organisation_id_asked_at", "organisation_id", "asked_at"),
        # What waits of stops, and whose visits: answered from the index alone.
        Index("ix_slot_waits", "state", "respond_by", "visit_id", "is_required", "starts_at"),
        # Few replace another. With all the others in it, SQLite takes the index for useless.
        index_some("ix_slot_replaces_id", "replaces_id", where="replaces_id IS NOT NULL"),
        # Who owes an answer: few, however many have given theirs.
        index_some("ix_slot_asked", "respond_by", "visit_id", "organisation_id", where=IS_ASKED),
        # All that decides whether a feed has changed: answered from the index alone.
        Index("ix_slot_feed", "ends_at", "id", "state", "place_id", "feed_stamp"),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id", ondelete="RESTRICT"))
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    host_contact_id: Mapped[int] = mapped_column(
        ForeignKey("host_contact.id", ondelete="RESTRICT"), index=True
    )
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    calendar_entry_id: Mapped[int] = mapped_column(
        ForeignKey("calendar_entry.id", ondelete="RESTRICT"), unique=True
    )
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("slot.id", ondelete="SET NULL"))
    group_number: Mapped[int | None]
    """Which group of the delegation comes; empty: the whole of it."""
    state: Mapped[Code]
    version: Mapped[int] = mapped_column(default=1)
    is_required: Mapped[bool] = mapped_column(default=True)
    is_locked: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The planner leaves it where it is, whatever else moves."""
    title: Mapped[Line]
    """What the delegation sees or talks about here; goes into the invitation."""
    message: Mapped[LongText] = mapped_column(default="")
    """Staff's own words to the host."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    time_zone: Mapped[ZoneName]
    """The site's zone when the slot was planned."""
    respond_by: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]
    reminders_sent: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime | None]
    answer_comment: Mapped[LongText] = mapped_column(default="")
    created_at: Mapped[datetime]
    feed_stamp: Mapped[int] = mapped_column(BigInteger, server_default="0")
    """Another number whenever something changes that feeds show of it: triggers see to that."""

    visit: Mapped[VisitRequest] = relationship(lazy="raise")
    organisation: Mapped[Organisation] = relationship(lazy="raise")
    site: Mapped[Site] = relationship(lazy="raise")
    host_contact: Mapped[HostContact] = relationship(lazy="raise")
    place: Mapped[Place | None] = relationship(lazy="raise")
    calendar_entry: Mapped[CalendarEntry] = relationship(lazy="raise")
    proposed_times: Mapped[list["ProposedTime"]] = relationship(
        lazy="raise", order_by="ProposedTime.starts_at"
    )


class ProposedTime(Base):
    """Another time that the host offered, from the answer page or from a calendar."""

    __tablename__ = "proposed_time"
    __table_args__ = (CheckConstraint("starts_at < ends_at", name="order"),)

    id: Mapped[Id]
    slot_id: Mapped[int] = mapped_column(ForeignKey("slot.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    proposed_at: Mapped[datetime]
