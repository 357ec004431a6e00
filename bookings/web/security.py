"""Who may use a route. Every route declares its gate; one without does not start."""

from collections.abc import Callable, Set
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, StrEnum
from secrets import token_urlsafe
from typing import TypeVar

from flask import Flask, Response, abort, current_app, flash, g, redirect, request, session, url_for
from flask_security import current_user
from werkzeug.wrappers import Response as AnyResponse

from bookings.db import read_session
from bookings.domain.audit import Who
from bookings.domain.links import LinkPurpose
from bookings.domain.staff import SignInTimes, StaffRole, check_may_change_visit, has_role, may_change_visit
from bookings.domain.visits import Actor
from bookings.extensions import csrf
from bookings.i18n import gettext as _
from bookings.queries.staff import SignedIn, find_ties, list_ties
from bookings.services.staff import touch_sign_in
from bookings.settings import Settings, current_settings
from bookings.web.clock import utc_now

View = TypeVar("View", bound=Callable[..., object])
Headers = list[tuple[str, str]]


class GateKind(StrEnum):
    PUBLIC = "public"
    LINK = "link"
    STAFF = "staff"
    HALF_WAY = "half-way"
    CLOSED = "closed"


class Keeping(Enum):
    """What a browser may keep of a page.

    Of personal pages nothing, but for the answer to a form behind a link: Back finds it with what was typed,
    and tells nobody more than the link does, which stands in the same history.
    """

    OPEN = "no-cache"
    ANSWER = "private, no-cache"
    NOTHING = "no-store"


@dataclass(frozen=True)
class Gate:
    """What somebody needs to pass: nothing, a secret link for a purpose, or a role.

    Half way are those whose password was right and whose code is asked for; nobody passes a closed gate.
    """

    kind: GateKind
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.kind}:{self.detail}" if self.detail else str(self.kind)


class MissingGateError(Exception):
    """A route says nothing about who may use it."""


_PUBLIC = Gate(GateKind.PUBLIC)
_HALF_WAY = Gate(GateKind.HALF_WAY)
_CLOSED = Gate(GateKind.CLOSED)
_LONGEST_WAY = 300
_VISIT_KEYS = ("reference", "slot_id")
_FORM_AROUND_FILE = 64 * 1024
_SECOND_FACTOR = "staff.second_factor"
# In the session: this sign-in came with a second factor of the provider's.
SECOND_FACTOR_ELSEWHERE = "second_factor_elsewhere"
_WAYS_TO_ONE = (_SECOND_FACTOR, "staff_passkeys.index")

EXTERNAL_GATES: dict[str, Gate] = {
    # Routes of libraries: endpoint → gate. The library's own checks stay in force behind it.
    "security.login": _PUBLIC,
    "security.logout": _PUBLIC,
    "security.two_factor_token_validation": _HALF_WAY,
    "security.mf_recovery": _HALF_WAY,
    # What these do stands on our account page, with the password asked for.
    "security.two_factor_setup": _CLOSED,
    "security.two_factor_setup_validate": _CLOSED,
    "security.two_factor_rescue": _CLOSED,
    "security.mf_recovery_codes": _CLOSED,
    "security.tf_select": _CLOSED,
}


def public(view: View) -> View:
    """Anybody may use this route."""
    return _declare(view, _PUBLIC)


def link_gate(purpose: LinkPurpose) -> Callable[[View], View]:
    """The route works for the holder of a secret link; its view resolves the token with `find_link`."""
    return lambda view: _declare(view, Gate(GateKind.LINK, purpose))


def staff_gate(role: StaffRole) -> Callable[[View], View]:
    """Signed-in staff with this role or a higher one."""
    return lambda view: _declare(view, Gate(GateKind.STAFF, role))


def _declare(view: View, gate: Gate) -> View:
    view.gate = gate  # type: ignore[attr-defined]
    return view


def gate_of(app: Flask, endpoint: str) -> Gate | None:
    """The declared gate of an endpoint."""
    found: Gate | None = getattr(app.view_functions[endpoint], "gate", None) or EXTERNAL_GATES.get(endpoint)
    return found


def find_signed_in_person() -> SignedIn | None:
    """The person who is signed in, if anybody is: one statement at the first call of a request."""
    if "signed_in" not in g and not current_user.is_authenticated:
        return None
    found: SignedIn | None = g.get("signed_in")
    return found


def signed_in() -> SignedIn:
    """The signed-in person with id, name, language and town; only behind a staff gate."""
    person = find_signed_in_person()
    if person is None:
        abort(401)
    return person


def sign_in_times(settings: Settings) -> SignInTimes:
    """How long a sign-in lasts in this installation."""
    minutes = settings.session
    return SignInTimes(timedelta(minutes=minutes.idle_minutes), timedelta(minutes=minutes.absolute_minutes))


def current_staff() -> Who:
    """The signed-in person as an actor; only behind a staff gate."""
    person = signed_in()
    return Who(Actor.STAFF, person.name, person.member)


def can_change_visit(reference: str) -> bool:
    """May the signed-in person change this visit, or only read it? For what a page offers."""
    member = signed_in().member
    if not member.has_limits:
        return True
    ties = find_ties(read_session(), reference=reference)
    return ties is not None and may_change_visit(member, ties)


def find_changeable(references: Set[str]) -> Set[str]:
    """Those of the visits that the signed-in person may change, in two statements: for what a list offers."""
    member = signed_in().member
    if not member.has_limits or not references:
        return references
    ties = list_ties(read_session(), references)
    return {reference for reference, tied in ties.items() if may_change_visit(member, tied)}


def init_security(app: Flask, settings: Settings) -> None:
    """Gates in front of every request, headers behind every response. Raises MissingGateError."""
    missing = sorted({r.endpoint for r in app.url_map.iter_rules() if gate_of(app, r.endpoint) is None})
    if missing:
        raise MissingGateError(f"no gate declared: {', '.join(missing)}")
    app.before_request(_refuse_foreign_posts)
    app.before_request(pass_gate)
    fixed = _fixed_headers(settings)

    @app.after_request
    def add_headers(response: Response) -> Response:
        gate = gate_of(app, request.endpoint) if request.endpoint else None
        return _with_headers(response, fixed[_keeping_of(gate)])


def _keeping_of(gate: Gate | None) -> Keeping:
    if gate is None or gate.kind is GateKind.PUBLIC:
        return Keeping.OPEN
    is_answer = gate.kind is GateKind.LINK and request.method == "POST"
    return Keeping.ANSWER if is_answer else Keeping.NOTHING


def pass_gate() -> AnyResponse | None:
    """Let the request pass, or answer it: sign-in for a page, 401, 403 or 404 for everything else."""
    if request.endpoint is None:
        return None
    gate = gate_of(current_app, request.endpoint)
    if gate is None or gate.kind is GateKind.CLOSED:
        abort(404)
    if gate.kind is not GateKind.STAFF:
        return None
    person = find_signed_in_person()
    if person is None:
        return _ask_to_sign_in()
    if not has_role(person.roles, StaffRole(gate.detail)):
        abort(403)
    if gate.detail != StaffRole.READER:
        _check_reach(person)
    touch_sign_in(person.session_id, seen_at=person.seen_at, now=utc_now())
    return _ask_for_second_factor() if _owes_second_factor(person) else None


def _check_reach(person: SignedIn) -> None:
    """Whoever opens a form about a visit, or sends one, may change that visit. Raises VisitOfOthersError."""
    which = {name: value for name, value in (request.view_args or {}).items() if name in _VISIT_KEYS}
    if not which or not person.member.has_limits:
        return
    for name, value in which.items():  # each by itself: nobody says that a slot is one of this visit
        ties = find_ties(read_session(), **{name: value})
        if ties is not None:
            check_may_change_visit(person.member, ties)


def _owes_second_factor(person: SignedIn) -> bool:
    """Whoever may do everything, or takes data out, has to prove more than a password."""
    if person.has_second_factor or not current_settings().session.admins_need_second_factor:
        return False
    if session.get(SECOND_FACTOR_ELSEWHERE):
        return False
    is_admin = StaffRole.ADMIN in person.roles
    return (is_admin or _takes_data_out()) and request.endpoint not in _WAYS_TO_ONE


def _takes_data_out() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "takes_data_out", False)


def _ask_for_second_factor() -> AnyResponse:
    sentence = (
        _("Whoever exports data signs in with a code besides the password. Connect an app first.")
        if _takes_data_out()
        else _("Administrators sign in with a code besides the password. Connect an app first.")
    )
    flash(sentence, "warning")
    return redirect(url_for(_SECOND_FACTOR), 303)


def _ask_to_sign_in() -> AnyResponse:
    if request.method not in ("GET", "HEAD"):
        abort(401)
    if session.pop("_user_id", None):
        flash(_("Your sign-in has ended. Please sign in again."), "warning")
    way = request.full_path.removesuffix("?")
    # In the signed cookie, never in the address: nobody else can say where a sign-in leads to.
    session["wanted"] = way if len(way) <= _LONGEST_WAY else ""
    return redirect(url_for("security.login"))


def takes_data_out(view: View) -> View:
    """Nobody does this with a password alone."""
    view.takes_data_out = True  # type: ignore[attr-defined]
    return view


def takes_large_files(view: View) -> View:
    """Staff send files here that are larger than any other request may be."""
    view.takes_large_files = True  # type: ignore[attr-defined]
    return view


def refuse_large_forms() -> None:
    """The server's own limit on fields holds for multipart forms only; files of staff may be larger."""
    if "\0" in request.path:
        abort(404)  # names nothing, and PostgreSQL takes it in no text
    view = current_app.view_functions.get(request.endpoint or "")
    if getattr(view, "takes_large_files", False) and "_user_id" in session:
        request.max_content_length = current_settings().web.max_import_bytes + _FORM_AROUND_FILE
    if request.mimetype == "application/x-www-form-urlencoded":
        fields = sum(len(values) for _name, values in request.form.lists())
        if fields > current_app.config["MAX_FORM_PARTS"]:
            abort(413)


def _refuse_foreign_posts() -> None:
    """A browser says where a form came from: another site's never acts, whatever token it carries."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    exempt = getattr(current_app.view_functions.get(request.endpoint or ""), "takes_foreign_posts", False)
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and not exempt:
        abort(403)


def takes_foreign_posts(view: View) -> View:
    """RFC 8058 one-click posts come from mail programs: the token is their only proof."""
    view.takes_foreign_posts = True  # type: ignore[attr-defined]
    return view


def checks_own_token(view: View) -> View:
    """The view looks at the form's token itself (and keeps what was typed), or has a better proof."""
    csrf.exempt(view)
    return view


def _content_policy(settings: Settings) -> str:
    ancestors = " ".join(settings.web.frame_ancestors) or "'none'"
    own = "; ".join(f"{kind}-src 'self'" for kind in ("script", "style", "font", "connect", "manifest"))
    return (
        f"default-src 'none'; {own}; img-src 'self' data:; form-action 'self'; "
        f"frame-ancestors {ancestors}; base-uri 'none'; object-src 'none'"
    )


def _with_headers(response: Response, fixed: Headers) -> Response:
    """What a view or an error page has set itself stays."""
    headers = response.headers
    present = {name.lower() for name in headers.keys()}  # noqa: SIM118 (a list of pairs, not a mapping)
    headers.extend(pair for pair in fixed if pair[0].lower() not in present)
    return response


def _fixed_headers(settings: Settings) -> dict[Keeping, Headers]:
    """The headers of pages that anybody may open, and of all the others."""
    content_policy = _content_policy(settings)
    headers = [
        ("Content-Security-Policy", content_policy),
        ("X-Content-Type-Options", "nosniff"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ]
    if "frame-ancestors 'none'" in content_policy:
        headers.append(("X-Frame-Options", "DENY"))
    if settings.app.environment == "production":
        headers.append(("Strict-Transport-Security", "max-age=63072000; includeSubDomains"))
    referrer = {Keeping.OPEN: "same-origin"}
    return {
        keeping: [
            *headers,
            ("Referrer-Policy", referrer.get(keeping, "no-referrer")),
            ("Cache-Control", keeping.value),
        ]
        for keeping in Keeping
    }


def form_key() -> str:
    """A fresh one-time key for a form; unique in its table, so a double submit finds its first answer."""
    return token_urlsafe(18)
