"""Staff: a mail in one's own words to the visitor or a host of a visit, and the mails that went out."""

from email import message_from_bytes, policy

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from bookings.db import read_session
from bookings.domain.errors import NotFoundError, RecordChangedError
from bookings.domain.slots import SlotState
from bookings.domain.staff import StaffRole
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.outbox import OutboxMail, list_mails_of_visit, read_mail
from bookings.queries.planning import list_planned_slots
from bookings.queries.trail import find_trail_head
from bookings.queries.visits import VisitFile, find_visit_head, load_visit_file
from bookings.services.letters import Letter, write_letter
from bookings.web.clock import utc_now
from bookings.web.forms import Form, OneLine, SeveralLines
from bookings.web.meanwhile import list_meanwhile, read_seen
from bookings.web.security import current_staff, form_key, staff_gate

staff_letters = Blueprint("staff_letters", __name__, url_prefix="/staff/visits")
reader = staff_gate(StaffRole.READER)
coordinator = staff_gate(StaffRole.COORDINATOR)

_VISITOR = "visitor"


class LetterForm(Form):
    """To whom, and what."""

    to = SelectField(_l("To"), choices=[], default=_VISITOR)
    subject = StringField(_l("Subject"), [Optional(), OneLine(150)])
    text = TextAreaField(
        _l("Text"), [DataRequired(_l("Write something: it goes into the mail.")), SeveralLines(4000)]
    )
    key = HiddenField(validators=[OneLine(40)])


@staff_letters.route("/<reference>/letters", methods=["GET", "POST"])
@coordinator
def write(reference: str) -> ResponseReturnValue:
    """The form on a page of its own; that of the visit page is sent here."""
    session = read_session()
    file, form, meanwhile = load_visit_file(session, reference), LetterForm(), None
    form.to.choices = _list_readers(file)
    form.key.data = form.key.data or form_key()
    if form.validate_on_submit():
        try:
            write_letter(
                file.visit.reference, _read(form), seen=read_seen(), who=current_staff(), now=utc_now()
            )
        except RecordChangedError:
            meanwhile = list_meanwhile(file.visit.id, read_seen())
        else:
            flash(_("The mail is on its way."), "success")
            return redirect(
                url_for("staff_visits.show", reference=file.visit.reference, _anchor="conversation"), 303
            )
    file = load_visit_file(read_session(), reference)
    page = render_template(
        "letters/form.html", form=form, file=file, meanwhile=meanwhile, has_errors=bool(form.errors),
        version=find_trail_head(read_session(), file.visit.id),
    )  # fmt: skip
    return page, 409 if meanwhile is not None else 422 if form.errors else 200


@staff_letters.get("/<reference>/mails/<int(max=2147483647):mail_id>")
@reader
def read(reference: str, mail_id: int) -> str:
    """A mail of this visit as its reader got it, as long as its text is kept."""
    session = read_session()
    head = find_visit_head(session, reference)
    mail: OutboxMail | None = next(
        (one for one in list_mails_of_visit(session, head.id) if one.id == mail_id), None
    )
    if mail is None:
        raise NotFoundError("mail", str(mail_id))
    return render_template(
        "letters/mail.html", head=head, mail=mail, text=_text_of(read_mail(session, mail_id))
    )


def _list_readers(file: VisitFile) -> list[tuple[str, str]]:
    """The visitor, and hosts who were told of the visit."""
    slots = list_planned_slots(read_session(), file.visit.id)
    hosts = {
        slot.contact_email: (str(slot.id), f"{slot.host_name} ({slot.contact_email})")
        for slot in slots
        if slot.state != SlotState.DRAFT
    }
    visitor = _("Visitor: %(name)s (%(email)s)", name=file.visit.contact_name, email=file.visit.contact_email)
    return [(_VISITOR, visitor), *hosts.values()]


def _read(form: LetterForm) -> Letter:
    return Letter(
        text=form.text.data or "",
        subject=form.subject.data or "",
        form_key=form.key.data or "",
        slot_id=None if form.to.data == _VISITOR else int(form.to.data),
    )


def _text_of(raw: bytes) -> str:
    """The plain text of a mail; empty when its keeping time is over."""
    part = message_from_bytes(raw, policy=policy.default).get_body(("plain",)) if raw else None
    return str(part.get_content()).strip() if part else ""
