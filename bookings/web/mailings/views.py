"""A mail to many: written, looked at as its readers get it, then sent by the worker."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import MailingNotUsableError
from bookings.domain.events import choose_text
from bookings.domain.mailings import MailingPlan
from bookings.domain.staff import StaffRole
from bookings.i18n import language_name, ngettext
from bookings.queries.events import EventView, load_event
from bookings.queries.mailings import Counts, count_people, count_subscribers, list_mailings
from bookings.services.mailings import write_newsletter, write_to_people
from bookings.web.clock import utc_now
from bookings.web.event_texts import in_own_words
from bookings.web.mailings.forms import AUDIENCES, MailingForm
from bookings.web.security import current_staff, form_key, staff_gate

staff_mailings = Blueprint("staff_mailings", __name__, url_prefix="/staff")
_SEND = "send"


@dataclass(frozen=True)
class _Page:
    """What differs between a letter to the people of an event and a newsletter."""

    template: str
    counts: Counts
    write: Callable[..., int]
    view: EventView | None = None


@dataclass(frozen=True)
class _Preview:
    """How one language's readers get it."""

    language: str
    readers: int
    written_in: str
    subject: str
    text: str


@staff_mailings.route("/events/<slug>/letters", methods=["GET", "POST"])
@staff_gate(StaffRole.COORDINATOR)
def to_people(slug: str) -> ResponseReturnValue:
    """To those who are registered, or wait."""
    view = load_event(read_session(), slug)
    counts = count_people(read_session(), view.event.id)
    return _handle(_Page("mailings/people.html", counts, partial(write_to_people, slug), view))


@staff_mailings.route("/newsletter", methods=["GET", "POST"])
@staff_gate(StaffRole.COORDINATOR)
def newsletter() -> ResponseReturnValue:
    """To everybody who asked for the newsletter."""
    return _handle(_Page("mailings/newsletter.html", count_subscribers(read_session()), write_newsletter))


def _handle(page: _Page) -> ResponseReturnValue:
    """Sent once, the form shows the mail in each language; sent from there, the mail leaves."""
    form = MailingForm()
    form.offer(page.counts)
    if not form.validate_on_submit():
        return _show(page, form), 422 if form.errors else 200
    act = _send if request.form.get("go") == _SEND else _look
    return act(page, form)


def _send(page: _Page, form: MailingForm) -> ResponseReturnValue:
    found: list[int] = []
    key, who, now = form.key.data or form_key(), current_staff(), utc_now()
    if not form.attempt(lambda: found.append(page.write(form.read(), form_key=key, who=who, now=now))):
        return _show(page, form), 422
    told = ngettext(
        "The mail to %(num)d person is on its way.", "The mails to %(num)d people are on their way.", found[0]
    )
    flash(told, "success")
    assert request.endpoint
    return redirect(url_for(request.endpoint, **(request.view_args or {})), 303)


def _look(page: _Page, form: MailingForm) -> ResponseReturnValue:
    found: list[_Preview] = []
    if not form.attempt(lambda: found.extend(_preview(form.read().clean(), page.counts))):
        return _show(page, form), 422
    return _show(page, form, found), 200


def _preview(plan: MailingPlan, counts: Counts) -> list[_Preview]:
    readers = sorted(counts[plan.audience].items())
    if not readers:
        raise MailingNotUsableError("nobody", "audience")
    return [_for_language(plan, *one) for one in readers]


def _for_language(plan: MailingPlan, language: str, readers: int) -> _Preview:
    text = choose_text(plan.text, language)
    written_in = next(code for code, words in plan.text.items() if words == text)
    return _Preview(language, readers, written_in, choose_text(plan.subject, language), text)


def _show(page: _Page, form: MailingForm, previews: list[_Preview] | None = None) -> str:
    event = page.view.event if page.view else None
    return render_template(
        page.template,
        event=event,
        form=form,
        readers=sum(sum(one.values()) for one in page.counts.values()),
        previews=previews,
        mailings=list_mailings(read_session(), event.id if event else None),
        audiences=AUDIENCES,
        in_own_words=in_own_words,
        language_name=language_name,
        has_errors=form.has_problems,
    )
