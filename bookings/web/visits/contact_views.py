"""Staff: somebody else answers for the delegation."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import BookingError, RecordChangedError
from bookings.domain.requests import Contact
from bookings.i18n import gettext as _
from bookings.queries.planning import list_planned_slots
from bookings.queries.visits import VisitFile, load_visit_file
from bookings.services.visits import change_contact
from bookings.web.clock import utc_now
from bookings.web.meanwhile import News, list_meanwhile, read_seen
from bookings.web.security import current_staff
from bookings.web.staff_refusals import refused_page
from bookings.web.visits.staff_forms import ContactForm
from bookings.web.visits.staff_views import coordinator, staff_visits

__all__ = ["contact", "staff_visits"]


@staff_visits.route("/<reference>/contact", methods=["GET", "POST"])
@coordinator
def contact(reference: str) -> ResponseReturnValue:
    """The form with who it is now; what changes says who gets a mail."""
    file = load_visit_file(read_session(), reference)
    form = _form(file)
    if request.method == "GET" or not form.validate():
        return _page(form, file), 422 if form.errors else 200
    try:
        change_contact(
            file.visit.reference, _read(form), seen=read_seen(), who=current_staff(), now=utc_now()
        )
    except RecordChangedError:
        news = list_meanwhile(file.visit.id, read_seen(), ("change_contact",))
        return _page(form, load_visit_file(read_session(), reference), meanwhile=news), 409
    except BookingError as error:
        slots = list_planned_slots(read_session(), file.visit.id)
        return refused_page(error, reference=file.visit.reference, slots=slots)
    flash(_("The contact was changed."), "success")
    return redirect(url_for("staff_visits.show", reference=file.visit.reference, _anchor="request"), 303)


def _page(form: ContactForm, file: VisitFile, *, meanwhile: list[News] | None = None) -> str:
    return render_template(
        "visits/staff_contact.html", form=form, file=file, has_errors=bool(form.errors), meanwhile=meanwhile,
        version=file.audit[0].id if file.audit else 0,
    )  # fmt: skip


def _form(file: VisitFile) -> ContactForm:
    visit = file.visit
    form = ContactForm(
        data={
            "name": visit.contact_name, "role": visit.contact_role, "email": visit.contact_email,
            "phone": visit.contact_phone,
        }
    )  # fmt: skip
    form.country = file.delegation.organisation_country
    return form


def _read(form: ContactForm) -> Contact:
    return Contact(
        name=form.name.data or "",
        role=form.role.data or "",
        email=form.email.data or "",
        phone=form.phone.data or "",
    )
