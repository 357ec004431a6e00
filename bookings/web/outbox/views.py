"""The outbox page of staff: what has not left, since when and why; try again or drop."""

from datetime import timedelta
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.outbox import OutboxState
from bookings.domain.staff import StaffRole, has_role, zone_of_town
from bookings.i18n import gettext as _
from bookings.queries.outbox import count_mails, last_heartbeat, list_came_back, list_mails, load_backlog
from bookings.queries.registrations.lists import list_lost_guests
from bookings.services.outbox import drop_mail, retry_mail
from bookings.web.bulk_reads import note_list
from bookings.web.clock import utc_now
from bookings.web.outbox.reasons import STATE_NAMES, explain_mail
from bookings.web.security import current_staff, signed_in, staff_gate

outbox = Blueprint("outbox", __name__, url_prefix="/staff/outbox")

_PER_PAGE = 50
_LONGEST_SILENCE = timedelta(seconds=60)
_TABS = {
    "waiting": (OutboxState.WAITING, OutboxState.SENDING),
    "failed": (OutboxState.FAILED,),
    "too_late": (OutboxState.TOO_LATE,),
    "dropped": (OutboxState.DROPPED,),
    "sent": (OutboxState.SENT,),
}


class Page(NamedTuple):
    """Where one is in a long list."""

    page: int
    pages: int
    total: int


@outbox.get("")
@staff_gate(StaffRole.READER)
def index() -> ResponseReturnValue:
    """One tab per state; the first is what still has to leave."""
    session = read_session()
    tab = request.args.get("state", "waiting")
    states = _TABS.get(tab, _TABS["waiting"])
    counts = count_mails(session)
    page = _page(sum(counts[state] for state in states))
    seen_at = last_heartbeat(session)
    mails = list_mails(session, states, page=page.page, per_page=_PER_PAGE)
    note_list("outbox", len(mails))
    return render_template(
        "outbox/index.html",
        mails=mails,
        explain=explain_mail,
        page=page,
        page_url=lambda number: url_for("outbox.index", state=tab, page=number),
        tabs=_tabs(tab, counts),
        tab=tab,
        backlog=load_backlog(session),
        came_back=list_came_back(session),
        lost_guests=list_lost_guests(session, now=utc_now()),
        worker_seen_at=seen_at,
        worker_is_silent=seen_at is None or utc_now() - seen_at > _LONGEST_SILENCE,
        time_zone=_time_zone(),
        may_decide=has_role(set(signed_in().roles), StaffRole.COORDINATOR),
    )


@outbox.post("/<int(max=2147483647):mail_id>/retry")
@staff_gate(StaffRole.COORDINATOR)
def retry(mail_id: int) -> ResponseReturnValue:
    """Try the mail again at once."""
    retry_mail(mail_id, who=current_staff(), now=utc_now())
    flash(_("The mail is tried again now."), "success")
    return redirect(url_for("outbox.index"), 303)


@outbox.post("/<int(max=2147483647):mail_id>/drop")
@staff_gate(StaffRole.COORDINATOR)
def drop(mail_id: int) -> ResponseReturnValue:
    """Decide that the mail never leaves."""
    drop_mail(mail_id, who=current_staff(), now=utc_now())
    flash(_("The mail is not sent."), "success")
    return redirect(url_for("outbox.index", state="dropped"), 303)


def _page(total: int) -> Page:
    pages = max(1, -(-total // _PER_PAGE))
    wanted = request.args.get("page", "1")
    number = int(wanted) if wanted.isascii() and wanted.isdigit() and len(wanted) < 6 else 1
    return Page(min(max(number, 1), pages), pages, total)


def _tabs(current: str, counts: dict[OutboxState, int]) -> list[dict[str, Any]]:
    return [
        {
            "label": STATE_NAMES[states[0]],
            "url": url_for("outbox.index", state=name),
            "is_current": name == current,
            "count": sum(counts[state] for state in states),
        }
        for name, states in _TABS.items()
    ]


def _time_zone() -> str:
    return zone_of_town(signed_in().town)
