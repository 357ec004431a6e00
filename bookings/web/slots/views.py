"""The host's answer page: who comes, why, when and where; yes, no or another time. No account is needed."""

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bookings.db import read_session
from bookings.domain.errors import BookingError, SlotTakenError
from bookings.domain.links import LinkPurpose
from bookings.queries.feeds import find_slot_stop
from bookings.queries.hosts import HostPage, load_host_page
from bookings.queries.slots import load_asked
from bookings.services.feeds import build_host_file
from bookings.services.slots import accept_slot, answer_maybe, decline_slot, propose_times
from bookings.settings import current_settings
from bookings.web.calendar_files import calendar_response
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.security import link_gate
from bookings.web.slots.facts import list_facts, list_proposed, when_at
from bookings.web.slots.forms import DeclineForm, ProposeForm, propose_from
from bookings.web.slots.situation import describe

slots = Blueprint("slots", __name__)
_gate = link_gate(LinkPurpose.ANSWER_SLOT)
Page = tuple[str, int]


@slots.get("/slots/<token>")
@_gate
def show(token: str) -> str:
    return _page(token, _load(token), part=request.args.get("answer") or g.get("keeps_form", ""))


@slots.post("/slots/<token>/accept")
@_gate
def accept(token: str) -> AnyResponse | Page:
    try:
        accept_slot(token, now=utc_now())
    except SlotTakenError as error:
        return _taken(token, error)
    return _back(token)


@slots.post("/slots/<token>/maybe")
@_gate
def maybe(token: str) -> AnyResponse:
    answer_maybe(token, now=utc_now())
    return _back(token)


@slots.post("/slots/<token>/decline")
@_gate
def decline(token: str) -> AnyResponse | Page:
    form = DeclineForm()
    if not form.validate():
        return _page(token, _load(token), part="decline", decline_form=form), 422
    decline_slot(token, reason=form.reason.data or "", now=utc_now())
    return _back(token)


@slots.post("/slots/<token>/propose")
@_gate
def propose(token: str) -> AnyResponse | Page:
    page, form = _load(token), ProposeForm()
    times = form.read_times(load_asked(read_session(), page.slot), now=utc_now())
    if form.is_wrong:
        return _page(token, page, part="propose", propose_form=form), 422
    propose_times(token, times=times, comment=form.comment.data or "", now=utc_now())
    return _back(token)


@slots.get("/slots/<token>/visit.ics")
@_gate
def entry(token: str) -> Response:
    page = _load(token)
    body = build_host_file(find_slot_stop(read_session(), page.slot.id))
    return calendar_response(body, name=f"{page.slot.visit.reference}.ics")


def _load(token: str) -> HostPage:
    return load_host_page(read_session(), token, now=utc_now())


def _back(token: str) -> AnyResponse:
    return redirect(url_for("slots.show", token=token), 303)


def _taken(token: str, error: SlotTakenError) -> Page:
    """Somebody else was quicker: the page again, with the next free times ready to be proposed."""
    page = _load(token)
    length = page.slot.ends_at - page.slot.starts_at
    form = propose_from(error.next_free, length=length, zone=page.slot.time_zone)
    return _page(token, page, part="propose", propose_form=form, refused=error), 409


def _page(
    token: str,
    page: HostPage,
    *,
    part: str,
    decline_form: DeclineForm | None = None,
    propose_form: ProposeForm | None = None,
    refused: BookingError | None = None,
) -> str:
    hours = current_settings().visits.answer_cut_off_hours
    wrong = decline_form or (propose_form if propose_form and propose_form.is_wrong else None)
    return render_template(
        "slots/show.html",
        page=page,
        slot=page.slot,
        token=token,
        situation=describe(page, now=utc_now(), cut_off_hours=hours),
        facts=list_facts(page),
        when=when_at(page),
        proposed=list_proposed(page),
        part=part,
        decline_form=decline_form or DeclineForm(formdata=None),
        propose_form=propose_form or ProposeForm(formdata=None),
        refused=refusal_sentence(refused) if refused else "",
        wrong=wrong,
        has_errors=wrong is not None,
    )
