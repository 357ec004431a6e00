"""Staff: somebody gets another kind of ticket."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.validators import InputRequired

from bookings.db import read_session
from bookings.domain.errors import RecordChangedError, TransitionNotAllowedError
from bookings.domain.event_errors import EventFullError, PartNotAvailableError
from bookings.domain.events import choose_text
from bookings.domain.registrations import LIVE_STATES
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.registrations.file import load_registration_file
from bookings.queries.registrations.form import FormFacts, load_form
from bookings.services.registrations import change_ticket
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import Form, whole_number
from bookings.web.registrations.person_form import PRESENCES, tell_left
from bookings.web.registrations.staff_views import coordinator, staff_registrations
from bookings.web.security import current_staff


class TicketForm(Form):
    """Which of the other kinds."""

    ticket = RadioField(_l("New kind of ticket"), [InputRequired(_l("Choose a kind of ticket."))], coerce=int)


@staff_registrations.route("/<code>/ticket", methods=["GET", "POST"])
@coordinator
def ticket(slug: str, code: str) -> ResponseReturnValue:
    """The other kinds with the places that are left; what is full, or closed to a chosen part, is said."""
    file, facts = load_registration_file(read_session(), slug, code), load_form(read_session(), slug)
    page, form, problem, status = file.page, TicketForm(), "", 200
    if page.state not in LIVE_STATES:
        raise TransitionNotAllowedError("registration", page.state, "change_ticket")
    others = [one for one in facts.tickets if one.id != page.registration.ticket_id]
    form.ticket.choices = [(one.id, choose_text(one.name, current_language())) for one in others]
    if request.method == "POST" and form.validate():
        try:
            change_ticket(
                page.registration.id, form.ticket.data, who=current_staff(), now=utc_now(),
                version=request.form.get("version", 0, type=whole_number),
            )  # fmt: skip
        except (EventFullError, PartNotAvailableError, RecordChangedError) as error:
            problem, status = refusal_sentence(error), 409
        else:
            flash(_("The ticket is changed."), "success")
            return redirect(url_for("staff_registrations.show", slug=slug, code=code.upper()), 303)
    text = render_template(
        "registrations/staff_ticket.html", page=page, form=form, problem=problem, slug=slug,
        title=choose_text(page.event.title, current_language()), hints=_list_hints(facts),
        has_errors=bool(form.errors or problem),
    )  # fmt: skip
    return text, 422 if form.errors else status


def _list_hints(facts: FormFacts) -> dict[int, str]:
    """Beside each kind: how one takes part, and how many places are left."""
    return {
        one.id: " · ".join(word for word in (PRESENCES[one.presence](), tell_left(one.left, facts)) if word)
        for one in facts.tickets
    }
