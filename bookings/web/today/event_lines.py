"""What waits about events, as lines: what it is, until when, and the button that leads to it."""

from collections.abc import Callable

from flask import url_for

from bookings.domain.events import EventState, choose_text
from bookings.domain.today import WaitKind
from bookings.i18n import current_language, format_instant, ngettext
from bookings.i18n import gettext as _
from bookings.queries.today import Moment
from bookings.queries.today_events import WaitingEvent
from bookings.web.texts import short_instant
from bookings.web.today.lines import Line


def build_event_line(kind: WaitKind, row: WaitingEvent, at: Moment) -> Line:
    """The words and links of one thing."""
    return _BUILDERS[kind](row, at)


def _title(row: WaitingEvent) -> str:
    return choose_text(row.title, current_language())


def _about(row: WaitingEvent, *parts: str) -> str:
    return " · ".join(part for part in (*parts, row.owner_name) if part)


def _person(row: WaitingEvent) -> str:
    return url_for("staff_registrations.show", slug=row.slug, code=row.reference)


def _registration(row: WaitingEvent, at: Moment) -> Line:
    group = ngettext("%(num)d person", "%(num)d people", row.number) if row.number > 1 else ""
    return Line(
        title=row.name or row.reference,
        url=_person(row),
        meta=_about(row, _title(row), group, _("since %(moment)s", moment=short_instant(row.at, at.zone))),
        act=_("Decide"),
        act_url=_person(row),
    )


def _guest(row: WaitingEvent, at: Moment) -> Line:
    since = _("since %(moment)s", moment=short_instant(row.at, at.zone))
    return Line(
        title=row.name or row.reference,
        url=_person(row),
        meta=_about(row, row.email, _title(row), since),
        act=_("Correct the address"),
        act_url=url_for("staff_registrations.change", slug=row.slug, code=row.reference),
    )


def _decision(row: WaitingEvent, at: Moment) -> Line:
    url = url_for("staff_events.show", slug=row.slug)
    taken = _("%(taken)d of at least %(minimum)d places taken", taken=row.number, minimum=row.minimum)
    return Line(
        title=_title(row),
        url=url,
        meta=_about(row, taken, _("decide by %(moment)s", moment=short_instant(row.at, row.time_zone))),
        is_late=row.at <= at.now,
        act=_("Decide"),
        act_url=url,
    )


def _event(row: WaitingEvent, _at: Moment) -> Line:
    places = ngettext("%(num)d place taken", "%(num)d places taken", row.number)
    state = _("Draft") if row.state == EventState.DRAFT else ""
    return Line(
        title=_title(row),
        url=url_for("staff_events.show", slug=row.slug),
        meta=_about(row, format_instant(row.at, row.time_zone), places, state),
        act=_("See the registrations"),
        act_url=url_for("staff_registrations.index", slug=row.slug),
    )


_BUILDERS: dict[WaitKind, Callable[[WaitingEvent, Moment], Line]] = {
    WaitKind.REGISTRATIONS: _registration,
    WaitKind.DECISIONS: _decision,
    WaitKind.GUESTS: _guest,
    WaitKind.EVENTS: _event,
}
