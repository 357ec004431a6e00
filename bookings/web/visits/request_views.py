"""Staff: what the delegation asks for by now."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from werkzeug.datastructures import MultiDict
from wtforms import Field

from bookings.db import read_session
from bookings.domain.errors import BookingError, GroupsNotFilledError, RecordChangedError
from bookings.domain.requests import RequestedVisit
from bookings.domain.time import home_day
from bookings.i18n import current_language
from bookings.i18n import gettext as _
from bookings.queries.directory import Directory, load_directory
from bookings.queries.planning import list_planned_slots
from bookings.queries.visits import VisitFile, load_visit_file
from bookings.queries.visits.wishes import build_requested
from bookings.services.visits import change_request
from bookings.services.visits.request import REQUEST_CHANGES
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.meanwhile import News, list_meanwhile, read_seen
from bookings.web.requests.forms import (
    ONLINE,
    SUGGEST,
    VISIT_LANGUAGES,
    InterestsForm,
    OrganisationForm,
    VisitForm,
)
from bookings.web.requests.steps import draw_questions
from bookings.web.requests.wish import build_requested_visit
from bookings.web.security import current_staff
from bookings.web.staff_refusals import refused_page
from bookings.web.visits.contact_views import staff_visits
from bookings.web.visits.staff_views import coordinator

__all__ = ["staff_visits"]
_WINDOWS = ("first", "second", "third")
_BOXED = tuple(code for code, _name in VISIT_LANGUAGES)


@dataclass(frozen=True)
class _Questions:
    """The three forms of the visitor that hold what is asked for, on one page."""

    visit: VisitForm
    about: InterestsForm
    organisation: OrganisationForm

    def __iter__(self) -> Iterator[Field]:
        return chain(self.visit, self.about, self.organisation)

    def validate(self) -> bool:
        """All are looked at, so that all problems show at once."""
        checked = [form.validate() for form in (self.visit, self.about, self.organisation)]
        return all(checked)

    @property
    def errors(self) -> list[Field]:
        return [field for field in self if field.errors]


@staff_visits.route("/<reference>/request", methods=["GET", "POST"])
@coordinator
def change(reference: str) -> ResponseReturnValue:
    """The form as it was filled in; who is told of a change stands above it."""
    now, directory = utc_now(), load_directory(read_session())
    file = load_visit_file(read_session(), reference)
    before = build_requested(file.visit, file.wishes)
    typed = request.form if request.method == "POST" else _as_typed(before)
    forms = _bind(typed, before, directory, today=home_day(now))
    if request.method == "GET" or not forms.validate():
        return _page(forms, file, directory, now=now), 422 if forms.errors else 200
    return _change(forms, file, directory, now=now)


def _change(
    forms: _Questions, file: VisitFile, directory: Directory, *, now: datetime
) -> ResponseReturnValue:
    reference = file.visit.reference
    wish = build_requested_visit(forms.about, forms.visit, forms.organisation)
    try:
        change_request(reference, wish, seen=read_seen(), who=current_staff(), now=now)
    except GroupsNotFilledError as error:
        forms.visit.group_size.errors = [refusal_sentence(error)]
        return _page(forms, file, directory, now=now), 422
    except RecordChangedError:
        news = list_meanwhile(file.visit.id, read_seen(), REQUEST_CHANGES)
        return _page(
            forms, load_visit_file(read_session(), reference), directory, now=now, meanwhile=news
        ), 409
    except BookingError as error:
        slots = list_planned_slots(read_session(), file.visit.id)
        return refused_page(error, reference=reference, slots=slots)
    flash(_("The request was changed."), "success")
    return redirect(url_for("staff_visits.show", reference=reference, _anchor="request"), 303)


def _page(
    forms: _Questions, file: VisitFile, directory: Directory, *, now: datetime,
    meanwhile: list[News] | None = None,
) -> str:  # fmt: skip
    return render_template(
        "visits/staff_change_request.html",
        forms=forms,
        parts=_draw(forms, file, directory, today=home_day(now)),
        file=file,
        has_errors=bool(forms.errors),
        meanwhile=meanwhile,
        version=file.audit[0].id if file.audit else 0,
    )


def _draw(forms: _Questions, file: VisitFile, directory: Directory, *, today: date) -> list[Markup]:
    first_day = min([today, *(window.earliest for window in file.wishes.windows)])
    steps = {"visit": forms.visit, "interests": forms.about, "organisation": forms.organisation}
    return [draw_questions(step, form, directory, today=first_day) for step, form in steps.items()]


def _bind(
    typed: MultiDict[str, str], before: RequestedVisit, directory: Directory, *, today: date
) -> _Questions:
    visit = VisitForm(typed, directory=directory, language=current_language(), today=today)
    for window, known in zip(visit.windows, before.windows, strict=False):
        window.known = known
    return _Questions(visit, InterestsForm(typed, directory=directory), OrganisationForm(typed))


def _as_typed(wish: RequestedVisit) -> MultiDict[str, str]:
    """The request as its sender would have typed it."""
    visitor = wish.organisation
    values: dict[str, list[str]] = {
        "interests": [*wish.interests],
        "interest_other": [wish.interest_other],
        "wanted_hosts": [*wish.wanted_hosts],
        "offered_hosts": [*wish.wanted_hosts],
        "visit_kind": [wish.visit_kind],
        "purpose": [wish.purpose],
        "places": [*wish.places, *[SUGGEST] * wish.leaves_places_open, *[ONLINE] * wish.is_online],
        "group_size": [str(wish.group_size)],
        "languages": [code for code in wish.visit_languages if code in _BOXED],
        "other_language": [code for code in wish.visit_languages if code not in _BOXED],
        "brings_interpreter": ["y"] * wish.brings_interpreter,
        "organisation": [visitor.name],
        "country": [visitor.country],
        "organisation_kind": [visitor.kind],
        "website": [visitor.website],
        "on_behalf_of": [visitor.on_behalf_of],
    }
    for name, window in zip(_WINDOWS, wish.windows, strict=False):
        values[f"{name}-earliest_on"] = [window.earliest.isoformat()]
        values[f"{name}-latest_on"] = [window.latest.isoformat()]
        values[f"{name}-half_days"] = [str(window.half_days)]
        values[f"{name}-is_flexible"] = ["y"] * window.is_flexible
    return MultiDict(values)
