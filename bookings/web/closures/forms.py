"""The form of a closing: which sites, from when until when, by the clocks of the place."""

from wtforms import SelectField

from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import Company
from bookings.web.closed_times import ClosedTimeForm

_ALL = 0


class ClosingForm(ClosedTimeForm):
    """Days and times are those of the site; where all sites close, those of the first one."""

    site = SelectField(_l("What is closed"), coerce=int)
    company: Company

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

    @property
    def clock_zone(self) -> str:
        site = next(site for site in self.company.sites if site.id == self.site_ids[0])
        return site.time_zone
