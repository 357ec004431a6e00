"""How the delegation comes and goes, by the clocks of the places, and in how many groups it goes round."""

from datetime import datetime
from typing import Any

from wtforms import Field, RadioField, SelectField
from wtforms.validators import InputRequired

from bookings.domain.errors import JourneyNotUsableError, TimeDoesNotExistError, TimeIsAmbiguousError
from bookings.domain.planning import Journey, JourneyEnd
from bookings.domain.time import to_local, wall_to_instant
from bookings.i18n import gettext as _
from bookings.i18n import lazy_gettext as _l
from bookings.web.errors import refusal_sentence
from bookings.web.forms import BoundedIntegerField, ClockField, DayField, Form, offer_both_times
from bookings.web.texts import Names, clock_words

ENDS = ("arrival", "departure")
_NUMBER = _l("Write a whole number.")
_WHICH = _l("The clocks are put back that night, so this time comes twice. Which one do you mean?")


class _NumberField(BoundedIntegerField):
    """How many."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            self.data = None
            raise ValueError(_NUMBER) from None


class JourneyForm(Form):
    """An end of the journey is told whole, or not at all."""

    sent_to = "journey"

    arrival_place = SelectField(_l("Place of arrival"))
    arrival_day = DayField(_l("Day of arrival"))
    arrival_clock = ClockField(_l("Time of arrival, by the clocks of the place"))
    arrival_fold = RadioField(_WHICH, choices=[], validate_choice=False)
    departure_place = SelectField(_l("Place of departure"))
    departure_day = DayField(_l("Day of departure"))
    departure_clock = ClockField(_l("Time of departure, by the clocks of the place"))
    departure_fold = RadioField(_WHICH, choices=[], validate_choice=False)

    groups = _NumberField(_l("Groups with programmes of their own"), [InputRequired(_NUMBER)])

    journey: Journey
    zones: dict[str, str]

    def set_places(self, names: Names) -> None:
        """All towns, each with the zone that its clocks show."""
        places = names.directory.places.by_slug.values()
        self.zones = {place.slug: place.time_zone for place in places}
        choices = [
            ("", _("Not known yet")),
            *(
                (place.slug, f"{names.place(place.slug)} · {clock_words(place.time_zone)}")
                for place in places
            ),
        ]
        self.arrival_place.choices = self.departure_place.choices = choices

    def is_right(self) -> bool:
        """Shape first, then the clocks of the places: a time that is missing or comes twice is told there."""
        is_shaped = self.validate()
        arrival, departure = (self._read_end(name) for name in ENDS)
        if not is_shaped or self.errors:
            return False
        self.journey = Journey(arrival, departure, self.groups.data or 1)
        return True

    def tell(self, error: JourneyNotUsableError) -> None:
        """A refusal stands beside what it is about."""
        beside = {"place": "_place", "days": "_day", "order": "_day"}.get(error.code, "")
        self[error.field + beside].errors = [refusal_sentence(error)]

    def _read_end(self, name: str) -> JourneyEnd | None:
        parts = place, day, clock = [self[f"{name}_{part}"] for part in ("place", "day", "clock")]
        if not any(_is_typed(part) for part in parts):
            return None
        for part in parts:
            if not _is_typed(part):
                part.errors = [_("Fill in the place, the day and the time, or leave all three empty.")]
        if place.data not in self.zones or day.data is None or clock.data is None:
            return None
        at = self._read_clock(name, datetime.combine(day.data, clock.data), self.zones[place.data])
        return JourneyEnd(place.data, at) if at else None

    def _read_clock(self, name: str, wall: datetime, zone: str) -> datetime | None:
        which = self[f"{name}_fold"]
        try:
            return wall_to_instant(wall, zone, fold=int(which.data) if which.data in ("0", "1") else None)
        except TimeDoesNotExistError as error:
            self[f"{name}_clock"].errors = [refusal_sentence(error)]
        except TimeIsAmbiguousError as error:
            offer_both_times(which, error)
        return None


def fill_in_journey(journey: Journey, names: Names) -> JourneyForm:
    """The form with what is known, by the clocks of the places."""
    values: dict[str, Any] = {"groups": journey.groups}
    zones = {place.slug: place.time_zone for place in names.directory.places.by_slug.values()}
    for name, end in (("arrival", journey.arrival), ("departure", journey.departure)):
        if end is not None and end.place in zones:
            local = to_local(end.at, zones[end.place])
            values |= {
                f"{name}_place": end.place,
                f"{name}_day": local.date(),
                f"{name}_clock": local.time(),
            }
    form = JourneyForm(formdata=None, data=values)
    form.set_places(names)
    return form


def _is_typed(field: Field) -> bool:
    return any(str(text).strip() for text in field.raw_data or ())
