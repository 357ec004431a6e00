"""The release page of a visit: who gets which mail, each read, reworded or held back, then one release."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import (
    BookingError,
    FieldsMissingError,
    FieldsNotKnownError,
    NotFoundError,
    RecordChangedError,
    TextNotAllowedError,
)
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.queries.planning import list_planned_slots
from bookings.queries.visits import VisitHead, find_visit_head
from bookings.services.slots import drop_planned_change
from bookings.services.visits import foresee_release, release_slots, release_visit
from bookings.services.visits.letters import LetterToEdit, hold_back, load_letter, write_opening
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import whole_number
from bookings.web.releases.forms import OpeningForm
from bookings.web.releases.words import FIELD_WORDS, KIND_WORDS
from bookings.web.security import current_staff, staff_gate
from bookings.web.staff_refusals import refused_page

staff_releases = Blueprint("staff_releases", __name__, url_prefix="/staff/visits/<reference>/release")
coordinator = staff_gate(StaffRole.COORDINATOR)
_LONGEST_BASIS = 64


@staff_releases.get("")
@coordinator
def show(reference: str) -> str:
    return _page(find_visit_head(read_session(), reference))


@staff_releases.post("")
@coordinator
def release(reference: str) -> ResponseReturnValue:
    head = find_visit_head(read_session(), reference)
    basis = request.form.get("basis", "")[:_LONGEST_BASIS]
    try:
        release_visit(head.reference, basis=basis, who=current_staff(), now=utc_now())
    except RecordChangedError:
        return _page(find_visit_head(read_session(), reference), has_changed=True), 409
    except BookingError as error:
        return _refused(error, head)
    flash(_("Released: the mails are on their way."), "success")
    return redirect(url_for("staff_visits.show", reference=head.reference), 303)


@staff_releases.post("/slots/<int(max=2147483647):slot_id>/<any(hold,'let-go',drop,tell):name>")
@coordinator
def act(reference: str, slot_id: int, name: str) -> ResponseReturnValue:
    """One slot: hold it back, let it go with the others, forget its plan, or tell of it alone and now."""
    head = find_visit_head(read_session(), reference)
    if slot_id not in {slot.id for slot in list_planned_slots(read_session(), head.id)}:
        raise NotFoundError("slot", str(slot_id))
    who, now = current_staff(), utc_now()
    try:
        if name == "tell":
            release_slots(head.reference, [slot_id], who=who, now=now)
        elif name == "drop":
            drop_planned_change(slot_id, who=who, now=now)
        else:
            hold_back(head.reference, slot_id, is_held=name == "hold", who=who, now=now)
    except BookingError as error:
        return _refused(error, head)
    flash(_DONE[name](), "success")
    return redirect(url_for("staff_releases.show", reference=head.reference), 303)


_DONE = {
    "hold": lambda: _("Held back: this stays planned, and nobody is told."),
    "let-go": lambda: _("It goes out with the others."),
    "drop": lambda: _("The planned change is forgotten. The stop stays as it is."),
    "tell": lambda: _("Told: the mails are on their way."),
}


@staff_releases.route("/words/<about>", methods=["GET", "POST"])
@coordinator
def words(reference: str, about: str) -> ResponseReturnValue:
    """The covering words of one mail, in its reader's language."""
    head = find_visit_head(read_session(), reference)
    letter = load_letter(head.reference, about, now=utc_now())
    form = OpeningForm(data={"words": letter.words})
    if request.method == "POST" and form.validate():
        try:
            write_opening(
                head.reference, about, _own_words(form, letter), template=letter.mail.template,
                version=request.form.get("version", 0, type=whole_number), who=current_staff(), now=utc_now(),
            )  # fmt: skip
        except RecordChangedError:
            again = load_letter(head.reference, about, now=utc_now())
            return _words_page(head, again, form, has_changed=True), 409
        except (FieldsNotKnownError, FieldsMissingError, TextNotAllowedError) as error:
            form.words.errors = [refusal_sentence(error)]
        else:
            flash(_("The words of this mail are kept."), "success")
            return redirect(url_for("staff_releases.show", reference=head.reference), 303)
    return _words_page(head, letter, form), 422 if form.errors else 200


def _own_words(form: OpeningForm, letter: LetterToEdit) -> str:
    """What is as usual is not staff's own: later changes of the usual words count for it."""
    text = (form.words.data or "").replace("\r\n", "\n").strip()
    is_usual = " ".join(text.split()) == " ".join(letter.standard.split())
    return "" if is_usual or "reset" in request.form else text


def _page(head: VisitHead, *, has_changed: bool = False) -> str:
    return render_template(
        "releases/show.html",
        head=head,
        found=foresee_release(head.reference, now=utc_now()),
        has_changed=has_changed,
        kind_words=KIND_WORDS,
    )


def _words_page(
    head: VisitHead, letter: LetterToEdit, form: OpeningForm, *, has_changed: bool = False
) -> str:
    return render_template(
        "releases/words.html",
        head=head,
        letter=letter,
        form=form,
        has_changed=has_changed,
        has_errors=bool(form.errors),
        field_words=FIELD_WORDS,
    )


def _refused(error: BookingError, head: VisitHead) -> ResponseReturnValue:
    slots = list_planned_slots(read_session(), head.id)
    return refused_page(error, reference=head.reference, slots=slots)
