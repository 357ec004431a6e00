"""Unbound Flask extensions; `app.py` binds them to the application."""

from typing import Any

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_security import Security
from flask_security.totp import Totp
from flask_wtf.csrf import CSRFProtect

from bookings.i18n import PoBabel

babel = PoBabel()
csrf = CSRFProtect()
# Limits that must survive a restart are counted in the database (services/limits.py).
limiter = Limiter(key_func=get_remote_address, storage_uri="memory://")
migrate = Migrate(compare_type=True, render_as_batch=True)


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
