"""What waits, as lines: what it is, until when, and the button that does it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from textwrap import shorten

from flask import url_for
from markupsafe import Markup

from bookings.domain.next_steps import NextStep, Step
from bookings.domain.today import WaitKind
from bookings.domain.visits import VisitState
from bookings.i18n import format_day, format_instant, ngettext
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.promises import promise_first_answer
from bookings.queries.today import Moment, Waiting
from bookings.web.planning_texts import next_step_sentence
from bookings.web.task_texts import task_sentence
from bookings.web.templates import keep_references_whole
from bookings.web.texts import SLOT_STATES, VISIT_STATES, short_instant

TITLES = {
    WaitKind.UNSETTLED: _l("Not confirmed, and the day is near"),
    WaitKind.REQUESTS: _l("Requests to read"),
    WaitKind.PROPOSALS: _l("Other times to decide on"),
    WaitKind.BOUNCES: _l("Mails that did not arrive"),
    WaitKind.LOST: _l("Stops without a host"),
    WaitKind.GO_ON: _l("Visits to go on with"),
    WaitKind.INBOX: _l("Incoming mails to decide on"),
    WaitKind.TASKS: _l("Tasks and follow-ups"),
    WaitKind.HOSTS: _l("Hosts that have not answered"),
    WaitKind.WEEK: _l("Visits this week"),
    WaitKind.REGISTRATIONS: _l("Registrations to approve"),
    WaitKind.DECISIONS: _l("Events to decide on"),
    WaitKind.GUESTS: _l("Registered people whom mails do not reach"),
    WaitKind.EVENTS: _l("Events this week"),
}
_LONGEST_NAME = 45
"""A name that comes again in each line leaves room for what the line says."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing: its words, where it leads, and its act; a `fields` that is set makes the act a form."""

    title: str
    url: str
    meta: str
    is_late: bool = False
    act: str = ""
    act_url: str = ""
    fields: dict[str, str] | None = field(default=None)


def build_line(kind: WaitKind, row: Waiting, at: Moment, *, today: date) -> Line:
    """The words and links of one thing."""
    return _BUILDERS[kind](row, at, today)


def _visit(row: Waiting, anchor: str | None = None) -> str:
    return url_for("staff_visits.show", reference=row.reference, _anchor=anchor)


def _about(row: Waiting, *parts: str) -> str:
    reference = keep_references_whole(row.reference or "")
    return Markup(" · ").join(part for part in (*parts, reference, row.owner_name) if part)


def _whose(row: Waiting) -> str:
    """The delegation beside a line; the whole name stands on the page of the visit, with its reference."""
    name = row.organisation or ""
    return name if len(name) <= _LONGEST_NAME else shorten(name, _LONGEST_NAME, placeholder=" …")


def _until(moment: datetime | None, at: Moment, zone: str = "") -> str:
    return _("until %(moment)s", moment=short_instant(moment, zone or at.zone)) if moment else ""


def _request(row: Waiting, at: Moment, _today: date) -> Line:
    promised = promise_first_answer(row.at) if row.at else None
    is_late = promised is not None and promised <= at.now
    words = _("promised by %(moment)s", moment=short_instant(promised, at.zone)) if promised else ""
    act, name = {
        Step.MODERATE: (_("Let it pass"), "let-pass"),
        Step.READ_ANSWER: (_("Start planning"), "plan"),
    }.get(Step(row.code), (_("Start planning"), "plan"))
    return Line(
        title=row.organisation or "",
        url=_visit(row),
        meta=_about(row, words, next_step_sentence(NextStep(Step(row.code)))),
        is_late=is_late,
        act=act,
        act_url=url_for("staff_visits.act", reference=row.reference, name=name),
    )


def _unsettled(row: Waiting, at: Moment, today: date) -> Line:
    """Who said yes waits for the delegation: confirm the visit, move it, or call it off."""
    if row.at is not None:
        when = _("first stop %(moment)s", moment=short_instant(row.at, at.zone))
    else:
        when = _("last wished day %(day)s", day=format_day(row.on)) if row.on else ""
    state = str(VISIT_STATES[VisitState(row.code)])
    hosts = ngettext("%(num)d host expects them", "%(num)d hosts expect them", row.number)
    return Line(
        title=row.organisation or "",
        url=_visit(row),
        meta=_about(row, when, state, hosts if row.number else ""),
        is_late=row.at <= at.now if row.at else row.on is not None and row.on < today,
        act=_("Decide"),
        act_url=_visit(row),
    )


def _proposal(row: Waiting, at: Moment, _today: date) -> Line:
    if row.number == 1:
        act, url = _("Take this time"), url_for("staff_slots.take", slot_id=row.id, time_id=row.time_id)
    else:
        act, url = _("Choose a time"), _visit(row, f"slot-{row.id}")
    offered = ngettext("offers %(num)d other time", "offers %(num)d other times", row.number)
    return Line(
        title=row.about,
        url=_visit(row, f"slot-{row.id}"),
        meta=_about(row, offered, _until(row.at, at, row.time_zone), _whose(row)),
        is_late=row.at is not None and row.at <= at.now,
        act=act,
        act_url=url,
    )


def _bounce(row: Waiting, at: Moment, _today: date) -> Line:
    since = short_instant(row.at, at.zone) if row.at else ""
    words = _about(row, row.about, since, _whose(row))
    if row.code == "host":
        return Line(
            title=_("Mails to %(host)s come back", host=row.what), url=_visit(row, f"slot-{row.id}"),
            meta=words, act=_("Send the invitation again"),
            act_url=url_for("staff_slots.act", slot_id=row.id, name="resend"),
        )  # fmt: skip
    return Line(
        title=row.what or _("(no subject)"),
        url=_visit(row, "conversation") if row.reference else url_for("outbox.index", state="failed"),
        meta=words,
        act=_("Try again now"),
        act_url=url_for("outbox.retry", mail_id=row.id),
        fields={},
    )


def _lost(row: Waiting, at: Moment, _today: date) -> Line:
    state = str(SLOT_STATES.get(row.code, row.code))  # type: ignore[call-overload]
    when = format_instant(row.at, row.time_zone) if row.at else ""
    return Line(
        title=row.about,
        url=_visit(row, f"slot-{row.id}"),
        meta=_about(row, state, when, _whose(row)),
        is_late=row.at is not None and row.at <= at.now,
        act=_("See the next best host"),
        act_url=url_for("staff_planning.next_best", slot_id=row.id),
    )


def _go_on(row: Waiting, _at: Moment, _today: date) -> Line:
    reference = row.reference
    match step := Step(row.code):
        case Step.RELEASE:
            act, url = _("See the mails first"), url_for("staff_releases.show", reference=reference)
        case Step.PROPOSE:
            act, url = (
                _("Propose to the visitor"),
                url_for("staff_visits.act", reference=reference, name="propose"),
            )
        case Step.READ_WISH:
            act, url = (
                _("Read the wish"),
                url_for("staff_visits.act", reference=reference, name="answer-wish"),
            )
        case _other:
            act, url = _("Choose hosts"), url_for("staff_slots.choose", reference=reference)
    sentence = next_step_sentence(NextStep(step))
    return Line(
        title=row.organisation or "", url=_visit(row), meta=_about(row, sentence), act=act, act_url=url
    )


def _mail(row: Waiting, at: Moment, _today: date) -> Line:
    url = url_for("inbox.show", message_id=row.id)
    since = short_instant(row.at, at.zone) if row.at else ""
    return Line(
        title=row.what or _("(no subject)"),
        url=url,
        meta=_about(row, row.about, since, _whose(row)),
        act=_("Decide"),
        act_url=url,
    )


def _task(row: Waiting, _at: Moment, today: date) -> Line:
    is_late = row.on is not None and row.on < today
    due = format_day(row.on) if row.on else ""
    return Line(
        title=task_sentence(row.code, row.what, row.about),
        url=_visit(row, "tasks"),
        meta=_about(row, _("due %(day)s", day=due) if due else "", _whose(row)),
        is_late=is_late,
        act=_("Done"),
        act_url=url_for("staff_tasks.act", reference=row.reference, task_id=row.id, name="tick"),
        fields={"back": "today"},
    )


def _host(row: Waiting, at: Moment, _today: date) -> Line:
    due = _("answer due %(moment)s", moment=short_instant(row.at, row.time_zone)) if row.at else ""
    return Line(
        title=row.about,
        url=_visit(row, f"slot-{row.id}"),
        meta=_about(row, due, _whose(row)),
        is_late=row.at is not None and row.at <= at.now,
        act=_("Ask again"),
        act_url=url_for("staff_slots.act", slot_id=row.id, name="resend"),
    )


def _week(row: Waiting, at: Moment, _today: date) -> Line:
    state = str(VISIT_STATES.get(row.code, row.code))  # type: ignore[call-overload]
    begins = format_instant(row.at, at.zone) if row.at else ""
    stops = ngettext("%(num)d stop", "%(num)d stops", row.number)
    return Line(
        title=row.organisation or "",
        url=_visit(row),
        meta=_about(row, begins, stops, state),
        act=_("See the programme"),
        act_url=_visit(row, "programme"),
    )


_BUILDERS: dict[WaitKind, Callable[[Waiting, Moment, date], Line]] = {
    WaitKind.UNSETTLED: _unsettled,
    WaitKind.REQUESTS: _request,
    WaitKind.PROPOSALS: _proposal,
    WaitKind.BOUNCES: _bounce,
    WaitKind.LOST: _lost,
    WaitKind.GO_ON: _go_on,
    WaitKind.INBOX: _mail,
    WaitKind.TASKS: _task,
    WaitKind.HOSTS: _host,
    WaitKind.WEEK: _week,
}
