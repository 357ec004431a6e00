"""How staff sign in: Flask-Security's settings."""

from datetime import timedelta
from typing import Any

from bookings.settings import Settings


def sign_in_config(settings: Settings) -> dict[str, Any]:
    """Password with argon2id, TOTP and recovery codes; no registration by strangers."""
    return {
        "SECURITY_URL_PREFIX": "/staff/sign-in",
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SINGLE_HASH": True,
        "SECURITY_POST_LOGIN_VIEW": "/staff/visits",
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False},
        "SECURITY_FRESHNESS": timedelta(minutes=settings.session.absolute_minutes),
    }
