"""The forms of a part, a ticket kind and a speaker."""

from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Optional

from bookings.domain.events import PartPlan, Presence, SpeakerPlan, TicketPlan, list_days
from bookings.domain.text import organisation_key
from bookings.i18n import format_day
from bookings.i18n import lazy_gettext as _l
from bookings.queries.directory import Directory
from bookings.queries.events import EventView
from bookings.web.event_texts import PRESENCES, in_own_words
from bookings.web.events.fields import EventForm, WholeField
from bookings.web.events.forms import TEXT_LENGTH, TITLE_LENGTH, site_choices
from bookings.web.forms import ClockField, DayField, OneLine, SeveralLines

_DAY_NEEDED = _l("Choose the day.")
_CLOCK_NEEDED = _l("Write a time of the day, like 13:30.")
_EMPTY_WITHOUT_END = _l("Empty: without an end of its own.")


class PartForm(EventForm):
    """A part. Days and clocks are those of the event."""

    title_en = StringField(_l("Title in English"), [OneLine(TITLE_LENGTH)])
    title_sv = StringField(_l("Title in Swedish"), [OneLine(TITLE_LENGTH)])
    title_fi = StringField(_l("Title in Finnish"), [OneLine(TITLE_LENGTH)])
    description_en = TextAreaField(_l("Description in English"), [SeveralLines(TEXT_LENGTH)])
    description_sv = TextAreaField(_l("Description in Swedish"), [SeveralLines(TEXT_LENGTH)])
    description_fi = TextAreaField(_l("Description in Finnish"), [SeveralLines(TEXT_LENGTH)])
    starts_on = DayField(_l("Day"), [InputRequired(_DAY_NEEDED)])
    starts_at = ClockField(_l("Begins at"), [InputRequired(_CLOCK_NEEDED)])
    ends_on = DayField(_l("Last day"), [Optional()], description=_l("Empty: the same day."))
    ends_at = ClockField(_l("Ends at"), [InputRequired(_CLOCK_NEEDED)])
    presence = SelectField(_l("How people take part"))
    room = StringField(_l("Room"), [Optional(), OneLine(200)])
    site = SelectField(_l("At a host's site"), coerce=int)
    is_chosen = BooleanField(_l("People choose it when they register"), default=True)
    capacity = WholeField(_l("Places"), [Optional()], description=_EMPTY_WITHOUT_END)

    def fill_choices(self, directory: Directory) -> None:
        """The sites of all hosts."""
        self.presence.choices = [(one.value, str(words)) for one, words in PRESENCES.items()]
        self.site.choices = [(0, "–"), *site_choices(directory)]

    def put(self, plan: PartPlan, zone: str) -> None:
        """The part as it is planned, unless what was typed is shown again."""
        if self.is_kept:
            return
        for name in ("title", "description"):
            self.put_texts(name, getattr(plan, name))
        for name in ("presence", "room", "is_chosen", "capacity"):
            self[name].data = getattr(plan, name)
        self.site.data = plan.site_id or 0
        self.put_moment("starts", plan.starts_at, zone)
        self.put_moment("ends", plan.ends_at, zone)

    def read(self, zone: str) -> PartPlan | None:
        """The plan as it was typed; nothing when a time is none."""
        self.end_on_first_day()
        starts_at, ends_at = self.moment("starts", zone), self.moment("ends", zone)
        if self.has_problems or starts_at is None or ends_at is None:
            return None
        return PartPlan(
            title=self.texts_of("title"),
            description=self.texts_of("description"),
            presence=Presence(self.presence.data),
            room=self.room.data or "",
            site_id=self.site.data or None,
            starts_at=starts_at,
            ends_at=ends_at,
            is_chosen=self.is_chosen.data,
            capacity=self.capacity.data,
        )


class TicketForm(EventForm):
    """A way to take part."""

    name_en = StringField(_l("Name in English"), [OneLine(TITLE_LENGTH)])
    name_sv = StringField(_l("Name in Swedish"), [OneLine(TITLE_LENGTH)])
    name_fi = StringField(_l("Name in Finnish"), [OneLine(TITLE_LENGTH)])
    presence = SelectField(_l("How people take part"))
    capacity = WholeField(_l("Places"), [Optional()], description=_EMPTY_WITHOUT_END)
    is_partner = BooleanField(
        _l("These places are set aside for partners"),
        description=_l("Partners need the access code below. Without one only staff give these places out."),
    )
    access_code = StringField(
        _l("Access code"), [Optional(), OneLine(40)], description=_l("Only who knows it can take this kind.")
    )
    valid_on = SelectField(_l("For one day only"))

    def fill_choices(self, view: EventView) -> None:
        """What the event allows."""
        event = view.event
        allowed = [Presence.ON_SITE, Presence.ONLINE]
        if event.presence != Presence.BOTH:
            allowed = [Presence(event.presence)]
        self.presence.choices = [(one.value, str(PRESENCES[one])) for one in allowed]
        days = list_days(event.starts_at, event.ends_at, event.time_zone)
        self.valid_on.choices = [("", "–"), *((day.isoformat(), format_day(day)) for day in days)]

    def put(self, plan: TicketPlan) -> None:
        """The ticket kind as it is planned, unless what was typed is shown again."""
        if self.is_kept:
            return
        self.put_texts("name", plan.name)
        for name in ("presence", "capacity", "is_partner", "access_code"):
            self[name].data = getattr(plan, name)
        self.valid_on.data = plan.valid_on.isoformat() if plan.valid_on else ""

    def read(self, view: EventView) -> TicketPlan:
        """The plan as it was typed."""
        event = view.event
        days = {day.isoformat(): day for day in list_days(event.starts_at, event.ends_at, event.time_zone)}
        return TicketPlan(
            name=self.texts_of("name"),
            presence=Presence(self.presence.data),
            capacity=self.capacity.data,
            is_partner=self.is_partner.data,
            access_code=self.access_code.data or "",
            valid_on=days.get(self.valid_on.data or ""),
        )


class SpeakerForm(EventForm):
    """Somebody who speaks. An organisation of the directory is found by its name."""

    name = StringField(_l("Name"), [DataRequired(_l("Fill in the name.")), OneLine(150)])
    role = StringField(_l("What they do"), [Optional(), OneLine(150)])
    organisation_name = StringField(_l("Organisation"), [Optional(), OneLine(150)])
    part = SelectField(_l("Speaks at"), coerce=int)

    def fill_choices(self, view: EventView) -> None:
        """The event, or one of its parts."""
        parts = [(one.part.id, in_own_words(one.part.title)) for one in view.parts]
        self.part.choices = [(0, in_own_words(view.event.title)), *parts]

    def read(self, directory: Directory) -> SpeakerPlan:
        """The plan as it was typed."""
        name = self.organisation_name.data or ""
        key = organisation_key(name)
        companies = directory.companies.values()
        known = next((one.id for one in companies if name and organisation_key(one.name) == key), None)
        return SpeakerPlan(
            name=self.name.data or "",
            role=self.role.data or "",
            organisation_name=name,
            organisation_id=known,
            part_id=self.part.data or None,
        )
