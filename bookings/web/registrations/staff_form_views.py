"""Staff: somebody is added to an event, or what is known of somebody is put right."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import RecordChangedError, TransitionNotAllowedError
from bookings.domain.event_errors import (
    AlreadyRegisteredError,
    EventFullError,
    PartNotAvailableError,
    RegistrationClosedError,
)
from bookings.domain.events import choose_text
from bookings.domain.registrations import LIVE_STATES, Application, CameBy, RegistrationState
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.registrations.file import load_registration_file
from bookings.queries.registrations.form import FormFacts, load_form
from bookings.services.registrations import add_registration, change_by_staff
from bookings.web.asked import Asked, Typed, country_options
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import whole_number
from bookings.web.registrations.own_views import build_typed
from bookings.web.registrations.person_form import PersonForm
from bookings.web.registrations.staff_views import coordinator, staff_registrations
from bookings.web.security import current_staff, form_key

_LONGEST_KEY = 40


class StaffForm(PersonForm):
    """With every kind of ticket, those with a code and those of partners too."""

    def __init__(self, facts: FormFacts, typed: Typed) -> None:
        super().__init__(facts, typed)
        language, given = current_language(), (typed.get("ticket") or [""])[0]
        choices = [(str(one.id), choose_text(one.name, language)) for one in facts.tickets]
        known = dict(choices)
        self.ticket = Asked(
            name="ticket",
            kind="choice",
            text=_("Ticket"),
            data=given if given in known else (choices[0][0] if len(choices) == 1 else ""),
            choices=choices,
        )
        self.fields.append(self.ticket)

    def validate_all(self) -> bool:
        """The person, and the ticket."""
        self.validate()
        if not self.ticket.data:
            self.ticket.errors = [_("Choose a kind of ticket.")]
        return not self.errors


@staff_registrations.route("/new", methods=["GET", "POST"])
@coordinator
def add(slug: str) -> ResponseReturnValue:
    """Somebody who called or wrote; the address counts as proved."""
    facts = load_form(read_session(), slug)
    typed: Typed = request.form.to_dict(flat=False)
    form, problem, offers_queue = StaffForm(facts, typed), "", False
    if request.method == "POST" and form.validate_all():
        try:
            outcome = add_registration(_build(facts, form), who=current_staff(), now=utc_now())
        except EventFullError as error:
            problem, offers_queue = refusal_sentence(error), error.waiting_list_is_open
        except AlreadyRegisteredError as error:
            _beside(form.email, refusal_sentence(error))
        except PartNotAvailableError as error:
            _beside(form.parts, refusal_sentence(error))
        except RegistrationClosedError as error:
            problem = refusal_sentence(error)
        else:
            if outcome.state is RegistrationState.WAITING:
                flash(_("All places are taken: the person stands in the queue."), "warning")
            else:
                flash(_("The person is registered."), "success")
            return redirect(url_for("staff_registrations.show", slug=slug, code=outcome.reference), 303)
    key = request.form.get("form_key", "")[:_LONGEST_KEY] or form_key()
    return _page("registrations/staff_add.html", facts, form, problem, key=key, offers_queue=offers_queue)


@staff_registrations.route("/<code>/change", methods=["GET", "POST"])
@coordinator
def change(slug: str, code: str) -> ResponseReturnValue:
    """What was written wrong, other parts, another address."""
    file, facts = load_registration_file(read_session(), slug, code), load_form(read_session(), slug)
    page = file.page
    if page.state not in LIVE_STATES:
        raise TransitionNotAllowedError("registration", page.state, "change")
    typed: Typed = request.form.to_dict(flat=False) if request.form else build_typed(page)
    form, problem, is_changed = PersonForm(facts, typed), "", False
    if request.method == "POST" and form.validate(keeps=page.part_ids):
        person = form.build_person(time_zone=page.registration.time_zone, language=page.registration.language)
        try:
            change_by_staff(
                page.registration.id, person, version=request.form.get("version", 0, type=whole_number),
                who=current_staff(), now=utc_now(),
            )  # fmt: skip
        except RecordChangedError:
            is_changed, page = True, load_registration_file(read_session(), slug, code).page
        except EventFullError as error:
            problem = refusal_sentence(error)
        except AlreadyRegisteredError as error:
            _beside(form.email, refusal_sentence(error))
        except PartNotAvailableError as error:
            _beside(form.parts, refusal_sentence(error))
        else:
            flash(_("Saved."), "success")
            return redirect(url_for("staff_registrations.show", slug=slug, code=code.upper()), 303)
    return _page("registrations/staff_change.html", facts, form, problem, page=page, is_changed=is_changed)


def _build(facts: FormFacts, form: StaffForm) -> Application:
    return Application(
        event_slug=facts.slug,
        ticket_id=int(str(form.ticket.data)),
        leader=form.build_person(),
        consents=form.consents,
        form_key=request.form.get("form_key", "")[:_LONGEST_KEY] or form_key(),
        came_by=CameBy.STAFF,
        joins_waiting_list=request.form.get("joins_queue") == "y",
    )


def _beside(field: Asked | None, sentence: str) -> None:
    if field is not None:
        field.errors = [sentence]


def _page(
    template: str, facts: FormFacts, form: PersonForm, problem: str, **more: object
) -> ResponseReturnValue:
    text = render_template(
        template,
        facts=facts,
        form=form,
        problem=problem,
        title=choose_text(facts.title, current_language()),
        part_days=form.list_part_days(now=utc_now()),
        country_options=country_options(current_language()),
        has_errors=bool(form.errors or problem),
        **more,
    )
    is_wrong = bool(form.errors or problem)
    return text, 409 if more.get("is_changed") else 422 if is_wrong else 200
