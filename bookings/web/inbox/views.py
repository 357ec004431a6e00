"""Staff's inbox: the mail, why it waits, and one press for each decision."""

from datetime import datetime
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from bookings.db import read_session
from bookings.domain.inbox import InboxState
from bookings.domain.staff import StaffRole, has_role, zone_of_town
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.inbox import (
    count_open,
    find_visit_reference,
    list_inbox,
    load_message,
    read_headers,
)
from bookings.services.inbox import (
    accept_alias,
    accept_deputy,
    count_message,
    ignore_message,
    reply_to_message,
)
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.forms import Form, SeveralLines
from bookings.web.inbox.reasons import (
    ANSWERS,
    REASONS,
    RESOLUTIONS,
    can_be_counted,
    find_deputy,
    may_be_alias,
)
from bookings.web.security import current_staff, signed_in, staff_gate

inbox = Blueprint("inbox", __name__, url_prefix="/staff/inbox")

_PER_PAGE = 50
_STATES = {
    "open": (InboxState.OPEN,),
    "decided": (InboxState.DECIDED,),
    "logged": (InboxState.LOGGED,),
}


class Page(NamedTuple):
    """Where one is in a long list."""

    page: int
    pages: int
    total: int


class ReplyForm(Form):
    """What staff write back to a person."""

    text = TextAreaField(
        _l("Your reply"),
        validators=[DataRequired(_l("Write your reply.")), SeveralLines(4000)],
    )


@inbox.get("")
@staff_gate(StaffRole.READER)
def index() -> ResponseReturnValue:
    """What waits for staff comes first; the rest of the mail is one press away."""
    session = read_session()
    state = request.args.get("state", "open")
    states = _STATES.get(state, _STATES["open"])
    wanted = request.args.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and 0 < len(wanted) < 6 else 1
    rows, total = list_inbox(session, states, page=max(1, number), per_page=_PER_PAGE)
    note_list("inbox", len(rows))
    return render_template(
        "inbox/index.html",
        rows=rows,
        reasons=REASONS,
        page=Page(max(1, number), max(1, -(-total // _PER_PAGE)), total),
        page_url=lambda target: url_for("inbox.index", state=state, page=target),
        tabs=_tabs(state, count_open(session)),
        state=state,
        time_zone=_time_zone(),
    )


@inbox.get("/<int(max=2147483647):message_id>")
@staff_gate(StaffRole.READER)
def show(message_id: int) -> ResponseReturnValue:
    """One mail with its decisions."""
    return _page(message_id, ReplyForm())


@inbox.post("/<int(max=2147483647):message_id>/count")
@staff_gate(StaffRole.COORDINATOR)
def count(message_id: int) -> ResponseReturnValue:
    """The answer counts for the host whom it is about."""
    count_message(message_id, who=current_staff(), now=utc_now())
    return _done(_("The answer was counted."))


@inbox.post("/<int(max=2147483647):message_id>/alias")
@staff_gate(StaffRole.COORDINATOR)
def alias(message_id: int) -> ResponseReturnValue:
    """The address belongs to the invited person."""
    accept_alias(message_id, who=current_staff(), now=utc_now())
    return _done(_("The address is known from now on, and the answer was counted."))


@inbox.post("/<int(max=2147483647):message_id>/deputy")
@staff_gate(StaffRole.COORDINATOR)
def deputy(message_id: int) -> ResponseReturnValue:
    """The host's colleague answers in the host's place."""
    accept_deputy(message_id, who=current_staff(), now=utc_now())
    return _done(_("Answers of the colleague count for the host from now on."))


@inbox.post("/<int(max=2147483647):message_id>/ignore")
@staff_gate(StaffRole.COORDINATOR)
def ignore(message_id: int) -> ResponseReturnValue:
    """Nothing follows."""
    ignore_message(message_id, who=current_staff(), now=utc_now())
    return _done(_("The mail was set aside."))


@inbox.post("/<int(max=2147483647):message_id>/reply")
@staff_gate(StaffRole.COORDINATOR)
def reply(message_id: int) -> ResponseReturnValue:
    """Write back to the person."""
    form = ReplyForm()
    if not form.validate_on_submit():
        return _page(message_id, form), 422
    reply_to_message(message_id, form.text.data or "", who=current_staff(), now=utc_now())
    return _done(_("Your reply is on its way."))


def _done(sentence: str) -> ResponseReturnValue:
    flash(sentence, "success")
    return redirect(url_for("inbox.index"), 303)


def _page(message_id: int, form: ReplyForm) -> str:
    session = read_session()
    message = load_message(session, message_id)
    may_decide = has_role(set(signed_in().roles), StaffRole.COORDINATOR)
    return render_template(
        "inbox/show.html",
        message=message,
        headers="" if message.text else read_headers(message),
        findings=[_finding(plain) for plain in message.findings],
        reasons=REASONS,
        resolution=RESOLUTIONS.get(message.resolution, ""),
        form=form,
        visit_reference=find_visit_reference(session, message.visit_id),
        may_decide=may_decide and message.state == InboxState.OPEN,
        can_count=any(map(can_be_counted, message.findings)),
        alias_of=next((one["token_of"] for one in message.findings if may_be_alias(one)), ""),
        deputy=next((name for one in message.findings if (name := find_deputy(one))), ""),
        time_zone=_time_zone(),
    )


def _finding(plain: dict[str, Any]) -> dict[str, Any]:
    """A conclusion with words for its codes, and instants again."""
    times = [datetime.fromisoformat(plain[key]) if plain.get(key) else None for key in _MOMENTS]
    return {
        **plain,
        "why": REASONS.get(plain["reason"], ""),
        "answered": ANSWERS.get(plain["partstat"], "") if plain.get("partstat") else "",
        "proposed": times if all(times) else None,
    }


_MOMENTS = ("proposed_start", "proposed_end")


def _tabs(current: str, waiting: int) -> list[dict[str, Any]]:
    labels = {"open": _("Waiting for you"), "decided": _("Decided"), "logged": _("Everything else")}
    return [
        {
            "label": label,
            "url": url_for("inbox.index", state=name),
            "is_current": name == current,
            "count": waiting if name == "open" else None,
        }
        for name, label in labels.items()
    ]


def _time_zone() -> str:
    return zone_of_town(signed_in().town)
