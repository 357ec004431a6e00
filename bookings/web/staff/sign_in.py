"""How staff sign in: Flask-Security's settings, its texts in our words, and our sign-ins behind it."""

import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import Any

from flask import Flask, Response, abort, g, redirect, render_template, request, session, url_for
from flask_security import RoleMixin, Security, UserDatastore, UserMixin, user_authenticated
from flask_security.forms import LoginForm, TwoFactorRescueForm
from flask_security.tf_plugin import TfPluginBase
from werkzeug.wrappers import Response as AnyResponse
from wtforms import RadioField

from bookings.db import read_session
from bookings.domain.staff import LONGEST_PASSWORD, SHORTEST_PASSWORD
from bookings.i18n import gettext
from bookings.i18n import lazy_gettext as _l
from bookings.queries.staff import find_signed_in, has_passkey
from bookings.services.staff import CODE_SECONDS, Client, count_sign_in_try, end_sign_in, start_sign_in
from bookings.settings import Settings, current_settings
from bookings.web.clock import utc_now
from bookings.web.security import SECOND_FACTOR_ELSEWHERE, find_signed_in_person, sign_in_times
from bookings.web.staff.navigation import init_navigation

_RECOVERY_CODES = 10
_NOT_LENT = {"__dict__", "__weakref__", "__module__", "__doc__", "__annotations__"}
_SESSION_KEY = "staff_session"
_FORMS = ("login_user_form", "two_factor_verify_code_form", "mf_recovery_form")
_PASSKEY = "staff_passkeys.sign_in"
_LINK = "staff_links.ask"
_STEPS = {
    "security.login",
    "security.two_factor_token_validation",
    "security.mf_recovery",
    _PASSKEY,
    _LINK,
}


def sign_in_config(settings: Settings, secret_key: str) -> dict[str, Any]:
    """Password with argon2id, codes of an authenticator app, recovery codes; nobody registers themselves."""
    return {
        "SECURITY_URL_PREFIX": "/staff",
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_TWO_FACTOR_TOKEN_VALIDATION_URL": "/sign-in/code",
        "SECURITY_MULTI_FACTOR_RECOVERY_URL": "/sign-in/recovery",
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_API_ENABLED_METHODS": ["session"],
        "SECURITY_POST_LOGIN_VIEW": "staff.start",
        "SECURITY_POST_LOGOUT_VIEW": "pages.front",
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"check_deliverability": False, "test_environment": True},
        # Our account page asks for the password instead.
        "SECURITY_FRESHNESS": timedelta(seconds=-1),
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SINGLE_HASH": True,
        "SECURITY_PASSWORD_LENGTH_MIN": SHORTEST_PASSWORD,
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": {
            "argon2__type": "ID",
            "argon2__memory_cost": 19 * 1024,
            "argon2__time_cost": 2,
            "argon2__parallelism": 1,
        },
        "SECURITY_TWO_FACTOR": True,
        "SECURITY_TWO_FACTOR_ENABLED_METHODS": ["authenticator"],
        "SECURITY_TWO_FACTOR_RESCUE_EMAIL": False,
        "SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY": CODE_SECONDS,
        "SECURITY_TOTP_SECRETS": {"1": _derive(secret_key, "totp").decode()},
        "SECURITY_TOTP_ISSUER": settings.app.name,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES": True,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_N": _RECOVERY_CODES,
        "SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS": [_derive(secret_key, "recovery codes")],
        **{f"SECURITY_MSG_{key}": message for key, message in _MESSAGES.items()},
    }


_MESSAGES = {
    "GENERIC_AUTHN_FAILED": (_l("The e-mail address or the password is not right."), "error"),
    "UNAUTHENTICATED": (_l("Please sign in."), "warning"),
    "PASSWORD_NOT_PROVIDED": (_l("Type your password."), "error"),
    "EMAIL_NOT_PROVIDED": (_l("Type your e-mail address."), "error"),
    "INVALID_CODE": (_l("Type the six digits that the app shows now."), "error"),
    "TWO_FACTOR_INVALID_TOKEN": (
        _l("This code is wrong or too old. Type the six digits that the app shows now."),
        "error",
    ),
    "TWO_FACTOR_LOGIN_SUCCESSFUL": (_l("You are signed in."), "success"),
    "TWO_FACTOR_PERMISSION_DENIED": (_l("Please sign in with your password first."), "warning"),
    "INVALID_RECOVERY_CODE": (_l("This recovery code is wrong or was used before."), "error"),
    "API_ERROR": (_l("This field is not filled in right."), "error"),
}


def _derive(secret_key: str, purpose: str) -> bytes:
    """A key of its own for each purpose, so that one secret is enough to keep."""
    return urlsafe_b64encode(hmac.digest(secret_key.encode(), purpose.encode(), sha256))


class StaffLoginForm(LoginForm):
    """E-mail address and password; no "remember me", and no way to say where to go afterwards."""

    remember = None  # type: ignore[assignment]

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.next.data = ""

    def validate(self, **keywords: Any) -> bool:
        """Too long or unprintable is wrong like any other password; nothing is hashed for it."""
        password = self.password.data or ""
        if len(password) > LONGEST_PASSWORD or "\0" in password:
            self.password.data = ""
        is_valid: bool = super().validate(**keywords)
        return is_valid


class _NoRescue(TwoFactorRescueForm):
    """The library makes this form with every code page; ours has recovery codes and no other way."""

    help_setup = RadioField(choices=[])


class PasskeyFactor(TfPluginBase):
    """After the password of somebody who has a passkey and no app: the passkey, which proves both."""

    def get_setup_methods(self, user: UserMixin) -> list[tuple[str, str]]:
        """An app is asked first; its page leads on to the passkey."""
        if user.tf_primary_method or not has_passkey(read_session(), user.id):
            return []
        return [("passkey", "passkey")]

    def tf_login(self, user: UserMixin, _payload: dict[str, Any], _next: str | None) -> AnyResponse:
        """As the library does for the code of an app: recovery codes go on from here too."""
        session["tf_state"] = "ready"
        return redirect(url_for(_PASSKEY))


class _Texts:
    """The library asks here for its texts: they come from our catalogues."""

    def gettext(self, text: object, **values: object) -> str:
        # Ours are lazy and know their translation already.
        translated = gettext(text) if isinstance(text, str) else str(text)
        return translated % values if values else translated


def bind_sign_in(app: Flask, security: Security, datastore: UserDatastore) -> None:
    """Flask-Security with our pages, texts and sign-ins: a cookie counts only while its row lasts."""
    _lend(UserMixin, datastore.user_model)
    _lend(RoleMixin, datastore.role_model)
    security.init_app(
        app,
        datastore,
        register_blueprint=True,
        login_form=StaffLoginForm,
        two_factor_rescue_form=_NoRescue,
        render_template=_render,
    )
    security.two_factor_plugins.register_tf_impl(app, "passkey", PasskeyFactor)
    security.i18n_domain = _Texts()  # type: ignore[assignment]
    security.want_json(lambda _request: False)
    security.login_manager.user_loader(_load_person)
    # No tokens in headers or addresses: the cookie is the only way in.
    security.login_manager.request_loader(lambda _request: None)
    # Gates ask for roles themselves (bookings/web/security.py): nobody is looked up for a public page.
    security.principal.identity_loaders.clear()
    user_authenticated.connect(_remember_person, app)


def _lend(lender: type, model: type) -> None:
    """Give a model what a base class of Flask-Security can do, where it has nothing of that name itself."""
    own = {name for kind in model.__mro__[:-1] for name in vars(kind)}
    for kind in lender.__mro__[:-1]:
        for name, value in vars(kind).items():
            if name not in own and name not in _NOT_LENT:
                own.add(name)
                setattr(model, name, value)


def init_sign_in(app: Flask) -> None:
    """Limits in front of the sign-in pages, rows of sign-ins behind them, the frame of staff's pages."""
    app.before_request(_before_step)
    app.after_request(_keep_sign_in)
    init_navigation(app)


def _load_person(uniquifier: str) -> UserMixin | None:
    token = session.get(_SESSION_KEY)
    if not token:
        return None
    times = sign_in_times(current_settings())
    found = find_signed_in(read_session(), uniquifier=uniquifier, token=token, times=times, now=utc_now())
    if found is None:
        return None
    user, g.signed_in = found
    # What the library's own loader notes.
    g.fs_authn_via, g.fs_paa = "session", session.get("fs_paa", 0)
    return user


def _remember_person(_app: Flask, user: UserMixin, **_more: Any) -> None:
    """The view may hold changes of its own and commits them after us: the row is written after it."""
    g.authenticated_id = user.id


def _before_step() -> AnyResponse | None:
    if request.endpoint not in _STEPS:
        return None
    if "next" in request.form:
        abort(400)
    if request.args.keys() - {"lang"}:
        return redirect(url_for(request.endpoint))
    if find_signed_in_person():
        return redirect(url_for("staff.start"))
    if request.method == "POST":
        count_sign_in_try(_account(), _client(), now=utc_now())
    return None


def _account() -> str:
    """Whose password or code is tried: what was typed, whether or not there is such an account."""
    typed = request.form.get("email", "") if request.endpoint in ("security.login", _LINK) else ""
    return typed or str(session.get("tf_user_id", ""))


def _client() -> Client:
    return Client(request.remote_addr or "", request.user_agent.string)


def _keep_sign_in(response: Response) -> Response:
    if (staff_user_id := g.pop("authenticated_id", None)) is not None:
        session.pop("csrf_token", None)
        session[SECOND_FACTOR_ELSEWHERE] = g.pop("proved_second_factor", False)
        session[_SESSION_KEY] = start_sign_in(staff_user_id, _client(), now=utc_now())
    elif request.endpoint == "security.logout" and (token := session.pop(_SESSION_KEY, None)):
        end_sign_in(token, now=utc_now())
    return response


def _render(template: str, **context: Any) -> tuple[str, int]:
    """The library's pages, with the status that a form with errors has everywhere."""
    form = next(context[name] for name in _FORMS if name in context)
    form.form_errors = list(dict.fromkeys(map(str, form.form_errors)))
    has_errors = bool(form.errors)
    settings = current_settings()
    ways = {"has_sign_in_links": settings.session.sign_in_links, "provider": settings.oidc.label}
    page = render_template(template, form=form, has_errors=has_errors, **ways, **context)
    return page, 422 if has_errors else 200
