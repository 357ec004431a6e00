"""Who is signed in, and an account with its sign-ins."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from bookings.domain.staff import SignInTimes, StaffRole, describe_browser
from bookings.models.staff import StaffSession, StaffUser
from bookings.queries.links import hash_token


@dataclass(frozen=True)
class SignedIn:
    """The person behind a request and their sign-in; a plain value that outlives the transaction."""

    staff_user_id: int
    name: str
    email: str
    language: str
    wants_mails: bool
    town: str
    roles: frozenset[StaffRole]
    has_second_factor: bool
    recovery_codes_left: int
    session_id: int
    seen_at: datetime


@dataclass(frozen=True)
class SignInView:
    """One sign-in as its person sees it in a list."""

    id: int
    created_at: datetime
    seen_at: datetime
    network_address: str
    browser: str


def find_signed_in(
    session: Session, *, uniquifier: str, token: str, times: SignInTimes, now: datetime
) -> tuple[StaffUser, SignedIn] | None:
    """The active account of a sign-in that still lasts: account, roles and sign-in in one statement."""
    found: Row[StaffUser, StaffSession] | None = (
        session.execute(
            select(StaffUser, StaffSession)
            .join(StaffSession, StaffSession.staff_user_id == StaffUser.id)
            .where(
                StaffUser.fs_uniquifier == uniquifier,
                StaffUser.active,
                StaffSession.token_hash == hash_token(token),
                StaffSession.ended_at.is_(None),
            )
        )
        .unique()
        .one_or_none()
    )
    if found is None:
        return None
    user, sign_in = found
    if times.has_ended(created_at=sign_in.created_at, seen_at=sign_in.seen_at, now=now):
        return None
    return user, _signed_in(user, sign_in)


def _signed_in(user: StaffUser, sign_in: StaffSession) -> SignedIn:
    return SignedIn(
        staff_user_id=user.id,
        name=user.name,
        email=user.email,
        language=user.language,
        wants_mails=user.wants_mails,
        town=user.town,
        roles=frozenset(StaffRole(role.name) for role in user.roles),
        has_second_factor=bool(user.tf_primary_method and user.tf_totp_secret),
        recovery_codes_left=len(user.mf_recovery_codes or []),
        session_id=sign_in.id,
        seen_at=sign_in.seen_at,
    )


def list_sign_ins(
    session: Session, staff_user_id: int, *, times: SignInTimes, now: datetime
) -> list[SignInView]:
    """The sign-ins of a person that still last, the newest use first."""
    rows = session.scalars(
        select(StaffSession)
        .where(
            StaffSession.staff_user_id == staff_user_id,
            StaffSession.ended_at.is_(None),
            StaffSession.seen_at > now - times.idle,
            StaffSession.created_at > now - times.absolute,
        )
        .order_by(StaffSession.seen_at.desc(), StaffSession.id.desc())
    )
    return [
        SignInView(
            id=row.id,
            created_at=row.created_at,
            seen_at=row.seen_at,
            network_address=row.network_address,
            browser=describe_browser(row.user_agent),
        )
        for row in rows
    ]


def has_staff(session: Session) -> bool:
    """Is there any account?"""
    return session.scalar(select(StaffUser.id).limit(1)) is not None
