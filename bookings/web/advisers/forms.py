"""Forms of advisory days: staff describe an adviser, visitors say who they are and what they want to ask."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from bookings.domain.advisers import AdviserDay, AdviserPlan
from bookings.domain.time import Interval, wall_to_instant
from bookings.i18n import country_choices
from bookings.i18n import lazy_gettext as _l
from bookings.queries.advisers import AdviserCard
from bookings.web.forms import (
    BoundedIntegerField,
    ClockField,
    DayField,
    EmailLine,
    Form,
    MinutesField,
    OneLine,
    SeveralLines,
)

LANGUAGES = (("en", "English"), ("sv", "Svenska"), ("fi", "Suomi"))
_LINE = 254
_TOPICS = 500
_SUBJECT = 1000
_MINUTES = _l("Write the length as a whole number of minutes, like 30.")
_TIME = _l("Write a time of the day, like 13:30.")


class AdviserForm(Form):
    """Who advises when. Times are those of the event's place."""

    name = StringField(_l("Name"), [DataRequired(_l("Write the name.")), OneLine(_LINE)])
    email = StringField(_l("E-mail"), [DataRequired(_l("Write an e-mail address.")), EmailLine()])
    language = SelectField(_l("Language of the mails"))
    time_zone = SelectField(_l("The adviser's own time zone"))
    organisation_name = StringField(_l("Organisation"), [Optional(), OneLine(_LINE)])
    topics_en = StringField(_l("What they advise on, in English"), [Optional(), OneLine(_TOPICS)])
    topics_sv = StringField(_l("What they advise on, in Swedish"), [Optional(), OneLine(_TOPICS)])
    topics_fi = StringField(_l("What they advise on, in Finnish"), [Optional(), OneLine(_TOPICS)])
    day = DayField(_l("Day"), [DataRequired(_l("Write a day that exists, like 2026-10-12."))])
    starts = ClockField(_l("Starts"), [InputRequired(_TIME)])
    ends = ClockField(_l("Ends"), [InputRequired(_TIME)])
    pause_starts = ClockField(_l("Pause from"), [Optional()])
    pause_ends = ClockField(_l("Pause until"), [Optional()])
    slot_minutes = MinutesField(
        _l("Minutes of a meeting"), [DataRequired(_MINUTES), NumberRange(min=5, max=240, message=_MINUTES)]
    )
    buffer_minutes = BoundedIntegerField(
        _l("Minutes kept free between meetings"), [Optional(), NumberRange(min=0, max=120, message=_MINUTES)]
    )

    def fill(self, card: AdviserCard, zone: str) -> None:
        """Show an adviser as they are, unless what was typed is shown again."""
        if self.is_kept:
            return
        day = card.day
        self.name.data, self.email.data, self.language.data = card.name, card.email, card.language
        self.time_zone.data, self.organisation_name.data = card.time_zone, card.organisation_name
        for code, _name in LANGUAGES:
            self[f"topics_{code}"].data = card.topics.get(code, "")
        clock = ZoneInfo(zone)
        self.day.data = day.starts_at.astimezone(clock).date()
        self.starts.data, self.ends.data = (
            moment.astimezone(clock).time() for moment in (day.starts_at, day.ends_at)
        )
        if day.pause:
            self.pause_starts.data = day.pause.start.astimezone(clock).time()
            self.pause_ends.data = day.pause.end.astimezone(clock).time()
        self.slot_minutes.data, self.buffer_minutes.data = day.slot_minutes, day.buffer_minutes

    def build_plan(self, zone: str) -> AdviserPlan:
        """The plan in UTC. Raises TimeDoesNotExistError, TimeIsAmbiguousError; AdviserDayError (`pause`)."""
        pause = None
        if self.pause_starts.data and self.pause_ends.data:
            starts, ends = self._at("pause_starts", zone), self._at("pause_ends", zone)
            pause = Interval(starts, ends) if starts < ends else None
        return AdviserPlan(
            name=self.name.data or "",
            email=self.email.data or "",
            language=self.language.data,
            time_zone=self.time_zone.data,
            organisation_name=self.organisation_name.data or "",
            topics={code: self[f"topics_{code}"].data or "" for code, _name in LANGUAGES},
            day=AdviserDay(
                starts_at=self._at("starts", zone),
                ends_at=self._at("ends", zone),
                pause=pause,
                slot_minutes=self.slot_minutes.data or 0,
                buffer_minutes=self.buffer_minutes.data or 0,
            ),
        )

    def _at(self, name: str, zone: str) -> datetime:
        day: date | None = self.day.data
        if day is None:
            raise ValueError("a form that was not validated")
        return wall_to_instant(datetime.combine(day, self[name].data), zone)


class AdviceForm(Form):
    """Whoever books a time with an adviser."""

    start = RadioField(_l("Time"), [DataRequired(_l("Choose a time."))])
    name = StringField(_l("Name"), [DataRequired(_l("Write your name.")), OneLine(_LINE)])
    email = StringField(_l("E-mail"), [DataRequired(_l("Write an e-mail address.")), EmailLine()])
    organisation_name = StringField(_l("Organisation"), [Optional(), OneLine(_LINE)])
    country = SelectField(_l("Country"), [Optional()])
    subject = TextAreaField(
        _l("What would you like to talk about?"),
        [Optional(), SeveralLines(_SUBJECT)],
        description=_l("A sentence is enough. The adviser reads it."),
    )
    accepts_costs = BooleanField()
    form_key = HiddenField()

    def fill_countries(self, language: str) -> None:
        """The countries in the reader's language; none has to be named."""
        self.country.choices = [("", ""), *country_choices(language)]


class MoveForm(Form):
    """Another time with the same adviser."""

    sent_to = "move"
    start = RadioField(_l("Another time"), [DataRequired(_l("Choose a time."))])


class ReasonForm(Form):
    """Why a meeting is called off."""

    sent_to = "cancel"
    reason = TextAreaField(_l("Reason, if you like"), [Optional(), SeveralLines(_SUBJECT)])

    def place_at(self, meeting_id: int) -> None:
        """Of all meetings on the page, this is the one that it was sent for."""
        self.reason.id = f"reason-{meeting_id}"
