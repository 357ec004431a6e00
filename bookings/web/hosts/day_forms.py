"""Forms of closures, of closed days and of private exclusions."""

from datetime import datetime
from typing import Any

from wtforms import RadioField, SelectField, StringField
from wtforms.validators import InputRequired

from bookings.domain.hosts import Exclusion, ExclusionKind
from bookings.domain.time import home_day
from bookings.i18n import country_choices, current_language
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.host_files import HostFile
from bookings.services.hosts import (
    BlackoutPlan,
    Door,
    StaffDoor,
    add_blackout,
    add_closure,
    add_exclusion,
)
from bookings.web.closed_times import ClosedTimeForm
from bookings.web.forms import DayField, OneLine
from bookings.web.hosts.fields import MAY_BE_EMPTY, HostForm
from bookings.web.hosts.words import EXCLUSIONS
from bookings.web.texts import VISITOR_KINDS

_DAY_NEEDED = _l("Choose the day.")


class ClosureForm(ClosedTimeForm, HostForm):
    """A site that is closed from an instant on; its id is that of the site."""

    kind = "closures"

    @classmethod
    def values_of(cls, file: HostFile, row_id: int) -> dict[str, Any]:
        file.find_site(row_id)
        return {}

    @property
    def clock_zone(self) -> str:
        return self.file.find_site(self.row_id).time_zone

    def save(self, door: Door, *, version: int, now: datetime) -> None:
        assert isinstance(door, StaffDoor)
        add_closure(door, self.row_id, self.plan, now=now)


class BlackoutForm(HostForm):
    """Days on which nobody is received."""

    kind = "blackouts"

    first_on = DayField(_l("First closed day"), [InputRequired(_DAY_NEEDED)])
    last_on = DayField(_l("Last closed day"), [MAY_BE_EMPTY], description=_l("Empty: only that one day."))
    offer = SelectField(_l("Closed for"), coerce=int)

    def offer_choices(self) -> None:
        offers = [(offer.id, offer.title(current_language())) for offer in self.file.offers]
        self.offer.choices = [(0, _("All visits")), *offers]

    def save(self, door: Door, *, version: int, now: datetime) -> None:
        first_on = self.first_on.data or home_day(now)
        plan = BlackoutPlan(
            first_on=first_on,
            last_on=self.last_on.data or first_on,
            offer_id=self.offer.data or None,
        )
        add_blackout(door, plan, now=now)


class ExclusionForm(HostForm):
    """Visitors whom a host does not receive; of the three fields the one counts that was chosen."""

    kind = "exclusions"

    about = RadioField(_l("Not received are"))
    country = SelectField(_l("Country"))
    sector = SelectField(_l("Kind of visitors"))
    organisation = StringField(_l("Name of the organisation"), [MAY_BE_EMPTY, OneLine(200)])

    names_of_fields = {"value": "about"}  # noqa: RUF012

    @classmethod
    def values_of(cls, file: HostFile, row_id: int) -> dict[str, Any]:
        return {"about": ExclusionKind.COUNTRY.value}

    def offer_choices(self) -> None:
        self.about.choices = list(EXCLUSIONS.items())
        self.country.choices = [("", _("Choose a country")), *country_choices(current_language())]
        kinds = [(kind.value, label) for kind, label in VISITOR_KINDS.items()]
        self.sector.choices = [("", _("Choose a kind")), *kinds]

    def validate(self, extra_validators: Any = None) -> bool:
        """The chosen field has to be filled in."""
        if not super().validate(extra_validators):
            return False
        field = self._fields[self.about.data]
        if not field.data:
            field.errors = [_("Fill this in.")]
        return not field.errors

    def save(self, door: Door, *, version: int, now: datetime) -> None:
        kind = ExclusionKind(self.about.data)
        add_exclusion(door, Exclusion(kind, self._fields[self.about.data].data), now=now)
