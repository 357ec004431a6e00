"""Passkeys of staff: added, named, removed, and the way in with one."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bookings.db import read_session, transaction
from bookings.domain.audit import Who
from bookings.domain.errors import NotFoundError, PasskeyNotUsableError
from bookings.domain.text import clean_line
from bookings.domain.visits import Actor
from bookings.models.staff import StaffPasskey, StaffUser
from bookings.services.audit import add_audit
from bookings.services.staff import make_recovery_codes
from bookings.settings import current_settings

_NOUN = "staff_passkey"
_LONGEST_NAME = 100
_MOST = 10
_LONGEST_ANSWER = 20_000

Asked = tuple[dict[str, Any], dict[str, Any]]


def ask_for_new_passkey(staff_user_id: int) -> Asked:
    """What the browser needs to make a key for this person, and what the session has to remember."""
    session = read_session()
    user = session.get_one(StaffUser, staff_user_id)
    known = session.scalars(
        select(StaffPasskey.credential).where(StaffPasskey.staff_user_id == staff_user_id)
    )
    asked: Asked = _ceremony().ask_for_new(
        handle=_handle(user), email=user.email, name=user.name, known=list(known)
    )
    return asked


def add_passkey(
    staff_user_id: int, answer: str, *, state: Mapping[str, Any], name: str, now: datetime
) -> list[str]:
    """Keep the key that the browser made. Answers recovery codes when the person had none.

    Raises PasskeyNotUsableError.
    """
    cleaned = clean_line(name, max_length=_LONGEST_NAME)
    key = _try(lambda: _ceremony().read_new(state, _read(answer)))
    with transaction() as session:
        user = session.get_one(StaffUser, staff_user_id)
        owned = select(func.count()).where(StaffPasskey.staff_user_id == user.id)
        taken = select(StaffPasskey.id).where(StaffPasskey.credential_id == key.credential_id)
        if session.scalar(taken) or (session.scalar(owned) or 0) >= _MOST:
            raise PasskeyNotUsableError
        passkey = StaffPasskey(
            staff_user_id=user.id,
            name=cleaned,
            credential_id=key.credential_id,
            credential=key.credential,
            sign_count=key.sign_count,
            created_at=now,
            used_at=None,
        )
        session.add(passkey)
        session.flush()
        add_audit(session, _self(user), "add_passkey", noun=_NOUN, subject_id=passkey.id, now=now)
        return [] if user.mf_recovery_codes else make_recovery_codes(user)


def rename_passkey(staff_user_id: int, passkey_id: int, *, name: str, now: datetime) -> None:
    """Another name for one's own key. Raises NotFoundError."""
    cleaned = clean_line(name, max_length=_LONGEST_NAME)
    with transaction() as session:
        passkey, user = _load(session, staff_user_id, passkey_id)
        passkey.name = cleaned
        add_audit(session, _self(user), "rename_passkey", noun=_NOUN, subject_id=passkey.id, now=now)


def remove_passkey(staff_user_id: int, passkey_id: int, *, now: datetime) -> None:
    """The key opens nothing any more. Raises NotFoundError for somebody else's."""
    with transaction() as session:
        passkey, user = _load(session, staff_user_id, passkey_id)
        session.delete(passkey)
        add_audit(session, _self(user), "remove_passkey", noun=_NOUN, subject_id=passkey.id, now=now)


def ask_for_passkey() -> Asked:
    """What the browser needs to prove a key of this site, and what the session has to remember."""
    asked: Asked = _ceremony().ask_for_proof()
    return asked


def prove_passkey(answer: str, *, state: Mapping[str, Any], now: datetime) -> int:
    """Whose key it is: the id of an active account. Raises PasskeyNotUsableError, whatever is wrong."""
    given = _read(answer)
    key_id = _try(lambda: _adapter().read_key_id(given))
    with transaction() as session:
        passkey = session.scalar(select(StaffPasskey).where(StaffPasskey.credential_id == key_id))
        if passkey is None:
            raise PasskeyNotUsableError
        user = session.get_one(StaffUser, passkey.staff_user_id)
        if not user.active:
            raise PasskeyNotUsableError
        key = _adapter().Key(passkey.credential, passkey.credential_id, passkey.sign_count)
        passkey.sign_count = _try(lambda: _ceremony().read_proof(state, key, given))
        passkey.used_at = now
        return user.id


@cache
def _adapter() -> Any:
    """Late: most processes never see a passkey, and the library's imports take a quarter of a second."""
    return import_module("bookings.adapters.passkeys")


def _ceremony() -> Any:
    settings = current_settings()
    return _adapter().Ceremony(settings.web.base_url, settings.app.name)


def _try(act: Any) -> Any:
    try:
        return act()
    except _adapter().NotTheKeyError as error:
        raise PasskeyNotUsableError from error


def _read(answer: str) -> dict[str, Any]:
    try:
        found = json.loads(answer[:_LONGEST_ANSWER])
    except ValueError as error:
        raise PasskeyNotUsableError from error
    if not isinstance(found, dict):
        raise PasskeyNotUsableError
    return found


def _handle(user: StaffUser) -> bytes:
    """What the device keeps of the account: nothing that could be read or used elsewhere."""
    return hashlib.sha256(f"passkey:{user.fs_uniquifier}".encode()).digest()


def _load(session: Session, staff_user_id: int, passkey_id: int) -> tuple[StaffPasskey, StaffUser]:
    passkey = session.get(StaffPasskey, passkey_id)
    if passkey is None or passkey.staff_user_id != staff_user_id:
        raise NotFoundError(_NOUN, str(passkey_id))
    return passkey, session.get_one(StaffUser, staff_user_id)


def _self(user: StaffUser) -> Who:
    return Who(Actor.STAFF, user.name)
