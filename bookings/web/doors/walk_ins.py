"""Somebody comes without a registration: registered at the door where there is a seat, and let in at once."""

from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Optional

from bookings.adapters.addresses import parse_email
from bookings.domain.audit import Who
from bookings.domain.doors import Proof, Scan
from bookings.domain.errors import BookingError
from bookings.domain.event_errors import AlreadyRegisteredError, EventFullError, RegistrationClosedError
from bookings.domain.registrations import Application, CameBy, CheckInKind, Outcome, Person
from bookings.i18n import country_choices, current_language, say
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.doors import DoorEvent
from bookings.services.registrations import add_registration
from bookings.web.errors import refusal_sentence
from bookings.web.forms import Form, OneLine
from bookings.web.security import form_key

_KEY_LENGTH = 32
_REFUSED = (AlreadyRegisteredError, EventFullError, RegistrationClosedError)


class WalkInForm(Form):
    """As little as possible: there is a queue behind this person."""

    key = HiddenField()
    name = StringField(_l("Full name"), validators=[InputRequired(_l("Write the name.")), OneLine(100)])
    organisation = StringField(_l("Organisation"), validators=[Optional(), OneLine(200)])
    country = SelectField(_l("Country"), validators=[Optional()])
    email = StringField(
        _l("E-mail address"),
        description=_l("For the certificate and the survey; leave it empty if they want neither."),
        validators=[Optional(), OneLine(254)],
    )
    ticket = SelectField(_l("Ticket"))

    def __init__(self, event: DoorEvent, **values: Any) -> None:
        super().__init__(**values)
        self.ticket.choices = [(str(ticket.id), say(ticket.title)) for ticket in event.tickets]
        self.country.choices = [("", _("Not known")), *country_choices(current_language())]

    def validate_email(self, field: StringField) -> None:
        """An address that mail can reach, or none."""
        if field.data and parse_email(field.data) is None:
            raise ValidationError(_("Write an address like name@example.org, or leave it empty."))


def answer_walk_in(
    event: DoorEvent, *, who: Who, now: datetime, back: str, let_in: Any
) -> ResponseReturnValue:
    """The page with the form, or what became of it; `let_in` records the scan."""
    form = WalkInForm(event)
    form.key.data = (form.key.data or form_key())[:_KEY_LENGTH]
    sentence = ""
    if form.is_submitted() and form.validate():
        try:
            outcome = add_registration(_build_application(event, form), who=who, now=now)
        except _REFUSED as error:
            sentence = _tell(error)
        else:
            let_in([_build_scan(outcome, form.key.data, now)])
            flash(_("%(name)s is registered and in.", name=form.name.data), "success")
            return redirect(back, 303)
    is_wrong = bool(form.errors or sentence)
    page = render_template("doors/walk_in.html", event=event, form=form, back=back, sentence=sentence)
    return page, 422 if is_wrong else 200


def _tell(error: BookingError) -> str:
    if isinstance(error, AlreadyRegisteredError):
        return _("Somebody with this address is registered already. Look for the name.")
    if isinstance(error, EventFullError):
        return _("The places are taken, or kept for those in the queue. Nobody more can be registered here.")
    return refusal_sentence(error)


def _build_application(event: DoorEvent, form: WalkInForm) -> Application:
    person = Person(
        name=form.name.data or "",
        email=parse_email(form.email.data) or "" if form.email.data else "",
        organisation_name=form.organisation.data or "",
        country=form.country.data or "",
        language=current_language(),
        time_zone=event.time_zone,
    )
    return Application(
        event_slug=event.slug,
        ticket_id=int(form.ticket.data),
        leader=person,
        form_key=form.key.data or form_key(),
        came_by=CameBy.WALK_IN,
    )


def _build_scan(outcome: Outcome, key: str, now: datetime) -> Scan:
    """Sent again, the form makes the same scan."""
    return Scan(
        client_key=f"walk-in-{key}"[:40],
        registration_id=outcome.registration_id,
        kind=CheckInKind.IN,
        proof=Proof.NAME,
        happened_at=now,
    )
