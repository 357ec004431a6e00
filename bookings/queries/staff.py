"""Who is signed in, and an account with its sign-ins."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, exists, select, union
from sqlalchemy.orm import Session

from bookings.domain.staff import Member, SignInTimes, StaffRole, VisitTies, describe_browser
from bookings.models.directory import Place
from bookings.models.slots import Slot
from bookings.models.staff import StaffPasskey, StaffSession, StaffUser
from bookings.models.visits import VisitPlace, VisitRequest
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
    towns: frozenset[str]
    roles: frozenset[StaffRole]
    has_app: bool
    """An authenticator app is connected."""
    has_passkey: bool
    recovery_codes_left: int
    session_id: int
    seen_at: datetime

    @property
    def has_second_factor(self) -> bool:
        """Does signing in ask for more than a password?"""
        return self.has_app or self.has_passkey

    @property
    def member(self) -> Member:
        """The person as rules see them."""
        return Member(self.staff_user_id, self.roles, self.towns)


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
    found: Row[StaffUser, StaffSession, bool] | None = (
        session.execute(
            select(StaffUser, StaffSession, exists().where(StaffPasskey.staff_user_id == StaffUser.id))
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
    user, sign_in, has_passkey = found
    if times.has_ended(created_at=sign_in.created_at, seen_at=sign_in.seen_at, now=now):
        return None
    return user, _signed_in(user, sign_in, has_passkey=has_passkey)


def _signed_in(user: StaffUser, sign_in: StaffSession, *, has_passkey: bool) -> SignedIn:
    return SignedIn(
        staff_user_id=user.id,
        name=user.name,
        email=user.email,
        language=user.language,
        wants_mails=user.wants_mails,
        town=user.town,
        towns=frozenset(user.towns),
        roles=frozenset(StaffRole(role.name) for role in user.roles),
        has_app=bool(user.tf_primary_method and user.tf_totp_secret),
        has_passkey=has_passkey,
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


@dataclass(frozen=True)
class PasskeyView:
    """One of somebody's passkeys."""

    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


def list_passkeys(session: Session, staff_user_id: int) -> list[PasskeyView]:
    """A person's passkeys, the oldest first."""
    rows = session.scalars(
        select(StaffPasskey).where(StaffPasskey.staff_user_id == staff_user_id).order_by(StaffPasskey.id)
    )
    return [PasskeyView(row.id, row.name, row.created_at, row.used_at) for row in rows]


def has_passkey(session: Session, staff_user_id: int) -> bool:
    """Does the account have one?"""
    return session.scalar(select(exists().where(StaffPasskey.staff_user_id == staff_user_id))) or False


def has_staff(session: Session) -> bool:
    """Is there any account?"""
    return session.scalar(select(StaffUser.id).limit(1)) is not None


def find_ties(
    session: Session, *, reference: str = "", slot_id: int = 0, visit_id: int = 0
) -> VisitTies | None:
    """Whom a visit belongs to, by its reference, one of its slots or its id; None: there is no such visit."""
    if slot_id:
        which = VisitRequest.id == select(Slot.visit_id).where(Slot.id == slot_id).scalar_subquery()
    elif reference:
        which = VisitRequest.reference == reference.strip().upper()
    else:
        which = VisitRequest.id == visit_id
    found = session.execute(
        select(VisitRequest.id, VisitRequest.owner_id, StaffUser.name, StaffUser.towns)
        .outerjoin(StaffUser, StaffUser.id == VisitRequest.owner_id)
        .where(which)
    ).one_or_none()
    if found is None:
        return None
    towns = session.scalars(
        union(
            select(VisitPlace.place_slug).where(VisitPlace.visit_id == found.id),
            select(Place.slug).join(Slot, Slot.place_id == Place.id).where(Slot.visit_id == found.id),
        )
    )
    return VisitTies(found.owner_id, found.name or "", frozenset(found.towns or ()), frozenset(towns))


def list_ties(session: Session, references: Collection[str]) -> dict[str, VisitTies]:
    """Whom these visits belong to, by reference; what does not exist is left out."""
    rows = session.execute(
        select(
            VisitRequest.id, VisitRequest.reference, VisitRequest.owner_id, StaffUser.name, StaffUser.towns
        )
        .outerjoin(StaffUser, StaffUser.id == VisitRequest.owner_id)
        .where(VisitRequest.reference.in_(references))
    ).all()
    ids = [row.id for row in rows]
    places = session.execute(
        union(
            select(VisitPlace.visit_id, VisitPlace.place_slug).where(VisitPlace.visit_id.in_(ids)),
            select(Slot.visit_id, Place.slug)
            .join(Place, Place.id == Slot.place_id)
            .where(Slot.visit_id.in_(ids)),
        )
    )
    towns: dict[int, set[str]] = {}
    for visit_id, slug in places:
        towns.setdefault(visit_id, set()).add(slug)
    return {
        row.reference: VisitTies(
            row.owner_id, row.name or "", frozenset(row.towns or ()), frozenset(towns.get(row.id, ()))
        )
        for row in rows
    }
