"""Staff: accounts, roles, and sessions that can be listed and ended."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, true
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from bookings.db import Base
from bookings.domain.staff import StaffRole
from bookings.models.columns import Code, Id, LanguageCode, Line, LongText, ShortText, one_of

if TYPE_CHECKING:
    from flask_security import RoleMixin, UserMixin
else:
    # Lent to the classes when the site is put together (web/staff/sign_in.py): a process that nobody signs in
    # to does not wait for Flask-Security.
    RoleMixin = UserMixin = object


class Role(Base, RoleMixin):
    """One of the roles of StaffRole; the rows are made by the migration."""

    __tablename__ = "role"
    __table_args__ = (one_of("name", StaffRole),)

    id: Mapped[Id]
    name: Mapped[Code] = mapped_column(unique=True)
    description: Mapped[Line | None]


class StaffUserRole(Base):
    __tablename__ = "staff_user_role"

    staff_user_id: Mapped[int] = mapped_column(
        ForeignKey("staff_user.id", ondelete="CASCADE"), primary_key=True
    )
    role_id: Mapped[int] = mapped_column(
        ForeignKey("role.id", ondelete="RESTRICT"), primary_key=True, index=True
    )


class StaffUser(Base, UserMixin):
    """A coordinator's account (Flask-Security's names for its own columns)."""

    __tablename__ = "staff_user"

    id: Mapped[Id]
    email: Mapped[Line] = mapped_column(unique=True)
    name: Mapped[Line]
    password: Mapped[Line | None]
    active: Mapped[bool] = mapped_column(default=True)
    language: Mapped[LanguageCode] = mapped_column(default="en")
    town: Mapped[Code] = mapped_column(default="")
    """Slug of the partner town this person works for: its clocks are theirs."""
    towns: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    """Slugs of the towns whose visits a coordinator changes; none: all."""
    wants_mails: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Mails about the visits that this person looks after."""
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    invited_until: Mapped[datetime | None]
    """Until when the invitation can be taken; NULL since it was, or when there was none."""
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[Line | None]
    tf_last_counter: Mapped[int | None]
    """The time step of the last code that was accepted: a code works once."""
    # The sign-in library takes a used code out of the list in place: only a MutableList notices.
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(JSON))

    # The sign-in library reads the roles with every request: they come in the same statement.
    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]
        lazy="joined", secondary="staff_user_role"
    )


class StaffSession(Base):
    """One sign-in on one device. Without its row the cookie is worth nothing."""

    __tablename__ = "staff_session"

    id: Mapped[Id]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    staff_user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    network_address: Mapped[ShortText]
    user_agent: Mapped[LongText]


class StaffPasskey(Base):
    """A key in somebody's telephone, computer or token: the public half of it."""

    __tablename__ = "staff_passkey"

    id: Mapped[Id]
    staff_user_id: Mapped[int] = mapped_column(ForeignKey("staff_user.id", ondelete="CASCADE"), index=True)
    name: Mapped[ShortText]
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True)
    credential: Mapped[bytes] = mapped_column(LargeBinary)
    """The attested credential data as the device sent it: its id and its public key."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """How often the device says it was used: a copy of it would fall behind."""
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
