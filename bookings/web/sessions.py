"""Signed session cookies: every request reads one, and half of them write one."""

from flask import Flask, Response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer


class KeptSerializerSessions(SecureCookieSessionInterface):
    """Flask's sessions; the serializer is made once, for the secret stays as long as the process."""

    _kept: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """The serializer of this application."""
        if self._kept is None:
            self._kept = super().get_signing_serializer(app)
        return self._kept

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """The answer to a form belongs to nobody else anyway: that a cookie changed since then must not
        keep the browser's Back from it."""
        super().save_session(app, session, response)
        if request.method == "POST":
            response.vary.discard("Cookie")
