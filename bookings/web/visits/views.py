"""The visitor's own page: what was sent, how things stand, the programme, and what the visitor can do."""

from collections.abc import Mapping

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bookings.db import read_session
from bookings.domain.errors import CostsNotAcceptedError
from bookings.domain.links import LinkPurpose, build_feed_token
from bookings.domain.visits import OPEN_STATES, VISIT_MACHINE, VisitAction, VisitState
from bookings.i18n import gettext as _
from bookings.queries.feeds import list_visit_stops
from bookings.queries.visitor import OwnVisit, find_own_visit
from bookings.services.agreement import build_clause
from bookings.services.feeds import build_programme_file
from bookings.services.outbox import site_url
from bookings.services.visits import (
    Consent,
    accept_programme,
    answer_question,
    cancel_visit_by_visitor,
    set_time_zone,
    wish_change,
)
from bookings.settings import current_settings
from bookings.web.calendar_files import calendar_response
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import Form
from bookings.web.security import link_gate
from bookings.web.visits.changes import find_changes
from bookings.web.visits.forms import AnswerForm, ConsentForm, WishForm, WithdrawForm, ZoneForm, zone_options
from bookings.web.visits.sent import list_sent
from bookings.web.visits.situation import describe
from bookings.web.visits.timeline import build_timeline

visits = Blueprint("visits", __name__)
_gate = link_gate(LinkPurpose.MANAGE_VISIT)


@visits.get("/visits/<token>")
@_gate
def show(token: str) -> str:
    own = find_own_visit(read_session(), token, now=utc_now())
    return _page(token, own)


@visits.post("/visits/<token>/accept")
@_gate
def accept(token: str) -> AnyResponse | tuple[str, int]:
    form = ConsentForm()
    consent = Consent(
        clause=build_clause(now=utc_now()),
        is_given=bool(form.accepts_costs.data),
        version=form.clause_version.data or "",
        client_address=request.remote_addr or "",
    )
    try:
        accept_programme(token, consent=consent, now=utc_now())
    except CostsNotAcceptedError as error:
        form.accepts_costs.errors = [refusal_sentence(error)]
        form.accepts_costs.data = False
        return _again(token, consent=form)
    return _back(token)


@visits.post("/visits/<token>/wish")
@_gate
def wish(token: str) -> AnyResponse | tuple[str, int]:
    form = WishForm()
    if not form.validate():
        return _again(token, wish=form)
    wish_change(token, form.wish.data or "", now=utc_now())
    flash(_("We have your wish. A coordinator reads it and writes to you."), "success")
    return _back(token)


@visits.post("/visits/<token>/answer")
@_gate
def answer(token: str) -> AnyResponse | tuple[str, int]:
    form = AnswerForm()
    if not form.validate():
        return _again(token, answer=form)
    answer_question(token, form.answer.data or "", now=utc_now())
    return _back(token)


@visits.post("/visits/<token>/time-zone")
@_gate
def change_zone(token: str) -> AnyResponse | tuple[str, int]:
    form = ZoneForm()
    if not form.validate():
        return _again(token, zone=form)
    set_time_zone(token, form.zone.data or "", now=utc_now())
    return _back(token, "programme")


@visits.get("/visits/<token>/withdraw")
@_gate
def ask_to_withdraw(token: str) -> str | AnyResponse:
    own = find_own_visit(read_session(), token, now=utc_now())
    if not can_withdraw(own):
        return _back(token)
    return render_template("visits/withdraw.html", own=own, token=token, form=WithdrawForm())


@visits.post("/visits/<token>/withdraw")
@_gate
def withdraw(token: str) -> AnyResponse | tuple[str, int]:
    form = WithdrawForm()
    if not form.validate():
        own = find_own_visit(read_session(), token, now=utc_now())
        page = render_template("visits/withdraw.html", own=own, token=token, form=form, has_errors=True)
        return page, 422
    cancel_visit_by_visitor(token, form.reason.data or "", now=utc_now())
    return _back(token)


@visits.get("/visits/<token>/programme.ics")
@_gate
def programme(token: str) -> Response:
    own = find_own_visit(read_session(), token, now=utc_now())
    stops = list_visit_stops(read_session(), own.visit.id)
    body = build_programme_file(stops, reference=own.visit.reference)
    return calendar_response(body, name=f"{own.visit.reference}.ics")


def can_withdraw(own: OwnVisit) -> bool:
    """Is there anything left to withdraw?"""
    return VISIT_MACHINE.can(own.state, VisitAction.CANCEL)


def _back(token: str, part: str | None = None) -> AnyResponse:
    return redirect(url_for("visits.show", token=token, _anchor=part), 303)


def _again(token: str, **forms: Form) -> tuple[str, int]:
    """The page with what was typed and what is wrong with it."""
    own = find_own_visit(read_session(), token, now=utc_now())
    return _page(token, own, forms), 422


def _page(token: str, own: OwnVisit, forms: Mapping[str, Form] | None = None) -> str:
    forms = forms or {}
    feed = site_url("calendar.feed", token=build_feed_token(token))
    return render_template(
        "visits/show.html",
        own=own,
        token=token,
        situation=describe(own, now=utc_now()),
        days=build_timeline(own),
        changes=find_changes(own),
        can_accept=own.state is VisitState.PROPOSED,
        can_wish=own.state in OPEN_STATES and own.state is not VisitState.PROPOSED,
        can_withdraw=can_withdraw(own),
        sent=list_sent(own),
        feed=feed,
        webcal="webcal" + feed[feed.index(":") :],
        zone_options=zone_options(),
        check_in_minutes=current_settings().visits.ferry_check_in_minutes,
        forms={
            "answer": forms.get("answer") or AnswerForm(formdata=None),
            "consent": forms.get("consent") or ConsentForm(formdata=None),
            "wish": forms.get("wish") or WishForm(formdata=None),
            "zone": forms.get("zone") or ZoneForm(formdata=None, data={"zone": own.visit.contact_time_zone}),
        },
        clause=None if own.visit.agreement else build_clause(now=utc_now()),
        wrong=next(iter(forms.values()), None),
        has_errors=bool(forms),
    )
