"""The form of a closing: which sites, from when until when, by the clocks of the place."""

from datetime import datetime, time
from typing import Any

from wtforms import Field, SelectField, StringField
from wtforms.validators import InputRequired, Optional

from bookings.domain.errors import TimeDoesNotExistError
from bookings.domain.time import wall_to_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import Company
from bookings.services.hosts import ClosurePlan
from bookings.web.errors import refusal_sentence
from bookings.web.forms import ClockField, DayField, Form, OneLine

_ALL = 0


class ClosingForm(Form):
    """Days and times are those of the site; where all sites close, those of the first one."""

    site = SelectField(_l("What is closed"), coerce=int)
    starts_on = DayField(_l("Closed from"), [InputRequired(_l("Choose the day."))])
    starts_at = ClockField(_l("At"), [Optional()], description=_l("Time of the place. Empty: the whole day."))
    ends_on = DayField(_l("Closed until"), [Optional()], description=_l("Empty: until further notice."))
    ends_at = ClockField(_l("At"), [Optional()], description=_l("Empty: that day is closed, too."))
    reason = StringField(_l("Why"), [Optional(), OneLine(200)])

    company: Company
    plan: ClosurePlan

    @classmethod
    def for_company(cls, company: Company) -> "ClosingForm":
        """The form with the sites of this host."""
        form = cls()
        form.company = company
        sites = [(site.id, site.name) for site in company.sites]
        form.site.choices = [(_ALL, _("All sites of %(host)s", host=company.name)), *sites]
        if len(sites) == 1:
            form.site.choices = sites
        return form

    @property
    def site_ids(self) -> list[int]:
        """What is closed."""
        return [self.site.data] if self.site.data else [site.id for site in self.company.sites]

    def validate(self, extra_validators: Any = None) -> bool:
        """Shape first, then the clocks of the place."""
        if not super().validate(extra_validators):
            return False
        starts_at = self._instant(self.starts_on, self.starts_at, time(), fold=0)
        ends_at = self._instant(self.ends_on, self.ends_at, time.max, fold=1) if self.ends_on.data else None
        if starts_at is None or (self.ends_on.data and ends_at is None):
            return False
        if ends_at is not None and ends_at <= starts_at:
            self.ends_on.errors = [_("The end has to be after the start.")]
            return False
        self.plan = ClosurePlan(starts_at=starts_at, ends_at=ends_at, reason=self.reason.data or "")
        return True

    def _instant(self, on: Field, at: Field, otherwise: time, *, fold: int) -> datetime | None:
        site = next(site for site in self.company.sites if site.id == self.site_ids[0])
        try:
            return wall_to_instant(datetime.combine(on.data, at.data or otherwise), site.time_zone, fold=fold)
        except TimeDoesNotExistError as error:
            at.errors = [*at.errors, refusal_sentence(error)]
            return None
