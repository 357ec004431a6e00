"""Visit requests: what a delegation asks for, its drafts, its agreement, staff's notes."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.domain.groups import MOST_GROUPS
from bookings.domain.visits import Actor, OrganisationOfVisitorKind, VisitKind, VisitState
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
    Slug,
    ZoneName,
    index_some,
    one_of,
)
from bookings.models.directory import Interest, Organisation


class VisitDraft(Base):
    """A half-filled form, kept on the server and resumed by link until it is sent or too old."""

    __tablename__ = "visit_draft"

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    language: Mapped[LanguageCode]
    answers: Mapped[dict[str, Any]]
    """Step name → the values as typed (text), so that what was typed comes back as it was."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    visit_id: Mapped[int | None] = mapped_column(
        ForeignKey("visit_request.id", ondelete="SET NULL"), unique=True
    )
    """Set when sent: the same form sent again answers with the same request."""


class ReferenceCounter(Base):
    """The last number given to a request in a year."""

    __tablename__ = "reference_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last_number: Mapped[int]


class VisitRequest(Base):
    """What a delegation asks for. Times are instants in UTC, dates are local to the places."""

    __tablename__ = "visit_request"
    __table_args__ = (
        one_of("state", VisitState),
        one_of("visit_kind", VisitKind),
        CheckConstraint(f"parallel_groups BETWEEN 1 AND {MOST_GROUPS}", name="parallel_groups"),
        Index("ix_visit_request_state_submitted_at", "state", "submitted_at"),
        # Of all that was ever asked for, what is open, unproved, or still names people.
        index_some("ix_visit_request_open", "state", "answer_by", where="closed_at IS NULL"),
        index_some("ix_visit_request_unproved", "created_at", where="verified_at IS NULL"),
        index_some("ix_visit_request_named", "closed_at", where="anonymised_at IS NULL"),
    )

    id: Mapped[Id]
    reference: Mapped[Code] = mapped_column(unique=True)
    form_key: Mapped[Code] = mapped_column(unique=True)
    """One-time key of the form: a double submit finds its own request."""
    state: Mapped[Code]
    version: Mapped[int] = mapped_column(default=1)
    language: Mapped[LanguageCode]
    """Language of pages and mails for the visitor."""

    visit_kind: Mapped[Code]
    purpose: Mapped[LongText]
    interest_other: Mapped[LongText] = mapped_column(default="")
    places_suggested: Mapped[bool] = mapped_column(default=True)
    """The visitor leaves the choice of towns to staff."""
    is_online: Mapped[bool] = mapped_column(default=False)
    visit_languages: Mapped[list[str]]
    brings_interpreter: Mapped[bool] = mapped_column(default=False)

    contact_name: Mapped[Line]
    contact_role: Mapped[Line] = mapped_column(default="")
    contact_email: Mapped[Line] = mapped_column(index=True)
    contact_phone: Mapped[Code] = mapped_column(default="")
    contact_time_zone: Mapped[ZoneName]
    """The visitor's own zone, shown as the second line of each time."""

    created_at: Mapped[datetime]
    verified_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    state_changed_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    """Until when the visitor owes an answer (needs_info, proposed) or has to verify (unverified)."""
    reminders_sent: Mapped[int] = mapped_column(default=0)
    """Reminders of what the visitor owes since `state_changed_at`."""
    question: Mapped[LongText] = mapped_column(default="")
    """What staff asked in needs_info."""
    answer: Mapped[LongText] = mapped_column(default="")
    agreed_beforehand: Mapped[bool] = mapped_column(default=False)
    """The visitor takes whatever the hosts accept: no `proposed` step."""
    takes_fitting_times: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Another time that a host offers is taken without staff when nothing speaks against it."""
    names_hosts: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Mails to hosts name, in their text, the others that have said yes."""
    releases_by_itself: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Hosts that like to be asked at once are, when a programme of the planner is applied."""
    arrives_place_slug: Mapped[Slug | None]
    arrives_at: Mapped[datetime | None]
    """When the delegation is there, in UTC; the clocks are those of the place."""
    departs_place_slug: Mapped[Slug | None]
    departs_at: Mapped[datetime | None]
    parallel_groups: Mapped[int] = mapped_column(default=1, server_default="1")
    """So many groups of the delegation go separate ways."""
    is_held_for_moderation: Mapped[bool] = mapped_column(default=False)
    """Over the limits against abuse: no mail goes out until staff let it pass."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[Code | None]
    closed_reason: Mapped[LongText] = mapped_column(default="")
    anonymised_at: Mapped[datetime | None]
    """Since when only figures are left of it; it stays closed."""
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("staff_user.id", ondelete="SET NULL"), index=True)
    told_programmes: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    """The programmes of the last two programme mails, newest first (domain/told.py)."""

    delegation: Mapped["Delegation"] = relationship(lazy="raise", back_populates="visit")
    interests: Mapped[list[Interest]] = relationship(
        lazy="raise", secondary="visit_interest", order_by="Interest.sort"
    )
    date_windows: Mapped[list["DateWindow"]] = relationship(lazy="raise", order_by="DateWindow.position")
    places: Mapped[list["VisitPlace"]] = relationship(lazy="raise", order_by="VisitPlace.place_slug")
    wanted_hosts: Mapped[list[Organisation]] = relationship(
        lazy="raise", secondary="wanted_host", order_by="Organisation.name"
    )
    agreement: Mapped["Agreement | None"] = relationship(lazy="raise")


class Delegation(Base):
    """The visiting group of one request."""

    __tablename__ = "delegation"
    __table_args__ = (
        one_of("organisation_kind", OrganisationOfVisitorKind),
        CheckConstraint("group_size BETWEEN 1 AND 200", name="group_size"),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"), unique=True)
    organisation_name: Mapped[Line]
    organisation_key: Mapped[Line] = mapped_column(index=True)
    """The name as it is compared: the same organisation finds its earlier visits."""
    organisation_country: Mapped[CountryCode]
    organisation_kind: Mapped[Code]
    website: Mapped[Line] = mapped_column(default="")
    on_behalf_of: Mapped[Line] = mapped_column(default="")
    group_size: Mapped[int]

    visit: Mapped[VisitRequest] = relationship(lazy="raise", back_populates="delegation")


class VisitInterest(Base):
    """An area or topic that the visitor ticked."""

    __tablename__ = "visit_interest"

    visit_id: Mapped[int] = mapped_column(
        ForeignKey("visit_request.id", ondelete="CASCADE"), primary_key=True
    )
    interest_id: Mapped[int] = mapped_column(
        ForeignKey("interest.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class VisitPlace(Base):
    """A partner town that the visitor wants to see."""

    __tablename__ = "visit_place"

    visit_id: Mapped[int] = mapped_column(
        ForeignKey("visit_request.id", ondelete="CASCADE"), primary_key=True
    )
    place_slug: Mapped[Slug] = mapped_column(primary_key=True)


class WantedHost(Base):
    """An organisation from the visitor's visit plan."""

    __tablename__ = "wanted_host"

    visit_id: Mapped[int] = mapped_column(
        ForeignKey("visit_request.id", ondelete="CASCADE"), primary_key=True
    )
    organisation_id: Mapped[int] = mapped_column(
        ForeignKey("organisation.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class DateWindow(Base):
    """Days between which the visit may lie, and how many half days it takes."""

    __tablename__ = "date_window"
    __table_args__ = (
        UniqueConstraint("visit_id", "position"),
        CheckConstraint("earliest_on <= latest_on", name="order"),
        CheckConstraint("half_days BETWEEN 1 AND 28", name="half_days"),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"))
    position: Mapped[int]
    earliest_on: Mapped[date]
    latest_on: Mapped[date]
    half_days: Mapped[int]
    is_flexible: Mapped[bool] = mapped_column(default=False)


class Agreement(Base):
    """The cost clause as it was accepted. Never changed afterwards."""

    __tablename__ = "agreement"
    __table_args__ = (index_some("ix_agreement_traced", "agreed_at", where=IS_TRACED),)

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"), unique=True)
    version: Mapped[Code]
    language: Mapped[LanguageCode]
    text: Mapped[LongText]
    text_sha256: Mapped[Sha256]
    agreed_at: Mapped[datetime]
    network_address: Mapped[ShortText]
    """Shortened to /24 or /48."""


class VisitNote(Base):
    """What staff (or the visitor, as a change request) wrote about a visit."""

    __tablename__ = "visit_note"
    __table_args__ = (
        one_of("author_kind", Actor),
        # Wishes that wait are few among all that was ever written.
        index_some(
            "ix_visit_note_open_wish", "visit_id", where="author_kind = 'visitor' AND answered_at IS NULL"
        ),
    )

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"), index=True)
    author_kind: Mapped[Code]
    author_name: Mapped[Line]
    text: Mapped[LongText]
    written_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    """When staff had dealt with a wish of the visitor; notes of staff wait for nobody."""
    answered_by: Mapped[Line] = mapped_column(default="", server_default="")
    answer: Mapped[LongText] = mapped_column(default="", server_default="")
    """What the visitor was told; empty when nothing was to be said."""
