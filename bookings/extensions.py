"""Unbound Flask extensions; `app.py` binds them to the application."""

from typing import Any

from flask_security import Security
from flask_security.totp import Totp
from flask_wtf.csrf import CSRFProtect

csrf = CSRFProtect()


class OneTimeCodes(Totp):
    """A code of an authenticator app works once, even within its half minute."""

    def get_last_counter(self, user: Any) -> int | None:
        """The time step of the last code that the account used."""
        counter: int | None = user.tf_last_counter
        return counter

    def set_last_counter(self, user: Any, tmatch: Any) -> None:
        """Remember the time step of the code; saved with the account."""
        user.tf_last_counter = tmatch.counter


security = Security(totp_cls=OneTimeCodes)
