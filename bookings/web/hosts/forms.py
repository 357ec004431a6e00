"""Forms of an organisation, of what it asks for as a host, of its contacts and its sites."""

from datetime import datetime, time
from typing import Any

from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from bookings.domain.directory import (
    ADDRESS_LENGTH,
    HOST_COUNTRIES,
    NAME_LENGTH,
    SUMMARY_LENGTH,
    HostsVisits,
    OrganisationKind,
    is_web_address,
)
from bookings.domain.hosts import AskingWay, ContactPlan, OrganisationPlan, SitePlan, TermsPlan
from bookings.i18n import country_name
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.host_files import HostFile
from bookings.services.catalogue import kind_label
from bookings.services.hosts import (
    Door,
    StaffDoor,
    add_contact,
    add_site,
    change_contact,
    change_organisation,
    change_site,
    change_terms,
)
from bookings.web.forms import ClockField, OneLine, SeveralLines
from bookings.web.hosts.fields import (
    MAY_BE_EMPTY,
    ChoicesField,
    Email,
    HostForm,
    NumberField,
    Phone,
    language_choices,
    place_choices,
    topic_choices,
)
from bookings.web.hosts.words import ASKING_WAYS, HOSTS_VISITS, ORGANISATION_STATUSES

_ZONES = ("Europe/Stockholm", "Europe/Helsinki")
_NAME_NEEDED = _l("Fill in the name.")


class OrganisationForm(HostForm):
    """What visitors read of an organisation, and what reports need."""

    kind = "organisation"

    name = StringField(_l("Name"), [DataRequired(_NAME_NEEDED), OneLine(NAME_LENGTH)])
    sort = SelectField(_l("Kind"))
    country = SelectField(_l("Country"))
    place = SelectField(_l("Town"))
    organisation_number = StringField(
        _l("Organisation number"),
        [MAY_BE_EMPTY, OneLine(40)],
        description=_l("Ten digits in Sweden (556012-5790), Y-tunnus in Finland (0112038-9)."),
    )
    website = StringField(_l("Website"), [MAY_BE_EMPTY, OneLine(ADDRESS_LENGTH)])
    summary_en = TextAreaField(_l("Short text in English"), [MAY_BE_EMPTY, OneLine(SUMMARY_LENGTH)])
    summary_sv = TextAreaField(_l("Short text in Swedish"), [MAY_BE_EMPTY, OneLine(SUMMARY_LENGTH)])
    summary_fi = TextAreaField(_l("Short text in Finnish"), [MAY_BE_EMPTY, OneLine(SUMMARY_LENGTH)])
    topics = ChoicesField(_l("Topics"))
    hosts_visits = RadioField(_l("Receives visits"))
    status = SelectField(_l("In the directory"))

    names_of_fields = {"kind": "sort"}  # noqa: RUF012

    @classmethod
    def values_of(cls, file: HostFile, row_id: int) -> dict[str, Any]:
        company = file.company
        return {
            "name": company.name,
            "sort": company.kind,
            "country": company.country,
            "place": company.place_slug,
            "organisation_number": file.organisation_number,
            "website": company.website,
            "topics": list(company.topics),
            "hosts_visits": company.hosts_visits,
            "status": company.status,
            **{f"summary_{code}": text for code, text in company.summaries.items()},
        }

    @classmethod
    def version_of(cls, file: HostFile, row_id: int) -> int:
        return file.version

    def offer_choices(self) -> None:
        self.sort.choices = [(kind.value, kind_label(kind)) for kind in OrganisationKind]
        self.country.choices = [(code, country_name(code)) for code in HOST_COUNTRIES]
        self.place.choices = place_choices(self.directory)
        self.topics.choices = topic_choices(self.directory)
        self.hosts_visits.choices = [(code, HOSTS_VISITS[code]) for code in HostsVisits]
        self.status.choices = list(ORGANISATION_STATUSES.items())

    def validate_website(self, field: StringField) -> None:
        """Only addresses that a browser opens."""
        if field.data and not is_web_address(field.data):
            raise ValidationError(_("Write a web address that begins with https://"))

    def save(self, door: Door, *, version: int, now: datetime) -> None:
        assert isinstance(door, StaffDoor)
        plan = OrganisationPlan(
            name=self.name.data or "",
            kind=self.sort.data,
            country=self.country.data,
            place=self.place.data,
            website=self.website.data or "",
            summaries=(self.summary_en.data or "", self.summary_sv.data or "", self.summary_fi.data or ""),
            organisation_number=self.organisation_number.data or "",
            topics=tuple(self.topics.data or ()),
            hosts_visits=self.hosts_visits.data,
            status=self.status.data,
        )
        change_organisation(door, plan, version=version, now=now)


class TermsForm(HostForm):
    """How a host likes to be asked, and how often."""

    kind = "terms"

    languages = ChoicesField(_l("Languages in which visitors are received"))
    asking = RadioField(_l("How we ask"))
    monthly_cap = NumberField(
        _l("Most visits a month"),
        [MAY_BE_EMPTY],
        description=_l("Over all offers. Empty: as many as fit."),
    )

    @classmethod
    def values_of(cls, file: HostFile, row_id: int) -> dict[str, Any]:
        return {
            "languages": list(file.company.languages),
            "asking": file.terms.asking.value,
            "monthly_cap": file.terms.monthly_cap,
        }

    @classmethod
    def version_of(cls, file: HostFile, row_id: int) -> int:
        return file.version

    def offer_choices(self) -> None:
        self.languages.choices = language_choices(self.file.company.languages)
        self.asking.choices = list(ASKING_WAYS.items())

    def save(self, door: Door, *, version: int, now: datetime) -> None:
        plan = TermsPlan(
            languages=tuple(self.languages.data or ()),
            asking=AskingWay(self.asking.data),
            monthly_cap=self.monthly_cap.data,
        )
        change_terms(door, plan, version=version, now=now)


class ContactForm(HostForm):
    """Somebody who answers for the host."""

    kind = "contacts"

    name = StringField(_l("Name"), [DataRequired(_NAME_NEEDED), OneLine(NAME_LENGTH)])
    role = StringField(_l("Role"), [MAY_BE_EMPTY, OneLine(NAME_LENGTH)])
    email = StringField(_l("E-mail"), [DataRequired(_l("Fill in the e-mail address.")), Email()])
    phone = StringField(_l("Telephone"), [MAY_BE_EMPTY, Phone()])
    language = RadioField(_l("Language of our mails"))
    languages = ChoicesField(_l("Languages spoken with visitors"))
    is_host = BooleanField(_l("Is asked for visits"))
    is_public = BooleanField(_l("May stand on public pages"))
    is_shared = BooleanField(
        _l("Several people read this mailbox"),
        description=_l("Calendars show them no buttons then: they answer by the links in the mail."),
    )
    stands_in_for = ChoicesField(_l("Stands in for"), coerce=int)

    @classmethod
    def values_of(cls, file: HostFile, row_id: int) -> dict[str, Any]:
        if not row_id:
            return {"language": "en", "is_host": True}
        contact = file.find_contact(row_id)
        present = {other.id for other in file.present_contacts}
        return {
            "name": contact.name,
            "role": contact.role,
            "email": contact.email,
            "phone": contact.phone,
            "language": contact.language,
            "languages": list(contact.languages),
            "is_host": contact.is_host,
            "is_public": contact.is_public,
            "is_shared": contact.is_shared,
            "stands_in_for": [other for other in contact.stands_in_for if other in present],
        }

    @classmethod
    def version_of(cls, file: HostFile, row_id: int) -> int:
        return file.find_contact(row_id).version if row_id else 0

    def offer_choices(self) -> None:
        self.language.choices = language_choices()[:3]
        own = self.file.find_contact(self.row_id).languages if self.row_id else ()
        self.languages.choices = language_choices(own)
        others = [other for other in self.file.present_contacts if other.id != self.row_id]
        self.stands_in_for.choices = [(other.id, other.name or other.email) for other in others]

    def save(self, door: Door, *, version: int, now: datetime) -> None:
        plan = ContactPlan(
            name=self.name.data or "",
            email=self.email.data or "",
            role=self.role.data or "",
            phone=self.phone.data or "",
            language=self.language.data,
            languages=tuple(self.languages.data or ()),
            is_host=self.is_host.data,
            is_public=self.is_public.data,
            is_shared=self.is_shared.data,
            stands_in_for=tuple(self.stands_in_for.data or ()),
        )
        if self.row_id:
            change_contact(door, self.row_id, plan, version=version, now=now)
        else:
            add_contact(door, plan, now=now)


class SiteForm(HostForm):
    """Where visitors are received."""

    kind = "sites"

    name = StringField(_l("Name"), [DataRequired(_NAME_NEEDED), OneLine(NAME_LENGTH)])
    address = StringField(_l("Address"), [MAY_BE_EMPTY, OneLine(ADDRESS_LENGTH)])
    place = SelectField(_l("Town"))
    time_zone = SelectField(_l("Time zone"), [InputRequired()])
    opens_at = ClockField(_l("Receives from"), [MAY_BE_EMPTY], description=_l("Time of the place."))
    closes_at = ClockField(_l("Receives until"), [MAY_BE_EMPTY], description=_l("Time of the place."))
    group_min = NumberField(_l("Smallest group"), [MAY_BE_EMPTY])
    group_max = NumberField(_l("Largest group"), [MAY_BE_EMPTY])
    access_rules = TextAreaField(
        _l("How one comes in"),
        [MAY_BE_EMPTY, SeveralLines(2000)],
        description=_l("Gate, registration, parking of buses. Visitors read it on the public page."),
    )

    @classmethod
    def values_of(cls, file: HostFile, row_id: int) -> dict[str, Any]:
        if not row_id:
            return {"time_zone": _ZONES[file.company.country == "FI"], "place": file.company.place_slug}
        site = file.find_site(row_id)
        return {
            "name": site.name,
            "address": site.address,
            "place": site.place_slug,
            "time_zone": site.time_zone,
            "opens_at": time.fromisoformat(site.opens_at) if site.opens_at else None,
            "closes_at": time.fromisoformat(site.closes_at) if site.closes_at else None,
            "group_min": site.group_min,
            "group_max": site.group_max,
            "access_rules": site.access_rules,
        }

    @classmethod
    def version_of(cls, file: HostFile, row_id: int) -> int:
        return file.find_site(row_id).version if row_id else 0

    def offer_choices(self) -> None:
        self.place.choices = place_choices(self.directory)
        zones = dict.fromkeys([*_ZONES, *(site.time_zone for site in self.file.company.sites)])
        self.time_zone.choices = [(zone, zone.replace("_", " ")) for zone in zones]

    def save(self, door: Door, *, version: int, now: datetime) -> None:
        plan = SitePlan(
            name=self.name.data or "",
            address=self.address.data or "",
            place=self.place.data,
            time_zone=self.time_zone.data,
            opens_at=f"{self.opens_at.data:%H:%M}" if self.opens_at.data else "",
            closes_at=f"{self.closes_at.data:%H:%M}" if self.closes_at.data else "",
            group_min=self.group_min.data,
            group_max=self.group_max.data,
            access_rules=self.access_rules.data or "",
        )
        if self.row_id:
            change_site(door, self.row_id, plan, version=version, now=now)
        else:
            add_site(door, plan, now=now)
