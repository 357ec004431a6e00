"""Signing in at a provider that the installation names: whom it vouches for, if that is one of us."""

import hmac
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from bookings.db import transaction
from bookings.domain.audit import Who
from bookings.domain.visits import Actor
from bookings.models.staff import StaffUser
from bookings.services.audit import add_audit
from bookings.services.outbox import site_url
from bookings.settings import current_settings

log = logging.getLogger("bookings.oidc")

_LASTS = timedelta(minutes=15)
_LONGEST = 4096


class Refused(StrEnum):
    """Why a sign-in at the provider ends without one."""

    CANCELLED = "cancelled"
    NOT_ASKED = "not_asked"
    NOT_PROVED = "not_proved"
    UNKNOWN = "unknown"
    DOWN = "down"


@dataclass(frozen=True)
class Vouched:
    """An open account, and whether its owner proved more than a password at the provider."""

    staff_user_id: int
    has_second_factor: bool


def find_provider_fault() -> str:
    """Why nobody could sign in at the provider now, as a code; "" when it answers as it should."""
    try:
        _provider().check()
    except _adapter().ProviderDownError as error:
        return str(error)
    return ""


def ask_provider(*, now: datetime) -> tuple[str, dict[str, str]] | Refused:
    """Where to send the browser, and what its session has to remember."""
    try:
        way, asked = _provider().ask()
    except _adapter().ProviderDownError as error:
        return _refuse(Refused.DOWN, error)
    return way, {**asdict(asked), "at": now.isoformat()}


def read_answer(answer: Mapping[str, str], *, asked: Mapping[str, str], now: datetime) -> Vouched | Refused:
    """Whose account it is that the provider's answer stands for; no account is made by it."""
    if not _is_answer_to(answer, asked, now=now):
        return _refuse(Refused.NOT_ASKED)
    if answer.get("error"):
        is_own_wish = answer["error"] == "access_denied"
        return _refuse(Refused.CANCELLED if is_own_wish else Refused.DOWN, "answered with an error")
    adapter = _adapter()
    known = adapter.Asked(asked["state"], asked["nonce"], asked["verifier"])
    try:
        proved = _provider().prove(answer.get("code", "")[:_LONGEST], known, now=now)
    except adapter.ProviderDownError as error:
        return _refuse(Refused.DOWN, error)
    except adapter.NotProvedError as error:
        return _refuse(Refused.NOT_PROVED, error)
    return _find_account(proved, now=now)


def _is_answer_to(answer: Mapping[str, str], asked: Mapping[str, str], *, now: datetime) -> bool:
    if not asked or not hmac.compare_digest(answer.get("state", "").encode(), asked["state"].encode()):
        return False
    # RFC 9207: whoever says who answers, says it right.
    issuer = current_settings().oidc.issuer
    return answer.get("iss", issuer) == issuer and now - datetime.fromisoformat(asked["at"]) <= _LASTS


def _find_account(proved: Any, *, now: datetime) -> Vouched | Refused:
    with transaction() as session:
        folded = proved.email.strip().lower()
        user = session.scalars(
            select(StaffUser).where(func.lower(StaffUser.email) == folded, StaffUser.active)
        ).unique().first()  # fmt: skip
        if user is None:
            return _refuse(Refused.UNKNOWN)
        strong = bool(proved.methods & set(current_settings().oidc.second_factors))
        who = Who(Actor.STAFF, user.name)
        add_audit(
            session, who, "prove_at_provider", noun="staff", subject_id=user.id, now=now, second_factor=strong
        )
        return Vouched(user.id, strong)


def _refuse(why: Refused, detail: object = "") -> Refused:
    """The log holds codes: no address and nothing of the token."""
    log.warning("sign-in at the provider: %s %s", why, detail)
    return why


@cache
def _adapter() -> Any:
    """Late: the libraries' imports take half a second, and most installations have no provider."""
    return import_module("bookings.adapters.oidc")


def _provider() -> Any:
    """One for each application: it keeps what the provider says of itself."""
    found = current_app.extensions.get("oidc")
    if found is None:
        oidc = current_settings().oidc
        found = current_app.extensions["oidc"] = _adapter().Provider(
            _adapter().Registration(
                issuer=oidc.issuer,
                client_id=oidc.client_id,
                client_secret=oidc.client_secret,
                redirect_uri=site_url("staff_oidc.answer"),
                hosts=tuple(oidc.hosts),
                ca_file=oidc.ca_file,
            )
        )
    return found
