"""Registrations with their seats, the waiting list and its offers, check-ins and surveys."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.domain.registrations import CameBy, CheckInKind, OfferState, RegistrationState, SurveyStage
from bookings.domain.visits import Actor
from bookings.models.calendar import CalendarEntry
from bookings.models.columns import (
    IS_TRACED,
    Code,
    CountryCode,
    Id,
    LanguageCode,
    Line,
    LongText,
    Sha256,
    ShortText,
    ZoneName,
    index_some,
    one_of,
)
from bookings.models.events import Event, TicketKind


class Registration(Base):
    """One person at one event. Members of a group have the row of the one who registered them as `leader`."""

    __tablename__ = "registration"
    __table_args__ = (
        one_of("state", RegistrationState),
        one_of("came_by", CameBy),
        CheckConstraint(
            "state NOT IN ('unverified', 'offered') OR respond_by IS NOT NULL", name="respond_by"
        ),
        Index("ix_registration_event_id_state_id", "event_id", "state", "id"),
        # Pages of staff's list: skipping the people of earlier pages costs nearly nothing.
        Index("ix_registration_event_id_id_state", "event_id", "id", "state"),
        Index("ix_registration_event_id_organisation_key", "event_id", "organisation_key"),
        Index("ix_registration_state_respond_by", "state", "respond_by"),
        Index(
            "ix_registration_undeliverable_at",
            "undeliverable_at",
            sqlite_where=text("undeliverable_at IS NOT NULL"),
            postgresql_where=text("undeliverable_at IS NOT NULL"),
        ),
    )

    id: Mapped[Id]
    reference: Mapped[Code] = mapped_column(unique=True)
    """Readable, `KR-…`; names nobody and opens nothing."""
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="RESTRICT"))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("ticket_kind.id", ondelete="RESTRICT"), index=True)
    leader_id: Mapped[int | None] = mapped_column(
        ForeignKey("registration.id", ondelete="SET NULL"), index=True
    )
    form_key: Mapped[Code | None] = mapped_column(unique=True)
    """One-time key of the form, at the leader: a double submit finds its own registration."""
    state: Mapped[Code]
    version: Mapped[int] = mapped_column(default=1)
    came_by: Mapped[Code]
    language: Mapped[LanguageCode]
    time_zone: Mapped[ZoneName]
    """The reader's own zone, shown beside that of the event."""
    name: Mapped[Line]
    """As `email` empty for a member who has not completed the personal page yet."""
    email: Mapped[Line] = mapped_column(index=True)
    phone: Mapped[Code] = mapped_column(default="")
    role: Mapped[Line] = mapped_column(default="")
    organisation_name: Mapped[Line] = mapped_column(default="")
    organisation_key: Mapped[Line] = mapped_column(default="")
    """The name as it is compared: for limits per organisation."""
    organisation_id: Mapped[int | None] = mapped_column(
        ForeignKey("organisation.id", ondelete="SET NULL"), index=True
    )
    organisation_number: Mapped[Code] = mapped_column(default="")
    country: Mapped[CountryCode] = mapped_column(default="")
    search_key: Mapped[LongText] = mapped_column(default="")
    """Name, address, organisation and reference, folded: what staff's search looks through."""
    answers: Mapped[dict[str, Any]]
    """Question key → answer (text, or codes)."""
    badge_code: Mapped[Code] = mapped_column(unique=True)
    """What the QR of badge and mail holds: random, without personal data."""
    respond_by: Mapped[datetime | None]
    """Until when the address has to be proved, or the offered place taken."""
    is_held_for_moderation: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Over the limits, or filled in by a machine: no mail, and no seat kept, until staff let it pass."""
    told_version: Mapped[int] = mapped_column(default=0, server_default="0")
    """Version of the event that the calendar entries were brought in line with."""
    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    registered_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[Code | None]
    closed_reason: Mapped[LongText] = mapped_column(default="")
    reminded_at: Mapped[datetime | None]
    thanked_at: Mapped[datetime | None]
    followed_up_at: Mapped[datetime | None]
    anonymised_at: Mapped[datetime | None]
    undeliverable_at: Mapped[datetime | None]
    """Mails to the address came back for good; another address begins anew."""

    event: Mapped[Event] = relationship(lazy="raise")
    ticket: Mapped[TicketKind] = relationship(lazy="raise")
    members: Mapped[list["Registration"]] = relationship(lazy="raise", order_by="Registration.id")
    entries: Mapped[list["RegistrationEntry"]] = relationship(lazy="raise", order_by="RegistrationEntry.day")


class RegistrationPart(Base):
    """A part that a person chose; whether there is a seat in it says `Seat`."""

    __tablename__ = "registration_part"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True
    )
    part_id: Mapped[int] = mapped_column(
        ForeignKey("event_part.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Seat(Base):
    """A seat taken out of a pool. Inserting it is what may fail when the event is full."""

    __tablename__ = "seat"

    pool_id: Mapped[int] = mapped_column(ForeignKey("seat_pool.id", ondelete="CASCADE"), primary_key=True)
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class RegistrationEntry(Base):
    """The calendar entry of a person's one day at the event."""

    __tablename__ = "registration_entry"
    __table_args__ = (UniqueConstraint("registration_id", "day"),)

    calendar_entry_id: Mapped[int] = mapped_column(
        ForeignKey("calendar_entry.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    day: Mapped[date]
    """Local day of the event's place."""

    calendar_entry: Mapped[CalendarEntry] = relationship(lazy="raise")


class AgreedText:
    """What somebody agreed to, word for word."""

    version: Mapped[Code]
    language: Mapped[LanguageCode]
    text: Mapped[LongText]
    text_sha256: Mapped[Sha256]
    agreed_at: Mapped[datetime]
    network_address: Mapped[ShortText]
    """Shortened to /24 or /48."""


class RegistrationAgreement(AgreedText, Base):
    """The cost clause as it was accepted. Never changed afterwards."""

    __tablename__ = "registration_agreement"
    __table_args__ = (index_some("ix_registration_agreement_traced", "agreed_at", where=IS_TRACED),)

    id: Mapped[Id]
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), unique=True
    )


class RegistrationConsent(AgreedText, Base):
    """A consent given with a registration: to keep a sensitive answer, or one that staff ask for."""

    __tablename__ = "registration_consent"
    __table_args__ = (
        UniqueConstraint("registration_id", "question_key", "agreed_at"),
        index_some("ix_registration_consent_traced", "agreed_at", where=IS_TRACED),
    )

    id: Mapped[Id]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    question_key: Mapped[Code]
    withdrawn_at: Mapped[datetime | None]


class WaitingListEntry(Base):
    """A place in the queue, of one person or of a group that wants to come together. In order of `id`."""

    __tablename__ = "waiting_list_entry"
    __table_args__ = (
        CheckConstraint("people >= 1", name="people"),
        Index(
            "ix_waiting_list_entry_queue",
            "event_id",
            "id",
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), index=True
    )
    """The leader's, where it is a group."""
    people: Mapped[int]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    """Set when a place was taken, given back, or the offer lapsed: a new wish stands at the end."""
    passed_over: Mapped[int] = mapped_column(default=0)
    """How often a smaller group was offered a place first, where the event's rule allows that."""
    blocked_pool_id: Mapped[int | None] = mapped_column(
        ForeignKey("seat_pool.id", ondelete="SET NULL"), index=True
    )
    """The pool that has too few seats for it, as the last look found."""


class Offer(Base):
    """A freed place, kept for one entry of the waiting list until `expires_at`."""

    __tablename__ = "offer"
    __table_args__ = (
        one_of("state", OfferState),
        Index(
            "ix_offer_one_open",
            "waiting_list_entry_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_offer_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[Id]
    waiting_list_entry_id: Mapped[int] = mapped_column(
        ForeignKey("waiting_list_entry.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[Code] = mapped_column(default=OfferState.OPEN)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]


class CheckIn(Base):
    """What a door said: in, or that it was a mistake. Sent twice, it is the same row."""

    __tablename__ = "check_in"
    __table_args__ = (
        one_of("kind", CheckInKind),
        Index("ix_check_in_registration_id_part_id_id", "registration_id", "part_id", "id"),
    )

    id: Mapped[Id]
    client_key: Mapped[Code] = mapped_column(unique=True)
    """Made by the device at the scan."""
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    part_id: Mapped[int | None] = mapped_column(ForeignKey("event_part.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Code]
    door: Mapped[ShortText] = mapped_column(default="")
    happened_at: Mapped[datetime]
    """By the device's clock."""
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[Line]


class Attendance(Base):
    """Somebody is there: one row for the event, and one for each part with doors of its own."""

    __tablename__ = "attendance"
    __table_args__ = (
        Index(
            "ix_attendance_event",
            "registration_id",
            unique=True,
            sqlite_where=text("part_id IS NULL"),
            postgresql_where=text("part_id IS NULL"),
        ),
        UniqueConstraint("registration_id", "part_id"),
    )

    id: Mapped[Id]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    part_id: Mapped[int | None] = mapped_column(ForeignKey("event_part.id", ondelete="CASCADE"), index=True)
    arrived_at: Mapped[datetime]
    door: Mapped[ShortText] = mapped_column(default="")
    signature: Mapped[Code] = mapped_column(default="qr")
    """How it is proved: `qr`, `name`, `paper`, `online`."""


class SurveyAnswer(Base):
    """What somebody said afterwards, without an account."""

    __tablename__ = "survey_answer"
    __table_args__ = (
        one_of("stage", SurveyStage),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        UniqueConstraint("registration_id", "stage"),
    )

    id: Mapped[Id]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="CASCADE"))
    stage: Mapped[Code]
    score: Mapped[int]
    outcomes: Mapped[list[str]]
    comment: Mapped[LongText] = mapped_column(default="")
    answered_at: Mapped[datetime]


class RegistrationNote(Base):
    """What staff wrote about a registration."""

    __tablename__ = "registration_note"
    __table_args__ = (one_of("author_kind", Actor),)

    id: Mapped[Id]
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), index=True
    )
    author_kind: Mapped[Code]
    author_name: Mapped[Line]
    text: Mapped[LongText]
    written_at: Mapped[datetime]
