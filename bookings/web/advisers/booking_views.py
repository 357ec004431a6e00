"""Visitors book a time with an adviser, move and cancel it by link; advisers see their own day."""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_urlsafe

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import BookingError, LinkExpiredError, NotFoundError
from bookings.domain.event_errors import AdviceTimeError, AdviserTakenError
from bookings.domain.links import LinkPurpose
from bookings.domain.registrations import Application, Person
from bookings.domain.time import Interval
from bookings.i18n import current_language, format_interval
from bookings.i18n import gettext as _
from bookings.queries.advisers import Advice, AdviserCard, find_advice, list_advisers, load_adviser
from bookings.queries.events import EventView, load_event
from bookings.queries.links import find_any_link, find_link
from bookings.services.advisers import (
    AdviceWish,
    book_advice,
    cancel_advice,
    cancel_advice_by_adviser,
    move_advice,
    verify_advice,
)
from bookings.services.agreement import build_clause
from bookings.web.advisers.forms import AdviceForm, MoveForm, ReasonForm
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.robots import has_fallen_for_trap, sign_start, was_too_fast
from bookings.web.security import link_gate, public

advisers = Blueprint("advisers", __name__)
_LONGEST_KEY = 40
_EVENT = "/events/<slug>/advice"
_MANAGE = "/registrations/<token>/advice"


@dataclass(frozen=True)
class _Page:
    """An advisory day as visitors see it."""

    view: EventView
    cards: list[AdviserCard]

    @property
    def zone(self) -> str:
        return self.view.event.time_zone


@advisers.get(_EVENT)
@public
def index(slug: str) -> str:
    """Who can be met, and which times are free."""
    page = _load(slug)
    return render_template("advisers/index.html", event=page.view.event, cards=page.cards, now=utc_now())


@advisers.get(f"{_EVENT}/<int(max=2147483647):adviser_id>")
@public
def choose(slug: str, adviser_id: int) -> str:
    """The form for a time with one adviser; `start` in the query is chosen already."""
    page = _load(slug)
    card = _find_card(page, adviser_id)
    form = _form(card, page.zone, formdata=None)
    form.start.data = request.args.get("start", "")
    form.form_key.data = token_urlsafe(16)
    return _form_page(page, card, form)


@advisers.post(f"{_EVENT}/<int(max=2147483647):adviser_id>")
@public
def book(slug: str, adviser_id: int) -> ResponseReturnValue:
    """Keep the time and send the mail that proves the address; the page says the same to everybody."""
    page, now = _load(slug), utc_now()
    card = _find_card(page, adviser_id)
    form = _form(card, page.zone)
    if not form.validate():
        return _form_page(page, card, form), 422
    wish = AdviceWish(
        adviser_id=adviser_id,
        starts_at=datetime.fromisoformat(form.start.data),
        subject=form.subject.data or "",
        application=_read_application(page, form, looks_automatic=has_fallen_for_trap() or was_too_fast(now)),
    )
    try:
        book_advice(wish, now=now)
    except (AdviserTakenError, AdviceTimeError) as refusal:
        fresh = _load(slug)
        form.start.choices = _choices(_find_card(fresh, adviser_id), fresh.zone)
        form.start.errors = [refusal_sentence(refusal)]
        return _form_page(fresh, card, form), 409
    except BookingError as refusal:
        form.email.errors = [refusal_sentence(refusal)]
        return _form_page(page, card, form), 422
    return render_template("advisers/sent.html", event=page.view.event, card=card, email=form.email.data)


@advisers.get("/advice/verify/<token>")
@link_gate(LinkPurpose.VERIFY_REGISTRATION)
def verify(token: str) -> ResponseReturnValue:
    """Ask whether it was them; viewing uses nothing up."""
    link = find_any_link(read_session(), token, LinkPurpose.VERIFY_REGISTRATION)
    advice = find_advice(read_session(), link.subject_id)
    is_past = advice is None or (link.expires_at is not None and utc_now() >= link.expires_at)
    page = render_template("advisers/verify.html", advice=advice, token=token, is_past=is_past)
    return page, 410 if is_past else 200


@advisers.post("/advice/verify/<token>")
@link_gate(LinkPurpose.VERIFY_REGISTRATION)
def prove(token: str) -> ResponseReturnValue:
    """The address is theirs: the meeting stands, and both calendars get it."""
    try:
        page_token = verify_advice(token, now=utc_now())
    except LinkExpiredError:
        page_token = None
    if page_token is None:
        return redirect(url_for("advisers.verify", token=token), 303)
    flash(_("Your time is booked. A mail with the calendar entry is on its way."), "success")
    return redirect(url_for("advisers.show", token=page_token), 303)


@advisers.get(_MANAGE)
@link_gate(LinkPurpose.MANAGE_REGISTRATION)
def show(token: str) -> str:
    """The visitor's booked time, with the ways to move or cancel it."""
    return _own_page(token, MoveForm(formdata=None), ReasonForm(formdata=None))


@advisers.post(f"{_MANAGE}/move")
@link_gate(LinkPurpose.MANAGE_REGISTRATION)
def move(token: str) -> ResponseReturnValue:
    """Another time; both calendars follow."""
    advice = _find_own(token)
    form = MoveForm()
    form.start.choices = _choices(advice.adviser, advice.time_zone) if advice else []
    if advice is None or not form.validate():
        return _own_page(token, form, ReasonForm(formdata=None)), 422
    try:
        move_advice(token, starts_at=datetime.fromisoformat(form.start.data), now=utc_now())
    except BookingError as refusal:
        form.start.errors = [refusal_sentence(refusal)]
        return _own_page(token, form, ReasonForm(formdata=None)), 409
    flash(_("Your time is moved. The adviser has been told."), "success")
    return redirect(url_for("advisers.show", token=token), 303)


@advisers.post(f"{_MANAGE}/cancel")
@link_gate(LinkPurpose.MANAGE_REGISTRATION)
def cancel(token: str) -> ResponseReturnValue:
    """Somebody else can have the time."""
    form = ReasonForm()
    if not form.validate():
        return _own_page(token, MoveForm(formdata=None), form), 422
    cancel_advice(token, reason=form.reason.data or "", now=utc_now())
    flash(_("Your time is cancelled. The adviser has been told."), "success")
    return redirect(url_for("advisers.show", token=token), 303)


@advisers.get("/advisers/<token>")
@link_gate(LinkPurpose.ADVISER_PAGE)
def day(token: str) -> str:
    """An adviser's own day: who comes when, with what question."""
    return _day_page(token, ReasonForm(formdata=None))


@advisers.post("/advisers/<token>/meetings/<int(max=2147483647):meeting_id>/cancel")
@link_gate(LinkPurpose.ADVISER_PAGE)
def cancel_by_adviser(token: str, meeting_id: int) -> ResponseReturnValue:
    """The adviser cannot; the visitor is told, and may book another time."""
    form = ReasonForm()
    if not form.validate():
        form.place_at(meeting_id)
        return _day_page(token, form), 422
    cancel_advice_by_adviser(token, meeting_id, reason=form.reason.data or "", now=utc_now())
    flash(_("The meeting is cancelled, and the visitor has been told."), "success")
    return redirect(url_for("advisers.day", token=token), 303)


def _load(slug: str) -> _Page:
    view = load_event(read_session(), slug, is_public=True)
    return _Page(view, list_advisers(read_session(), view.event.id))


def _find_card(page: _Page, adviser_id: int) -> AdviserCard:
    found = next((card for card in page.cards if card.id == adviser_id), None)
    if found is None:
        raise NotFoundError("adviser", str(adviser_id))
    return found


def _choices(card: AdviserCard, zone: str) -> list[tuple[str, str]]:
    return [(time.start.isoformat(), _name(time, zone)) for time in card.list_free(now=utc_now())]


def _name(time: Interval, zone: str) -> str:
    return format_interval(time.start, time.end, zone)


def _form(card: AdviserCard, zone: str, **values: None) -> AdviceForm:
    form = AdviceForm(**values)
    form.start.choices = _choices(card, zone)
    form.fill_countries(current_language())
    return form


def _read_application(page: _Page, form: AdviceForm, *, looks_automatic: bool) -> Application:
    event = page.view.event
    return Application(
        event_slug=event.slug,
        ticket_id=page.view.tickets[0].ticket.id,
        leader=Person(
            name=form.name.data or "",
            email=form.email.data or "",
            organisation_name=form.organisation_name.data or "",
            country=form.country.data or "",
            language=current_language(),
            time_zone=event.time_zone,
        ),
        accepts_costs=bool(form.accepts_costs.data),
        clause_version=build_clause(now=utc_now()).version if event.asks_costs else "",
        form_key=(form.form_key.data or token_urlsafe(16))[:_LONGEST_KEY],
        network_address=request.remote_addr or "",
        looks_automatic=looks_automatic,
    )


def _form_page(page: _Page, card: AdviserCard, form: AdviceForm) -> str:
    event = page.view.event
    return render_template(
        "advisers/form.html",
        event=event,
        card=card,
        form=form,
        clause=build_clause(now=utc_now()).text if event.asks_costs else "",
        started=sign_start(utc_now()),
    )


def _find_own(token: str) -> Advice | None:
    link = find_link(read_session(), token, LinkPurpose.MANAGE_REGISTRATION, now=utc_now())
    return find_advice(read_session(), link.subject_id)


def _own_page(token: str, move_form: MoveForm, reason: ReasonForm) -> str:
    advice = _find_own(token)
    if advice is not None and move_form.start.choices is None:
        move_form.start.choices = _choices(advice.adviser, advice.time_zone)
    return render_template(
        "advisers/show.html", advice=advice, token=token, form=move_form, reason=reason, now=utc_now()
    )


def _day_page(token: str, form: ReasonForm) -> str:
    link = find_link(read_session(), token, LinkPurpose.ADVISER_PAGE, now=utc_now())
    card = load_adviser(read_session(), link.subject_id)
    return render_template("advisers/day.html", card=card, token=token, reason=form, now=utc_now())
