"""The form of a visit offer, with its windows by season and day of the week."""

from datetime import datetime, time
from typing import Any

from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from bookings.domain.offers import (
    CURRENCIES,
    EVERY_DAY,
    MOST_WINDOWS,
    OfferPlan,
    PhotoPolicy,
    SeasonHours,
    StepAccess,
)
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.host_files import HostFile
from bookings.services.hosts import Door, add_offer, change_offer
from bookings.web.forms import ClockField, Form, OneLine, SeveralLines
from bookings.web.hosts.fields import (
    MAY_BE_EMPTY,
    ChoicesField,
    HostForm,
    MoneyField,
    NumberField,
    YearDayField,
    language_choices,
    topic_choices,
)
from bookings.web.hosts.words import PHOTO_POLICIES, STEP_ACCESS, WEEKDAYS

_EMPTY_ROWS = 2
_TITLE_LENGTH = 150
_WORKING_WEEK = ["1", "2", "3", "4", "5"]


class HoursRow(Form):
    """One window. A row without both times is as if it were not there."""

    from_day = YearDayField(_l("From day"), description=_l("Month and day, 05-01. Empty: all year."))
    to_day = YearDayField(_l("To day"), description=_l("This day is in, too."))
    weekdays = ChoicesField(_l("Days of the week"))
    opens_at = ClockField(_l("Opens"))
    closes_at = ClockField(_l("Closes"))

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.weekdays.choices = list(WEEKDAYS.items())

    @property
    def is_empty(self) -> bool:
        """Was no time typed into this row?"""
        return not any((field.raw_data or [""])[0].strip() for field in (self.opens_at, self.closes_at))

    def validate(self, extra_validators: Any = None) -> bool:
        """Both times and a day of the week belong together."""
        is_right = bool(super().validate(extra_validators))
        if self.is_empty:
            return is_right
        if self.opens_at.data is None or self.closes_at.data is None:
            field = self.opens_at if self.opens_at.data is None else self.closes_at
            field.errors = [*field.errors, _("Fill in both times.")]
        elif self.opens_at.data >= self.closes_at.data:
            self.closes_at.errors = [*self.closes_at.errors, _("The end has to be after the start.")]
        if not self.weekdays.data:
            self.weekdays.errors = [_("Choose at least one day of the week.")]
        return is_right and not any(field.errors for field in self)

    def build_hours(self) -> SeasonHours:
        """What a right row says."""
        first, last = EVERY_DAY
        return SeasonHours(
            self.from_day.data or first,
            self.to_day.data or last,
            "".join(sorted(self.weekdays.data or ())),
            f"{self.opens_at.data:%H:%M}",
            f"{self.closes_at.data:%H:%M}",
        )


class OfferForm(HostForm):
    """Something that can be seen at a site."""

    kind = "offers"

    site = SelectField(_l("Site"), coerce=int)
    title_en = StringField(_l("Title in English"), [MAY_BE_EMPTY, OneLine(_TITLE_LENGTH)])
    title_sv = StringField(_l("Title in Swedish"), [MAY_BE_EMPTY, OneLine(_TITLE_LENGTH)])
    title_fi = StringField(_l("Title in Finnish"), [MAY_BE_EMPTY, OneLine(_TITLE_LENGTH)])
    description_en = TextAreaField(_l("What one sees, in English"), [MAY_BE_EMPTY, SeveralLines(2000)])
    description_sv = TextAreaField(_l("What one sees, in Swedish"), [MAY_BE_EMPTY, SeveralLines(2000)])
    description_fi = TextAreaField(_l("What one sees, in Finnish"), [MAY_BE_EMPTY, SeveralLines(2000)])
    topics = ChoicesField(_l("Topics"))
    minutes = NumberField(_l("Length in minutes"), [InputRequired(_l("Type how many minutes it takes."))])
    languages = ChoicesField(_l("Languages"))
    group_min = NumberField(_l("Smallest group"), [MAY_BE_EMPTY])
    group_max = NumberField(
        _l("Largest group"), [MAY_BE_EMPTY], description=_l("Larger delegations go round in several groups.")
    )
    people_per_guide = NumberField(_l("People per guide"), [MAY_BE_EMPTY])
    guides = NumberField(
        _l("Guides"), [MAY_BE_EMPTY], description=_l("Groups that can go round at the same time.")
    )
    lead_days = NumberField(_l("Days of notice"), [MAY_BE_EMPTY])
    monthly_cap = NumberField(_l("Most visits a month"), [MAY_BE_EMPTY])
    hours = FieldList(FormField(HoursRow), max_entries=MOST_WINDOWS)
    fee = MoneyField(_l("Fee"), [MAY_BE_EMPTY], description=_l("For the whole visit. Empty: free of charge."))
    fee_currency = SelectField(_l("Currency"))
    clothing = StringField(
        _l("Shoes and protective clothing"),
        [MAY_BE_EMPTY, OneLine(200)],
        description=_l("For example: closed shoes; helmets are lent."),
    )
    photo_policy = RadioField(_l("Photos"))
    step_access = RadioField(_l("Steps"))
    minimum_age = NumberField(_l("Minimum age"), [MAY_BE_EMPTY])
    needs_identity_list = BooleanField(_l("A list of names with identity data is needed before the visit"))

    names_of_fields = {"titles": "title_en", "fee_cents": "fee", "hours": "minutes"}  # noqa: RUF012

    @classmethod
    def values_of(cls, file: HostFile, row_id: int) -> dict[str, Any]:
        if not row_id:
            site = file.company.sites[0].id if file.company.sites else 0
            languages = list(file.company.languages)
            return {
                "site": site,
                "languages": languages,
                "photo_policy": "unknown",
                "step_access": "unknown",
                "hours": [{"weekdays": _WORKING_WEEK}] * _EMPTY_ROWS,
            }
        offer = file.find_offer(row_id)
        fee = f"{offer.fee_cents / 100:.2f}" if offer.fee_cents else ""
        plain = (
            "minutes", "group_min", "group_max", "people_per_guide", "guides", "lead_days", "monthly_cap",
            "clothing", "photo_policy", "step_access", "minimum_age", "needs_identity_list", "fee_currency",
        )  # fmt: skip
        return {
            "site": offer.site_id,
            "topics": list(offer.topics),
            "languages": list(offer.languages),
            "fee": fee,
            "hours": _rows_of(offer.hours),
            **{name: getattr(offer, name) for name in plain},
            **{f"title_{code}": text for code, text in offer.titles.items()},
            **{f"description_{code}": text for code, text in offer.descriptions.items()},
        }

    @classmethod
    def version_of(cls, file: HostFile, row_id: int) -> int:
        return file.find_offer(row_id).version if row_id else 0

    def offer_choices(self) -> None:
        stored = self.file.find_offer(self.row_id).languages if self.row_id else ()
        self.site.choices = [(site.id, site.name) for site in self.file.company.sites]
        self.topics.choices = topic_choices(self.directory)
        self.languages.choices = language_choices(self.file.company.languages, stored)
        self.fee_currency.choices = [("", "–"), *((code, code) for code in CURRENCIES)]
        self.photo_policy.choices = list(PHOTO_POLICIES.items())
        self.step_access.choices = list(STEP_ACCESS.items())

    @property
    def rows(self) -> list[HoursRow]:
        """The windows as small forms."""
        return [entry.form for entry in self.hours]

    def build_plan(self) -> OfferPlan:
        """What a right form says."""
        return OfferPlan(
            titles=(self.title_en.data or "", self.title_sv.data or "", self.title_fi.data or ""),
            descriptions=(
                self.description_en.data or "",
                self.description_sv.data or "",
                self.description_fi.data or "",
            ),
            topics=tuple(self.topics.data or ()),
            minutes=self.minutes.data or 0,
            languages=tuple(self.languages.data or ()),
            group_min=self.group_min.data,
            group_max=self.group_max.data,
            people_per_guide=self.people_per_guide.data,
            guides=self.guides.data,
            lead_days=self.lead_days.data,
            monthly_cap=self.monthly_cap.data,
            fee_cents=self.fee.cents,
            fee_currency=self.fee_currency.data or "",
            clothing=self.clothing.data or "",
            photo_policy=PhotoPolicy(self.photo_policy.data),
            needs_identity_list=self.needs_identity_list.data,
            minimum_age=self.minimum_age.data,
            step_access=StepAccess(self.step_access.data),
            hours=tuple(row.build_hours() for row in self.rows if not row.is_empty),
        )

    def save(self, door: Door, *, version: int, now: datetime) -> None:
        if self.row_id:
            change_offer(door, self.row_id, self.build_plan(), version=version, now=now)
        else:
            add_offer(door, self.site.data, self.build_plan(), now=now)


def _rows_of(hours: tuple[SeasonHours, ...]) -> list[dict[str, Any]]:
    """The stored windows, and some empty rows to fill in."""
    stored = [
        {
            "from_day": "" if (one.from_day, one.to_day) == EVERY_DAY else one.from_day,
            "to_day": "" if (one.from_day, one.to_day) == EVERY_DAY else one.to_day,
            "weekdays": list(one.weekdays),
            "opens_at": time.fromisoformat(one.opens_at),
            "closes_at": time.fromisoformat(one.closes_at),
        }
        for one in hours
    ]
    empty: list[dict[str, Any]] = [{"weekdays": _WORKING_WEEK}] * _EMPTY_ROWS
    return [*stored, *empty][:MOST_WINDOWS]
