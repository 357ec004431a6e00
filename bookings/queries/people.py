"""Who works here, as admins see them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from bookings.domain.errors import LinkNotFoundError, NotFoundError
from bookings.domain.links import LinkPurpose
from bookings.domain.staff import SignInTimes, StaffRole, highest_role
from bookings.models.staff import StaffPasskey, StaffSession, StaffUser
from bookings.queries.links import find_link


class PersonState(StrEnum):
    """Derived from the account: nobody stores it."""

    ACTIVE = "active"
    INVITED = "invited"
    LAPSED = "lapsed"
    CLOSED = "closed"


@dataclass(frozen=True)
class PersonView:
    """One of the staff in the list."""

    id: int
    name: str
    email: str
    language: str
    role: StaffRole
    towns: tuple[str, ...]
    state: PersonState
    invited_until: datetime | None
    has_second_factor: bool
    sign_ins: int
    seen_at: datetime | None


def list_people(session: Session, *, times: SignInTimes, now: datetime) -> list[PersonView]:
    """Everybody with an account or an invitation, by name: two statements however many they are."""
    rows = session.execute(
        select(StaffUser, exists().where(StaffPasskey.staff_user_id == StaffUser.id))
        .order_by(func.lower(StaffUser.name), StaffUser.id)
    ).unique()  # fmt: skip
    return _build_views(session, [(user, has) for user, has in rows], times=times, now=now)


def load_person(session: Session, staff_user_id: int, *, times: SignInTimes, now: datetime) -> PersonView:
    """One of them. Raises NotFoundError."""
    rows = session.execute(
        select(StaffUser, exists().where(StaffPasskey.staff_user_id == StaffUser.id))
        .where(StaffUser.id == staff_user_id)
    ).unique()  # fmt: skip
    views = _build_views(session, [(user, has) for user, has in rows], times=times, now=now)
    if not views:
        raise NotFoundError("staff", str(staff_user_id))
    return views[0]


def find_invited(session: Session, token: str, *, now: datetime) -> StaffUser:
    """Whom an invitation is for. Raises LinkNotFoundError, LinkExpiredError."""
    link = find_link(session, token, LinkPurpose.STAFF_INVITATION, now=now)
    user = session.get(StaffUser, link.subject_id)
    if user is None or user.password is not None:
        raise LinkNotFoundError
    return user


def _build_views(
    session: Session, rows: list[tuple[StaffUser, bool]], *, times: SignInTimes, now: datetime
) -> list[PersonView]:
    found = session.execute(
        select(StaffSession.staff_user_id, func.count(), func.max(StaffSession.seen_at))
        .where(
            StaffSession.ended_at.is_(None),
            StaffSession.seen_at > now - times.idle,
            StaffSession.created_at > now - times.absolute,
        )
        .group_by(StaffSession.staff_user_id)
    )
    sign_ins = {user_id: (number, seen_at) for user_id, number, seen_at in found}
    return [
        PersonView(
            id=user.id,
            name=user.name,
            email=user.email,
            language=user.language,
            role=highest_role([role.name for role in user.roles]),
            towns=tuple(user.towns),
            state=_state_of(user, now=now),
            invited_until=user.invited_until,
            has_second_factor=has_passkey or bool(user.tf_primary_method and user.tf_totp_secret),
            sign_ins=sign_ins.get(user.id, (0, None))[0],
            seen_at=sign_ins.get(user.id, (0, None))[1],
        )
        for user, has_passkey in rows
    ]


def _state_of(user: StaffUser, *, now: datetime) -> PersonState:
    if user.password is None:
        has_lapsed = user.invited_until is None or now >= user.invited_until
        return PersonState.LAPSED if has_lapsed else PersonState.INVITED
    return PersonState.ACTIVE if user.active else PersonState.CLOSED
