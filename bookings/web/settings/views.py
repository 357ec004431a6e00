"""Settings by page: deadlines, hours, closed days, the cost clause, texts of mails and pages."""

from datetime import date, time
from typing import Any, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.settings import DEADLINES, HOURS, ClosedDays, CostClause, WorkingHours, find_clause
from bookings.domain.staff import StaffRole
from bookings.domain.time import home_day
from bookings.i18n import LANGUAGE_NAMES
from bookings.i18n import gettext as _
from bookings.queries import settings as queries
from bookings.queries.directory import load_directory
from bookings.queries.settings import SavedSetting, own_settings, shipped_rules
from bookings.services.agreement import build_clause
from bookings.services.settings.saving import (
    add_clause,
    add_closed_days,
    put_back,
    remove_closed_days,
    save_deadlines,
    save_hours,
    set_july,
)
from bookings.web.clock import utc_now
from bookings.web.forms import DayField
from bookings.web.security import current_staff, staff_gate
from bookings.web.setting_words import SECTIONS, WEEKDAYS
from bookings.web.settings.forms import (
    ClauseForm,
    ClosedDaysForm,
    DeadlinesForm,
    HoursForm,
    VersionedForm,
)
from bookings.web.settings.saving import can_save, fill_version, save_form, saved
from bookings.web.texts import Names

staff_settings = Blueprint("staff_settings", __name__, url_prefix="/staff/settings")
coordinator = staff_gate(StaffRole.COORDINATOR)
admin = staff_gate(StaffRole.ADMIN)
_LONGEST_VERSION = 10


@staff_settings.get("")
@coordinator
def index() -> str:
    own = queries.refresh_settings(read_session())
    return render_template("settings/index.html", own=own, sections=SECTIONS, can_save=can_save())


@staff_settings.get("/deadlines")
@coordinator
def deadlines() -> str:
    found = saved(queries.DEADLINES)
    return _deadlines_page(DeadlinesForm(formdata=None, data=found.value or {}, version=str(found.version)))


@staff_settings.post("/deadlines")
@admin
def change_deadlines() -> ResponseReturnValue:
    form = DeadlinesForm()
    return save_form(
        form,
        lambda: save_deadlines(
            _numbers(form, DEADLINES), version=form.read_version, who=current_staff(), now=utc_now()
        ),
        key=queries.DEADLINES,
        page=_deadlines_page,
        back="staff_settings.deadlines",
    )


def _deadlines_page(form: VersionedForm, *, changed: SavedSetting | None = None) -> str:
    parts = shipped_rules().reminder_parts
    standards = {name: getattr(shipped_rules(), name, None) for name in DEADLINES}
    standards |= {
        "first_reminder_percent": round(parts[0] * 100),
        "second_reminder_percent": round(parts[-1] * 100),
    }
    return _numbers_page("settings/numbers.html", form, queries.DEADLINES, standards, changed=changed)


@staff_settings.get("/hours")
@coordinator
def hours() -> str:
    found = saved(queries.HOURS)
    values = dict(found.value or {})
    for name, key in (("opens", "working_hours_start"), ("closes", "working_hours_end")):
        if key in values:
            values[name] = time.fromisoformat(values[key])
    values["closed_weekdays"] = [str(day) for day in values.get("closed_weekdays", ())]
    return _hours_page(_hours_form(formdata=None, data=values, version=str(found.version)))


@staff_settings.post("/hours")
@admin
def change_hours() -> ResponseReturnValue:
    form = _hours_form()
    return save_form(
        form,
        lambda: save_hours(
            WorkingHours(
                form.opens.data,
                form.closes.data,
                _numbers(form, HOURS),
                tuple(int(day) for day in form.closed_weekdays.data or ()),
            ),
            version=form.read_version,
            who=current_staff(),
            now=utc_now(),
        ),
        key=queries.HOURS,
        page=_hours_page,
        back="staff_settings.hours",
    )


def _hours_form(**values: Any) -> HoursForm:
    form = HoursForm(**values)
    form.closed_weekdays.choices = list(WEEKDAYS)
    return form


def _hours_page(form: VersionedForm, *, changed: SavedSetting | None = None) -> str:
    shipped = shipped_rules()
    standards = {
        "opens": shipped.working_hours_start,
        "closes": shipped.working_hours_end,
        "host_buffer_minutes": shipped.host_buffer_minutes,
    }
    return _numbers_page("settings/hours.html", form, queries.HOURS, standards, changed=changed)


def _numbers_page(
    template: str,
    form: VersionedForm,
    key: str,
    standards: dict[str, Any],
    *,
    changed: SavedSetting | None,
) -> str:
    for name, standard in standards.items():
        form[name].description = form[name].description or _("Standard: %(value)s", value=standard)
    return render_template(
        template,
        form=form,
        title=SECTIONS[key],
        setting=key,
        changed=changed,
        has_errors=bool(form.errors),
        can_save=can_save(),
    )


@staff_settings.get("/closed-days")
@coordinator
def closed_days() -> str:
    form = ClosedDaysForm(formdata=None)
    fill_version(form, queries.CLOSED_DAYS)
    return _closed_page(form)


@staff_settings.post("/closed-days")
@admin
def close_days() -> ResponseReturnValue:
    form = ClosedDaysForm()
    form.where.choices = _where_choices()

    def act() -> None:
        country, _dot, place = (form.where.data or "").partition(".")
        closed = ClosedDays(_day(form.first_on), _day(form.last_on), country, place, form.name.data or "")
        add_closed_days(closed, version=form.read_version, who=current_staff(), now=utc_now())

    return save_form(form, act, key=queries.CLOSED_DAYS, page=_closed_page, back="staff_settings.closed_days")


@staff_settings.post("/closed-days/<int(max=999):position>/remove")
@admin
def open_days(position: int) -> ResponseReturnValue:
    form = VersionedForm()
    remove_closed_days(position, version=form.read_version, who=current_staff(), now=utc_now())
    flash(_("Saved."), "success")
    return redirect(url_for("staff_settings.closed_days"), 303)


@staff_settings.post("/closed-days/july")
@admin
def july() -> ResponseReturnValue:
    form, is_quiet = VersionedForm(), request.form.get("quiet") == "y"
    set_july(is_quiet=is_quiet, version=form.read_version, who=current_staff(), now=utc_now())
    flash(_("Saved."), "success")
    return redirect(url_for("staff_settings.closed_days"), 303)


def _closed_page(form: VersionedForm, *, changed: SavedSetting | None = None) -> str:
    names = Names(load_directory(read_session()))
    form["where"].choices = _where_choices()
    return render_template(
        "settings/closed_days.html",
        form=form,
        own=own_settings(),
        names=names,
        changed=changed,
        version=saved(queries.CLOSED_DAYS).version,
        has_errors=bool(form.errors),
        can_save=can_save(),
    )


def _where_choices() -> list[tuple[str, str]]:
    names = Names(load_directory(read_session()))
    towns = [
        (f"{town.country}.{town.slug}", names.place(town.slug)) for town in names.directory.places.partners
    ]
    return [("", _("Everywhere")), ("SE", _("Sweden")), ("FI", _("Finland")), *towns]


@staff_settings.get("/cost-clauses")
@coordinator
def clauses() -> str:
    form = ClauseForm(formdata=None)
    fill_version(form, queries.CLAUSES)
    return _clauses_page(form)


@staff_settings.post("/cost-clauses")
@admin
def new_clause() -> ResponseReturnValue:
    form = ClauseForm()

    def act() -> None:
        clause = CostClause(form.name.data or "", _day(form.effective_on), form.texts)
        add_clause(clause, version=form.read_version, who=current_staff(), now=utc_now())

    return save_form(form, act, key=queries.CLAUSES, page=_clauses_page, back="staff_settings.clauses")


def _clauses_page(form: VersionedForm, *, changed: SavedSetting | None = None) -> str:
    now = utc_now()
    own = own_settings().clauses
    return render_template(
        "settings/clauses.html",
        form=form,
        clauses=sorted(own, key=lambda clause: clause.effective_on, reverse=True),
        in_force=build_clause(now=now),
        is_own=find_clause(own, today=home_day(now)) is not None,
        languages=LANGUAGE_NAMES,
        changed=changed,
        has_errors=bool(form.errors),
        can_save=can_save(),
    )


@staff_settings.post("/back")
@admin
def back() -> ResponseReturnValue:
    """A setting as it was in an earlier version."""
    key, version = request.form.get("key", ""), request.form.get("to", "")
    if not (version.isascii() and version.isdigit() and len(version) < _LONGEST_VERSION):
        raise NotFoundError("setting", key)
    put_back(key, version=int(version), who=current_staff(), now=utc_now())
    flash(_("The setting is as it was in that version."), "success")
    return redirect(url_for("staff_settings.index"), 303)


def _numbers(form: VersionedForm, names: Any) -> dict[str, int]:
    return {name: form[name].data for name in names if form[name].data is not None}


def _day(field: DayField) -> date:
    """What the validators have made sure of."""
    return cast(date, field.data)
