"""Matchmaking days and advisory days: who takes part, what they wish, and their 1:1 meetings."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.domain.meetings import (
    HalfDay,
    MatchMode,
    MatchPhase,
    MatchRunState,
    MeetingRequestState,
    MeetingState,
    WishStrength,
)
from bookings.domain.registrations import SurveyStage
from bookings.models.calendar import CalendarEntry
from bookings.models.columns import Code, Id, LanguageCode, Line, LongText, ShortText, ZoneName, one_of
from bookings.models.registrations import Registration

_STANDING = "state IN ('provisional', 'agreed', 'held', 'missed')"


class Matchmaking(Base):
    """How the meetings of one matchmaking day come about."""

    __tablename__ = "matchmaking"
    __table_args__ = (
        one_of("mode", MatchMode),
        one_of("phase", MatchPhase),
        CheckConstraint("slot_minutes BETWEEN 5 AND 120", name="slot_minutes"),
        CheckConstraint("gap_minutes BETWEEN 0 AND 60", name="gap_minutes"),
    )

    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), primary_key=True)
    mode: Mapped[Code]
    phase: Mapped[Code] = mapped_column(default=MatchPhase.OPEN)
    slot_minutes: Mapped[int] = mapped_column(default=20)
    gap_minutes: Mapped[int] = mapped_column(default=5)
    most_meetings: Mapped[int | None]
    """Of one person; empty: the number of slots less a tenth."""
    wishes_by: Mapped[datetime | None]
    feedback_by: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class MeetingSlot(Base):
    """A time of a matchmaking day in which every table can have a meeting."""

    __tablename__ = "meeting_slot"
    __table_args__ = (
        one_of("half", (HalfDay.MORNING, HalfDay.AFTERNOON)),
        CheckConstraint("starts_at < ends_at", name="order"),
        UniqueConstraint("event_id", "starts_at"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    half: Mapped[Code]


class MeetingTable(Base):
    """A table, or a room online, where one meeting at a time can be."""

    __tablename__ = "meeting_table"
    __table_args__ = (UniqueConstraint("event_id", "number"),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    number: Mapped[int]
    label: Mapped[ShortText] = mapped_column(default="")
    online_url: Mapped[Line] = mapped_column(default="")


class Participant(Base):
    """Somebody registered for a matchmaking day, with what they offer and look for."""

    __tablename__ = "participant"
    __table_args__ = (one_of("half_day", HalfDay),)

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    offers: Mapped[LongText] = mapped_column(default="")
    needs: Mapped[LongText] = mapped_column(default="")
    languages: Mapped[list[str]]
    half_day: Mapped[Code] = mapped_column(default=HalfDay.ANY)
    takes_fill_ins: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    completed_at: Mapped[datetime | None]
    """Since when others can find the profile."""
    arrived_at: Mapped[datetime | None]
    late_until: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    is_owed_schedule: Mapped[bool] = mapped_column(default=False)
    """A schedule was released, and no mail has told it yet."""

    registration: Mapped[Registration] = relationship(lazy="raise")


class ParticipantInterest(Base):
    """An area or topic of the directory that a participant is interested in."""

    __tablename__ = "participant_interest"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("participant.registration_id", ondelete="CASCADE"), primary_key=True
    )
    interest_id: Mapped[int] = mapped_column(
        ForeignKey("interest.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class ParticipantAbsence(Base):
    """A slot in which a participant has no meeting."""

    __tablename__ = "participant_absence"

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("participant.registration_id", ondelete="CASCADE"), primary_key=True
    )
    slot_id: Mapped[int] = mapped_column(
        ForeignKey("meeting_slot.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Wish(Base):
    """Whom a participant must, would like to or will never meet. `never` is shown to nobody else."""

    __tablename__ = "wish"
    __table_args__ = (
        one_of("strength", WishStrength),
        CheckConstraint("wisher_id <> wished_id", name="others"),
        UniqueConstraint("wisher_id", "wished_id"),
    )

    id: Mapped[Id]
    wisher_id: Mapped[int] = mapped_column(ForeignKey("participant.registration_id", ondelete="CASCADE"))
    wished_id: Mapped[int] = mapped_column(
        ForeignKey("participant.registration_id", ondelete="CASCADE"), index=True
    )
    strength: Mapped[Code]


class MeetingRequest(Base):
    """One participant asks another for a meeting. It takes nobody's time until it is accepted."""

    __tablename__ = "meeting_request"
    __table_args__ = (
        one_of("state", MeetingRequestState),
        CheckConstraint("asker_id <> asked_id", name="others"),
        Index(
            "ix_meeting_request_one_open",
            "asker_id",
            "asked_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_meeting_request_state_expires_at", "state", "expires_at"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    asker_id: Mapped[int] = mapped_column(ForeignKey("participant.registration_id", ondelete="CASCADE"))
    asked_id: Mapped[int] = mapped_column(
        ForeignKey("participant.registration_id", ondelete="CASCADE"), index=True
    )
    slot_id: Mapped[int | None] = mapped_column(
        ForeignKey("meeting_slot.id", ondelete="SET NULL"), index=True
    )
    """The time that the asker would like; empty: any."""
    message: Mapped[LongText] = mapped_column(default="")
    state: Mapped[Code] = mapped_column(default=MeetingRequestState.OPEN)
    is_walk_in: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]


class Adviser(Base):
    """Somebody of one country who sits in the other for a day and can be booked."""

    __tablename__ = "adviser"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("slot_minutes BETWEEN 5 AND 240", name="slot_minutes"),
        CheckConstraint("buffer_minutes BETWEEN 0 AND 120", name="buffer_minutes"),
        UniqueConstraint("event_id", "email"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    name: Mapped[Line]
    email: Mapped[Line]
    language: Mapped[LanguageCode]
    time_zone: Mapped[ZoneName]
    """The adviser's own; times are shown in that of the event's place first."""
    organisation_name: Mapped[Line] = mapped_column(default="")
    topics: Mapped[dict[str, Any]]
    """Language → text."""
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    pause_starts_at: Mapped[datetime | None]
    pause_ends_at: Mapped[datetime | None]
    slot_minutes: Mapped[int] = mapped_column(default=30)
    buffer_minutes: Mapped[int] = mapped_column(default=0)
    """Kept free before each meeting."""


class Meeting(Base):
    """Two people at one table at one time; or a visitor with an adviser. The holds of its people guard it."""

    __tablename__ = "meeting"
    __table_args__ = (
        one_of("state", MeetingState),
        CheckConstraint("starts_at < ends_at", name="order"),
        CheckConstraint("(second_id IS NULL) <> (adviser_id IS NULL)", name="other"),
        # The smaller first: a pair is one pair, whoever asked.
        CheckConstraint("second_id IS NULL OR first_id < second_id", name="pair"),
        Index(
            "ix_meeting_one_of_a_pair",
            "first_id",
            "second_id",
            unique=True,
            sqlite_where=text(_STANDING),
            postgresql_where=text(_STANDING),
        ),
        Index(
            "ix_meeting_one_of_two_organisations",
            "event_id",
            "organisation_pair",
            unique=True,
            sqlite_where=text(f"{_STANDING} AND organisation_pair <> ''"),
            postgresql_where=text(f"{_STANDING} AND organisation_pair <> ''"),
        ),
        Index("ix_meeting_event_id_starts_at", "event_id", "starts_at"),
    )

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"))
    first_id: Mapped[int] = mapped_column(ForeignKey("registration.id", ondelete="RESTRICT"))
    second_id: Mapped[int | None] = mapped_column(
        ForeignKey("registration.id", ondelete="RESTRICT"), index=True
    )
    adviser_id: Mapped[int | None] = mapped_column(ForeignKey("adviser.id", ondelete="RESTRICT"), index=True)
    organisation_pair: Mapped[Line] = mapped_column(default="")
    """The keys of both organisations in order: two organisations meet once."""
    table_id: Mapped[int | None] = mapped_column(
        ForeignKey("meeting_table.id", ondelete="RESTRICT"), index=True
    )
    slot_id: Mapped[int | None] = mapped_column(
        ForeignKey("meeting_slot.id", ondelete="RESTRICT"), index=True
    )
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    time_zone: Mapped[ZoneName]
    state: Mapped[Code]
    version: Mapped[int] = mapped_column(default=1)
    is_pinned: Mapped[bool] = mapped_column(default=False)
    subject: Mapped[LongText] = mapped_column(default="")
    """What the visitor wants to ask, or what the pair has in common."""
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[Code | None]

    people: Mapped[list["MeetingPerson"]] = relationship(lazy="raise", order_by="MeetingPerson.id")


class MeetingPerson(Base):
    """One person's side of a meeting: the calendar entry, and what they said of a provisional one."""

    __tablename__ = "meeting_person"
    __table_args__ = (
        CheckConstraint("(registration_id IS NULL) <> (adviser_id IS NULL)", name="who"),
        CheckConstraint("feedback IN ('', 'keep', 'change')", name="feedback"),
        UniqueConstraint("meeting_id", "registration_id"),
    )

    id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    registration_id: Mapped[int | None] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), index=True
    )
    adviser_id: Mapped[int | None] = mapped_column(ForeignKey("adviser.id", ondelete="CASCADE"), index=True)
    calendar_entry_id: Mapped[int | None] = mapped_column(
        ForeignKey("calendar_entry.id", ondelete="RESTRICT"), unique=True
    )
    """Made when the meeting is announced."""
    feedback: Mapped[Code] = mapped_column(default="")
    stand_in: Mapped[Line] = mapped_column(default="", server_default="")
    """The colleague who comes in this person's place."""

    calendar_entry: Mapped[CalendarEntry | None] = relationship(lazy="raise")


class MeetingRating(Base):
    """How a meeting was, at once and half a year later."""

    __tablename__ = "meeting_rating"
    __table_args__ = (
        one_of("stage", SurveyStage),
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        UniqueConstraint("meeting_id", "registration_id", "stage"),
    )

    id: Mapped[Id]
    meeting_id: Mapped[int] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registration.id", ondelete="CASCADE"), index=True
    )
    stage: Mapped[Code]
    score: Mapped[int]
    outcomes: Mapped[list[str]]
    comment: Mapped[LongText] = mapped_column(default="")
    rated_at: Mapped[datetime]


class MatchRun(Base):
    """One go of the solver for one matchmaking day, with what it found as plain values."""

    __tablename__ = "match_run"
    __table_args__ = (one_of("state", MatchRunState),)

    id: Mapped[Id]
    event_id: Mapped[int] = mapped_column(ForeignKey("event.id", ondelete="CASCADE"), index=True)
    state: Mapped[Code] = mapped_column(index=True)
    seed: Mapped[int] = mapped_column(default=0)
    seconds: Mapped[int] = mapped_column(default=20)
    """How long it may look for better schedules."""
    asked_by: Mapped[Line]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    is_stopping: Mapped[bool] = mapped_column(default=False)
    gaps: Mapped[int | None]
    """Idle groups in people's schedules, of the best so far."""
    bound: Mapped[int | None]
    is_proved: Mapped[bool] = mapped_column(default=False)
    progress: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    result: Mapped[dict[str, Any]]
