"""Events with their parts, ticket kinds, speakers, questions, and the pools that their seats come from."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.domain.events import EventKind, EventState, Presence
from bookings.domain.registrations import QuestionKind
from bookings.models.columns import Code, Id, Line, LongText, Slug, ZoneName, one_of
from bookings.models.directory import Place, Site


class Event(Base):
    """Something people register for. Instants are in UTC; the clocks are those of `time_zone`."""

    __tablename__ = "event"
    __table_args__ = (
        one_of("kind", EventKind),
        one_of("state", EventState),
        one_of("presence", Presence),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("opens_at IS NULL OR closes_at IS NULL OR opens_at < closes_at", name="opening"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("minimum IS NULL OR decides_at IS NOT NULL", name="minimum"),
        Index("ix_event_state_starts_at", "state", "starts_at"),
    )

    id: Mapped[Id]
    slug: Mapped[Slug] = mapped_column(unique=True)
    kind: Mapped[Code]
    state: Mapped[Code] = mapped_column(default=EventState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    umbrella_id: Mapped[int | None] = mapped_column(ForeignKey("event.id", ondelete="SET NULL"), index=True)
    """The event of several that this one belongs to (a fair week)."""
    series_key: Mapped[Code | None] = mapped_column(index=True)
    """Events made as one series share it."""
    title: Mapped[dict[str, Any]]
    """Language → text, as `summary` (one sentence) and `description`."""
    summary: Mapped[dict[str, Any]]
    description: Mapped[dict[str, Any]]
    presence: Mapped[Code]
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id", ondelete="RESTRICT"), index=True)
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    venue: Mapped[Line] = mapped_column(default="")
    address: Mapped[Line] = mapped_column(default="")
    online_url: Mapped[Line] = mapped_column(default="")
    """Where to join; shown to those who are registered only."""
    time_zone: Mapped[ZoneName]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    opens_at: Mapped[datetime | None]
    """Registration is open from here, empty: since the event was published."""
    closes_at: Mapped[datetime | None]
    """Empty: until the event begins."""
    capacity: Mapped[int | None]
    """Seats in all, those held for partners included; empty: without an end."""
    minimum: Mapped[int | None]
    decides_at: Mapped[datetime | None]
    """When it is said whether the event takes place (go or no-go)."""
    decided_at: Mapped[datetime | None]
    needs_approval: Mapped[bool] = mapped_column(default=False)
    most_per_organisation: Mapped[int | None]
    largest_group: Mapped[int] = mapped_column(default=10)
    has_waiting_list: Mapped[bool] = mapped_column(default=True)
    lets_smaller_pass: Mapped[bool] = mapped_column(default=False)
    """Whoever fits may be offered a place before a larger group; else seats wait for the group."""
    asks_costs: Mapped[bool] = mapped_column(default=False)
    """Whoever registers agrees to pay their own costs, as visitors do."""
    notes_photos: Mapped[bool] = mapped_column(default=False)
    """People are told that there will be photographs or a recording."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_reason: Mapped[LongText] = mapped_column(default="")

    place: Mapped[Place | None] = relationship(lazy="raise")
    site: Mapped[Site | None] = relationship(lazy="raise")
    parts: Mapped[list["EventPart"]] = relationship(
        lazy="raise", order_by="(EventPart.starts_at, EventPart.position)", back_populates="event"
    )
    tickets: Mapped[list["TicketKind"]] = relationship(lazy="raise", order_by="TicketKind.position")
    questions: Mapped[list["Question"]] = relationship(lazy="raise", order_by="Question.position")
    speakers: Mapped[list["Speaker"]] = relationship(lazy="raise", order_by="Speaker.position")


class EventPart(Base):
    """A session of an event, with a time, perhaps a room, a host's site and a number of seats of its own."""

    __tablename__ = "event_part"
    __table_args__ = (
        one_of("presence", Presence),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        Index("ix_event_part_event_id_starts_at", "event_id", "starts_at"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    position: Mapped[int]
    title: Mapped[dict[str, Any]]
    description: Mapped[dict[str, Any]]
    presence: Mapped[Code]
    room: Mapped[Line] = mapped_column(default="")
    site_id: Mapped[int | None] = mapped_column(ForeignKey("site.id", ondelete="RESTRICT"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    is_chosen: Mapped[bool] = mapped_column(default=True)
    """People choose it when they register; otherwise it is open to all who come."""
    capacity: Mapped[int | None]

    event: Mapped[Event] = relationship(lazy="raise", back_populates="parts")
    site: Mapped[Site | None] = relationship(lazy="raise")


class TicketKind(Base):
    """A way to take part. Every event has at least one."""

    __tablename__ = "ticket_kind"
    __table_args__ = (
        one_of("presence", (Presence.ON_SITE, Presence.ONLINE)),
        CheckConstraint("capacity IS NULL OR capacity >= 0", name="capacity"),
        CheckConstraint("NOT is_partner OR capacity IS NOT NULL", name="partner"),
        UniqueConstraint("event_id", "position"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    position: Mapped[int]
    name: Mapped[dict[str, Any]]
    presence: Mapped[Code]
    capacity: Mapped[int | None]
    is_partner: Mapped[bool] = mapped_column(default=False)
    """Its seats are set aside: they are not among those that others can take."""
    access_code: Mapped[Code] = mapped_column(default="")
    """Who has it sees this kind; empty: everybody does."""
    valid_on: Mapped[date | None]
    """A day ticket is for this local day."""


class SeatPool(Base):
    """Seats to take: of the whole event (without its partners' ones), of a part, or of a ticket kind.

    `taken` is counted by triggers on `seat`; the rule on it is what keeps an event from being too full.
    """

    __tablename__ = "seat_pool"
    __table_args__ = (
        CheckConstraint("part_id IS NULL OR ticket_id IS NULL", name="subject"),
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="capacity"),
        Index(
            "ix_seat_pool_whole_event",
            "event_id",
            unique=True,
            sqlite_where=text("part_id IS NULL AND ticket_id IS NULL"),
            postgresql_where=text("part_id IS NULL AND ticket_id IS NULL"),
        ),
        Index("ix_seat_pool_event_id", "event_id"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    part_id: Mapped[int | None] = mapped_column(ForeignKey("event_part.id", ondelete="CASCADE"), unique=True)
    ticket_id: Mapped[int | None] = mapped_column(
        ForeignKey("ticket_kind.id", ondelete="CASCADE"), unique=True
    )
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0, server_default="0")


class Speaker(Base):
    """Somebody who speaks, at a part or at the event as a whole."""

    __tablename__ = "speaker"

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    part_id: Mapped[int | None] = mapped_column(ForeignKey("event_part.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    name: Mapped[Line]
    role: Mapped[Line] = mapped_column(default="")
    organisation_name: Mapped[Line] = mapped_column(default="")
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )


class EventSite(Base):
    """A host's site that the event leads to."""

    __tablename__ = "event_site"

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[int] = mapped_column(
        ForeignKey("site.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Question(Base):
    """A question of the registration form, besides name, address and organisation."""

    __tablename__ = "question"
    __table_args__ = (one_of("kind", QuestionKind), UniqueConstraint("event_id", "key"))

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    position: Mapped[int]
    key: Mapped[Code]
    """Name of the answer in `Registration.answers`."""
    kind: Mapped[Code]
    label: Mapped[dict[str, Any]]
    hint: Mapped[dict[str, Any]]
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    """[{"code": …, "label": {language → text}}]"""
    is_required: Mapped[bool] = mapped_column(default=False)
    shown_if_key: Mapped[Code | None]
    """Shown only when the answer to this earlier question is among `shown_if_values`."""
    shown_if_values: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_sensitive: Mapped[bool] = mapped_column(default=False)
    """Diet, access needs: asked with its own consent, deleted seven days after the event (GDPR Article 9)."""
