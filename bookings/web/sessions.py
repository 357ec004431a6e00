"""Signed session cookies: every request reads one, and half of them write one."""

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer


class KeptSerializerSessions(SecureCookieSessionInterface):
    """Flask's sessions; the serializer is made once, for the secret stays as long as the process."""

    _kept: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The serializer of this application."""
        if self._kept is None:
            self._kept = super().get_signing_serializer(app)
        return self._kept
