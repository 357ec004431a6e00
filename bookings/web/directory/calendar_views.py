"""The calendars of a host's people, for staff: their feeds, and the own calendars that are read."""

from collections.abc import Callable

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import NotFoundError
from bookings.domain.staff import StaffRole
from bookings.queries.directory import Company, list_contacts, load_directory
from bookings.web.directory.staff_views import staff_directory
from bookings.web.host_calendars import (
    WAYS,
    FreshAddress,
    OwnCalendarForm,
    fault_sentence,
    forget_own_calendar,
    keep_own_calendar,
    load_host_calendars,
    make_feed,
    stop_feed,
)
from bookings.web.security import current_staff, staff_gate

__all__ = ["staff_directory"]

_PAGE = "/staff/directory/<slug>/calendars"
_PERSON = f"{_PAGE}/<int(max=2147483647):contact_id>"
_coordinator = staff_gate(StaffRole.COORDINATOR)


@staff_directory.get(_PAGE)
@_coordinator
def calendars(slug: str) -> str:
    return _page(_find(slug))


@staff_directory.post(f"{_PERSON}/<any(host,busy):kind>")
@_coordinator
def make_address(slug: str, contact_id: int, kind: str) -> str:
    """The new secret address stands on this page once: only its hash is stored."""
    company = _find(slug, contact_id)
    return _page(company, fresh=make_feed(contact_id, kind, who=current_staff()))


@staff_directory.post(f"{_PERSON}/<any(host,busy):kind>/stop")
@_coordinator
def stop_address(slug: str, contact_id: int, kind: str) -> ResponseReturnValue:
    _find(slug, contact_id)
    stop_feed(contact_id, kind, who=current_staff())
    return _back(slug)


@staff_directory.post(f"{_PERSON}/own")
@_coordinator
def keep_calendar(slug: str, contact_id: int) -> ResponseReturnValue:
    company, form = _find(slug, contact_id), _form(contact_id)
    if keep_own_calendar(contact_id, form, who=current_staff()):
        return _back(slug)
    return _page(company, wrong=(contact_id, form)), 422


@staff_directory.post(f"{_PERSON}/own/forget")
@_coordinator
def forget_calendar(slug: str, contact_id: int) -> ResponseReturnValue:
    _find(slug, contact_id)
    forget_own_calendar(contact_id, who=current_staff())
    return _back(slug)


def _find(slug: str, contact_id: int | None = None) -> Company:
    """The organisation, when this person belongs to it. Raises NotFoundError."""
    session = read_session()
    company = load_directory(session).companies.get(slug)
    if company is None:
        raise NotFoundError("organisation", slug)
    people = list_contacts(session, [company.id]).get(company.id, [])
    if contact_id is not None and contact_id not in [contact.id for contact in people]:
        raise NotFoundError("host_contact", str(contact_id))
    return company


def _page(
    company: Company, *, fresh: FreshAddress | None = None, wrong: tuple[int, OwnCalendarForm] | None = None
) -> str:
    session = read_session()
    people = list_contacts(session, [company.id]).get(company.id, [])
    forms = {person.id: _form(person.id, is_blank=True) for person in people} | dict([wrong] if wrong else [])
    return render_template(
        "directory/calendars.html",
        company=company,
        people=people,
        calendars=load_host_calendars(session, [person.id for person in people]),
        ways={person.id: _ways(company.slug, person.id) for person in people},
        forms=forms,
        wrong=wrong[1] if wrong else None,
        has_errors=wrong is not None,
        fresh=fresh,
        fault_sentence=fault_sentence,
    )


def _form(contact_id: int, *, is_blank: bool = False) -> OwnCalendarForm:
    """Several people, several fields: each has a name of its own."""
    prefix = f"person-{contact_id}-"
    return OwnCalendarForm(formdata=None, prefix=prefix) if is_blank else OwnCalendarForm(prefix=prefix)


def _ways(slug: str, contact_id: int) -> Callable[..., str]:
    return lambda name, **values: url_for(
        WAYS[name].format("staff_directory"), slug=slug, contact_id=contact_id, **values
    )


def _back(slug: str) -> ResponseReturnValue:
    return redirect(url_for("staff_directory.calendars", slug=slug), 303)
