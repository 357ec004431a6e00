"""The newsletter: confirm and unsubscribe. GET shows, POST acts."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from bookings.db import read_session
from bookings.domain.links import LinkPurpose
from bookings.queries.links import find_link
from bookings.queries.newsletter import is_subscribed
from bookings.services.newsletter import confirm_newsletter, unsubscribe_newsletter
from bookings.web.clock import utc_now
from bookings.web.security import checks_own_token, link_gate, takes_foreign_posts

newsletter = Blueprint("newsletter", __name__)


@newsletter.get("/newsletter/confirm/<token>")
@link_gate(LinkPurpose.NEWSLETTER_CONFIRM)
def confirm(token: str) -> str:
    """Ask for the second yes."""
    return _show("confirm", token, LinkPurpose.NEWSLETTER_CONFIRM)


@newsletter.post("/newsletter/confirm/<token>")
@link_gate(LinkPurpose.NEWSLETTER_CONFIRM)
def subscribe(token: str) -> Response:
    """The second yes."""
    confirm_newsletter(token, now=utc_now())
    return redirect(url_for("newsletter.confirm", token=token), 303)


@newsletter.get("/newsletter/unsubscribe/<token>")
@link_gate(LinkPurpose.NEWSLETTER_UNSUBSCRIBE)
def unsubscribe(token: str) -> str:
    """A page with one button, for people; mail programs post at once."""
    return _show("unsubscribe", token, LinkPurpose.NEWSLETTER_UNSUBSCRIBE)


@newsletter.post("/newsletter/unsubscribe/<token>")
@link_gate(LinkPurpose.NEWSLETTER_UNSUBSCRIBE)
@takes_foreign_posts
@checks_own_token
def leave(token: str) -> ResponseReturnValue:
    """RFC 8058: one post without a session ends it; the token is the proof."""
    unsubscribe_newsletter(token, now=utc_now())
    if request.form.get("List-Unsubscribe") == "One-Click":
        return "", 204  # a mail program: the standard forbids a redirect here
    return redirect(url_for("newsletter.unsubscribe", token=token), 303)


def _show(page: str, token: str, purpose: LinkPurpose) -> str:
    link = find_link(read_session(), token, purpose, now=utc_now())
    return render_template(
        f"newsletter/{page}.html", is_subscribed=is_subscribed(read_session(), link.subject_id)
    )
