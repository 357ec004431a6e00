"""A participant's profile and requests, and how staff set up a day."""

from datetime import datetime, time
from typing import Any

from wtforms import (
    BooleanField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import DataRequired, NumberRange, Optional, ValidationError

from bookings.domain.meetings import LONGEST_TEXT, MOST_TABLES, HalfDay, MatchMode, Profile, Session
from bookings.domain.registrations import SurveyStage
from bookings.domain.surveys import MEETING_OUTCOMES, Opinion, known_outcomes
from bookings.domain.time import to_local, wall_to_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.queries.meetings.day import Day
from bookings.services.meetings import MeetingPlan
from bookings.web.forms import (
    BoundedIntegerField,
    ClockField,
    DayField,
    Form,
    MinutesField,
    OneLine,
    SeveralLines,
)
from bookings.web.survey_texts import OUTCOMES, SCORES

_LANGUAGES = (
    ("en", _l("English")),
    ("sv", _l("Swedish")),
    ("fi", _l("Finnish")),
    ("de", _l("German")),
)
_HALVES = (
    (HalfDay.ANY, _l("All day")),
    (HalfDay.MORNING, _l("Only before noon")),
    (HalfDay.AFTERNOON, _l("Only after noon")),
)
_MODES = (
    (MatchMode.SOLVER, _l("The solver, from everybody's wishes")),
    (MatchMode.ASK, _l("The participants: they ask each other and answer")),
)
_MINUTES = _l("Write a whole number of minutes.")
_LAST_MINUTE = time(23, 59)


class ProfileForm(Form):
    """What somebody offers and looks for, and when they can meet."""

    sent_to = "profile"
    offers = TextAreaField(_l("What I offer"), [SeveralLines(LONGEST_TEXT)])
    needs = TextAreaField(_l("What I look for"), [Optional(), SeveralLines(LONGEST_TEXT)])
    languages = SelectMultipleField(
        _l("Languages that I can meet in"),
        [DataRequired(_l("Choose at least one language."))],
    )
    interests = SelectMultipleField(_l("My interests"), [Optional()])
    half_day = RadioField(_l("When I can meet"), default=HalfDay.ANY)
    absent_in = SelectMultipleField(_l("Times when I cannot"), [Optional()])
    takes_fill_ins = BooleanField(_l("Others may ask me at short notice when a meeting falls out"))
    version = HiddenField()

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.languages.choices, self.half_day.choices = list(_LANGUAGES), list(_HALVES)

    def validate_offers(self, _field: Any) -> None:
        """Others need something to choose by."""
        if not (self.offers.data or self.needs.data):
            raise ValidationError(_("Write what you offer, what you look for, or both."))

    @property
    def profile(self) -> Profile:
        """What was typed."""
        return Profile(
            offers=self.offers.data or "",
            needs=self.needs.data or "",
            languages=tuple(self.languages.data or ()),
            interests=tuple(self.interests.data or ()),
            half_day=HalfDay(self.half_day.data),
            takes_fill_ins=bool(self.takes_fill_ins.data),
            absent_in=frozenset(int(one) for one in self.absent_in.data or ()),
        )

    @property
    def seen_version(self) -> int:
        """Which version the form was filled in from; 0 where there was none."""
        text = self.version.data or ""
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


class AskForm(Form):
    """A request for a meeting."""

    sent_to = "ask"
    slot = SelectField(_l("Time"), [Optional()])
    message = TextAreaField(_l("What you would like to talk about"), [Optional(), SeveralLines(LONGEST_TEXT)])

    @property
    def slot_id(self) -> int | None:
        """The wanted time; None for any."""
        wanted = (self.slot.data or "").strip()
        return int(wanted) if wanted else None


class StandInForm(Form):
    """Who comes to a meeting instead; nobody: the participant."""

    sent_to = "stand-in"
    name = StringField(_l("Name of your colleague"), [Optional(), OneLine(100)])


class SetupForm(Form):
    """How the meetings of an event come about."""

    sent_to = "setup"
    mode = RadioField(_l("Who puts the pairs together?"), default=MatchMode.SOLVER)
    morning_from = ClockField(_l("First session from"), [Optional()])
    morning_to = ClockField(_l("First session until"), [Optional()])
    afternoon_from = ClockField(_l("Second session from"), [Optional()])
    afternoon_to = ClockField(_l("Second session until"), [Optional()])
    slot_minutes = MinutesField(
        _l("Length of a meeting, in minutes"), [DataRequired(_MINUTES), NumberRange(5, 120, message=_MINUTES)]
    )
    gap_minutes = MinutesField(
        _l("Minutes between two meetings"), [Optional(), NumberRange(0, 60, message=_MINUTES)]
    )
    tables = BoundedIntegerField(
        _l("Number of tables, or of rooms online"),
        [NumberRange(1, MOST_TABLES, message=_l("Give between 1 and 400 tables."))],
    )
    most_meetings = BoundedIntegerField(
        _l("Meetings of one person at most"),
        [Optional(), NumberRange(1, 200, message=_l("Write a number from 1 to 200."))],
    )
    wishes_by = DayField(_l("Last day for wishes"), [Optional()])
    online_urls = TextAreaField(_l("Links of the rooms, one a line"), [Optional(), SeveralLines(8000)])
    version = HiddenField()

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.mode.choices = list(_MODES)

    def build_plan(self, zone: str) -> MeetingPlan:
        """What was typed; the last day for wishes ends with its last minute."""
        last = self.wishes_by.data
        return MeetingPlan(
            mode=MatchMode(self.mode.data),
            sessions=tuple(self._list_sessions()),
            tables=self.tables.data or 0,
            slot_minutes=self.slot_minutes.data or 0,
            gap_minutes=self.gap_minutes.data or 0,
            most_meetings=self.most_meetings.data,
            wishes_by=wall_to_instant(datetime.combine(last, _LAST_MINUTE), zone, fold=1) if last else None,
            online_urls=tuple(line.strip() for line in (self.online_urls.data or "").splitlines()),
        )

    def _list_sessions(self) -> list[Session]:
        pairs = (
            (self.morning_from.data, self.morning_to.data),
            (self.afternoon_from.data, self.afternoon_to.data),
        )
        return [Session(opens, closes) for opens, closes in pairs if opens and closes]

    def validate(self, extra_validators: Any = None) -> bool:
        """A session has both ends, and there is one at least."""
        is_valid: bool = super().validate(extra_validators)
        ends = (
            self.morning_from.data, self.morning_to.data, self.afternoon_from.data, self.afternoon_to.data,
        )  # fmt: skip
        if not self._list_sessions() or bool(ends[0]) != bool(ends[1]) or bool(ends[2]) != bool(ends[3]):
            self.morning_from.errors = [_("Give the begin and the end of one session at least.")]
            return False
        return is_valid


class RatingForm(Form):
    """How one meeting was; half a year later, what became of it too."""

    score = RadioField(_l("How useful was it for you?"), [DataRequired(_l("Choose one of the list."))])
    outcomes = SelectMultipleField(_l("What came of it so far?"), [Optional()])
    comment = StringField(_l("A word about it"), [Optional(), OneLine(254)])

    def __init__(
        self, meeting_id: int, stage: SurveyStage, *, given: Opinion | None = None, **values: Any
    ) -> None:
        super().__init__(prefix=f"m{meeting_id}-", **_say(given), **values)
        self.stage, self.given = stage, given
        self.score.choices = list(SCORES.items())
        self.outcomes.choices = [(one.value, OUTCOMES[one]) for one in MEETING_OUTCOMES]
        if stage is SurveyStage.DAY_1:
            del self.outcomes

    @property
    def opinion(self) -> Opinion:
        """What was said; only of a form that is valid."""
        chosen = self.outcomes.data or () if self.stage is SurveyStage.DAY_180 else ()
        return Opinion(
            score=int(self.score.data), outcomes=known_outcomes(chosen), comment=self.comment.data or ""
        )


def _say(given: Opinion | None) -> dict[str, Any]:
    if given is None:
        return {}
    return {"score": str(given.score), "outcomes": list(given.outcomes), "comment": given.comment}


def fill_in_setup(day: Day | None) -> dict[str, Any]:
    """What the form shows of a day that was set up."""
    if day is None:
        return {
            "mode": MatchMode.SOLVER, "morning_from": time(9), "morning_to": time(12),
            "afternoon_from": time(13), "afternoon_to": time(16), "slot_minutes": 20, "gap_minutes": 5,
            "tables": 10,
        }  # fmt: skip
    view = day.view
    return {
        "mode": view.mode,
        "slot_minutes": view.slot_minutes,
        "gap_minutes": view.gap_minutes,
        "tables": len(day.tables),
        "most_meetings": view.most_meetings,
        "wishes_by": to_local(view.wishes_by, view.time_zone).date() if view.wishes_by else None,
        "online_urls": "\n".join(table.online_url for table in day.tables if table.online_url),
        "version": str(view.version),
        **_sessions_of(day),
    }


def _sessions_of(day: Day) -> dict[str, Any]:
    from_to: dict[str, Any] = {}
    if not day.slots:
        return from_to
    first_day = [slot for slot in day.slots if slot.day == day.slots[0].day]
    for half in (HalfDay.MORNING, HalfDay.AFTERNOON):
        times = [slot for slot in first_day if slot.half == half]
        if times:
            from_to[f"{half}_from"] = to_local(times[0].starts_at, day.view.time_zone).time()
            from_to[f"{half}_to"] = to_local(times[-1].ends_at, day.view.time_zone).time()
    return from_to
