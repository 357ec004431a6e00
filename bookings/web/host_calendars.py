"""A host's feeds and own calendar, as staff's page and the host's own page show and change them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import flash
from sqlalchemy.orm import Session
from wtforms import StringField

from bookings.domain.audit import Who
from bookings.domain.busy import MAX_ADDRESS
from bookings.domain.errors import CalendarAddressNotUsableError
from bookings.domain.feeds import FeedKind
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.busy import OwnCalendar, list_own_calendars
from bookings.queries.feeds import list_host_feeds
from bookings.services.busy import remove_own_calendar, set_own_calendar
from bookings.services.feeds import create_host_feed, revoke_host_feed
from bookings.services.outbox import site_url
from bookings.web.clock import utc_now
from bookings.web.errors import refusal_sentence
from bookings.web.forms import Form, OneLine

WAYS = {
    "make": "{}.make_address",
    "stop": "{}.stop_address",
    "keep": "{}.keep_calendar",
    "forget": "{}.forget_calendar",
}
"""The forms of both pages by their endpoints; the braces stand for the blueprint."""


class OwnCalendarForm(Form):
    """The address of a host's own calendar."""

    address = StringField(_l("Address of the host's own calendar"), [OneLine(MAX_ADDRESS)])


@dataclass(frozen=True)
class FreshAddress:
    """An address that was made just now: it is shown once. `webcal` opens it in a calendar program."""

    kind: FeedKind
    url: str
    contact_id: int = 0

    @property
    def webcal(self) -> str:
        """The same address for a link that calendar programs listen to."""
        return "webcal" + self.url[self.url.index(":") :]


@dataclass(frozen=True)
class HostCalendars:
    """How it stands with one person's feeds (kind → since when) and own calendar."""

    feeds: Mapping[str, datetime]
    own: OwnCalendar | None


def load_host_calendars(session: Session, contact_ids: list[int]) -> dict[int, HostCalendars]:
    """For each of these people; two statements in all."""
    own = list_own_calendars(session, contact_ids)
    feeds: dict[int, dict[str, datetime]] = {contact_id: {} for contact_id in contact_ids}
    for feed in list_host_feeds(session, contact_ids):
        feeds[feed.host_contact_id or 0][feed.kind] = feed.created_at
    return {contact_id: HostCalendars(feeds[contact_id], own.get(contact_id)) for contact_id in contact_ids}


def make_feed(contact_id: int, kind: str, *, who: Who) -> FreshAddress:
    """A new address for the host's visits or busy times."""
    token = create_host_feed(contact_id, FeedKind(kind), who=who, now=utc_now())
    return FreshAddress(FeedKind(kind), site_url("calendar.feed", token=token), contact_id)


def stop_feed(contact_id: int, kind: str, *, who: Who) -> None:
    """The address stops working; the page says so."""
    revoke_host_feed(contact_id, FeedKind(kind), who=who, now=utc_now())
    flash(_("The address does not work any more."), "success")


def keep_own_calendar(contact_id: int, form: OwnCalendarForm, *, who: Who) -> bool:
    """Read this address from now on; False when it cannot be, and the form says why."""
    if not form.validate():
        return False
    try:
        set_own_calendar(contact_id, form.address.data or "", who=who, now=utc_now())
    except CalendarAddressNotUsableError as error:
        form.address.errors = [refusal_sentence(error)]
        return False
    flash(_("The calendar is read within some minutes, and then every hour."), "success")
    return True


def forget_own_calendar(contact_id: int, *, who: Who) -> None:
    """The address and all busy times from it are gone; the page says so."""
    remove_own_calendar(contact_id, who=who, now=utc_now())
    flash(_("The address and all busy times from it were deleted."), "success")


def fault_sentence(code: str) -> str:
    """What to do about a calendar that could not be read."""
    status = code.removeprefix("http_")
    if status != code:
        return _("The server answers with error %(status)s: copy the address anew.", status=status)
    return str(_FAULTS.get(code, _FAULTS["unreadable"]))


_FAULTS = {
    "no_such_name": _l("There is no server of this name: check the address."),
    "not_public": _l("The address leads into a network that is not open to the internet."),
    "no_connection": _l("The server does not answer."),
    "certificate": _l("The certificate of the server is not valid."),
    "too_slow": _l("The server takes longer than five seconds."),
    "too_large": _l("The calendar is larger than two megabytes: offer one with fewer old entries."),
    "too_many_redirects": _l("The address leads on too many times: use the last one."),
    "bad_redirect": _l("The address leads on to one that cannot be read."),
    "packed": _l("The server sends the calendar in a packed form that is not read."),
    "no_calendar": _l("There is no calendar at this address: use the one that ends in .ics."),
    "too_often": _l("An entry repeats every minute or second: such calendars are not read."),
    "too_many": _l("The calendar has too many entries."),
    "too_hard": _l("The calendar is too complicated to be read."),
    "unreadable": _l("The calendar has faults and cannot be read."),
}
