"""Staff hand over a request that they wrote down for somebody."""

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.validators import InputRequired

from bookings.db import read_session
from bookings.domain.requests import NewRequest
from bookings.domain.staff import StaffRole
from bookings.i18n import LANGUAGE_NAMES, current_language
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import load_directory
from bookings.services.requests import Reader, hand_over_draft
from bookings.web.clock import utc_now
from bookings.web.forms import Form
from bookings.web.requests.reading import DRAFT, read_wish
from bookings.web.security import current_staff, staff_gate

staff_drafts = Blueprint("staff_drafts", __name__, url_prefix="/staff/drafts/<token>")


class HandOverForm(Form):
    """In which language the visitor is written to."""

    language = RadioField(_l("Language of the mail"), [InputRequired(_l("Choose one of the list."))])

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self.language.choices = list(LANGUAGE_NAMES.items())


@staff_drafts.get("")
@staff_gate(StaffRole.COORDINATOR)
def show(token: str) -> ResponseReturnValue:
    """Who would get which mail; nothing is sent by looking."""
    _draft, wish = read_wish(token, load_directory(read_session()))
    if wish is None:
        return redirect(url_for("book.check", token=token), 303)
    return _page(token, wish, HandOverForm(formdata=None, language=current_language()))


@staff_drafts.post("")
@staff_gate(StaffRole.COORDINATOR)
def hand_over(token: str) -> ResponseReturnValue:
    _draft, wish = read_wish(token, load_directory(read_session()))
    if wish is None:
        return redirect(url_for("book.check", token=token), 303)
    form = HandOverForm()
    if not form.validate():
        return _page(token, wish, form), 422
    reader = Reader(name=wish.contact.name, address=wish.contact.email, language=str(form.language.data))
    if not hand_over_draft(token, reader, who=current_staff(), now=utc_now()):
        flash(
            _("Nothing left: this mailbox wants no mails from us, or the request is sent already."), "error"
        )
        return redirect(url_for("staff_drafts.show", token=token), 303)
    session.pop(DRAFT, None)
    flash(_("The mail to %(address)s is on its way.", address=reader.address), "success")
    return redirect(url_for("staff_visits.queue"), 303)


def _page(token: str, wish: NewRequest, form: HandOverForm) -> str:
    return render_template("requests/hand_over.html", token=token, wish=wish, form=form)
