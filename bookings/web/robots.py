"""What tells a robot from a person, without asking anybody to solve a puzzle."""

from datetime import datetime

from flask import current_app, request
from itsdangerous import BadSignature, Signer

from bookings.domain.limits import is_too_fast
from bookings.settings import current_settings

TRAP, STARTED = "nickname", "started"


def sign_start(now: datetime) -> str:
    """When the form was shown, in a shape that only we can make."""
    return _signer().sign(str(now.timestamp())).decode()


def has_fallen_for_trap() -> bool:
    """Was the field filled in that people never meet?"""
    return bool(request.form.get(TRAP))


def was_too_fast(now: datetime) -> bool:
    """Was the first page filled in faster than anybody reads it, or without having been shown?"""
    least = current_settings().limits.form_minimum_seconds
    if least <= 0:
        return False
    try:
        started = float(_signer().unsign(request.form.get(STARTED, "")))
    except (BadSignature, ValueError):
        return True
    return is_too_fast(started=started, sent=now.timestamp(), minimum_seconds=least)


def _signer() -> Signer:
    return Signer(str(current_app.secret_key), salt="booking-form")
