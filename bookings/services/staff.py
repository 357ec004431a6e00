"""Staff accounts: making them, their sign-ins, passwords and second factors."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from flask_security import hash_password, verify_password
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.errors import (
    CodeWrongError,
    NotFoundError,
    PasswordWrongError,
    StaffExistsError,
    TooManyAttemptsError,
)
from bookings.domain.limits import HOUR, Limit
from bookings.domain.staff import LONGEST_PASSWORD, StaffRole, check_password, normalise_password
from bookings.domain.text import clean_line, shorten_address
from bookings.domain.visits import Actor
from bookings.extensions import security
from bookings.models.staff import Role, StaffSession, StaffUser
from bookings.queries.links import hash_token
from bookings.services.audit import add_audit
from bookings.services.limits import count_act, forget_acts, take_back_act
from bookings.settings import asset_folder, current_settings

_NOUN = "staff"
_QUARTER = timedelta(minutes=15)
# A database write with every click would cost more than the knowledge is worth.
_SEEN_EVERY = timedelta(minutes=1)
# How far the clock of a telephone may be off.
CODE_SECONDS = 30
_LONGEST_NAME = 100
_LONGEST_EMAIL = 254
_LONGEST_BROWSER = 400


@dataclass(frozen=True, kw_only=True)
class NewStaff:
    """An account to be made; the password in the clear, as it was typed."""

    email: str
    name: str
    role: StaffRole
    password: str
    town: str = ""
    language: str = "en"


@dataclass(frozen=True)
class Client:
    """The other end of a request: its address and what its browser calls itself."""

    address: str
    user_agent: str = ""


def add_staff(new: NewStaff, *, who: Who, now: datetime) -> int:
    """Make an account and answer its id. Raises StaffExistsError or PasswordNotAllowedError."""
    email = _fold_email(clean_line(new.email, max_length=_LONGEST_EMAIL))
    name = clean_line(new.name, max_length=_LONGEST_NAME)
    check_password(
        new.password, blocked=_blocked_passwords(), personal=_personal(name, email), has_second_factor=False
    )
    hashed = _hash(new.password)
    with transaction() as session:
        if session.scalar(select(StaffUser.id).where(func.lower(StaffUser.email) == email)):
            raise StaffExistsError(email)
        user = StaffUser(
            email=email,
            name=name,
            password=hashed,
            active=True,
            language=new.language,
            town=new.town,
            fs_uniquifier=secrets.token_hex(16),
            created_at=now,
            roles=[session.scalars(select(Role).where(Role.name == new.role)).one()],
        )
        session.add(user)
        session.flush()
        add_audit(session, who, "add", noun=_NOUN, subject_id=user.id, now=now, role=new.role)
        return user.id


def replace_password(email: str, password: str, *, who: Who, now: datetime) -> None:
    """Help for somebody who forgot theirs: a new password, all sign-ins ended, the second factor kept.

    Raises NotFoundError or PasswordNotAllowedError.
    """
    hashed = _hash(password[:LONGEST_PASSWORD])
    with transaction() as session:
        user = (
            session.scalars(select(StaffUser).where(StaffUser.email == _fold_email(email))).unique().first()
        )
        if user is None:
            raise NotFoundError(_NOUN, email)
        check_new_password(user, password)
        user.password = hashed
        _end_others(session, user.id, 0, now=now)
        add_audit(session, who, "replace_password", noun=_NOUN, subject_id=user.id, now=now)


def count_sign_in_try(account: str, client: Client, *, now: datetime) -> None:
    """Count an attempt before its password or code is looked at. Raises TooManyAttemptsError."""
    with transaction() as session:
        if account:  # a passkey or a provider names nobody yet: such tries are not all one account's
            _count_try(session, _account_limit(account), now=now)
        _count_try(session, _client_limit(client), now=now)


def start_sign_in(staff_user_id: int, client: Client, *, now: datetime) -> str:
    """Somebody proved who they are: a new sign-in, and the token that stands for it in their cookie."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        user = _load(session, staff_user_id)
        session.add(
            StaffSession(
                token_hash=hash_token(token),
                staff_user_id=user.id,
                created_at=now,
                seen_at=now,
                ended_at=None,
                network_address=shorten_address(client.address),
                user_agent=client.user_agent[:_LONGEST_BROWSER],
            )
        )
        for account in (user.email, user.fs_uniquifier):
            forget_acts(session, _account_limit(account))
        take_back_act(session, _client_limit(client))
        add_audit(session, _self(user), "sign_in", noun=_NOUN, subject_id=user.id, now=now)
    return token


def touch_sign_in(session_id: int, *, seen_at: datetime, now: datetime) -> None:
    """Note that the person is still there, at most once a minute."""
    if now - seen_at < _SEEN_EVERY:
        return
    with transaction() as session:
        session.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))


def end_sign_in(token: str, *, now: datetime) -> None:
    """Sign out: the cookie with this token is worth nothing from now on."""
    with transaction() as session:
        session.execute(
            update(StaffSession)
            .where(StaffSession.token_hash == hash_token(token), StaffSession.ended_at.is_(None))
            .values(ended_at=now)
        )


def end_own_sign_in(staff_user_id: int, session_id: int, *, now: datetime) -> None:
    """End one of one's own sign-ins, wherever its device is. Raises NotFoundError for somebody else's."""
    with transaction() as session:
        found = session.get(StaffSession, session_id)
        if found is None or found.staff_user_id != staff_user_id:
            raise NotFoundError("sign_in", str(session_id))
        found.ended_at = found.ended_at or now


def end_other_sign_ins(staff_user_id: int, session_id: int, *, now: datetime) -> None:
    """End all one's sign-ins but this one."""
    with transaction() as session:
        _end_others(session, staff_user_id, session_id, now=now)


def change_profile(staff_user_id: int, *, name: str, language: str, wants_mails: bool, now: datetime) -> None:
    """Another name in the trail, another language of one's mails, or none of them."""
    cleaned = clean_line(name, max_length=_LONGEST_NAME)
    with transaction() as session:
        user = _load(session, staff_user_id)
        user.name, user.language, user.wants_mails = cleaned, language, wants_mails
        add_audit(session, _self(user), "change_profile", noun=_NOUN, subject_id=user.id, now=now)


def prove_password(staff_user_id: int, password: str, *, now: datetime) -> None:
    """A device left open changes nothing, and nobody guesses on it: the try counts even when it fails.

    Raises PasswordWrongError or TooManyAttemptsError.
    """
    with transaction() as session:
        user = _load(session, staff_user_id)
        hashed = user.password or ""
        _count_try(session, _account_limit(user.email), now=now)
    # Outside: hashing takes tens of milliseconds, in which nobody else could write.
    # Nobody's password is so long: nothing is hashed for it, as at the sign-in.
    is_possible = len(password) <= LONGEST_PASSWORD and "\0" not in password
    if not (is_possible and verify_password(normalise_password(password), hashed)):
        raise PasswordWrongError


def change_password(staff_user_id: int, new: str, *, session_id: int, now: datetime) -> None:
    """A new password; all other sign-ins end. Raises PasswordNotAllowedError."""
    hashed = _hash(new[:LONGEST_PASSWORD])
    with transaction() as session:
        user = _load(session, staff_user_id)
        check_new_password(user, new)
        user.password = hashed
        _end_others(session, user.id, session_id, now=now)
        add_audit(session, _self(user), "change_password", noun=_NOUN, subject_id=user.id, now=now)


def switch_on_second_factor(staff_user_id: int, *, secret: str, code: str, now: datetime) -> list[str]:
    """From now on sign-in asks for a code; answers the recovery codes, to be shown once.

    Raises CodeWrongError.
    """
    with transaction() as session:
        user = _load(session, staff_user_id)
        if not security.totp_factory.verify_totp(code, secret, user, window=CODE_SECONDS):
            raise CodeWrongError
        user.tf_primary_method, user.tf_totp_secret = "authenticator", secret
        add_audit(session, _self(user), "second_factor_on", noun=_NOUN, subject_id=user.id, now=now)
        return _renew_codes(user)


def renew_recovery_codes(staff_user_id: int, *, now: datetime) -> list[str]:
    """Ten new recovery codes; the old ones stop working."""
    with transaction() as session:
        user = _load(session, staff_user_id)
        add_audit(session, _self(user), "renew_recovery_codes", noun=_NOUN, subject_id=user.id, now=now)
        return _renew_codes(user)


def switch_off_second_factor(staff_user_id: int, *, now: datetime) -> None:
    """Sign-in asks for the password alone again."""
    with transaction() as session:
        user = _load(session, staff_user_id)
        user.tf_primary_method = user.tf_totp_secret = None
        user.tf_last_counter = user.mf_recovery_codes = None
        add_audit(session, _self(user), "second_factor_off", noun=_NOUN, subject_id=user.id, now=now)


def hash_new_password(password: str) -> str:
    """The hash of a password that is checked afterwards: it takes tens of milliseconds. Part of use cases."""
    return _hash(password[:LONGEST_PASSWORD])


def check_new_password(user: StaffUser, password: str) -> None:
    """May the account have this password? Part of use cases. Raises PasswordNotAllowedError."""
    check_password(
        password,
        blocked=_blocked_passwords(),
        personal=_personal(user.name, user.email),
        has_second_factor=user.tf_totp_secret is not None,
    )


def _count_try(session: Session, limit: Limit, *, now: datetime) -> None:
    if count_act(session, (limit,), now=now):
        # Rolled back with the rest: tries over the limit don't lengthen the wait.
        raise TooManyAttemptsError(int(limit.window.total_seconds() // 60))


def _account_limit(account: str) -> Limit:
    return Limit(
        "sign_in_account", _fold_email(account), current_settings().limits.sign_ins_per_account, _QUARTER
    )


def _client_limit(client: Client) -> Limit:
    return Limit("sign_in_client", client.address, current_settings().limits.sign_ins_per_client_hour, HOUR)


def _load(session: Session, staff_user_id: int) -> StaffUser:
    user = session.get(StaffUser, staff_user_id)
    if user is None or not user.active:
        raise NotFoundError(_NOUN, str(staff_user_id))
    return user


def make_recovery_codes(user: StaffUser) -> list[str]:
    """Ten codes for somebody without their device. Part of use cases."""
    return _renew_codes(user)


def _renew_codes(user: StaffUser) -> list[str]:
    return list(security.mf_recovery_codes_util.create_recovery_codes(user))


def _end_others(session: Session, staff_user_id: int, session_id: int, *, now: datetime) -> None:
    session.execute(
        update(StaffSession)
        .where(
            StaffSession.staff_user_id == staff_user_id,
            StaffSession.id != session_id,
            StaffSession.ended_at.is_(None),
        )
        .values(ended_at=now)
    )


def _self(user: StaffUser) -> Who:
    return Who(Actor.STAFF, user.name)


def _hash(password: str) -> str:
    return str(hash_password(normalise_password(password)))


def _fold_email(email: str) -> str:
    return email.strip().lower()


def _personal(name: str, email: str) -> tuple[str, ...]:
    return name, email, email.partition("@")[0], current_settings().app.name


@cache
def _blocked_passwords() -> frozenset[str]:
    lines = (asset_folder("config") / "blocked-passwords.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))
