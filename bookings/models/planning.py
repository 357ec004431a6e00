"""What the planner stands on and leaves behind: the ferry's timetable, staff's weights, its runs."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.domain.planning import RunState
from bookings.models.columns import Code, Id, Line, Sha256, one_of
from bookings.models.directory import Place
from bookings.models.visits import VisitRequest


class Sailing(Base):
    """A departure of the ferry: on days of the week in a season, or on one day where the season is that day.

    The clock is that of the port of departure.
    """

    __tablename__ = "sailing"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("check_in_minutes >= 0", name="check_in_minutes"),
        CheckConstraint("from_on <= to_on", name="season"),
        CheckConstraint("from_place_id <> to_place_id", name="places"),
    )

    id: Mapped[Id]
    from_place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    to_place_id: Mapped[int] = mapped_column(ForeignKey("place.id", ondelete="CASCADE"), index=True)
    departs_at: Mapped[str] = mapped_column(String(5))
    """Local wall time, "09:00"."""
    minutes: Mapped[int]
    weekdays: Mapped[str] = mapped_column(String(7))
    """ISO numbers of the days in order, "12345"."""
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    """Both days belong to the season; empty: without an end."""
    check_in_minutes: Mapped[int | None]
    """Empty: as the settings say."""
    is_example: Mapped[bool] = mapped_column(default=False)
    """Shows what a timetable looks like; nobody sails by it."""
    note: Mapped[Line] = mapped_column(default="")

    origin: Mapped[Place] = relationship(lazy="raise", foreign_keys=[from_place_id])
    target: Mapped[Place] = relationship(lazy="raise", foreign_keys=[to_place_id])


class PlannerWeights(Base):
    """One row: what staff say each thing is worth, where it is not what we say."""

    __tablename__ = "planner_weights"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    points: Mapped[dict[str, Any]]


class PlanningRun(Base):
    """One go of the planner for one visit, with what it found as plain values."""

    __tablename__ = "planning_run"
    __table_args__ = (one_of("state", RunState),)

    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(ForeignKey("visit_request.id", ondelete="CASCADE"), index=True)
    state: Mapped[Code] = mapped_column(index=True)
    seed: Mapped[int] = mapped_column(default=0)
    needs_wanted: Mapped[bool] = mapped_column(default=False)
    """The hosts that the visitor asked for have to be in."""
    points: Mapped[dict[str, Any]]
    """The weights of this run."""
    wishes: Mapped[dict[str, Any] | None]
    """What staff changed in the programme that this run begins from."""
    basis: Mapped[Sha256]
    """What the visit was when it was asked for; a plan of something else is not applied."""
    applied_basis: Mapped[Sha256] = mapped_column(default="")
    """What the visit was after a programme of this run was applied."""
    asked_by: Mapped[Line]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    """A worker that has not ended it by then is gone: another one takes it."""
    is_stopping: Mapped[bool] = mapped_column(default=False)
    steps: Mapped[int] = mapped_column(default=0)
    score: Mapped[float | None]
    bound: Mapped[float | None]
    is_proved: Mapped[bool] = mapped_column(default=False)
    result: Mapped[dict[str, Any]]

    visit: Mapped[VisitRequest] = relationship(lazy="raise")
