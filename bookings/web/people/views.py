"""Admins see who works here, invite, give roles and towns, and close accounts."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import LastAdminError, PersonChangedError, StaffExistsError
from bookings.domain.staff import StaffRole, zone_of_town
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.i18n import ngettext
from bookings.queries.people import PersonState, PersonView, list_people, load_person
from bookings.services import people
from bookings.services.people import Duties
from bookings.settings import current_settings
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.people.forms import ROLES, TOWNS, DutiesForm, InvitationForm, read_duties, write_duties
from bookings.web.security import current_staff, sign_in_times, signed_in, staff_gate

staff_people = Blueprint("staff_people", __name__, url_prefix="/staff/people")
admin = staff_gate(StaffRole.ADMIN)
_CONFLICT = 409
_STATES = {
    PersonState.ACTIVE: (_l("Active"), "good"),
    PersonState.INVITED: (_l("Invited"), "wait"),
    PersonState.LAPSED: (_l("Invitation has expired"), "bad"),
    PersonState.CLOSED: (_l("Account closed"), "calm"),
}


@staff_people.get("")
@admin
def index() -> str:
    """Everybody with an account or an invitation."""
    found = list_people(read_session(), times=sign_in_times(current_settings()), now=utc_now())
    note_list("people", len(found))
    return render_template("people/index.html", people=found, **_words())


@staff_people.route("/invite", methods=["GET", "POST"])
@admin
def invite() -> ResponseReturnValue:
    """Ask somebody to join, by mail."""
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            people.invite_person(form.read_invitation(), who=current_staff(), now=utc_now())
        except StaffExistsError as error:
            form.email.errors = [*form.email.errors, refusal_sentence(error)]
        else:
            flash(_("The invitation to %(email)s is on its way.", email=form.email.data), "success")
            return redirect(url_for("staff_people.index"), 303)
    page = render_template("people/invite.html", form=form, has_errors=bool(form.errors), **_words())
    return page, 422 if form.errors else 200


@staff_people.route("/<int(max=2147483647):person_id>", methods=["GET", "POST"])
@admin
def person(person_id: int) -> ResponseReturnValue:
    """One person: role and towns to change, and what else can be done."""
    form, one = DutiesForm(), _load(person_id)
    if not form.is_submitted():
        form.show(Duties(role=one.role, towns=frozenset(one.towns)))
        return _person_page(one, form), 200
    if not form.validate():
        return _person_page(one, form), 422
    seen = read_duties(form.seen.data or "") or form.read()
    try:
        people.change_duties(person_id, form.read(), seen=seen, who=current_staff(), now=utc_now())
    except (LastAdminError, PersonChangedError) as error:
        # What was typed stays; from here on it is compared with what is so now.
        form.seen.data = write_duties(Duties(role=one.role, towns=frozenset(one.towns)))
        return _person_page(one, form, problem=refusal_sentence(error)), _CONFLICT
    flash(_("Saved what %(name)s may do.", name=one.name), "success")
    return redirect(url_for("staff_people.person", person_id=person_id), 303)


@staff_people.post("/<int(max=2147483647):person_id>/invitation")
@admin
def resend(person_id: int) -> ResponseReturnValue:
    """Another link; the old one stops working."""
    people.resend_invitation(person_id, who=current_staff(), now=utc_now())
    return _done(_("A new invitation is on its way. The link of the old one does not work any more."))


@staff_people.post("/<int(max=2147483647):person_id>/withdraw")
@admin
def withdraw(person_id: int) -> ResponseReturnValue:
    """Nobody comes by this invitation."""
    people.withdraw_invitation(person_id, who=current_staff(), now=utc_now())
    return _done(_("The invitation is withdrawn."))


@staff_people.post("/<int(max=2147483647):person_id>/close")
@admin
def close(person_id: int) -> ResponseReturnValue:
    """Signed out everywhere, and no way in."""
    people.deactivate_person(person_id, who=current_staff(), now=utc_now())
    return _done(_("The account is closed, and the person is signed out everywhere."))


@staff_people.post("/<int(max=2147483647):person_id>/open")
@admin
def reopen(person_id: int) -> ResponseReturnValue:
    """As it was before."""
    people.reactivate_person(person_id, who=current_staff(), now=utc_now())
    return _done(_("The account is open again."))


@staff_people.post("/<int(max=2147483647):person_id>/sign-ins/end")
@admin
def end_sign_ins(person_id: int) -> ResponseReturnValue:
    """Signed out on all devices."""
    ended = people.end_sign_ins_of(person_id, who=current_staff(), now=utc_now())
    sentence = ngettext("Signed out on %(num)d device.", "Signed out on %(num)d devices.", ended)
    flash(sentence, "success")
    return redirect(url_for("staff_people.person", person_id=person_id), 303)


def _load(person_id: int) -> PersonView:
    return load_person(read_session(), person_id, times=sign_in_times(current_settings()), now=utc_now())


def _person_page(one: PersonView, form: DutiesForm, *, problem: str = "") -> str:
    return render_template(
        "people/person.html",
        person=one,
        form=form,
        problem=problem,
        is_oneself=one.id == signed_in().staff_user_id,
        has_errors=bool(form.errors or problem),
        **_words(),
    )


def _done(sentence: str) -> ResponseReturnValue:
    flash(sentence, "success")
    return redirect(url_for("staff_people.index"), 303)


def _words() -> dict[str, Any]:
    return {
        "staff_page": "people",
        "roles": ROLES,
        "towns": TOWNS,
        "states": _STATES,
        "time_zone": zone_of_town(signed_in().town),
        "invitation_days": current_settings().session.invitation_days,
    }
