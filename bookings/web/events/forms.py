"""The forms in which staff write an event: what it is, when and where, who can come."""

from typing import Any

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from bookings.domain.events import EventKind, EventPlan, Presence
from bookings.domain.text import site_of_host
from bookings.i18n import current_language
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import Directory
from bookings.web.event_texts import KINDS, PRESENCES
from bookings.web.events.fields import EventForm, WholeField
from bookings.web.forms import ClockField, DayField, OneLine, SeveralLines

TITLE_LENGTH, SUMMARY_LENGTH, TEXT_LENGTH = 150, 300, 4000
_ZONES = ("Europe/Stockholm", "Europe/Helsinki")
_DAY_NEEDED = _l("Choose the day.")
_REASON_NEEDED = _l("Say why: everybody who is registered reads it.")
_NUMBER_NEEDED = _l("Write a whole number.")
_CLOCK_NEEDED = _l("Write a time of the day, like 13:30.")


class EventPlanForm(EventForm):
    """An event as a whole. Days and clocks are those of its time zone."""

    kind = SelectField(_l("Kind"))
    title_en = StringField(_l("Title in English"), [OneLine(TITLE_LENGTH)])
    title_sv = StringField(_l("Title in Swedish"), [OneLine(TITLE_LENGTH)])
    title_fi = StringField(_l("Title in Finnish"), [OneLine(TITLE_LENGTH)])
    summary_en = StringField(_l("In one sentence, in English"), [OneLine(SUMMARY_LENGTH)])
    summary_sv = StringField(_l("In one sentence, in Swedish"), [OneLine(SUMMARY_LENGTH)])
    summary_fi = StringField(_l("In one sentence, in Finnish"), [OneLine(SUMMARY_LENGTH)])
    description_en = TextAreaField(_l("Description in English"), [SeveralLines(TEXT_LENGTH)])
    description_sv = TextAreaField(_l("Description in Swedish"), [SeveralLines(TEXT_LENGTH)])
    description_fi = TextAreaField(_l("Description in Finnish"), [SeveralLines(TEXT_LENGTH)])
    presence = SelectField(_l("How people take part"))
    place = SelectField(_l("Town"), coerce=int)
    site = SelectField(_l("At a host's site"), coerce=int)
    venue = StringField(_l("Venue"), [Optional(), OneLine(200)])
    address = StringField(_l("Street address"), [Optional(), OneLine(200)])
    online_url = StringField(
        _l("Link to take part online"),
        [Optional(), OneLine(250)],
        description=_l("Only people who are registered see it."),
    )
    zone = SelectField(_l("Time zone"))
    starts_on = DayField(_l("First day"), [InputRequired(_DAY_NEEDED)])
    starts_at = ClockField(_l("Begins at"), [InputRequired(_CLOCK_NEEDED)])
    ends_on = DayField(_l("Last day"), [Optional()], description=_l("Empty: the same day."))
    ends_at = ClockField(_l("Ends at"), [InputRequired(_CLOCK_NEEDED)])
    opens_on = DayField(
        _l("Registration opens on"), [Optional()], description=_l("Empty: as soon as it is published.")
    )
    opens_at = ClockField(_l("At"), [Optional()])
    closes_on = DayField(_l("Registration closes on"), [Optional()], description=_l("Empty: when it begins."))
    closes_at = ClockField(_l("At"), [Optional()])
    capacity = WholeField(
        _l("Places in all"),
        [Optional()],
        description=_l("Those for partners included. Empty: without an end."),
    )
    minimum = WholeField(_l("Takes place if at least so many come"), [Optional()])
    decides_on = DayField(_l("Decided by"), [Optional()], description=_l("Needed where there is a minimum."))
    decides_at = ClockField(_l("At"), [Optional()])
    most_per_organisation = WholeField(_l("Most people from one organisation"), [Optional()])
    largest_group = WholeField(
        _l("Most people in one registration"), [InputRequired(_NUMBER_NEEDED)], default=10
    )
    needs_approval = BooleanField(_l("Staff say yes to each registration"))
    has_waiting_list = BooleanField(_l("There is a waiting list"), default=True)
    lets_smaller_pass = BooleanField(
        _l("On the waiting list, whoever fits may pass a group that does not fit"),
    )
    asks_costs = BooleanField(_l("People agree to pay their own costs"))
    notes_photos = BooleanField(_l("People are told of photographs or a recording"))
    umbrella = SelectField(_l("Belongs to"), coerce=int)

    def fill_choices(self, directory: Directory, umbrellas: dict[int, str]) -> None:
        """Towns, and the events that this one can belong to."""
        language = current_language()
        self.zone.choices = [(zone, zone.rpartition("/")[2]) for zone in _ZONES]
        self.kind.choices = [(kind.value, str(words)) for kind, words in KINDS.items()]
        self.presence.choices = [(one.value, str(words)) for one, words in PRESENCES.items()]
        towns = [(place.id, place.name(language)) for place in directory.places.by_slug.values()]
        self.place.choices = [(0, "–"), *towns]
        self.site.choices = [(0, "–"), *site_choices(directory)]
        self.umbrella.choices = [(0, "–"), *umbrellas.items()]

    def put(self, plan: EventPlan) -> None:
        """The event as it is planned, unless what was typed is shown again."""
        if self.is_kept:
            return
        for name in ("title", "summary", "description"):
            self.put_texts(name, getattr(plan, name))
        for name in (*_LINES, *_SAME):
            self[name].data = getattr(plan, name)
        self.kind.data, self.presence.data, self.zone.data = plan.kind, plan.presence, plan.time_zone
        self.place.data, self.umbrella.data = plan.place_id or 0, plan.umbrella_id or 0
        self.site.data = plan.site_id or 0
        for name in ("starts", "ends", "opens", "closes", "decides"):
            self.put_moment(name, getattr(plan, f"{name}_at"), plan.time_zone)

    def read(self, before: EventPlan | None) -> EventPlan | None:
        """The plan as it was typed, what stands in other forms as before; nothing when a time is none."""
        zone = self.zone.data
        self.end_on_first_day()
        times: dict[str, Any] = {
            f"{name}_at": self.moment(name, zone) for name in ("starts", "ends", "opens", "closes", "decides")
        }
        if self.has_problems:
            return None
        same: dict[str, Any] = {name: self[name].data or "" for name in _LINES}
        same |= {name: self[name].data for name in _SAME}
        return EventPlan(
            kind=EventKind(self.kind.data),
            title=self.texts_of("title"),
            summary=self.texts_of("summary"),
            description=self.texts_of("description"),
            presence=Presence(self.presence.data),
            place_id=self.place.data or None,
            umbrella_id=self.umbrella.data or None,
            time_zone=zone,
            site_id=self.site.data or None,
            owner_id=before.owner_id if before else None,
            site_ids=before.site_ids if before else (),
            **times,
            **same,
        )


_LINES = ("venue", "address", "online_url")
_SAME = (
    "capacity", "minimum", "most_per_organisation", "largest_group",
    "needs_approval", "has_waiting_list", "lets_smaller_pass", "asks_costs", "notes_photos",
)  # fmt: skip


class ReasonForm(EventForm):
    """Why an event is called off: people read it."""

    reason = TextAreaField(
        _l("Why"),
        [InputRequired(_REASON_NEEDED), SeveralLines(TEXT_LENGTH)],
    )


class CopyForm(EventForm):
    """Another day for the same event."""

    first_on = DayField(_l("First day of the copy"), [InputRequired(_DAY_NEEDED)])


class SeriesForm(EventForm):
    """The same event again and again."""

    every_days = WholeField(_l("Every so many days"), [InputRequired(_NUMBER_NEEDED)], default=7)
    count = WholeField(
        _l("How often in all"),
        [InputRequired(_NUMBER_NEEDED)],
        description=_l("This event is the first."),
        default=4,
    )


def site_choices(directory: Directory) -> list[tuple[int, str]]:
    """The sites of published hosts, by the names of the hosts."""
    return [
        (site.id, site_of_host(site.name, company.name))
        for company in directory.companies.values()
        if company.is_published
        for site in company.sites
    ]
