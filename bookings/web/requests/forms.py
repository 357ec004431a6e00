"""The three steps of the form and the agreement: shapes only, the rules stand in domain/requests.py."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import Field, FormField
from wtforms.validators import StopValidation

from bookings.adapters.addresses import parse_email, parse_phone
from bookings.domain.directory import LANGUAGE_CODES
from bookings.domain.requests import (
    LARGEST_GROUP,
    MOST_AREAS,
    PURPOSE_LENGTH,
    WishedDays,
    count_areas,
    find_window_problem,
)
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import Directory
from bookings.web.requests.fields import (
    ChoiceField,
    DayField,
    LineField,
    ManyChoiceField,
    MayBeEmpty,
    Needed,
    NumberField,
    PlainForm,
    TextField,
    TickField,
    read_web_address,
)
from bookings.web.requests.options import HALF_DAYS, country_codes
from bookings.web.texts import VISIT_KINDS, VISITOR_KINDS

VISIT_LANGUAGES = (("en", _l("English")), ("sv", _l("Swedish")), ("fi", _l("Finnish")))
SUGGEST, ONLINE = "suggest", "online"


class InterestsForm(PlainForm):
    """Step 1: what the visit is about."""

    interests = ManyChoiceField(_l("What are you interested in?"))
    interest_other = TextField(_l("Describe it in your own words"), [MayBeEmpty()], max_length=1000)
    wanted_hosts = ManyChoiceField(_l("Companies and sites that you would like to meet"))
    offered_hosts = ManyChoiceField("")
    visit_kind = ChoiceField(
        _l("What kind of visit is it?"), [Needed(_l("Choose what kind of visit it is."))]
    )
    purpose = TextField(
        _l("What should the visit lead to?"),
        [Needed(_l("Write what the visit should lead to."))],
        max_length=PURPOSE_LENGTH[1],
    )

    def __init__(self, formdata: MultiDict[str, str] | None, *, directory: Directory) -> None:
        super().__init__(formdata)
        tree = directory.interests
        self.interests.allowed = tree.by_slug
        self.interests.flags.required = True
        self.area_of = {topic.slug: area.slug for area in tree.areas for topic in area.topics}
        self.wanted_hosts.allowed = self.offered_hosts.allowed = directory.companies
        self.visit_kind.choices = list(VISIT_KINDS.items())

    def validate_interests(self, field: Field) -> None:
        """One area at least, or own words."""
        if not field.data and not (self.interest_other.data or "").strip():
            raise StopValidation(_("Tick at least one area, or describe your interest in your own words."))
        if count_areas(field.data, self.area_of) > MOST_AREAS:
            raise StopValidation(_("Tick at most %(count)d areas: those that matter most.", count=MOST_AREAS))

    def validate_purpose(self, field: Field) -> None:
        """A few words let staff choose hosts."""
        least = PURPOSE_LENGTH[0]
        if len(field.data) < least:
            raise StopValidation(
                _("Write a little more, at least %(count)d characters: it helps us to choose.", count=least)
            )


class WindowForm(PlainForm):
    """Days between which the visit may be."""

    is_needed = False

    earliest_on = DayField(_l("Earliest day"))
    latest_on = DayField(_l("Latest day"))
    half_days = ChoiceField(_l("Length of the visit"), default="2")
    is_flexible = TickField(_l("We are flexible: other days around these work too"))
    today: date
    known: WishedDays | None = None
    """As it stands already: days may have passed since they were named."""

    def __init__(self, formdata: MultiDict[str, str] | None = None, **more: Any) -> None:
        super().__init__(formdata, **more)
        self.half_days.allowed = HALF_DAYS

    @property
    def is_empty(self) -> bool:
        return not (self.earliest_on.typed.strip() or self.latest_on.typed.strip())

    def validate(self, extra_validators: Mapping[str, Any] | None = None) -> bool:
        """Shape first, then whether such days are possible at all."""
        if self.is_empty and not self.is_needed:
            return True
        if not super().validate(extra_validators):
            return False
        return self._check_given() and self._check_possible()

    def _check_given(self) -> bool:
        sentences = {
            self.earliest_on: _("Give the earliest day on which the visit can be."),
            self.latest_on: _("Give the latest day on which the visit can be."),
            self.half_days: _("Choose how long the visit is."),
        }
        empty = [field for field in sentences if not field.data]
        for field in empty:
            field.errors = [sentences[field]]
        return not empty

    def _check_possible(self) -> bool:
        earliest, latest = self.earliest_on.data, self.latest_on.data
        assert earliest is not None
        assert latest is not None
        begins_as_known = self.known is not None and self.known.earliest == earliest
        found = find_window_problem(
            earliest, latest, int(self.half_days.data), today=earliest if begins_as_known else self.today
        )
        if found is None:
            return True
        name, problem = found
        self[name].errors = [_window_sentence(problem)]
        return False


class NeededWindowForm(WindowForm):
    """The first choice of days."""

    is_needed = True


def _window_sentence(problem: str) -> str:
    sentences = {
        "past": _("This day has passed. Give a day in the future."),
        "order": _("The latest day comes before the earliest one. Give the same day or a later one."),
        "far": _("This is more than three years ahead. Give an earlier day."),
        "too_short": _("The visit is longer than these days. Choose a shorter length or a later last day."),
    }
    return sentences[problem]


class VisitForm(PlainForm):
    """Step 2: where, when, how many, in which language."""

    places = ManyChoiceField(_l("Where would you like to go?"), [MayBeEmpty()])
    first = FormField(NeededWindowForm)
    second = FormField(WindowForm)
    third = FormField(WindowForm)
    group_size = NumberField(
        _l("How many people will visit?"),
        [Needed(_l("Write how many people will visit."))],
        least=1,
        most=LARGEST_GROUP,
    )
    languages = ManyChoiceField(_l("In which languages can the visit be held?"))
    other_language = ChoiceField(_l("Another language"), [MayBeEmpty()])
    brings_interpreter = TickField(_l("We bring our own interpreter"))

    def __init__(
        self, formdata: MultiDict[str, str] | None, *, directory: Directory, language: str, today: date
    ) -> None:
        super().__init__(formdata, data={"languages": [language]})
        towns = [(town.slug, town.name(language)) for town in directory.places.partners]
        self.places.choices = [
            *towns,
            (SUGGEST, _("Suggest towns for us")),
            (ONLINE, _("Online")),
        ]
        self.languages.choices = VISIT_LANGUAGES
        self.languages.flags.required = True
        self.other_language.allowed = LANGUAGE_CODES
        for window in self.windows:
            window.today = today

    @property
    def windows(self) -> tuple[WindowForm, ...]:
        return (self.first.form, self.second.form, self.third.form)

    def validate_languages(self, field: Field) -> None:
        """One at least, of either list."""
        if not field.data and not self.other_language.data:
            raise StopValidation(_("Choose at least one language."))


class OrganisationForm(PlainForm):
    """Who comes."""

    organisation = LineField(
        _l("Name of your organisation"), [Needed(_l("Write the name of your organisation."))], max_length=200
    )
    country = ChoiceField(_l("Country"), [Needed(_l("Choose the country of your organisation."))])
    organisation_kind = ChoiceField(
        _l("What kind of organisation is it?"), [Needed(_l("Choose what kind of organisation it is."))]
    )
    website = LineField(_l("Website"), [MayBeEmpty()], max_length=200)
    on_behalf_of = LineField(
        _l("If you organise this for somebody else: which organisation will visit?"),
        [MayBeEmpty()],
        max_length=200,
    )

    def __init__(self, formdata: MultiDict[str, str] | None) -> None:
        super().__init__(formdata)
        self.country.allowed = country_codes()
        self.organisation_kind.choices = list(VISITOR_KINDS.items())

    def validate_website(self, field: Field) -> None:
        """A web address, with or without https in front."""
        address = read_web_address(field.data)
        if address is None:
            raise StopValidation(
                _("This is no web address. Write it like www.example.org, or leave it empty.")
            )
        field.data = address


class ContactForm(OrganisationForm):
    """Step 3: who comes, and who answers."""

    contact_name = LineField(_l("Your full name"), [Needed(_l("Write your name."))], max_length=100)
    contact_role = LineField(_l("Your role"), [MayBeEmpty()], max_length=100)
    email = LineField(_l("E-mail address"), [Needed(_l("Write your e-mail address."))], max_length=254)
    phone = LineField(_l("Telephone"), [MayBeEmpty()], max_length=40)

    def validate_email(self, field: Field) -> None:
        """An address that a mail can go to."""
        parsed = parse_email(field.data)
        if parsed is None:
            raise StopValidation(
                _("This is no e-mail address that we can write to. Write it like name@example.org.")
            )
        field.data = parsed

    def validate_phone(self, field: Field) -> None:
        """A number that can be dialled from another country."""
        parsed = parse_phone(field.data, country=self.country.data or "")
        if parsed is None:
            raise StopValidation(_("Write the number with its country code, for example +46 70 123 45 67."))
        field.data = parsed


class CheckForm(PlainForm):
    """Step 4: the agreement, and apart from it the newsletter."""

    accepts_costs = TickField(_l("We agree: we pay all our own costs"))
    clause_version = LineField("", max_length=40)
    newsletter = TickField(_l("Send me the newsletter about visits and events, a few times a year"))
