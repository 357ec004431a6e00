"""One page for every part of a host: the same for staff and for the host behind its own link."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request
from flask.typing import ResponseReturnValue

from bookings.db import read_session
from bookings.domain.errors import HostDetailNotUsableError, NotFoundError, RecordChangedError
from bookings.domain.offers import OfferStatus
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import load_directory
from bookings.queries.host_files import HostFile
from bookings.services.hosts import (
    Door,
    StaffDoor,
    end_contact,
    remove_blackout,
    remove_closure,
    remove_exclusion,
    set_offer_status,
)
from bookings.web.forms import whole_number
from bookings.web.hosts.day_forms import BlackoutForm, ClosureForm, ExclusionForm
from bookings.web.hosts.fields import HostForm, topic_groups
from bookings.web.hosts.forms import ContactForm, OrganisationForm, SiteForm, TermsForm
from bookings.web.hosts.offer_form import OfferForm

STAFF_FORMS: dict[str, type[HostForm]] = {
    form.kind: form
    for form in (
        OrganisationForm,
        TermsForm,
        ContactForm,
        SiteForm,
        ClosureForm,
        OfferForm,
        BlackoutForm,
        ExclusionForm,
    )
}
HOST_FORMS: dict[str, type[HostForm]] = {
    form.kind: form for form in (TermsForm, ContactForm, SiteForm, OfferForm, BlackoutForm, ExclusionForm)
}
_ONE_ONLY = ("organisation", "terms")
_NEVER_CHANGED = ("blackouts", "exclusions")
_ALWAYS_NEW = ("closures",)

_TITLES = {
    "organisation": (_l("The organisation"), _l("The organisation")),
    "terms": (_l("How you are asked"), _l("How you are asked")),
    "contacts": (_l("A new contact"), _l("Contact")),
    "sites": (_l("A new site"), _l("Site")),
    "closures": (_l("Close the site for a time"), _l("Close the site for a time")),
    "offers": (_l("A new visit offer"), _l("Visit offer")),
    "blackouts": (_l("Closed days"), _l("Closed days")),
    "exclusions": (_l("Visitors who are not received"), _l("Visitors who are not received")),
}


@dataclass(frozen=True)
class EditedHost:
    """Whose page it is: the door, the frame around the page, and the way back."""

    door: Door
    file: HostFile
    layout: str
    back: str
    forms: dict[str, type[HostForm]]
    now: datetime


def edit_page(host: EditedHost, kind: str, row_id: int) -> ResponseReturnValue:
    """Show the form of a part, or save it. Raises NotFoundError."""
    form_class = host.forms.get(kind)
    if form_class is None or not _has_form(kind, row_id):
        raise NotFoundError(kind, str(row_id))
    form = form_class.open(host.file, load_directory(read_session()), row_id)
    if request.method == "GET":
        return _form_page(host, form), 200
    version = request.form.get("version", 0, type=whole_number)
    if not form.validate():
        return _form_page(host, form), 422
    try:
        form.save(host.door, version=version, now=host.now)
    except HostDetailNotUsableError as refusal:
        form.say(refusal)
        return _form_page(host, form), 422
    except RecordChangedError:
        return _form_page(host, form, is_second=True), 409
    flash(_("Saved."), "success")
    return redirect(host.back, 303)


def remove_part(host: EditedHost, kind: str, row_id: int) -> ResponseReturnValue:
    """Take a part off by one button. Raises NotFoundError."""
    if kind not in host.forms or kind not in _REMOVALS:
        raise NotFoundError(kind, str(row_id))
    _REMOVALS[kind](host, row_id)
    flash(_("Saved."), "success")
    return redirect(host.back, 303)


def show_offer_again(host: EditedHost, offer_id: int) -> ResponseReturnValue:
    """A hidden offer is offered again. Raises NotFoundError."""
    set_offer_status(host.door, offer_id, OfferStatus.OFFERED, now=host.now)
    flash(_("Saved."), "success")
    return redirect(host.back, 303)


def _staff(host: EditedHost) -> StaffDoor:
    assert isinstance(host.door, StaffDoor)
    return host.door


_REMOVALS: dict[str, Callable[[EditedHost, int], None]] = {
    "contacts": lambda host, row_id: end_contact(host.door, row_id, now=host.now),
    "offers": lambda host, row_id: set_offer_status(host.door, row_id, OfferStatus.HIDDEN, now=host.now),
    "blackouts": lambda host, row_id: remove_blackout(host.door, row_id, now=host.now),
    "closures": lambda host, row_id: remove_closure(_staff(host), row_id, now=host.now),
    "exclusions": lambda host, row_id: remove_exclusion(host.door, row_id, now=host.now),
}


def _has_form(kind: str, row_id: int) -> bool:
    """Some parts there are once, some are only added, and a closure is named by its site."""
    if kind in _ONE_ONLY or kind in _NEVER_CHANGED:
        return row_id == 0
    return row_id > 0 if kind in _ALWAYS_NEW else True


def _form_page(host: EditedHost, form: HostForm, *, is_second: bool = False) -> str:
    """After a second save the page holds what was typed, what is stored, and the version to save over."""
    is_stored = form.row_id > 0
    return render_template(
        "hosts/edit.html",
        layout=host.layout,
        form=form,
        file=host.file,
        kind=form.kind,
        back=host.back,
        title=str(_TITLES[form.kind][is_stored]),
        topic_groups=topic_groups(form.directory) if "topics" in form else [],
        version=form.version if is_second or request.method == "GET" else request.form.get("version", ""),
        differences=form.list_differences() if is_second else [],
        has_errors=bool(form.errors) or is_second,
        is_second=is_second,
        is_staff=isinstance(host.door, StaffDoor),
    )
