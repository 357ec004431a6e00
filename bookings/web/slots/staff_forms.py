"""The form of a slot: host's site and contact, what happens, when by the clocks of the site."""

from datetime import UTC, datetime
from typing import Any

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Optional

from bookings.domain.slots import SlotPlan
from bookings.domain.time import to_local
from bookings.i18n import current_language, format_people
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import SiteView
from bookings.queries.offers import OfferView
from bookings.queries.planning import HostToPlan, PlannedSlot
from bookings.web.forms import YEARS, OneLine, SeveralLines
from bookings.web.stop_times import StopTimeForm
from bookings.web.texts import clock_words

USUAL_MINUTES = 90


class SlotForm(StopTimeForm):
    """Dates and times are those of the site."""

    site = SelectField(_l("Where"), coerce=int)
    contact = SelectField(_l("Who is asked"), coerce=int)
    offer = SelectField(_l("Visit offer"), coerce=int)
    group = SelectField(_l("Who comes"), coerce=int)
    title = StringField(
        _l("What the visitors see or talk about"),
        [DataRequired(_l("Say what happens here: it is the title of the invitation.")), OneLine(200)],
    )
    message = TextAreaField(_l("Message to the host"), [Optional(), SeveralLines(2000)])
    is_required = BooleanField(_l("The visit cannot take place without this stop"))
    tells_host = BooleanField(_l("Send the host an update, even if only words have changed"))

    host: HostToPlan

    @classmethod
    def for_host(cls, host: HostToPlan, *, prefill: dict[str, Any] | None = None) -> "SlotForm":
        """The form with this host's sites and contacts to choose from."""
        form: SlotForm = cls(data=prefill or {})
        form.host = host
        form.site.choices = [(site.id, _site_label(site)) for site in host.company.sites]
        form.offer.choices = [
            (0, _("Something else")),
            *((offer.id, offer.title(current_language())) for offer in host.company.offers),
        ]
        form.group.choices = [(0, "")]
        form.contact.choices = [
            (contact.id, f"{contact.name} <{contact.email}>" if contact.name else contact.email)
            for contact in host.contacts
        ]
        return form

    def offer_groups(self, size: int, groups: int) -> None:
        """The whole delegation, or one of the groups in which it goes."""
        numbers = range(1, groups + 1) if groups > 1 else ()
        self.group.choices = [
            (0, _("The whole delegation, %(people)s", people=format_people(size))),
            *((number, format_people(size, groups, number)) for number in numbers),
        ]

    @property
    def clock_zone(self) -> str:
        return self.chosen_site.time_zone

    @property
    def chosen_site(self) -> SiteView:
        """The site that is chosen, else the first one."""
        sites = self.host.company.sites
        return next((site for site in sites if site.id == self.site.data), sites[0])

    def build_plan(self) -> SlotPlan:
        """What the form says, once it is right."""
        return SlotPlan(
            organisation_slug=self.host.company.slug,
            site_id=self.chosen_site.id,
            host_contact_id=self.contact.data,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            title=self.title.data or "",
            message=self.message.data or "",
            is_required=self.is_required.data,
            offer_id=self._offer_of_site(),
            group=self.group.data or None,
            reason=self.reason.data or "",
        )

    def _offer_of_site(self) -> int | None:
        """The chosen offer, when it is one of the chosen site."""
        offers = {offer.id for offer in self.chosen_site.offers}
        return self.offer.data if self.offer.data in offers else None


def prefill_new(
    host: HostToPlan,
    *,
    title: str,
    starts_at: datetime | None,
    replaced: PlannedSlot | None,
    offer: OfferView | None = None,
) -> dict[str, Any]:
    """What a new slot begins with; one that stands in for another lasts as long and matters as much."""
    usual = offer.minutes if offer else USUAL_MINUTES
    values: dict[str, Any] = {
        "title": title,
        "offer": offer.id if offer else 0,
        "minutes": replaced.minutes if replaced else usual,
        "is_required": replaced.is_required if replaced else True,
        "group": (replaced.group if replaced else None) or 0,
    }
    if offer is not None:
        values["site"] = offer.site_id
    if starts_at is not None and host.company.sites:
        local = to_local(starts_at, host.company.sites[0].time_zone)
        values |= {"day": local.date(), "starts": local.time()}
    return values


def prefill_slot(slot: PlannedSlot, *, starts_at: datetime | None) -> dict[str, Any]:
    """A slot as it stands, at another time when one was chosen."""
    local = to_local(starts_at or slot.starts_at, slot.time_zone)
    return {
        "site": slot.site_id,
        "contact": slot.contact_id,
        "offer": 0,
        "group": slot.group or 0,
        "title": slot.title,
        "message": slot.message,
        "is_required": slot.is_required,
        "minutes": slot.minutes,
        "day": local.date(),
        "starts": local.time(),
    }


def read_instant(text: str) -> datetime | None:
    """An instant of an address (UTC), or nothing."""
    try:
        found = datetime.fromisoformat(text)
        instant = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return instant if instant.year in YEARS else None


def _site_label(site: SiteView) -> str:
    return f"{site.name} · {clock_words(site.time_zone)}"
