"""Who works here: invitations, roles, towns, closed accounts. Somebody can always let people in."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bookings.db import retry_conflicts, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import (
    LinkNotFoundError,
    NotFoundError,
    PersonChangedError,
    StaffExistsError,
    TransitionNotAllowedError,
)
from bookings.domain.links import LinkPurpose
from bookings.domain.staff import StaffRole, check_admins_remain, highest_role
from bookings.domain.text import clean_line
from bookings.domain.visits import Actor
from bookings.models.feeds import CalendarFeed
from bookings.models.links import ActionLink
from bookings.models.staff import Role, StaffSession, StaffUser, StaffUserRole
from bookings.queries.links import find_link
from bookings.services.audit import add_audit
from bookings.services.links import add_link
from bookings.services.outbox import Mail, queue_mail, site_url
from bookings.services.staff import check_new_password, hash_new_password
from bookings.settings import current_settings

_NOUN = "staff"
_LONGEST_NAME = 100
_LONGEST_EMAIL = 254


@dataclass(frozen=True, kw_only=True)
class Duties:
    """What somebody may do, and where: no town named means all of them."""

    role: StaffRole
    towns: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """Who is asked to join; the language is that of the mail."""

    email: str
    name: str
    duties: Duties
    language: str = "en"


def invite_person(new: Invitation, *, who: Who, now: datetime) -> int:
    """Make an account that waits for its person, and mail the link. Raises StaffExistsError."""
    email = clean_line(new.email, max_length=_LONGEST_EMAIL).lower()
    name = clean_line(new.name, max_length=_LONGEST_NAME)
    with transaction() as session:
        if session.scalar(select(StaffUser.id).where(func.lower(StaffUser.email) == email)):
            raise StaffExistsError(email)
        user = StaffUser(
            email=email,
            name=name,
            password=None,
            active=False,
            language=new.language,
            town=min(new.duties.towns, default=""),
            towns=sorted(new.duties.towns),
            fs_uniquifier=secrets.token_hex(16),
            created_at=now,
            roles=[_find_role(session, new.duties.role)],
        )
        session.add(user)
        session.flush()
        add_audit(
            session, who, "invite", noun=_NOUN, subject_id=user.id, now=now,
            role=new.duties.role, towns=user.towns,
        )  # fmt: skip
        _send_invitation(session, user, who, now=now)
        return user.id


def resend_invitation(staff_user_id: int, *, who: Who, now: datetime) -> None:
    """A new link; the old one stops working. Raises TransitionNotAllowedError when it was taken."""
    with transaction() as session:
        user = _load_invited(session, staff_user_id, "resend_invitation")
        add_audit(session, who, "resend_invitation", noun=_NOUN, subject_id=user.id, now=now)
        _send_invitation(session, user, who, now=now)


def withdraw_invitation(staff_user_id: int, *, who: Who, now: datetime) -> None:
    """The link stops working and nothing is left of the account. Raises TransitionNotAllowedError."""
    with transaction() as session:
        user = _load_invited(session, staff_user_id, "withdraw_invitation")
        _revoke_links(session, user.id, now=now)
        add_audit(session, who, "withdraw_invitation", noun=_NOUN, subject_id=user.id, now=now)
        session.delete(user)


def accept_invitation(token: str, *, name: str, password: str, now: datetime) -> int:
    """The person chooses a password: the account is open from now on. The link works once.

    Raises LinkNotFoundError, LinkExpiredError, PasswordNotAllowedError.
    """
    cleaned = clean_line(name, max_length=_LONGEST_NAME)
    hashed = hash_new_password(password)
    with transaction() as session:
        link = find_link(session, token, LinkPurpose.STAFF_INVITATION, now=now)
        user = _load(session, link.subject_id)
        if user.password is not None:
            raise LinkNotFoundError
        user.name = cleaned
        check_new_password(user, password)
        user.password, user.active, user.invited_until = hashed, True, None
        _revoke_links(session, user.id, now=now)
        add_audit(
            session, Who(Actor.STAFF, cleaned), "accept_invitation", noun=_NOUN, subject_id=user.id, now=now
        )
        return user.id


@retry_conflicts
def change_duties(staff_user_id: int, wanted: Duties, *, seen: Duties, who: Who, now: datetime) -> None:
    """Another role, other towns. `seen` is what the page showed.

    Raises LastAdminError, PersonChangedError.
    """
    with transaction() as session:
        _lock_admins(session)
        user = _load(session, staff_user_id)
        before = _duties_of(user)
        if before == wanted:
            return
        if before != seen:
            raise PersonChangedError
        if wanted.role != StaffRole.ADMIN:
            _check_admins_remain(session, user)
        user.roles = [_find_role(session, wanted.role)]
        user.towns = sorted(wanted.towns)
        add_audit(
            session, who, "change_duties", noun=_NOUN, subject_id=user.id, now=now,
            role=wanted.role, towns=user.towns, before_role=before.role, before_towns=sorted(before.towns),
        )  # fmt: skip


@retry_conflicts
def deactivate_person(staff_user_id: int, *, who: Who, now: datetime) -> None:
    """Signed out everywhere, no way in, no calendar address any more. Raises LastAdminError."""
    with transaction() as session:
        _lock_admins(session)
        user = _load(session, staff_user_id)
        if user.password is None:
            raise TransitionNotAllowedError(_NOUN, "invited", "deactivate")
        if not user.active:
            return
        _check_admins_remain(session, user)
        user.active = False
        _end_sign_ins(session, user.id, now=now)
        _revoke_links(session, user.id, now=now)
        session.execute(delete(CalendarFeed).where(CalendarFeed.staff_user_id == user.id))
        add_audit(session, who, "deactivate", noun=_NOUN, subject_id=user.id, now=now)


def reactivate_person(staff_user_id: int, *, who: Who, now: datetime) -> None:
    """The account as it was: same password, same second factor."""
    with transaction() as session:
        user = _load(session, staff_user_id)
        if user.password is None:
            raise TransitionNotAllowedError(_NOUN, "invited", "reactivate")
        if user.active:
            return
        user.active = True
        add_audit(session, who, "reactivate", noun=_NOUN, subject_id=user.id, now=now)


def end_sign_ins_of(staff_user_id: int, *, who: Who, now: datetime) -> int:
    """Sign somebody out everywhere; answers from how many devices."""
    with transaction() as session:
        user = _load(session, staff_user_id)
        ended = _end_sign_ins(session, user.id, now=now)
        add_audit(session, who, "end_sign_ins", noun=_NOUN, subject_id=user.id, now=now, ended=ended)
        return ended


def _send_invitation(session: Session, user: StaffUser, who: Who, *, now: datetime) -> None:
    _revoke_links(session, user.id, now=now)
    user.invited_until = now + timedelta(days=current_settings().session.invitation_days)
    token = add_link(session, LinkPurpose.STAFF_INVITATION, user.id, now=now, expires_at=user.invited_until)
    queue_mail(
        session,
        Mail(
            kind="staff_invitation",
            cause=f"staff:{user.id}:invitation:{now.isoformat()}",
            recipient=user.email,
            recipient_name=user.name,
            language=user.language,
            template="staff_invitation",
            context={
                "inviter": who.name,
                "until": user.invited_until,
                "url": site_url("staff_invitations.show", token=token),
            },
            expires_at=user.invited_until,
        ),
        now=now,
    )


def _lock_admins(session: Session) -> None:
    """Two admins who close each other's accounts at once do it one after the other."""
    session.execute(select(Role.id).where(Role.name == StaffRole.ADMIN).with_for_update())


def _check_admins_remain(session: Session, user: StaffUser) -> None:
    if not user.active or _duties_of(user).role != StaffRole.ADMIN:
        return
    others = session.scalar(
        select(func.count())
        .select_from(StaffUser)
        .join(StaffUserRole, StaffUserRole.staff_user_id == StaffUser.id)
        .join(Role, Role.id == StaffUserRole.role_id)
        .where(Role.name == StaffRole.ADMIN, StaffUser.active, StaffUser.id != user.id)
    )
    check_admins_remain(others or 0)


def _duties_of(user: StaffUser) -> Duties:
    return Duties(role=highest_role([role.name for role in user.roles]), towns=frozenset(user.towns))


def _find_role(session: Session, role: StaffRole) -> Role:
    return session.scalars(select(Role).where(Role.name == role)).one()


def _load(session: Session, staff_user_id: int) -> StaffUser:
    user = session.get(StaffUser, staff_user_id)
    if user is None:
        raise NotFoundError(_NOUN, str(staff_user_id))
    return user


def _load_invited(session: Session, staff_user_id: int, action: str) -> StaffUser:
    user = _load(session, staff_user_id)
    if user.password is not None:
        raise TransitionNotAllowedError(_NOUN, "joined", action)
    return user


def _end_sign_ins(session: Session, staff_user_id: int, *, now: datetime) -> int:
    ended = session.execute(
        update(StaffSession)
        .where(StaffSession.staff_user_id == staff_user_id, StaffSession.ended_at.is_(None))
        .values(ended_at=now)
        .returning(StaffSession.id)
    )
    return len(ended.all())


def _revoke_links(session: Session, staff_user_id: int, *, now: datetime) -> None:
    purposes = (LinkPurpose.STAFF_INVITATION, LinkPurpose.STAFF_SIGN_IN)
    session.execute(
        update(ActionLink)
        .where(
            ActionLink.purpose.in_(purposes),
            ActionLink.subject_id == staff_user_id,
            ActionLink.revoked_at.is_(None),
        )
        .values(revoked_at=now)
    )
