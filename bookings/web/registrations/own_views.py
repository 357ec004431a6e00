"""A person's own page, by the link of the mails: how things stand, and what can be done about it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.adapters.qr import draw_qr_address
from bookings.db import read_session
from bookings.domain.errors import RecordChangedError
from bookings.domain.event_errors import (
    AlreadyRegisteredError,
    EventFullError,
    PartNotAvailableError,
    TooManyMailsError,
)
from bookings.domain.events import EventState, choose_text
from bookings.domain.links import LinkPurpose, build_member_token
from bookings.domain.registrations import LIVE_STATES, Outcome, RegistrationState
from bookings.domain.text import clean_text
from bookings.domain.time import local_day
from bookings.i18n import current_language, format_day, format_instant, format_interval
from bookings.i18n import gettext as _
from bookings.queries.links import list_open_tokens
from bookings.queries.registrations.form import load_form
from bookings.queries.registrations.person_page import PersonPage, find_person_page
from bookings.services.calendar import reads_other_clock
from bookings.services.registration_days import build_own_days
from bookings.services.registrations import (
    accept_offer,
    cancel_registration,
    change_registration,
    complete_member,
    decline_offer,
    hand_over,
)
from bookings.web.asked import AskedForm, Typed, country_options, read_back
from bookings.web.calendar_files import calendar_response
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import whole_number
from bookings.web.registrations.person_form import NAME_LENGTH, PersonForm, build_line, check_email, clean
from bookings.web.registrations.shown import list_answers, list_chosen
from bookings.web.registrations.situation import STATES, describe
from bookings.web.registrations.views import registrations
from bookings.web.security import link_gate

_gate = link_gate(LinkPurpose.MANAGE_REGISTRATION)
_LONGEST_REASON = 1000


@registrations.get("/registrations/<token>")
@_gate
def show(token: str) -> str:
    """How the registration stands."""
    return show_page(_find(token), token)


@registrations.get("/registrations/<token>/days.ics")
@_gate
def days(token: str) -> ResponseReturnValue:
    """The person's days, for any calendar."""
    page = _find(token)
    body = build_own_days(read_session(), page.registration.id, name=_title(page))
    return calendar_response(body, name=f"{page.registration.reference}.ics")


@registrations.route("/registrations/<token>/change", methods=["GET", "POST"])
@_gate
def change(token: str) -> ResponseReturnValue:
    """Other parts, other answers; a member who was registered by somebody says who it is."""
    page = _find(token)
    if not can_change(page):
        return _back(token)
    facts = load_form(read_session(), page.event.slug)
    is_sent = request.method == "POST"
    typed: Typed = request.form.to_dict(flat=False) if is_sent else build_typed(page)
    form = PersonForm(facts, typed, has_email=not page.is_complete)
    problem, is_changed = "", False
    if is_sent and form.validate(keeps=page.part_ids):
        try:
            outcome = _save(token, page, form)
        except RecordChangedError:
            is_changed, page = True, _find(token)
        except PartNotAvailableError as error:
            form.parts.errors = [refusal_sentence(error)]
        except (EventFullError, AlreadyRegisteredError, TooManyMailsError) as error:
            problem = refusal_sentence(error)
        else:
            flash(_("Saved."), "success")
            return _back(outcome.token or token)
    text = render_template(
        "registrations/change.html",
        page=page,
        token=token,
        form=form,
        facts=facts,
        title=_title(page),
        problem=problem,
        is_changed=is_changed,
        part_days=form.list_part_days(now=utc_now()),
        country_options=country_options(current_language()),
        has_errors=bool(form.errors or problem),
    )
    return text, 409 if is_changed else 422 if form.errors or problem else 200


@registrations.route("/registrations/<token>/hand-over", methods=["GET", "POST"])
@_gate
def give(token: str) -> ResponseReturnValue:
    """Somebody else comes instead."""
    page = _find(token)
    if page.state is not RegistrationState.REGISTERED or not can_change(page):
        return _back(token)
    typed = request.form.to_dict(flat=False)
    name = build_line(typed, "name", _("Full name of the person who comes instead"))
    email = build_line(typed, "email", _("E-mail address of that person"), kind="email")
    form = AskedForm([name, email])
    if request.method == "POST":
        clean(name, NAME_LENGTH, needed=_("Write the name."))
        check_email(email, needed=_("Write the e-mail address."))
        if not form.errors:
            try:
                hand_over(token, name=str(name.data), email=str(email.data), now=utc_now())
            except AlreadyRegisteredError as error:
                email.errors = [refusal_sentence(error)]
            else:
                return render_template("registrations/given.html", page=page, title=_title(page))
    text = render_template(
        "registrations/give.html", page=page, token=token, form=form, name=name, email=email,
        title=_title(page), has_errors=bool(form.errors),
    )  # fmt: skip
    return text, 422 if form.errors else 200


@registrations.route("/registrations/<token>/cancel", methods=["GET", "POST"])
@_gate
def cancel(token: str) -> ResponseReturnValue:
    """Asks first."""
    page = _find(token)
    if page.state not in LIVE_STATES:
        return _back(token)
    if request.method == "POST":
        reason = "".join(c for c in request.form.get("reason", "") if c.isprintable() or c in "\r\n")
        cancel_registration(
            token,
            reason=clean_text(reason[:_LONGEST_REASON], max_length=_LONGEST_REASON),
            with_group=request.form.get("with_group") == "y",
            now=utc_now(),
        )
        return _back(token)
    return render_template("registrations/cancel.html", page=page, token=token, title=_title(page))


@registrations.post("/registrations/<token>/offer/<any(accept,decline):answer>")
@_gate
def answer_offer(token: str, answer: str) -> ResponseReturnValue:
    """Take the offered place, or leave it to the next."""
    act: Callable[..., Any] = accept_offer if answer == "accept" else decline_offer
    act(token, now=utc_now())
    flash(_("The place is yours.") if answer == "accept" else _("The place goes to the next."), "success")
    return _back(token)


def show_page(page: PersonPage, token: str, *, just_proved: bool = False) -> str:
    """The page itself; also the answer to the proof of the address."""
    now = utc_now()
    event, person = page.event, page.registration
    has_place = page.state is RegistrationState.REGISTERED and event.state == EventState.PUBLISHED
    is_other = reads_other_clock(event.starts_at, event.time_zone, person.time_zone)
    return render_template(
        "registrations/show.html",
        page=page,
        token=token,
        title=_title(page),
        situation=describe(page, now=now),
        states=STATES,
        just_proved=just_proved,
        has_place=has_place,
        is_over=now >= event.ends_at,
        when=_tell_time(event.starts_at, event.ends_at, event.time_zone),
        where=page.place.list_lines(current_language()),
        own_time=_tell_time(event.starts_at, event.ends_at, person.time_zone) if is_other else "",
        parts=list_chosen(page.parts, event.time_zone, own_zone=person.time_zone),
        qr=draw_qr_address(person.badge_code) if has_place and now < event.ends_at else "",
        answers=list_answers(page.questions, person.answers),
        can_change=can_change(page),
        can_cancel=page.state in LIVE_STATES and now < event.ends_at,
        member_links=_list_member_links(page, token),
    )


def _list_member_links(page: PersonPage, token: str) -> dict[int, str]:
    """The pages of members who have not begun with a mail of their own: to be passed on."""
    tokens = {one.id: build_member_token(token, one.id) for one in page.members if not one.is_proved}
    open_tokens = list_open_tokens(read_session(), tokens.values())
    return {
        number: url_for("registrations.show", token=one, _external=True)
        for number, one in tokens.items()
        if one in open_tokens
    }


def _tell_time(starts_at: datetime, ends_at: datetime, zone: str) -> str:
    """Day and times on the clocks of a place; an event of several days names both its ends."""
    day = local_day(starts_at, zone)
    if local_day(ends_at, zone) == day:
        return f"{format_day(day)}, {format_interval(starts_at, ends_at, zone)}"
    return f"{format_instant(starts_at, zone)} – {format_instant(ends_at, zone)}"


def can_change(page: PersonPage) -> bool:
    """Until the event begins, for whoever still wants to come."""
    is_live = page.state in LIVE_STATES and page.state is not RegistrationState.OFFERED
    return is_live and utc_now() < page.event.ends_at and page.event.state == EventState.PUBLISHED


def build_typed(page: PersonPage) -> dict[str, list[str]]:
    """What is known of somebody, as a form would send it."""
    person = page.registration
    return {
        "name": [person.name],
        "email": [person.email],
        "organisation": [person.organisation_name],
        "role": [person.role],
        "country": [person.country],
        "parts": [str(part_id) for part_id in page.part_ids],
        **read_back(page.questions, person.answers),
    }


def _save(token: str, page: PersonPage, form: PersonForm) -> Outcome:
    zone = page.registration.time_zone
    if not page.is_complete:
        return complete_member(
            token, form.build_person(time_zone=zone), consents=form.consents, now=utc_now()
        )
    person = form.build_person(email=page.registration.email, time_zone=zone)
    version = request.form.get("version", 0, type=whole_number)
    return change_registration(token, person, version=version, consents=form.consents, now=utc_now())


def _find(token: str) -> PersonPage:
    return find_person_page(read_session(), token, now=utc_now())


def _title(page: PersonPage) -> str:
    return choose_text(page.event.title, current_language())


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("registrations.show", token=token), 303)
