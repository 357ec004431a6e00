"""Unbound Flask extensions; `app.py` binds them to the application."""

from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_security import Security
from flask_wtf.csrf import CSRFProtect

from bookings.i18n import PoBabel

babel = PoBabel()
csrf = CSRFProtect()
# Limits that must survive a restart are counted in the database (services/limits.py).
limiter = Limiter(key_func=get_remote_address, storage_uri="memory://")
migrate = Migrate(compare_type=True, render_as_batch=True)
security = Security()
