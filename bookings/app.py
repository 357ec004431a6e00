"""create_app(): the only module that sees every floor."""

import secrets
from pathlib import Path
from typing import Any

from flask import Flask, request
from flask_security import SQLAlchemyUserDatastore
from werkzeug.middleware.proxy_fix import ProxyFix

from bookings import i18n, models
from bookings.adapters.mail.signing import BadSigningKeyError, Signer, read_signer
from bookings.db import database
from bookings.extensions import csrf, security
from bookings.foundation import create_base
from bookings.models.staff import Role, StaffUser
from bookings.settings import Settings, SettingsError, asset_folder, load_settings
from bookings.web import BLUEPRINTS, DEMO_BLUEPRINTS
from bookings.web.assets import init_assets
from bookings.web.bulk_reads import init_bulk_reads
from bookings.web.errors import init_errors
from bookings.web.late_rules import LateRule
from bookings.web.outages import init_outages
from bookings.web.security import init_security, refuse_large_forms
from bookings.web.sessions import KeptSerializerSessions
from bookings.web.setting_ways import setting_url
from bookings.web.staff.sign_in import bind_sign_in, init_sign_in, sign_in_config
from bookings.web.summaries import list_errors
from bookings.web.templates import (
    PlainWays,
    keep_references_whole,
    nearest_page,
    opens_by_itself,
    same_page,
)

__all__ = ["create_app", "models"]


def create_app(settings: Settings | None = None) -> Flask:
    """The application, bound to one database. Raises SettingsError or MissingGateError."""
    settings = settings or load_settings()
    app = create_base(settings)
    app.url_rule_class = LateRule
    app.session_interface = KeptSerializerSessions()
    app.extensions["mail_signer"] = _read_signer(settings)
    app.config.update(_flask_config(settings))
    # Before anything reads the form, the check of its token included.
    app.before_request(refuse_large_forms)
    _bind_extensions(app)
    for blueprint in (*BLUEPRINTS, *(DEMO_BLUEPRINTS if settings.app.demo else ())):
        app.register_blueprint(blueprint)
    init_assets(app, asset_folder("static"))
    init_errors(app)
    init_outages(app)
    init_security(app, settings)
    init_sign_in(app)
    init_bulk_reads(app)
    _add_template_words(app)
    if settings.web.proxy_count:
        hops = settings.web.proxy_count
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    secure = settings.web.base_url.startswith("https://")
    # Without a configured secret (development, demo) sign-ins end with the process.
    secret_key = settings.app.secret_key or secrets.token_hex(32)
    return {
        "SECRET_KEY": secret_key,
        "TESTING": settings.app.environment == "test",
        "TRUSTED_HOSTS": settings.web.trusted_hosts or None,
        "MAX_CONTENT_LENGTH": settings.web.max_body_bytes,
        "MAX_FORM_MEMORY_SIZE": settings.web.max_body_bytes,
        "MAX_FORM_PARTS": settings.web.max_form_fields,
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_PATH": "/",
        "WTF_CSRF_TIME_LIMIT": None,
        # Token pages send no Referer; SameSite and Sec-Fetch-Site stand in for the check.
        "WTF_CSRF_SSL_STRICT": False,
        **sign_in_config(settings, secret_key),
    }


def _read_signer(settings: Settings) -> Signer | None:
    dkim = settings.dkim
    if not dkim.key_file:
        return None
    domain = dkim.domain or settings.mail.domain
    try:
        return read_signer(domain=domain, selector=dkim.selector, key_file=Path(dkim.key_file))
    except BadSigningKeyError as error:
        raise SettingsError(f"dkim.key_file: {dkim.key_file}: {error}") from error


def _bind_extensions(app: Flask) -> None:
    csrf.init_app(app)
    bind_sign_in(app, security, SQLAlchemyUserDatastore(database, StaffUser, Role))


def _add_template_words(app: Flask) -> None:
    """Functions that only pages call, beside those of `foundation.py`."""
    app.jinja_env.globals.update(
        language_links=_language_links,
        list_errors=list_errors,
        opens_by_itself=opens_by_itself,
        setting_url=setting_url,
        url_for=PlainWays(),
    )
    app.jinja_env.filters["whole"] = keep_references_whole


def _language_links() -> list[dict[str, Any]]:
    """The page one is on, in each language. Pages that answer a form link to the start of theirs."""
    here = i18n.current_language()
    is_page = request.endpoint and request.method in ("GET", "HEAD")
    url = same_page(lang="") if is_page else f"{nearest_page()}?lang="
    return [
        {"code": code, "name": name, "url": url + code, "is_current": code == here}
        for code, name in i18n.LANGUAGE_NAMES.items()
    ]
