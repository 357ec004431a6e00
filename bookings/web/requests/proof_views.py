"""The links of the first mail: "yes, this was me" and "this was not me". GET shows, POST acts."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from bookings.db import read_session
from bookings.domain.errors import LinkExpiredError, TransitionNotAllowedError
from bookings.domain.links import LinkPurpose
from bookings.domain.visits import VisitState
from bookings.i18n import gettext as _
from bookings.queries.requests import find_request_of_link
from bookings.services.requests import report_not_me, resend_verification_by_link, verify_request
from bookings.web.clock import utc_now
from bookings.web.requests.views import book
from bookings.web.security import link_gate

_CLOSED_UNPROVED = (VisitState.CANCELLED, VisitState.EXPIRED)


@book.get("/book/verify/<token>")
@link_gate(LinkPurpose.VERIFY_REQUEST)
def verify(token: str) -> str | tuple[str, int]:
    """Ask whether it was them; viewing uses nothing up."""
    found, link = find_request_of_link(read_session(), token, LinkPurpose.VERIFY_REQUEST)
    is_past = link.expires_at is not None and utc_now() >= link.expires_at
    if found.waits_for_proof:
        name = "late" if is_past else "verify"
    else:
        name = "closed" if found.state in _CLOSED_UNPROVED else "verified"
    page = render_template(f"requests/{name}.html", request_sent=found, token=token)
    return (page, 410) if name == "late" else page


@book.post("/book/verify/<token>")
@link_gate(LinkPurpose.VERIFY_REQUEST)
def prove(token: str) -> Response:
    """The address is theirs: on to the visit's own page."""
    try:
        page_token = verify_request(token, now=utc_now())
    except (LinkExpiredError, TransitionNotAllowedError):
        page_token = None
    if page_token is None:
        return redirect(url_for("book.verify", token=token), 303)
    flash(_("Your address is confirmed. We have received your request."), "success")
    return redirect(url_for("visits.show", token=page_token), 303)


@book.post("/book/verify/<token>/again")
@link_gate(LinkPurpose.VERIFY_REQUEST)
def prove_again(token: str) -> Response:
    """A new link to the same mailbox, within the limits."""
    resend_verification_by_link(token, now=utc_now())
    flash(_("If the address still has to be confirmed, a new mail is on its way."), "success")
    return redirect(url_for("book.verify", token=token), 303)


@book.get("/book/not-me/<token>")
@link_gate(LinkPurpose.NOT_ME)
def not_me(token: str) -> str:
    """Ask before anything is cancelled."""
    found, _link = find_request_of_link(read_session(), token, LinkPurpose.NOT_ME)
    return render_template("requests/not_me.html", request_sent=found, token=token)


@book.post("/book/not-me/<token>")
@link_gate(LinkPurpose.NOT_ME)
def deny(token: str) -> Response:
    """The request is cancelled and its mails end."""
    report_not_me(token, now=utc_now())
    return redirect(url_for("book.not_me", token=token), 303)
