"""Closing a site: the closing itself, what becomes of each stop that it touches, and one release."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.slots import SlotPlan
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.i18n import ngettext
from bookings.queries.closures import TouchedStop, find_ways_out, list_closed, list_touched
from bookings.queries.directory import Company, load_directory
from bookings.services.closures import Choice, Outcome, close_sites, decide_stops, tell_of_closing
from bookings.services.hosts import StaffDoor
from bookings.web.clock import utc_now
from bookings.web.closures.forms import ClosingForm
from bookings.web.errors import refusal_sentence
from bookings.web.forms import whole_number
from bookings.web.security import current_staff, staff_gate
from bookings.web.texts import Names

staff_closures = Blueprint("staff_closures", __name__, url_prefix="/staff/directory/<slug>/close")
coordinator = staff_gate(StaffRole.COORDINATOR)
_LONGEST_NUMBER = 10


@staff_closures.route("", methods=["GET", "POST"])
@coordinator
def show(slug: str) -> ResponseReturnValue:
    """The form of a closing, and below it the stops that closings of this host touch."""
    company = _find(slug)
    form = ClosingForm.for_company(company)
    if request.method == "POST" and form.validate():
        close_sites(StaffDoor(slug, current_staff()), form.site_ids, form.plan, now=utc_now())
        flash(_("The closing is kept. Nobody was told yet: decide on the stops below."), "success")
        return redirect(url_for("staff_closures.show", slug=slug, _anchor="stops"), 303)
    return _page(company, form), 422 if form.errors else 200


@staff_closures.post("/stops")
@coordinator
def decide(slug: str) -> ResponseReturnValue:
    """What staff chose for each stop becomes a planned change."""
    touched = list_touched(read_session(), _find(slug), now=utc_now())
    choices = [choice for stop in touched if (choice := _read_choice(stop)) is not None]
    outcome = decide_stops(choices, who=current_staff(), now=utc_now())
    _tell_refused(outcome)
    if outcome.done:
        flash(_("Your choices are planned. Nobody was told yet: release them below."), "success")
    return redirect(url_for("staff_closures.show", slug=slug, _anchor="stops"), 303)


@staff_closures.post("/release")
@coordinator
def release(slug: str) -> ResponseReturnValue:
    """One message to everybody whom it concerns, visit by visit."""
    outcome = tell_of_closing(_find(slug).slug, who=current_staff(), now=utc_now())
    _tell_refused(outcome)
    if outcome.done:
        words = ngettext("%(num)d visit was told.", "%(num)d visits were told.", outcome.done)
        flash(words, "success")
    return redirect(url_for("staff_closures.show", slug=slug, _anchor="stops"), 303)


def _tell_refused(outcome: Outcome) -> None:
    """What could not be done stays as it was; the others are through."""
    for reference, error in outcome.refused:
        flash(f"{reference}: {refusal_sentence(error)}", "error")


def _find(slug: str) -> Company:
    company = load_directory(read_session()).companies.get(slug)
    if company is None or not company.sites:
        raise NotFoundError("organisation", slug)
    return company


def _page(company: Company, form: ClosingForm) -> str:
    session, now = read_session(), utc_now()
    closed = list_closed(session, [site.id for site in company.sites], now=now)
    touched = list_touched(session, company, closed=closed, now=now)
    open_stops = [stop for stop in touched if not stop.is_decided]
    return render_template(
        "closures/show.html",
        company=company,
        form=form,
        has_errors=bool(form.errors),
        closed=closed,
        sites={site.id: site for site in company.sites},
        open_stops=open_stops,
        decided=[stop for stop in touched if stop.is_decided],
        ways=find_ways_out(session, open_stops, now=now),
        write_plan=_write_plan,
        names=Names(load_directory(session)),
    )


def _write_plan(plan: SlotPlan) -> str:
    """A way out as the page sends it back: what staff saw is what they choose."""
    starts, ends = (int(moment.timestamp()) for moment in (plan.starts_at, plan.ends_at))
    return f"{plan.organisation_slug}|{plan.site_id}|{plan.host_contact_id}|{starts}|{ends}|{plan.title}"


def _read_choice(stop: TouchedStop) -> Choice | None:
    """Nothing where staff leave it for later."""
    slot_id = stop.slot.id
    chosen = request.form.get(f"choice-{slot_id}", "")
    version = request.form.get(f"version-{slot_id}", 0, type=whole_number)
    if chosen == "cancel":
        return Choice(slot_id=slot_id, version=version, closure_id=stop.closed.id, plan=None)
    if chosen not in ("move", "other"):
        return None
    plan = _read_plan(stop, request.form.get(f"{chosen}-{slot_id}", ""))
    return Choice(slot_id=slot_id, version=version, closure_id=stop.closed.id, plan=plan)


def _read_plan(stop: TouchedStop, text: str) -> SlotPlan:
    slug, site_id, contact_id, starts, ends, title = ([*text.split("|", 5), *[""] * 6])[:6]
    numbers = (site_id, contact_id, starts, ends)
    if not all(one.isascii() and one.isdigit() and len(one) <= _LONGEST_NUMBER for one in numbers):
        raise NotFoundError("slot_plan", slug)
    return SlotPlan(
        organisation_slug=slug,
        site_id=int(site_id),
        host_contact_id=int(contact_id),
        starts_at=datetime.fromtimestamp(int(starts), UTC),
        ends_at=datetime.fromtimestamp(int(ends), UTC),
        title=title or stop.slot.title,
        message=stop.slot.message if slug == stop.slot.host_slug else "",
        is_required=stop.slot.is_required,
        group=stop.slot.group,
    )
